"""A rule about who may do what, said once and asked three ways."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from kernel.errors import NotAllowed


class Policy:
    """Turn a function that raises into `.require()` for commands and `.allows()` for pages.

    The decorated function returns nothing when the actor may go on, and raises NotAllowed
    (or a subclass with its own code) saying why not.
    """

    def __init__(self, rule: Callable[..., None]):
        functools.update_wrapper(self, rule)  # type: ignore[arg-type]
        self.rule = rule

    def require(self, *args: Any, **kwargs: Any) -> None:
        """Raise the refusal, if there is one."""
        self.rule(*args, **kwargs)

    def refusal(self, *args: Any, **kwargs: Any) -> NotAllowed | None:
        """Return the reason for a no, for a hint beside a disabled button."""
        try:
            self.rule(*args, **kwargs)
        except NotAllowed as no:
            return no
        return None

    def allows(self, *args: Any, **kwargs: Any) -> bool:
        """Whether the actor may go on."""
        return self.refusal(*args, **kwargs) is None
