"""Lessons of a day: of a school, of a teacher, of a class; and what clashes there."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Prefetch, QuerySet

from journals.models import Bell, Column, Journal, Room, YearPlan
from journals.models.lessons import CANCELLED, LESSON
from journals.selectors import timetable
from kernel.errors import Problem
from registry.models import GroupClass, Post

_JOURNALS = Journal.objects.select_related(
    "class_group", "group", "post__employee"
).prefetch_related(Prefetch("group__parts", GroupClass.objects.select_related("class_group")))


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A lesson with everything a list of a day says of it."""

    column: Column
    journal: Journal
    subject: str
    whose: str
    teacher: str
    instead_of: str
    room: str
    begins: datetime.time | None
    ends: datetime.time | None

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.column.state == CANCELLED


def mark(columns: Iterable[Column]) -> str:
    """What the lessons of a day were when they were read: any change makes another mark."""
    told = sorted(f"{one.pk}:{one.version}" for one in columns)
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]


def of_day(institution_id: int, day: datetime.date, year: str) -> list[Lesson]:
    """All lessons of a school day, by time; seven queries."""
    columns = list(Column.objects.filter(institution_id=institution_id, day=day, kind=LESSON))
    return described(institution_id, columns, year)


def described(institution_id: int, columns: Sequence[Column], year: str) -> list[Lesson]:
    """Lessons with their journals, teachers, rooms and times, in order of time."""
    journals = {one.pk: one for one in _JOURNALS.filter(pk__in={c.journal_id for c in columns})}
    asked = {pk for c in columns for pk in (c.post_id, c.planned_post_id) if pk is not None}
    posts = {
        one.pk: timetable.teacher_of(one)
        for one in Post.objects.filter(pk__in=asked).select_related("employee")
    }
    held_in = {c.room_id for c in columns if c.room_id is not None}
    rooms = dict(Room.objects.filter(pk__in=held_in).values_list("pk", "name"))
    names = timetable.names_of(institution_id)
    bells = timetable.bells_of(timetable.plan_of(institution_id, year))
    found = []
    for column in columns:
        journal = journals[column.journal_id]
        bell = bells.get((column.shift, column.no))
        found.append(
            Lesson(
                column,
                journal,
                names.get(journal.subject, journal.subject),
                timetable.whose(journal),
                posts.get(column.post_id, "") if column.post_id else "",
                posts.get(column.planned_post_id, "") if column.planned_post_id else "",
                rooms.get(column.room_id, "") if column.room_id else "",
                bell.starts_at if bell else None,
                bell.ends_at if bell else None,
            )
        )
    return sorted(
        found,
        key=lambda one: (
            one.column.day,
            one.begins or datetime.time.max,
            one.column.shift,
            one.column.no,
            one.whose,
        ),
    )


def clashes(row: Column, journal: Journal, plan: YearPlan) -> list[Problem]:
    """What a lesson meets on its day: its teacher, its room or its pupils elsewhere, or no bell."""
    bells = {(b.shift, b.no): b for b in Bell.objects.filter(plan=plan)}
    bell = bells.get((row.shift, row.no))
    if bell is None:
        return [Problem("no", "no_bell", f"Для уроку {row.no} не вписано дзвінка")]
    others = list(
        Column.objects.filter(institution_id=row.institution_id, day=row.day, kind=LESSON)
        .exclude(pk=row.pk)
        .exclude(state=CANCELLED)
    )
    meeting = [one for one in others if _meets(bell, bells.get((one.shift, one.no)))]
    journals = {one.pk: one for one in _JOURNALS.filter(pk__in={c.journal_id for c in meeting})}
    own = next(iter(_JOURNALS.filter(pk=journal.pk)))
    problems = []
    for one in meeting:
        other = journals[one.journal_id]
        where = timetable.whose(other)
        if row.post_id is not None and one.post_id == row.post_id:
            problems.append(Problem("post", "teacher_busy", f"Учитель у цей час веде {where}"))
        if row.room_id is not None and one.room_id == row.room_id:
            problems.append(Problem("room", "room_busy", f"Кабінет у цей час зайнято: {where}"))
        if _classes(own) & _classes(other) and not (own.group_id and other.group_id):
            problems.append(
                Problem("no", "pupils_busy", f"Учні в цей час на іншому уроці: {where}")
            )
    return problems


def _meets(bell: Bell, other: Bell | None) -> bool:
    return other is not None and bell.starts_at < other.ends_at and other.starts_at < bell.ends_at


def _classes(journal: Journal) -> frozenset[int]:
    if journal.class_group_id is not None:
        return frozenset({journal.class_group_id})
    group = journal.group
    return frozenset(part.class_group_id for part in group.parts.all()) if group else frozenset()


def columns(journal: Journal) -> QuerySet[Column]:
    """Columns of a journal, sought in the partition of its school and year alone."""
    return Column.objects.filter(
        institution_id=journal.institution_id,
        journal_id=journal.pk,
        day__gte=journal.school_year.starts_on,
        day__lt=journal.school_year.ends_on,
    )


def find(journal: Journal, lesson: int) -> Column | None:
    """A lesson of a journal."""
    return columns(journal).filter(pk=lesson).first()


def substitutes(
    institution_id: int, since: datetime.date, until: datetime.date
) -> Mapping[uuid.UUID, int]:
    """How many lessons each substituted in a period: hours go to who taught."""
    found: dict[uuid.UUID, int] = {}
    rows = Column.objects.filter(
        institution_id=institution_id,
        day__gte=since,
        day__lt=until,
        kind=LESSON,
        planned_post_id__isnull=False,
    ).exclude(state=CANCELLED)
    for post in rows.values_list("post_id", flat=True):
        if post is not None:
            found[post] = found.get(post, 0) + 1
    return found
