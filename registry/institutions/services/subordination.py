"""Whose an institution is: it passes to another authority, becomes a branch of a hub, or stands by
itself again. Every row's scope follows, of this institution and its branches alone."""

from __future__ import annotations

import datetime
import uuid

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.text import clean
from registry.institutions import policies, ports
from registry.institutions.errors import NotPlaced
from registry.institutions.events import InstitutionPlaced
from registry.institutions.models.institutions import Institution
from registry.institutions.services.institutions import hold, require_version

_STANDS_UNDER = (
    UnitKind.OBLAST,
    UnitKind.RAION,
    UnitKind.HROMADA,
    UnitKind.CITY,
    UnitKind.CITY_DISTRICT,
    UnitKind.INSTITUTION,
)


@command
def place_under(
    *,
    actor: Actor,
    uid: uuid.UUID | str,
    version: int,
    under: uuid.UUID | str,
    number: str,
    issued_on: datetime.date,
    issued_by: str,
    ground: str = "",
    today: datetime.date,
) -> Institution:
    """Put an institution with its branches under another authority, or under a hub as its branch, from
    today on, by a document. Children, staff, orders and figures of past days stay as they are; what
    carries its place in the tree follows in the same transaction.

    A branch keeps its own ЄДРПОУ if it has one; keys of school systems end when it becomes or ceases
    to be a branch, because another head answers for it then.

    Raises:
        NotFound: the institution or the new place is absent or out of reach.
        NotAllowed: the actor does not stand above both places.
        StaleVersion: the card changed after the actor read it.
        NotPlaced: it would stand below itself, a hub with branches would become a branch, the new
            place does not work, or it stands there already.
        Invalid: number, date or issuer of the document; every problem at once.
    """
    institution = hold(actor, uid)
    try:
        target = (
            OrgUnit.objects.visible_to(actor)
            .select_for_update(of=("self",), no_key=True)
            .get(uid=uuid.UUID(str(under)), kind__in=_STANDS_UNDER)
        )
    except (OrgUnit.DoesNotExist, ValueError):
        raise NotFound("Такого органу чи закладу немає", field="under") from None
    policies.place.require(actor, institution, target)
    require_version(institution, version)
    if problems := _problems(number, issued_on, issued_by, today):
        raise Invalid(problems)
    hub = Institution.objects.filter(pk=target.pk).select_related("unit").first()
    _refuse(institution, target, hub)
    was_branch = institution.hub_id is not None
    left = institution.unit.parent_id
    hang(institution, target, hub=hub)
    if was_branch != (hub is not None):
        ports.end_keys(institution.pk, f"Змінено підпорядкування: документ № {clean(number)}")
    document = f"№ {clean(number)} від {issued_on:%d.%m.%Y}, {clean(issued_by)}"
    audit.record(
        InstitutionPlaced(
            subject=institution.uid,
            unit=institution.unit_id,
            left=left,
            under=target.pk,
            name=target.name,
            document="; ".join(part for part in (document, clean(ground)) if part),
        )
    )
    return institution


@part_of_command
def hang(institution: Institution, target: OrgUnit, *, hub: Institution | None) -> None:
    """Write the new place of a held institution; triggers move the rows."""
    institution.hub = hub
    institution.version += 1
    institution.save(update_fields=["hub", "version"])
    OrgUnit.objects.filter(pk=institution.unit_id).update(parent_id=target.pk)


def _problems(
    number: str, issued_on: datetime.date, issued_by: str, today: datetime.date
) -> list[Problem]:
    found = []
    if not clean(number):
        found.append(Problem("number", "required", "Вкажіть номер документа"))
    elif len(clean(number)) > 64:
        found.append(Problem("number", "too_long", "Номер документа має бути до 64 знаків"))
    if issued_on > today:
        found.append(Problem("issued_on", "future", "Дата документа ще не настала"))
    if not clean(issued_by):
        found.append(Problem("issued_by", "required", "Вкажіть, хто видав документ"))
    elif len(clean(issued_by)) > 300:
        found.append(Problem("issued_by", "too_long", "Назва органу має бути до 300 знаків"))
    return found


def _refuse(institution: Institution, target: OrgUnit, hub: Institution | None) -> None:
    def no(detail: str) -> NotPlaced:
        return NotPlaced(detail, field="under")

    if target.path.startswith(institution.unit.path):
        raise no("Заклад не може підпорядковуватися сам собі чи своїй філії")
    if institution.unit.parent_id == target.pk:
        raise no(f"Заклад уже підпорядкований: {target.name}")
    if institution.status == "LIQUIDATED":
        raise no("Ліквідований заклад не переходить")
    if not target.is_active:
        raise no(f"«{target.name}» не діє")
    if hub is None:
        return
    if hub.hub_id is not None:
        raise no("Філія не може мати власних філій: виберіть опорний заклад")
    if institution.branches.exclude(status="LIQUIDATED").exists():
        raise no("У закладу є філії: спершу передайте їх, бо філія не має власних філій")
