"""Who may keep state classifiers."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy


@Policy
def keep_classifiers(actor: Actor) -> None:
    """State classifiers are kept by the technical administrator (постанова 1255 п.5(2))."""
    if not (actor.is_system or actor.holds(Role.TECH_ADMIN)):
        raise NotAllowed("Довідники веде технічний адміністратор")
