"""Who learns in a class now, who came and who went, with the orders."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django.db.models import F

from accounts.actors import Actor
from kernel import audit
from kernel.kept import Kept
from registry.classes.models import ClassGroup
from registry.enrolments.models import ClassPlacement
from registry.orders.models import Order
from registry.people import policies

MOST_MOVES = 100


@dataclasses.dataclass(frozen=True)
class Move:
    """A child came to the class, or left it, on a day; by an order unless it came with the data the
    register was filled from."""

    day: datetime.date
    pupil_id: uuid.UUID
    name: str
    order: Order | None
    came: bool
    beside: bool  # beside a main school
    reached: bool  # its card is the actor's to open


_PLACEMENTS = Kept[ClassPlacement](
    lambda group: (
        ClassPlacement.objects.filter(
            class_group_id=group, voided_by=None, enrolment__voided_by=None
        )
        .select_related(
            "enrolment__pupil",
            "opened_by",
            "closed_by",
            "enrolment__opened_by",
            "enrolment__closed_by",
        )
        .order_by(F("starts_on").desc(), "-pk")[: 2 * MOST_MOVES]
    )
)


@dataclasses.dataclass(frozen=True)
class Beside:
    """A child who learns in the class beside its main school."""

    name: str
    born_on: datetime.date
    since: datetime.date
    until: datetime.date | None
    order: Order | None


def beside(actor: Actor, group: ClassGroup, today: datetime.date) -> list[Beside]:
    """Who learns in the class beside a main school now or will, by name; the look is noted. Empty
    for whoever sees no names there."""
    if not policies.see_names.allows(actor, group.institution):
        return []
    found = [
        one
        for one in _PLACEMENTS.rows(group.pk)
        if one.enrolment.kind != "MAIN" and one.lasts(today)
    ]
    if not found:
        return []
    audit.looked_at(
        actor, "registry.pupil", [one.enrolment.pupil_id for one in found], "склад класу"
    )
    return [
        Beside(
            one.enrolment.pupil.full_name,
            one.enrolment.pupil.born_on,
            one.starts_on,
            one.ends_on or one.enrolment.ends_on,
            one.opened_by or one.enrolment.opened_by,
        )
        for one in sorted(found, key=lambda one: (one.enrolment.pupil.sort_key, one.pk))
    ]


def moves(actor: Actor, group: ClassGroup) -> list[Move]:
    """Who came and who went, and who is to by orders that stand, latest first; the look is noted.
    Empty for whoever sees no names there."""
    if not policies.see_names.allows(actor, group.institution):
        return []
    found = []
    for one in _PLACEMENTS.rows(group.pk):
        enrolment, pupil = one.enrolment, one.enrolment.pupil
        who, beside = (pupil.pk, pupil.full_name), enrolment.kind != "MAIN"
        mine = pupil.institution_id == group.institution_id or (
            pupil.institution_id is None and not beside
        )
        reached = mine or actor.scope.level != "institution"
        came_by = one.opened_by or enrolment.opened_by
        found.append(Move(one.starts_on, *who, came_by, came=True, beside=beside, reached=reached))
        left = min((day for day in (one.ends_on, enrolment.ends_on) if day), default=None)
        if left is not None:
            by = one.closed_by if left == one.ends_on else None
            found.append(
                Move(
                    left,
                    *who,
                    by or enrolment.closed_by,
                    came=False,
                    beside=beside,
                    reached=reached,
                )
            )
    audit.looked_at(actor, "registry.pupil", {move.pupil_id for move in found}, "рух класу")
    return sorted(found, key=lambda move: (move.day, move.came), reverse=True)[:MOST_MOVES]
