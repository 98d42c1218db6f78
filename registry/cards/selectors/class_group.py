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


def moves(actor: Actor, group: ClassGroup) -> list[Move]:
    """Who came and who went, and who is to by orders that stand, latest first; the look is noted.
    Empty for whoever sees no names there."""
    if not policies.see_names.allows(actor, group.institution):
        return []
    found = []
    for one in _PLACEMENTS.rows(group.pk):
        enrolment, pupil = one.enrolment, one.enrolment.pupil
        who = (pupil.pk, pupil.full_name)
        found.append(Move(one.starts_on, *who, one.opened_by or enrolment.opened_by, came=True))
        left = min((day for day in (one.ends_on, enrolment.ends_on) if day), default=None)
        if left is not None:
            by = one.closed_by if left == one.ends_on else None
            found.append(Move(left, *who, by or enrolment.closed_by, came=False))
    audit.looked_at(actor, "registry.pupil", {move.pupil_id for move in found}, "рух класу")
    return sorted(found, key=lambda move: (move.day, move.came), reverse=True)[:MOST_MOVES]
