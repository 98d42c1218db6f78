"""A child's week as its parents see it: lessons, homework, marks and absences, wherever it learned."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from journals.models import Column, Journal
from journals.models.lessons import LESSON
from journals.selectors import lessons
from journals.values import Entry
from kernel import audit
from registry.models import Pupil
from registry.parents.selectors import children

_DAY = datetime.timedelta(days=1)
_EARLIER = _DAY * 14  # homework of so long ago may be due this week

# Where the child learned in a period: its classes and groups, with the enrolments.
_PLACES = """
    SELECT l.enrolment_id, l.institution_id, l.class_group_id, g.group_id,
        l.starts_on, l.ends_on, c.school_year_id
    FROM registry_learning l JOIN registry_classgroup c ON c.id = l.class_group_id
    LEFT JOIN registry_group_learning g ON g.placement_id = l.placement_id
        AND g.starts_on < %(until)s AND (g.ends_on IS NULL OR g.ends_on > %(since)s)
    WHERE l.pupil_id = %(pupil)s AND l.starts_on < %(until)s
      AND (l.ends_on IS NULL OR l.ends_on > %(since)s)
"""
_CELLS = """
    SELECT DISTINCT ON (column_id) column_id, value, absence, words FROM journals_cell
    WHERE enrolment_id = ANY(%(enrolments)s) AND day >= %(since)s AND day < %(until)s
    ORDER BY column_id, version DESC
"""


@dataclasses.dataclass(frozen=True)
class Line:
    """A lesson of the diary, or a result that stands on a day."""

    lesson: lessons.Lesson
    entry: Entry
    is_result: bool


@dataclasses.dataclass
class Day:
    """A day with its lessons and what is to be done for it."""

    day: datetime.date
    lines: list[Line]
    due: list[lessons.Lesson]


@dataclasses.dataclass(frozen=True)
class Week:
    """A week of one child."""

    pupil: Pupil
    days: list[Day]


def week(actor: Actor, pupil_id: uuid.UUID, monday: datetime.date, today: datetime.date) -> Week:
    """A week of the actor's own child; the look is noted. The statements are as many whatever the
    child learns, times the schools of that week.

    Raises:
        NotFound, ProfileMerged: not a child of the actor's.
    """
    pupil = children.tie(actor, pupil_id, today).pupil
    until = monday + 7 * _DAY
    audit.looked_at(actor, "registry.pupil", [pupil.pk], "щоденник")
    places = _places(pupil.pk, monday - _EARLIER, until)
    days = [Day(monday + n * _DAY, [], []) for n in range(7)]
    entries = _entries([enrolment for enrolment, *_ in places], monday, until)
    for institution in sorted({one[1] for one in places}):
        of_school = [one for one in places if one[1] == institution]
        for one in _lessons(institution, of_school, monday - _EARLIER, until):
            column = one.column
            if monday <= column.day and (column.kind == LESSON or column.pk in entries):
                entry = entries.get(column.pk, Entry())
                days[(column.day - monday).days].lines.append(
                    Line(one, entry, column.kind != LESSON)
                )
            if column.homework and column.due_on and monday <= column.due_on < until:
                days[(column.due_on - monday).days].due.append(one)
    return Week(pupil, [one for one in days if one.lines or one.due or one.day.isoweekday() <= 5])


def _places(
    pupil: uuid.UUID, since: datetime.date, until: datetime.date
) -> list[tuple[int, int, int, int | None, datetime.date, datetime.date | None, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"pupil": pupil, "since": since, "until": until})
        return [tuple(row) for row in cursor.fetchall()]


def _entries(enrolments: list[int], since: datetime.date, until: datetime.date) -> dict[int, Entry]:
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, {"enrolments": enrolments, "since": since, "until": until})
        return {column: Entry(*entry) for column, *entry in cursor.fetchall()}


def _lessons(
    institution: int,
    places: list[tuple[int, int, int, int | None, datetime.date, datetime.date | None, str]],
    since: datetime.date,
    until: datetime.date,
) -> list[lessons.Lesson]:
    classes, groups = {one[2] for one in places}, {one[3] for one in places} - {None}
    journals = dict(
        Journal.objects.filter(Q(class_group__in=classes) | Q(group__in=groups)).values_list(
            "pk", "class_group"
        )
    )
    columns = Column.objects.filter(
        institution_id=institution,
        journal_id__in=list(journals),
        day__gte=since,
        day__lt=until,
    )
    there = [
        column
        for column in columns
        if any(
            starts_on <= column.day
            and (ends_on is None or column.day < ends_on)
            and journals[column.journal_id] in {None, klass}
            for _, _, klass, _, starts_on, ends_on, _ in places
        )
    ]
    return lessons.described(institution, there, places[0][6])
