"""What happens to lessons: moved, cancelled, restored, substituted, held in a shelter or from afar.

change_lesson   one lesson; what clashes on its day is told at once
change_day      lessons of a whole school from one number to another: an air raid, a quarantine
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection

from accounts.actors import Actor
from journals import policies
from journals.errors import HasEntries, LessonTaken, NoPlan, NoSuchPeriod
from journals.events import DayChanged, LessonChanged
from journals.models import Cell, Column, Journal, Room, YearPlan
from journals.models.lessons import CANCELLED, IN_ROOM, LESSON, PLACES, PLANNED, STATES
from journals.models.years import SEMESTER
from journals.selectors import lessons as selectors
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from kernel.text import clean
from registry.models import Institution, Post
from registry.staff.models.posts import lasting

LONGEST_REASON = 200


@dataclasses.dataclass(frozen=True)
class LessonSpec:
    """A lesson as it shall be. `post` is who teaches it this time, None: whoever should."""

    day: datetime.date
    no: int
    room: int | None
    post: uuid.UUID | None
    state: str
    place: str
    reason: str


@command
def change_lesson(
    spec: LessonSpec,
    *,
    actor: Actor,
    journal: uuid.UUID,
    lesson: int,
    version: int,
    today: datetime.date,
) -> Column:
    """Move a lesson, cancel or restore it, give it to a substitute, hold it elsewhere.

    Raises:
        NotFound, NotAllowed: not the actor's to change.
        NoSuchPeriod: the new day is in no semester.
        HasEntries: entries were made there, so it can neither move nor be cancelled.
        LessonTaken: the journal has that lesson already.
        Invalid: every mistake and clash at once.
        StaleVersion: somebody changed the lesson meanwhile.
    """
    of: Journal = (
        Journal.objects.visible_to(actor)
        .select_related("institution__unit", "school_year", "class_group", "group")
        .find(uid=journal)
    )
    policies.keep_timetable.require(actor, of.institution)
    plan = _held(of)
    row = held_lesson(of, lesson)
    if row.version != version:
        raise StaleVersion("Урок щойно змінив хтось інший. Прочитайте сторінку знову.")
    problems = _problems(spec, of, today)
    moves = (spec.day, spec.no) != (row.day, row.no)
    if moves and not _in_semester(plan, spec.day):
        raise NoSuchPeriod(field="day")
    if (moves or spec.state == CANCELLED) and _has_entries(row):
        raise HasEntries(
            "Учителю треба спершу прибрати оцінки й пропуски цього уроку.", field="state"
        )
    changed = row.__class__(**{f.attname: getattr(row, f.attname) for f in row._meta.local_fields})
    changed.day, changed.no, changed.room_id = spec.day, spec.no, spec.room
    changed.state, changed.place, changed.reason = spec.state, spec.place, clean(spec.reason)
    _substitute(changed, spec.post)
    if not problems and spec.state != CANCELLED:
        problems += selectors.clashes(changed, of, plan)
    if problems:
        raise Invalid(problems)
    # Lessons of a year come and move under the lock of its plan: none slips in between.
    if moves and _is_taken(of, spec):
        raise LessonTaken("Там є скасований урок цього журналу: поверніть його.", field="no")
    names = ("day", "no", "room_id", "state", "place", "reason", "post_id", "planned_post_id")
    told = tuple(name for name in names if getattr(changed, name) != getattr(row, name))
    if not told:
        return row
    values = {name: getattr(changed, name) for name in told}
    Column.objects.filter(institution_id=row.institution_id, day=row.day, pk=row.pk).update(
        **values, version=version + 1
    )
    changed.version = version + 1
    audit.record(
        LessonChanged(
            subject=of.uid, unit=of.institution_id, day=spec.day, no=spec.no, changed=told
        )
    )
    return changed


@command
def change_day(
    *,
    actor: Actor,
    institution: uuid.UUID,
    day: datetime.date,
    first: int,
    last: int,
    how: str,
    reason: str,
    seen: str,
) -> int:
    """Cancel the lessons of a school day from one number to another, or hold them in the shelter or
    from afar; those with entries are never cancelled. How many lessons were changed.

    how: CANCELLED, SHELTER, REMOTE, or ROOM: all as planned again.
    seen: the mark of the day that the page showed (selectors.lessons.mark).

    Raises:
        NotFound, NotAllowed: not the actor's school to keep.
        Invalid: the numbers or the way are wrong, or no reason was said.
        StaleVersion: lessons of the day were changed meanwhile.
    """
    home: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution)
    )
    policies.keep_timetable.require(actor, home)
    problems = []
    if how not in {CANCELLED, *PLACES}:
        problems.append(Problem("how", "unknown", "Виберіть, що з уроками"))
    if not 0 <= first <= last <= 12:
        problems.append(Problem("last", "before", "Останній урок не може бути раніше за перший"))
    if how != IN_ROOM and not clean(reason):
        problems.append(
            Problem("reason", "required", "Напишіть причину: повітряна тривога, карантин")
        )
    if len(clean(reason)) > LONGEST_REASON:
        problems.append(Problem("reason", "too_long", f"Причина — до {LONGEST_REASON} знаків"))
    if problems:
        raise Invalid(problems)
    lessons = list(
        Column.objects.select_for_update(no_key=True)
        .filter(institution_id=home.pk, day=day, kind=LESSON)
        .order_by("pk")
    )
    if selectors.mark(lessons) != seen:
        raise StaleVersion("Уроки цього дня щойно змінив хтось інший. Прочитайте сторінку знову.")
    inside = [one for one in lessons if first <= one.no <= last]
    if how == CANCELLED:
        busy = set(
            Cell.objects.filter(
                institution_id=home.pk, day=day, column_id__in=[one.pk for one in inside]
            ).values_list("column_id", flat=True)
        )
        inside = [one for one in inside if one.pk not in busy]
    changed = 0
    for one in inside:
        state = CANCELLED if how == CANCELLED else PLANNED if one.state == CANCELLED else one.state
        place = one.place if how == CANCELLED else how
        why = "" if how == IN_ROOM else clean(reason)
        if (one.state, one.place, one.reason) == (state, place, why):
            continue
        one.state, one.place, one.reason, one.version = state, place, why, one.version + 1
        changed += 1
    _keep(home.pk, day, inside)
    audit.record(
        DayChanged(
            subject=home.uid, unit=home.pk, day=day, how=how, reason=clean(reason), lessons=changed
        )
    )
    return changed


@part_of_command
def _keep(institution_id: int, day: datetime.date, rows: Sequence[Column]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE journals_column c
            SET state = s.state, place = s.place, reason = s.reason, version = s.version
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[])
                AS s(id, state, place, reason, version)
            WHERE c.institution_id = %s AND c.day = %s AND c.id = s.id AND c.version <> s.version
            """,
            [
                [one.pk for one in rows],
                [one.state for one in rows],
                [one.place for one in rows],
                [one.reason for one in rows],
                [one.version for one in rows],
                institution_id,
                day,
            ],
        )


