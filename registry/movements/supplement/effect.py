"""What signed orders of learning beside the main school do: an enrolment of its own kind begins or
ends. The main one is never touched, nor the profile: they are the main school's (ADR 0061)."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from kernel.db import part_of_command, violation
from kernel.tables import dates
from registry.enrolments import leaving
from registry.enrolments import selectors as enrolment_reads
from registry.enrolments import services as enrolments
from registry.enrolments.models import ClassPlacement, Enrolment
from registry.movements import targets
from registry.movements.enrol.effect import CLOSED
from registry.movements.supplement.signed import SupplementEndRow, SupplementRow
from registry.movements.transfer import lookup
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import standing_for
from registry.people.services.holding import hold
from registry.process import Conflict

ONCE = "supplementary_once_in_an_institution"


# ── beginning ────────────────────────────────────────────────────────────────
def conflicts(order: Order, rows: Sequence[SupplementRow]) -> list[Conflict]:
    """Children who came to learn here meanwhile, closed or renamed profiles, changed classes; the
    classes and profiles are held."""
    classes = targets.held(order.institution_id, [row.class_.id for row in rows])
    ids = hold(row.pupil for row in rows)
    now = lookup.by_id(ids, order.effective_on)
    beside = enrolment_reads.learning_beside(order.institution_id, ids, order.effective_on)
    found = []
    for row in rows:
        child = now.get(row.pupil)
        if child is None or child.closed_reason:
            what = CLOSED[child.closed_reason] if child else "профілю вже немає"
        elif row.pupil in beside:
            what = "вже навчається у закладі додатково"
        elif child.institution_id == order.institution_id:
            what = "навчається у закладі основно"
        elif (child.full_name, child.born_on) != (row.full_name, row.born_on):
            what = "у профілі змінено імʼя або дату народження"
        else:
            what = targets.differs(row.class_, classes)
        if what:
            found.append(Conflict(row.no, row.full_name, what))
    return found


@part_of_command
def begin(order: Order, rows: Sequence[SupplementRow]) -> None:
    """`conflicts` held and judged everything a moment ago, in this transaction."""
    with violation(ONCE, lambda: EnrolledMeanwhile("Дані в реєстрі змінилися. Підпишіть ще раз.")):
        enrolments.enrol(
            order.institution_id,
            [
                enrolments.Place(
                    row.pupil, row.class_.id, order.effective_on, row.form, "SUPPLEMENTARY"
                )
                for row in rows
            ],
            order=order.pk,
        )


# ── ending ───────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True, slots=True)
class Beside:
    """A child who learns here beside its main school, in which class, since when."""

    pupil: Pupil
    enrolment: int
    starts_on: datetime.date
    class_label: str


def _open(institution_id: int) -> QuerySet[Enrolment]:
    found: QuerySet[Enrolment] = Enrolment.objects.filter(
        institution_id=institution_id, kind="SUPPLEMENTARY", ends_on=None, voided_by=None
    )
    return found


def learners(
    institution_id: int, pupil_ids: Iterable[uuid.UUID] | None = None
) -> dict[uuid.UUID, Beside]:
    """Who learns at the institution beside a main school with no last day set, by name."""
    places = ClassPlacement.objects.filter(
        enrolment__in=_open(institution_id), ends_on=None, voided_by=None
    )
    if pupil_ids is not None:
        places = places.filter(enrolment__pupil_id__in=list(pupil_ids))
    return {
        place.enrolment.pupil_id: Beside(
            place.enrolment.pupil,
            place.enrolment_id,
            place.enrolment.starts_on,
            place.class_group.label,
        )
        for place in places.select_related("class_group", "enrolment__pupil").order_by(
            "enrolment__pupil__sort_key", "enrolment__pupil_id"
        )
    }


def end_conflicts(order: Order, rows: Sequence[SupplementEndRow]) -> list[Conflict]:
    """Children who ended, or are named otherwise since; profiles and enrolments are held."""
    ids = hold(row.pupil for row in rows)
    _hold(_open(order.institution_id).filter(pupil_id__in=ids))
    now = learners(order.institution_id, ids)
    found = []
    for row in rows:
        child = now.get(row.pupil)
        if child is None:
            what = "вже не навчається у закладі додатково"
        elif child.starts_on >= order.effective_on:
            what = f"навчається лише з {dates.show(child.starts_on)}"
        elif (child.pupil.full_name, child.pupil.born_on) != (row.full_name, row.born_on):
            what = "у профілі змінено імʼя або дату народження"
        elif child.class_label != row.class_label:
            what = f"тепер навчається у класі {child.class_label}"
        else:
            continue
        found.append(Conflict(row.no, row.full_name, what))
    return found


@part_of_command
def end(order: Order, rows: Sequence[SupplementEndRow]) -> None:
    """The enrolments end on the day of the order, each for its reason."""
    reasons = {row.pupil: row.reason for row in rows}
    ended = _open(order.institution_id).filter(pupil_id__in=list(reasons)).order_by("id")
    leaving.end(
        order.pk,
        order.effective_on,
        {number: reasons[pupil] for number, pupil in ended.values_list("id", "pupil_id")},
    )


def stands_on_end(order: Order, rows: Sequence[SupplementEndRow]) -> list[Conflict]:
    """Children who learn here again, or whose class was closed; the enrolments are held."""
    who = standing_for(row.pupil for row in rows)
    hold(who.values())
    ours = {one.pupil_id: one for one in _hold(Enrolment.objects.filter(closed_by=order))}
    again = set(
        Enrolment.objects.filter(
            institution_id=order.institution_id,
            pupil_id__in=list(who.values()),
            starts_on__gte=order.effective_on,
            voided_by=None,
        ).values_list("pupil_id", flat=True)
    )
    closed = leaving.in_closed_classes([one.pk for one in ours.values()])
    found = []
    for row in rows:
        one = ours.get(who[row.pupil])
        if one is None or who[row.pupil] in again:
            what = "після наказу дитину зараховано до закладу знову"
        elif one.pk in closed:
            what = f"клас {row.class_label} відтоді закрито"
        else:
            continue
        found.append(Conflict(row.no, row.full_name, what))
    return found


@part_of_command
def go_on(order: Order) -> None:
    """The enrolments that an order ended go on as if nobody had.

    Raises:
        NotAnnullable: somebody was enrolled anew meanwhile.
    """
    with violation(ONCE, NotAnnullable):
        leaving.go_on(order.pk)


def _hold(rows: QuerySet[Enrolment]) -> list[Enrolment]:
    return list(rows.order_by("id").select_for_update(of=("self",), no_key=True))
