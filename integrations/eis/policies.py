"""Who may open a school's data to a system, and who governs the systems themselves."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.models import Institution


@Policy
def grant_key(actor: Actor, institution: Institution) -> None:
    """Only the head grants and revokes (п.27); a hub's head also for its branches."""
    if not actor.holds(Role.HEAD):
        raise NotAllowed(
            "Доступ ОІС до даних закладу надає лише його керівник (постанова 1255, п. 27)."
        )
    if institution.pk not in actor.scope.keys:
        raise NotAllowed("Це не ваш заклад освіти.")


@Policy
def see_keys(actor: Actor) -> None:
    """Heads see their keys, authorities and the technical administrator those in their reach."""
    if not actor.holds(*Role.values) or actor.holds(Role.DEPUTY):
        raise NotAllowed("Доступи ОІС бачить керівник закладу.")


@Policy
def govern_systems(actor: Actor) -> None:
    """Connecting, suspending and restoring is the technical administrator's (п.14, п.28–30)."""
    if not (actor.holds(Role.TECH_ADMIN) or actor.is_system):
        raise NotAllowed("Підключення та зупинення ОІС здійснює технічний адміністратор.")
