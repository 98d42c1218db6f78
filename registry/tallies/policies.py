"""Who looks after the institutions below: authorities, analysts, the technical administrator."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy

_ABOVE = (
    Role.TECH_ADMIN,
    Role.ANALYST,
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
)


@Policy
def oversee(actor: Actor) -> None:
    """See what needs attention in the institutions of one's reach, as counts without names."""
    if not actor.holds(*_ABOVE):
        raise NotAllowed("Огляд підпорядкованих закладів бачать органи управління освітою.")
