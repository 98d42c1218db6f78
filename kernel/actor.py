"""What the kernel needs to know of whoever acts; `accounts.actors.Actor` is the real one."""

from __future__ import annotations

from typing import Protocol

from kernel.scoping import Scope


class Actor(Protocol):
    """Whoever acts: a person under one grant, a partner's key, or the system itself."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def grant_id(self) -> int | None: ...

    @property
    def key_id(self) -> str | None: ...

    @property
    def label(self) -> str: ...

    @property
    def scope(self) -> Scope: ...
