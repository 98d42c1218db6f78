"""Waiting for what another thread or process will do: for a condition, never for a time."""

import time
from collections.abc import Callable

LONG = 300  # seconds after which what has not happened is taken for what never will


def until(true: Callable[[], bool], seconds: float = LONG) -> None:
    """Go on as soon as something is true.

    Raises:
        AssertionError: it never was.
    """
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
