"""Who may see pupils by name, keep their profiles and sign orders about them (handbook B.2, D.6)."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import EIS, SYSTEM, Dataset, Duty, Role
from kernel.policy import Policy, Right, Visibility
from registry.institutions import policies as institution_policies
from registry.people.errors import (
    InstitutionSuspended,
    KeepsNoPupils,
    NamesHidden,
    OnlyTheHeadSigns,
)

_CLOSED = {"SUSPENDED", "LIQUIDATED"}

# Whose children a role sees by name (handbook B.2): asked of an institution by `see_names`, of
# rows in SQL by the search. Oblast and raion only where the institution stands right under them.
NAMES = Visibility(
    {
        Role.HEAD: Right(),
        Role.DEPUTY: Right(needs=Duty.PUPILS),
        Role.HROMADA_ADMIN: Right(),
        Role.DISTRICT_ADMIN: Right(),
        Role.OBLAST_ADMIN: Right(direct=True),
        Role.RAION_ADMIN: Right(direct=True),
        EIS: Right(needs=Dataset.PUPILS),
        SYSTEM: Right(),
    },
    parent="unit__parent_id",
)
# What tells of a child's health is open to who works with the child (handbook K).
NEEDS = Visibility(
    {Role.HEAD: Right(), Role.DEPUTY: Right(needs=Duty.PUPILS), SYSTEM: Right()},
    parent="unit__parent_id",
)
# Whose community's children who learn nowhere a role sees by name: the authority that keeps the
# register of children by residence (handbook D.7; B.2 «not-covered»), and the raion above it.
RESIDENTS = Visibility(
    {
        Role.HROMADA_ADMIN: Right(),
        Role.DISTRICT_ADMIN: Right(),
        Role.RAION_ADMIN: Right(),
        Role.OBLAST_ADMIN: Right(direct=True),  # a city that stands for an oblast
        SYSTEM: Right(),
    },
    parent="pk",
)
# Who sees the rest of their reach as pseudonyms.
_PSEUDONYMS = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.ANALYST)
_HIDDEN = (
    "Ваша роль працює з підсумками та псевдонімами. Імена дітей бачать заклад і орган, "
    "якому він безпосередньо підпорядкований."
)


@Policy
def list_pupils(actor: Actor) -> None:
    """See lists of pupils at all, by name or without names. The technical administrator does not:
    the content of the register is none of his business (handbook B.2)."""
    if actor.holds(Role.TECH_ADMIN):
        raise NamesHidden(
            "Технічний адміністратор не переглядає дані дітей: його справа — робота системи."
        )
    if actor.holds(Role.DEPUTY) and not actor.entrusted(Duty.PUPILS):
        raise KeepsNoPupils
    if NAMES.right(actor) is None and not actor.holds(*_PSEUDONYMS):
        raise NamesHidden("Списки дітей вам не відкриті.")


@Policy
def see_names(actor: Actor, institution: Any = None) -> None:
    """See children by name, as NAMES says.

    `institution` is the one asked about (with its `unit`), or None to ask about the whole reach.
    """
    list_pupils.require(actor)
    seen = NAMES.everywhere(actor) if institution is None else NAMES.covers(actor, institution)
    if not seen:
        raise NamesHidden(_HIDDEN)


@Policy
def see_residents(actor: Actor) -> None:
    """See by name the children who live within reach and learn nowhere; to correct their cards is
    the school's all the same."""
    list_pupils.require(actor)
    if RESIDENTS.right(actor) is None:
        raise NamesHidden(_HIDDEN)


@Policy
def see_needs(actor: Actor, institution: Any = None) -> None:
    """See what tells of a child's health (special needs, disability): the institution that keeps the
    child alone (law 2297-VI, special categories; handbook K). Authorities see counts of reports."""
    seen = NEEDS.everywhere(actor) if institution is None else NEEDS.covers(actor, institution)
    if not seen:
        raise NamesHidden("Відомості про здоровʼя дитини бачить лише її заклад.")


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
def keep_class_orders(actor: Actor, institution: Any) -> None:
    """Prepare orders about classes: children move by them, so who keeps both, the head or a deputy
    with both duties."""
    keep.require(actor, institution)
    institution_policies.keep_classes.require(actor, institution)


@Policy
def sign_order(actor: Actor, institution: Any) -> None:
    """Sign an order: the head alone. A deputy prepares and never signs (handbook B.1 rule 5)."""
    if not actor.holds(Role.HEAD) or institution.unit_id not in actor.scope.keys:
        raise OnlyTheHeadSigns
    if institution.status in _CLOSED:
        raise InstitutionSuspended


@Policy
def see_orders(actor: Actor, institution: Any = None) -> None:
    """Read orders with the names in them: whoever sees the names of that institution, or (asked
    without one) of the whole reach."""
    see_names.require(actor, institution)


@Policy
def export(actor: Actor, institution: Any = None) -> None:
    """Take a list of names out as a file: whoever sees the names."""
    see_names.require(actor, institution)
