"""Whose an institution is: it passes to another authority, becomes a branch of a hub, or stands by
itself again. Every row's scope follows, of this institution and its branches alone."""

from __future__ import annotations

import uuid

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel.db import part_of_command
from kernel.errors import NotFound
from registry.institutions.errors import NotPlaced
from registry.institutions.models.institutions import Institution

_STANDS_UNDER = (
    UnitKind.OBLAST,
    UnitKind.RAION,
    UnitKind.HROMADA,
    UnitKind.CITY,
    UnitKind.CITY_DISTRICT,
    UnitKind.INSTITUTION,
)


@part_of_command
def place(actor: Actor, under: uuid.UUID | str) -> OrgUnit:
    """The node within reach that an institution may stand under, held.

    Raises:
        NotFound: absent or out of reach.
    """
    try:
        found: OrgUnit = (
            OrgUnit.objects.visible_to(actor)
            .select_for_update(of=("self",), no_key=True)
            .get(uid=uuid.UUID(str(under)), kind__in=_STANDS_UNDER)
        )
    except (OrgUnit.DoesNotExist, ValueError):
        raise NotFound("Такого органу чи закладу немає", field="under") from None
    return found


def hub_of(target: OrgUnit) -> Institution | None:
    """The hub whose branch an institution under this node is, if it is one."""
    return Institution.objects.filter(pk=target.pk).select_related("unit").first()


@part_of_command
def hang(institution: Institution, target: OrgUnit, *, hub: Institution | None) -> None:
    """Write the new place of a held institution; triggers move the rows."""
    institution.hub = hub
    institution.version += 1
    institution.save(update_fields=["hub", "version"])
    OrgUnit.objects.filter(pk=institution.unit_id).update(parent_id=target.pk)


def refuse(institution: Institution, target: OrgUnit, hub: Institution | None) -> None:
    """Refuse a place where the institution cannot stand.

    Raises:
        NotPlaced: below itself, there already, closed, a place that does not work, a branch of a
            branch, or a hub with branches of its own.
    """

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
