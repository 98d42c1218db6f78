"""Who looks after the quality of children's data (handbook B.2)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.people import policies as people


@Policy
def see(actor: Actor) -> None:
    """Counts are for whoever sees lists of pupils, by name or without; names have their own policy."""
    people.list_pupils.require(actor)


@Policy
def check(actor: Actor) -> None:
    """Check an institution within reach now: whoever sees its counts, but analysts only read."""
    see.require(actor)
    if actor.holds(Role.ANALYST):
        raise NotAllowed("Перевірку запускає заклад або орган управління освітою.")


@Policy
def recheck(actor: Actor) -> None:
    """Check children anew because their rows changed: the system."""
    if not actor.is_system:
        raise NotAllowed
