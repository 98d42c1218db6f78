"""Who may see pupils by name, keep their profiles and sign orders about them (handbook B.2, D.6)."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Duty, Role
from kernel.policy import Policy
from registry.people.errors import (
    InstitutionSuspended,
    KeepsNoPupils,
    NamesHidden,
    OnlyTheHeadSigns,
)

_CLOSED = {"SUSPENDED", "LIQUIDATED"}


@Policy
def list_pupils(actor: Actor) -> None:
    """See lists of pupils at all, by name or without names. The technical administrator does not:
    the content of the register is none of his business (handbook B.2)."""
    if actor.holds(Role.TECH_ADMIN):
        raise NamesHidden(
            "Технічний адміністратор не переглядає дані дітей: його справа — робота системи."
        )
    if actor.holds(Role.DEPUTY) and Duty.PUPILS not in actor.duties:
        raise KeepsNoPupils


@Policy
def see_names(actor: Actor, institution: Any = None) -> None:
    """See children by name.

    The head and deputies with the duty at their own institution (and its branches), the authority
    of the hromada, city or city district over its own; oblast and raion only where the institution
    stands directly under them. Ministry analysts never: they see pseudonyms.
    `institution` is any object with `unit` (its node), or None to ask about the whole reach.
    """
    list_pupils.require(actor)
    if actor.holds(Role.HEAD, Role.DEPUTY, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN, "SYSTEM"):
        return
    if (
        actor.holds(Role.OBLAST_ADMIN, Role.RAION_ADMIN)
        and institution is not None
        and institution.unit.parent_id == actor.unit_id
    ):
        return
    raise NamesHidden(
        "Ваша роль працює з підсумками та псевдонімами. Імена дітей бачать заклад і орган, "
        "якому він безпосередньо підпорядкований."
    )


@Policy
def keep(actor: Actor, institution: Any) -> None:
    """Prepare drafts and orders, correct profiles: the head, or a deputy with the duty."""
    mine = institution.unit_id in actor.scope.keys
    if not mine or not (
        actor.holds(Role.HEAD) or (actor.holds(Role.DEPUTY) and Duty.PUPILS in actor.duties)
    ):
        raise KeepsNoPupils
    if institution.status in _CLOSED:
        raise InstitutionSuspended


@Policy
def sign_order(actor: Actor, institution: Any) -> None:
    """Sign an order: the head alone. A deputy prepares and never signs (handbook B.1 rule 5)."""
    if not actor.holds(Role.HEAD) or institution.unit_id not in actor.scope.keys:
        raise OnlyTheHeadSigns
    if institution.status in _CLOSED:
        raise InstitutionSuspended


@Policy
def see_orders(actor: Actor, institution: Any) -> None:
    """Read orders with the names in them: whoever sees the names of that institution."""
    see_names.require(actor, institution)


@Policy
def export(actor: Actor, institution: Any = None) -> None:
    """Take a list of names out as a file: whoever sees the names."""
    see_names.require(actor, institution)
