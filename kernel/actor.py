"""What the kernel needs to know of whoever acts; `accounts.actors.Actor` is the real one."""

from __future__ import annotations

from typing import Protocol

from kernel.errors import NotAllowed
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


def grant_of(actor: Actor) -> int:
    """The grant under which a person acts; what only persons may do asks for it.

    Raises:
        NotAllowed: a partner's key or the system acts, or a person before the choice of a grant.
    """
    if actor.grant_id is None:
        raise NotAllowed
    return actor.grant_id


def person_of(actor: Actor) -> int:
    """The id of the person who acts.

    Raises:
        NotAllowed: a partner's key or the system acts.
    """
    if actor.user_id is None:
        raise NotAllowed
    return actor.user_id
