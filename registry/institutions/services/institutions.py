"""Cards of institutions: created, corrected, confirmed, moved through their states (handbook D.1)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import audit
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from registry.classifiers.selectors import classifiers
from registry.institutions import policies, ports
from registry.institutions.errors import CodeTaken, StatusStep, StillLearning
from registry.institutions.events import (
    InstitutionConfirmed,
    InstitutionCreated,
    InstitutionStatusChanged,
    InstitutionUpdated,
)
from registry.institutions.models.institutions import Institution, InstitutionStatus
from registry.institutions.services import institution_card as card

# From a state to those it may turn into; DRAFT becomes VERIFIED by the authority's confirmation.
STEPS: dict[str, tuple[str, ...]] = {
    "DRAFT": (),
    "VERIFIED": ("ACTIVE",),
    "ACTIVE": ("SUSPENDED", "REORGANISING"),
    "SUSPENDED": ("ACTIVE", "REORGANISING"),
    "REORGANISING": ("ACTIVE", "LIQUIDATED"),
    "LIQUIDATED": (),
}
# In these states nobody signs in for the institution and no system reads it (п.28).
CLOSED_STATES = frozenset({"SUSPENDED", "LIQUIDATED"})
_AUTHORITIES = (
    UnitKind.OBLAST,
    UnitKind.RAION,
    UnitKind.HROMADA,
    UnitKind.CITY,
    UnitKind.CITY_DISTRICT,
)
_MIRRORED = {"short_name": "name", "edrpou": "edrpou", "territory_code": "territory_code"}


@command
def create(
    values: Mapping[str, Any], *, actor: Actor, under: uuid.UUID | str, today: datetime.date
) -> Institution:
    """Create a card and its node under an authority (F089); it begins as DRAFT.

    `values` are raw, by the card's field names (`institution_card.RULES`).

    Raises:
        NotAllowed: anyone but the technical administrator.
        NotFound: no such authority.
        Invalid: every problem of every field.
        CodeTaken: another card has this code of ДІСО or ЄДЕБО.
    """
    policies.create_card.require(actor)
    parent = _authority(under)
    return add(card_values(values), parent=parent, today=today)


@command
def create_branch(
    values: Mapping[str, Any], *, actor: Actor, hub: uuid.UUID | str, today: datetime.date
) -> Institution:
    """Create a branch (філія) under its hub; done by the hub's head (F087). Begins as DRAFT.

    Raises:
        NotFound: no such institution within the actor's reach.
        NotAllowed: the actor is not the head of that institution.
        Invalid: every problem of every field.
        CodeTaken: another card has this code.
    """
    parent = hold(actor, hub)
    policies.create_branch.require(actor, parent)
    if parent.hub_id is not None:
        raise Invalid([Problem("hub", "branch_of_branch", "Філія не може мати власних філій")])
    checked = card_values({"kind": parent.kind, "ownership": parent.ownership, **values})
    return add(checked, parent=parent.unit, hub=parent, today=today)


def card_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Clean values of a whole new card.

    Raises:
        Invalid: every problem of every field.
    """
    checked = card.check(values, whole=True, on=audit.today())
    if checked.problems:
        raise Invalid(checked.problems)
    return checked.values


@part_of_command
def add(
    values: Mapping[str, Any],
    *,
    parent: OrgUnit,
    today: datetime.date,
    hub: Institution | None = None,
    status: str = "DRAFT",
    ground: str = "",
) -> Institution:
    """Write a node and its card from clean values; used by the form, branches and the import.

    Raises:
        CodeTaken: another card has this code of ДІСО or ЄДЕБО.
    """
    _refuse_taken_codes(values)
    node = OrgUnit.objects.create(
        parent=parent,
        kind=UnitKind.INSTITUTION,
        is_active=status not in CLOSED_STATES,
        **{node: values.get(own) or None for own, node in _MIRRORED.items()},
    )
    with (
        violation("registry_institution_diso_id_key", lambda: _taken("diso_id")),
        violation("registry_institution_edebo_id_key", lambda: _taken("edebo_id")),
    ):
        institution = Institution.objects.create(unit=node, hub=hub, status=status, **values)
    institution.refresh_from_db()
    _step(institution, status, today, ground=ground)
    audit.record(
        InstitutionCreated(
            subject=institution.uid,
            unit=institution.unit_id,
            name=institution.short_name,
            status=status,
            branch=hub is not None,
        )
    )
    return institution