@part_of_command
def held_lesson(journal: Journal, lesson: int) -> Column:
    """A lesson of a journal under its lock.

    Raises:
        NotFound: the journal has none of that number.
    """
    of_journal = selectors.columns(journal).select_for_update(no_key=True)
    row = of_journal.filter(pk=lesson, kind=LESSON).first()
    if row is None:
        raise NotFound
    return row


def _problems(spec: LessonSpec, journal: Journal, today: datetime.date) -> list[Problem]:
    problems = []
    if not 0 <= spec.no <= 12:
        problems.append(Problem("no", "unknown", "Номер уроку — від 0 до 12"))
    if spec.state not in STATES or spec.place not in PLACES:
        problems.append(Problem("state", "unknown", "Виберіть, що з уроком"))
    if spec.state == CANCELLED and not clean(spec.reason):
        problems.append(Problem("reason", "required", "Напишіть, чому урок скасовано"))
    if len(clean(spec.reason)) > LONGEST_REASON:
        problems.append(Problem("reason", "too_long", f"Причина — до {LONGEST_REASON} знаків"))
    home = journal.institution_id
    if (
        spec.post is not None
        and not Post.objects.filter(lasting(today), pk=spec.post, institution=home).exists()
    ):
        problems.append(Problem("post", "unknown", "Виберіть учителя серед працівників закладу"))
    if (
        spec.room is not None
        and not Room.objects.filter(pk=spec.room, institution=home, is_closed=False).exists()
    ):
        problems.append(Problem("room", "unknown", "Такого кабінету немає"))
    return problems


def _substitute(row: Column, post: uuid.UUID | None) -> None:
    planned = row.planned_post_id or row.post_id
    if post is None or post == planned:
        row.post_id, row.planned_post_id = planned, None
    else:
        row.post_id, row.planned_post_id = post, planned


@part_of_command
def _held(journal: Journal) -> YearPlan:
    plan = (
        YearPlan.objects.select_for_update(no_key=True)
        .filter(institution=journal.institution_id, school_year=journal.school_year_id)
        .first()
    )
    if plan is None:
        raise NoPlan
    return plan


def _in_semester(plan: YearPlan, day: datetime.date) -> bool:
    return plan.periods.filter(kind=SEMESTER, starts_on__lte=day, ends_on__gt=day).exists()


def _is_taken(journal: Journal, spec: LessonSpec) -> bool:
    return Column.objects.filter(
        institution_id=journal.institution_id,
        journal_id=journal.pk,
        day=spec.day,
        kind=LESSON,
        no=spec.no,
    ).exists()


def _has_entries(row: Column) -> bool:
    return Cell.objects.filter(
        institution_id=row.institution_id, day=row.day, column_id=row.pk
    ).exists()
