"""Who asks the desk, counts a day and keeps questions."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy

LEVELS = (Role.ANALYST, Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN)


@Policy
def ask(actor: Actor) -> None:
    """Ask for figures: authorities within their reach, the ministry's analyst for the country."""
    if not actor.holds(*LEVELS):
        raise NotAllowed("Аналітика відкрита органам управління освітою та аналітикам МОН.")


@Policy
def count(actor: Actor) -> None:
    """Have a day counted: whoever asks, and the calendar."""
    if not actor.is_system:
        ask.require(actor)


@Policy
def keep(actor: Actor, query: Any) -> None:
    """A kept question is changed by whoever keeps it."""
    ask.require(actor)
    if query.owner_id != actor.grant_id:
        raise NotAllowed("Запит змінює той, хто його зберіг.")