@command
def update(
    changes: Mapping[str, Any], *, actor: Actor, uid: uuid.UUID | str, version: int
) -> Institution:
    """Correct fields of a card. What a head changes waits for the authority's confirmation again.

    Raises:
        NotFound: no such institution within the actor's reach.
        NotAllowed: a field the actor does not answer for is among the changes.
        Invalid: every problem of every field.
        StaleVersion: somebody saved the card after the actor read it.
        CodeTaken: another card has this code.
    """
    institution = hold(actor, uid)
    policies.edit_own_fields.require(actor, institution)
    checked = card.check(changes, whole=False, on=audit.today())
    changed = {
        field: value
        for field, value in checked.values.items()
        if getattr(institution, field) != value
    }
    _require_rights(actor, institution, changed)
    if checked.problems:
        raise Invalid(checked.problems)
    require_version(institution, version)
    if changed:
        _refuse_taken_codes(changed, besides=institution)
        change(
            institution, changed, confirmed=policies.edit_registry_fields.allows(actor, institution)
        )
    return institution


@part_of_command
def change(institution: Institution, changed: Mapping[str, Any], *, confirmed: bool) -> None:
    """Write clean changes of a locked card and mirror them on its node."""
    for field, value in changed.items():
        setattr(institution, field, value)
    institution.version += 1
    if not confirmed:
        institution.is_confirmed = False
    with (
        violation("registry_institution_diso_id_key", lambda: _taken("diso_id")),
        violation("registry_institution_edebo_id_key", lambda: _taken("edebo_id")),
    ):
        institution.save(update_fields=[*changed, "version", "is_confirmed"])
    mirrored = {_MIRRORED[field]: changed[field] for field in changed if field in _MIRRORED}
    if mirrored:
        OrgUnit.objects.filter(pk=institution.unit_id).update(**mirrored)
    audit.record(
        InstitutionUpdated(
            subject=institution.uid, unit=institution.unit_id, fields=tuple(sorted(changed))
        )
    )


@command
def confirm(
    *, actor: Actor, uid: uuid.UUID | str, version: int, today: datetime.date
) -> Institution:
    """«Дані підтвердив орган управління освітою»; a card in DRAFT becomes VERIFIED.

    Raises:
        NotFound: no such institution within the actor's reach.
        NotAllowed: the actor is not an authority above it.
        StaleVersion: the card changed after the actor read it: what was not seen is not confirmed.
    """
    institution = hold(actor, uid)
    policies.confirm_card.require(actor, institution)
    require_version(institution, version)
    if institution.is_confirmed and institution.status != "DRAFT":
        return institution
    institution.is_confirmed = True
    institution.version += 1
    if institution.status == "DRAFT":
        institution.status = "VERIFIED"
        _step(institution, "VERIFIED", today, ground="Дані підтвердив орган управління освітою")
    institution.save(update_fields=["is_confirmed", "version", "status"])
    audit.record(
        InstitutionConfirmed(
            subject=institution.uid, unit=institution.unit_id, status=institution.status
        )
    )
    return institution


def last_step(institution: Institution) -> InstitutionStatus | None:
    """The step that the present state rests on."""
    return institution.statuses.order_by("-since", "-id").first()


@part_of_command
def require_step(institution: Institution, to: str, on: datetime.date) -> None:
    """Refuse a step that the states do not have, and an end while somebody is still there.

    Raises:
        StatusStep: the states have no such step.
        StillLearning: pupils, staff or working branches are still there, and it would be closed.
    """
    if to not in STEPS.get(institution.status, ()):
        raise StatusStep(
            f"Зі стану «{classifiers.label('institution_status', institution.status)}» не можна "
            f"перейти до «{classifiers.label('institution_status', to)}»",
            field="to",
        )
    if to == "LIQUIDATED":
        _refuse_while_works(institution, on)


