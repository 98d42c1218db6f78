"""What a signed order within an institution does: one place in a class ends, the next begins."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from kernel.db import part_of_command, violation
from kernel.tables import dates
from registry.enrolments.models import ClassPlacement
from registry.movements import targets
from registry.movements.placing.signed import PlacedRow
from registry.orders.errors import EnrolledMeanwhile, NotAnnullable
from registry.orders.models import Order
from registry.orders.refusals import refusal_of
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import standing_for
from registry.people.services.holding import hold
from registry.process import Conflict


@dataclasses.dataclass(frozen=True, slots=True)
class Learner:
    """A child of the institution: its profile, and the place in a class that it has now or has been
    given from a day to come."""

    pupil: Pupil
    place: ClassPlacement

    @property
    def class_label(self) -> str:
        """«5-А»."""
        return self.place.class_group.label


def _open(institution_id: int) -> QuerySet[ClassPlacement]:
    """Places with no last day set, of children who go on learning at the institution."""
    return ClassPlacement.objects.filter(
        enrolment__institution_id=institution_id,
        enrolment__kind="MAIN",
        enrolment__ends_on=None,
        enrolment__voided_by=None,
        ends_on=None,
        voided_by=None,
    )


def learners(institution_id: int, pupil_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Learner]:
    """Who of these learns at the institution, and in which class."""
    places = _open(institution_id).filter(enrolment__pupil_id__in=list(pupil_ids))
    return {
        place.enrolment.pupil_id: Learner(place.enrolment.pupil, place)
        for place in places.select_related("class_group", "enrolment__pupil")
    }


def conflicts(order: Order, rows: Sequence[PlacedRow]) -> list[Conflict]:
    """Children who left, were moved or named otherwise since, and classes that were changed. The
    classes, profiles and places are held until the order is in effect."""
    classes = targets.held(order.institution_id, [row.class_.id for row in rows])
    ids = hold(row.pupil for row in rows)
    list(
        _open(order.institution_id)
        .filter(enrolment__pupil_id__in=ids)
        .select_related("enrolment")
        .order_by("enrolment_id")
        .select_for_update(of=("self", "enrolment"), no_key=True)
    )
    now = learners(order.institution_id, ids)
    found = []
    for row in rows:
        learner = now.get(row.pupil)
        if learner is None:
            what = "вже не навчається у закладі"
        elif (learner.class_label, learner.place.form) != (row.from_class, row.from_form):
            what = f"тепер навчається у класі {learner.class_label}"
            if learner.class_label == row.from_class:
                what = "змінено форму здобуття освіти"
        elif learner.place.starts_on >= order.effective_on:
            what = f"навчається у цьому класі лише з {dates.show(learner.place.starts_on)}"
        elif (learner.pupil.full_name, learner.pupil.born_on) != (row.full_name, row.born_on):
            what = "у профілі змінено імʼя або дату народження"
        else:
            what = targets.differs(row.class_, classes)
        if what:
            found.append(Conflict(row.no, row.full_name, what))
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Move:
    """Where a child goes on: to a class by its id, by a form of education."""

    pupil: uuid.UUID
    class_group: int
    form: str


@part_of_command
def move(order: Order, rows: Sequence[PlacedRow]) -> None:
    """The places end on the day of the order, those it says begin.

    Raises:
        DomainError: the register has moved on.
    """
    if place(order, [Move(row.pupil, row.class_.id, row.form) for row in rows]) != len(rows):
        raise refusal_of(conflicts(order, rows)) or EnrolledMeanwhile(
            "Дані в реєстрі змінилися. Спробуйте підписати ще раз."
        )


@part_of_command
def place(order: Order, moves: Sequence[Move]) -> int:
    """Move children on the day of the order: one statement, so that the pupils' rows are mirrored
    once. Returns how many were moved: fewer when the register has moved on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH x AS MATERIALIZED (
                SELECT * FROM unnest(%(pupil)s::uuid[], %(class)s::int[], %(form)s::text[])
                    AS x(pupil_id, class_group_id, form)
            ), ended AS (
                UPDATE registry_classplacement p SET ends_on = %(day)s, closed_by_id = %(order)s
                FROM x JOIN registry_enrolment e ON e.pupil_id = x.pupil_id
                    AND e.institution_id = %(institution)s AND e.kind = 'MAIN'
                    AND e.ends_on IS NULL AND e.voided_by_id IS NULL
                WHERE p.enrolment_id = e.id AND p.ends_on IS NULL AND p.voided_by_id IS NULL
                  AND p.starts_on < %(day)s
                RETURNING p.enrolment_id, x.class_group_id, x.form
            )
            INSERT INTO registry_classplacement (enrolment_id, class_group_id, form, starts_on,
                origin, opened_by_id)
            SELECT enrolment_id, class_group_id, form, %(day)s, 'ORDER', %(order)s FROM ended
            """,
            {
                "pupil": [one.pupil for one in moves],
                "class": [one.class_group for one in moves],
                "form": [one.form for one in moves],
                "day": order.effective_on,
                "order": order.pk,
                "institution": order.institution_id,
            },
        )
        return int(cursor.rowcount)


def stands_on(order: Order, rows: Sequence[PlacedRow]) -> list[Conflict]:
    """Children who left or were moved on since, and classes closed since; the places are held."""
    who = standing_for(row.pupil for row in rows)
    hold(who.values())
    untouched = {
        place.enrolment.pupil_id
        for place in ClassPlacement.objects.filter(
            opened_by=order, ends_on=None, voided_by=None, enrolment__ends_on=None
        )
        .select_related("enrolment")
        .order_by("enrolment_id")
        .select_for_update(of=("self", "enrolment"), no_key=True)
    }
    closed = dict(
        ClassPlacement.objects.filter(
            closed_by=order, class_group__closed_on__lte=order.effective_on
        ).values_list("enrolment__pupil_id", "class_group__closed_on")
    )
    found = []
    for row in rows:
        if who[row.pupil] not in untouched:
            what = "після наказу переведено ще раз або відраховано"
        elif day := closed.get(who[row.pupil]):
            what = f"клас {row.from_class} закрито з {dates.show(day)}"
        else:
            continue
        found.append(Conflict(row.no, row.full_name, what))
    return found


@part_of_command
def put_back(order: Order, by: Order) -> None:
    """Places that the order began never were; those it ended go on.

    Raises:
        NotAnnullable: the register has moved on.
    """
    with violation("placements_never_overlap", NotAnnullable):
        ClassPlacement.objects.filter(opened_by=order, voided_by=None).update(voided_by=by)
        ClassPlacement.objects.filter(closed_by=order).update(ends_on=None, closed_by=None)


def leave_groups(pupil_ids: Sequence[uuid.UUID], day: datetime.date) -> tuple[int, list[str]]:
    """How many of these children are in groups of their class on a day, and in which groups."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(DISTINCT m.pupil_id), array_agg(DISTINCT g.name)
            FROM registry_group_learning m JOIN registry_studygroup g ON g.id = m.group_id
            WHERE m.pupil_id = ANY(%s) AND (m.ends_on IS NULL OR m.ends_on > %s)
            """,
            [list(pupil_ids), day],
        )
        count, names = cursor.fetchone()
    return count, sorted(names or ())
