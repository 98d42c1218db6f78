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
    if not actor.holds(*Role.values) or actor.holds(Role.DEPUTY, Role.OPERATOR):
        raise NotAllowed("Доступи ОІС бачить керівник закладу.")


@Policy
def govern_systems(actor: Actor) -> None:
    """Connecting, suspending and restoring is the technical administrator's (п.14, п.28–30)."""
    if not (actor.holds(Role.TECH_ADMIN) or actor.is_system):
        raise NotAllowed("Підключення та зупинення ОІС здійснює технічний адміністратор.")


@Policy
def operate(actor: Actor) -> None:
    """Describing systems and signing applications is the operator's (п.18, п.20, п.24)."""
    if not actor.holds(Role.OPERATOR):
        raise NotAllowed("Заяви щодо ОІС подає її оператор.")


@Policy
def approve_contract(actor: Actor) -> None:
    """The text of the contract is approved by the owner of the database (п.14(5))."""
    if not actor.holds(Role.ANALYST):
        raise NotAllowed("Текст договору затверджує володілець інформації.")


@Policy
def see_contracts(actor: Actor) -> None:
    """Versions of the contract and of the requirements, drafts among them."""
    if not (actor.holds(Role.ANALYST) or govern_systems.allows(actor)):
        raise NotAllowed("Тексти договору бачать володілець і технічний адміністратор.")