@part_of_command
def turn(
    institution: Institution,
    to: str,
    *,
    since: datetime.date,
    order_number: str,
    order_date: datetime.date,
    issued_by: str = "",
    ground: str = "",
) -> None:
    """Write the new state of a held institution with its document."""
    before = institution.status
    institution.status = to
    institution.version += 1
    institution.save(update_fields=["status", "version"])
    OrgUnit.objects.filter(pk=institution.unit_id).update(is_active=to not in CLOSED_STATES)
    _step(
        institution,
        to,
        since,
        order_number=order_number,
        order_date=order_date,
        issued_by=issued_by,
        ground=ground,
    )
    audit.record(
        InstitutionStatusChanged(
            subject=institution.uid,
            unit=institution.unit_id,
            before=before,
            to=to,
            since=since,
            order=order_number,
        )
    )


# ── steps ────────────────────────────────────────────────────────────────────
def _authority(uid: uuid.UUID | str) -> OrgUnit:
    try:
        return OrgUnit.objects.select_for_update(of=("self",), no_key=True).get(
            uid=uuid.UUID(str(uid)), kind__in=_AUTHORITIES
        )
    except (OrgUnit.DoesNotExist, ValueError):
        raise NotFound("Такого органу управління освітою немає", field="under") from None


@part_of_command
def hold(actor: Actor, uid: uuid.UUID | str) -> Institution:
    """The institution within reach, held until the command ends.

    Raises:
        NotFound: absent or out of reach.
    """
    rows = Institution.objects.visible_to(actor).select_related("unit")
    found: Institution = rows.select_for_update(of=("self",), no_key=True).find(uid=uid)
    return found


def require_version(institution: Institution, version: int) -> None:
    """Raises:
    StaleVersion: somebody saved the card after the actor read it.
    """
    if institution.version != version:
        raise StaleVersion(
            "Картку закладу вже змінили. Перегляньте нові дані й повторіть свою зміну"
        )


def _require_rights(actor: Actor, institution: Institution, changed: Mapping[str, Any]) -> None:
    if changed.keys() & card.CODE_FIELDS:
        policies.edit_codes.require(actor)
    if changed.keys() - card.CODE_FIELDS - card.OWN_FIELDS:
        policies.edit_registry_fields.require(actor, institution)


def _refuse_taken_codes(values: Mapping[str, Any], besides: Institution | None = None) -> None:
    for field in ("diso_id", "edebo_id"):
        if not values.get(field):
            continue
        others = Institution.objects.filter(**{field: values[field]})
        if besides is not None:
            others = others.exclude(pk=besides.pk)
        if others.exists():
            raise _taken(field)


def _taken(field: str) -> CodeTaken:
    names = {"diso_id": "ДІСО", "edebo_id": "ЄДЕБО"}
    return CodeTaken(f"Цей ID {names[field]} уже має картка іншого закладу", field=field)


def _refuse_while_works(institution: Institution, on: datetime.date) -> None:
    pupils = ports.learning_on(institution.pk, on)
    if pupils:
        raise StillLearning(
            f"У закладі ще навчаються діти ({pupils}). Спершу переведіть або відрахуйте їх"
        )
    staff = ports.working_on(institution.pk, on)
    if staff:
        raise StillLearning(
            f"У закладі ще працюють люди ({staff}). Спершу звільніть або переведіть їх"
        )
    if waiting := ports.applying_to(institution.pk):
        raise StillLearning(f"Спершу завершіть прийом до першого класу: заяв {waiting}")
    branches = institution.branches.exclude(status="LIQUIDATED").count()
    if branches:
        raise StillLearning(f"Спершу закрийте або передайте філії ({branches})")


def _step(
    institution: Institution,
    status: str,
    since: datetime.date,
    *,
    order_number: str = "",
    order_date: datetime.date | None = None,
    issued_by: str = "",
    ground: str = "",
) -> None:
    InstitutionStatus.objects.create(
        institution=institution,
        status=status,
        since=since,
        order_number=order_number,
        order_date=order_date,
        issued_by=issued_by,
        ground=ground,
    )


__all__ = [
    "CLOSED_STATES",
    "STEPS",
    "add",
    "card_values",
    "change",
    "confirm",
    "create",
    "create_branch",
    "hold",
    "last_step",
    "require_step",
    "require_version",
    "turn",
    "update",
]
