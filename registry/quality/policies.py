"""Who looks after the quality of children's data (handbook B.2)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.people import policies as people
from registry.quality.errors import MendsItself, NotYourCampaign

_ABOVE = (
    Role.ANALYST,
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
)


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


@Policy
def announce(actor: Actor) -> None:
    """Announce a campaign to the institutions of the reach and remind them: authorities and the
    ministry. They type no data of children (letter on actualisation, June 2023)."""
    if not actor.holds(*_ABOVE):
        raise MendsItself


@Policy
def lead(actor: Actor, unit: OrgUnit) -> None:
    """Prolong or close a campaign: whoever acts for the node that announced it."""
    announce.require(actor)
    if actor.unit_id != unit.id:
        raise NotYourCampaign
