"""Who sees how the installation keeps its signatures."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy


@Policy
def see_renewals(actor: Actor) -> None:
    """Keeping the evidence alive is the technical administrator's work (п. 14)."""
    if not actor.holds(Role.TECH_ADMIN):
        raise NotAllowed("Продовження доказів підписів бачить технічний адміністратор.")
