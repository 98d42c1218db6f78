"""How much one request may make us do, so that a small upload cannot keep a server busy.

A container of a few megabytes may unpack to a gigabyte, carry 64 signatures over it, each with
sixteen time-stamps, each with sixty ways to an authority: bounds of parts multiply, so what is
bounded is the sum. Whoever verifies opens a `budget`; everything below counts into it.
"""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterable, Iterator
from typing import Any

from signatures.algorithms import native

MAX_HASHED = 1024 * 1024 * 1024
MAX_CHECKS = 1_200  # of signatures
MAX_STEPS = 30_000  # on the way to authorities
MAX_QUESTIONS = 12  # to responders of others
ASKING_SECONDS = 12.0
# GOST 34.311 takes over a second a megabyte without the accelerator, a signature 7 to 40 ms.
MAX_HASHED_SLOW = 32 * 1024 * 1024
MAX_CHECKS_SLOW = 300


class TooMuchWork(Exception):
    """Beyond what any honest file asks for. No ValueError: nobody may take it for a wrong
    signature and remember that."""


class Budget:
    """What one request may still do."""

    def __init__(self, times: int = 1) -> None:
        slow = native.library() is None
        self.bytes = MAX_HASHED_SLOW if slow else MAX_HASHED
        self.checks = times * (MAX_CHECKS_SLOW if slow else MAX_CHECKS)
        self.steps = times * MAX_STEPS
        self.questions = times * MAX_QUESTIONS
        self.asking: float = 0.0  # seconds spent waiting for answers
        self.answers: dict[Any, Any] = {}

    def spend(self, what: str, amount: int) -> None:
        left = getattr(self, what) - amount
        setattr(self, what, left)
        if left < 0:
            raise TooMuchWork(f"too much work: {what}")


_current: contextvars.ContextVar[Budget | None] = contextvars.ContextVar("budget", default=None)


@contextlib.contextmanager
def budget(times: int = 1) -> Iterator[Budget]:
    """One budget for all that the block does; inside another's block, the other's. `times` as much
    for an operator's own command."""
    held = _current.get()
    if held is not None:
        yield held
        return
    held = Budget(times)
    token = _current.set(held)
    try:
        yield held
    finally:
        _current.reset(token)


def _spend(what: str, amount: int) -> None:
    held = _current.get()
    if held is not None:
        held.spend(what, amount)


def hashing(size: int) -> None:
    """Count bytes about to be hashed.

    Raises:
        TooMuchWork: they are too many.
    """
    _spend("bytes", size)


def checking() -> None:
    """Count one signature about to be checked.

    Raises:
        TooMuchWork: they are too many.
    """
    _spend("checks", 1)


def stepping() -> None:
    """Count one candidate on the way to an authority.

    Raises:
        TooMuchWork: they are too many.
    """
    _spend("steps", 1)


@contextlib.contextmanager
def asking() -> Iterator[bool]:
    """A question to another's server: whether it may still be asked."""
    held = _current.get()
    if held is None:
        yield True
        return
    if held.questions <= 0 or held.asking > ASKING_SECONDS:
        yield False
        return
    held.questions -= 1
    begun = time.monotonic()
    try:
        yield True
    finally:
        held.asking += time.monotonic() - begun


def answers() -> dict[Any, Any]:
    """What was asked in this request already; nothing is remembered outside one."""
    held = _current.get()
    return {} if held is None else held.answers


class Counted:
    """Pieces of content that may be walked again and again, within the budget."""

    def __init__(self, pieces: Iterable[bytes | memoryview]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes | memoryview]:
        for piece in self.pieces:
            hashing(len(piece))
            yield piece
