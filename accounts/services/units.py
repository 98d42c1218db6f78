"""The tree of authorities: nodes are added, renamed, closed; never deleted."""

from __future__ import annotations

import dataclasses
import uuid

from accounts import identifiers, policies
from accounts.actors import Actor
from accounts.errors import UnitExists, UnitMisplaced
from accounts.events import UnitCreated, UnitMoved
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.text import clean


@dataclasses.dataclass(frozen=True)
class NewUnit:
    """An authority to be added under `parent` (public id)."""

    kind: str
    parent: uuid.UUID
    name: str
    edrpou: str
    territory_code: str = ""


@command
def create_unit(*, actor: Actor, unit: NewUnit) -> OrgUnit:
    """Add an authority below the actor's own node.

    Raises:
        Invalid: name, ЄДРПОУ or territory code is wrong; all told at once.
        GrantOnlyDownwards: not below the actor.
        UnitMisplaced: such a node does not stand under that one.
        UnitExists: the same authority is there already.
    """
    return add_unit(actor, unit)


@part_of_command
def add_unit(actor: Actor, unit: NewUnit) -> OrgUnit:
    """The step of `create_unit` inside another command; the same refusals."""
    parent = OrgUnit.objects.visible_to(actor).find(uid=unit.parent)
    name, edrpou = clean(unit.name), identifiers.bare(unit.edrpou)
    code = identifiers.territory(unit.territory_code)
    told = {
        "name": "Впишіть повну назву органу." if not name else None,
        "edrpou": identifiers.edrpou_problem(edrpou),
        "territory_code": identifiers.territory_problem(code) if code else None,
    }
    problems = [Problem(field, f"bad_{field}", text) for field, text in told.items() if text]
    if unit.kind not in policies.ADMINISTRATOR_OF:
        problems.append(Problem("kind", "bad_kind", "Виберіть, якого рівня цей орган."))
    if problems:
        raise Invalid(problems)
    policies.create_unit.require(actor, unit.kind, parent)
    if parent.kind not in policies.STANDS_UNDER[unit.kind]:
        raise UnitMisplaced(
            f"«{UnitKind(unit.kind).label}» не може підпорядковуватися органу «{parent.name}».",
            field="parent",
        )
    if code and parent.territory_code and not _within(code, parent):
        raise UnitMisplaced(
            "Ця територія лежить поза територією вищого органу. Перевірте код КАТОТТГ.",
            field="territory_code",
        )
    twin = OrgUnit.objects.filter(kind=unit.kind, edrpou=edrpou, parent=parent).first()
    if twin is not None:
        raise UnitExists(
            f"Орган із цим кодом уже є: «{twin.name}». Виберіть його зі списку.", field="edrpou"
        )
    created = OrgUnit.objects.create(
        kind=unit.kind, parent=parent, name=name, edrpou=edrpou, territory_code=code or None
    )
    created.refresh_from_db()
    audit.record(
        UnitCreated(subject=created.uid, unit=created.id, name=name, edrpou=edrpou, kind=unit.kind)
    )
    return created


@command
def move_unit(
    *,
    actor: Actor,
    unit: uuid.UUID | str,
    parent: uuid.UUID | str,
    ground: str,
    seen: uuid.UUID | None = None,
) -> OrgUnit:
    """Move an authority with everything below it under another one, from today on.

    `seen` is the public id of the node it stood under when the actor read it. Scope columns of every
    row below follow at once; figures of past days are summed as the tree
    stood then (`accounts_unit_on`).

    Raises:
        NotFound: a node is absent or out of reach.
        StaleVersion: somebody moved it after the actor read where it stood.
        GrantOnlyDownwards: either place is not below the actor.
        UnitMisplaced: such a node does not stand under that one, or it is the node's own branch.
        Invalid: no ground is told.
    """
    moved: OrgUnit = OrgUnit.objects.visible_to(actor).select_for_update(no_key=True).find(uid=unit)
    under: OrgUnit = OrgUnit.objects.visible_to(actor).find(uid=parent)
    if not clean(ground):
        raise Invalid(
            [Problem("ground", "required", "Вкажіть підставу: акт, яким змінено підпорядкування.")]
        )
    policies.create_unit.require(actor, moved.kind, under)
    if under.kind not in policies.STANDS_UNDER[moved.kind] or under.path.startswith(moved.path):
        raise UnitMisplaced(
            f"«{moved.name}» не може підпорядковуватися органу «{under.name}».", field="parent"
        )
    if seen is not None and (moved.parent is None or moved.parent.uid != seen):
        raise StaleVersion
    if moved.parent_id == under.id:
        return moved
    left = moved.parent_id
    moved.parent = under
    moved.save(update_fields=["parent"])
    moved.refresh_from_db()
    audit.record(
        UnitMoved(subject=moved.uid, unit=moved.id, left=left, under=under.id, ground=clean(ground))
    )
    return moved


@part_of_command
def add_institution(
    *, parent_id: int, name: str, edrpou: str | None, territory_code: str | None
) -> OrgUnit:
    """Add the node of an institution; the register calls it when it makes the institution's card.

    `parent_id` is the compact id of the authority, or of the hub for a branch.
    """
    created = OrgUnit.objects.create(
        kind=UnitKind.INSTITUTION,
        parent_id=parent_id,
        name=clean(name),
        edrpou=edrpou,
        territory_code=territory_code,
    )
    created.refresh_from_db()
    return created


def _within(code: str, parent: OrgUnit) -> bool:
    # UA OO RR HHH SSS DD NNNNN: a child shares the digits of its parent's own level.
    digits = {UnitKind.OBLAST: 4, UnitKind.RAION: 6, UnitKind.HROMADA: 9, UnitKind.CITY: 9}
    shared = digits.get(UnitKind(parent.kind), 0)
    return code[:shared] == (parent.territory_code or "")[:shared]


@command
def install(
    *,
    actor: Actor,
    owner: tuple[str, str],
    technical_administrator: tuple[str, str],
) -> tuple[OrgUnit, OrgUnit]:
    """Make the two nodes every installation begins with; run again, it changes nothing.

    Each is (name, ЄДРПОУ): the owner of the information (МОН) and the technical administrator
    (ІОА), постанова 1255 п.4-5.

    Raises:
        Invalid: a code of ЄДРПОУ is wrong.
    """
    made = []
    parent: OrgUnit | None = None
    for kind, (name, edrpou) in (
        (UnitKind.OWNER, owner),
        (UnitKind.TECH_ADMIN, technical_administrator),
    ):
        if told := identifiers.edrpou_problem(edrpou):
            raise Invalid([Problem("edrpou", "bad_edrpou", f"{name}: {told}")])
        node, created = OrgUnit.objects.get_or_create(
            kind=kind, defaults={"name": clean(name), "edrpou": edrpou, "parent": parent}
        )
        if created:
            node.refresh_from_db()
            audit.record(
                UnitCreated(
                    subject=node.uid, unit=node.id, name=node.name, edrpou=edrpou, kind=kind
                )
            )
        made.append(node)
        parent = node
    return made[0], made[1]


__all__ = ["NewUnit", "add_institution", "add_unit", "create_unit", "install", "move_unit"]
