"""Marks that children brought along: of the same subject, from journals they were in before."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection

from journals.models import Journal
from journals.models.lessons import LESSON
from journals.selectors import timetable
from journals.selectors.books import Book, Learner
from journals.values import Entry

# By the enrolments of the year, whichever school they were in: the key of cells by enrolment finds
# them, and each leads to its column by the exact key.
_EARLIER = """
    WITH learned AS (
        SELECT DISTINCT l.pupil_id, l.enrolment_id FROM registry_learning l
        WHERE l.pupil_id = ANY(%(pupils)s) AND l.starts_on < %(until)s
          AND (l.ends_on IS NULL OR l.ends_on > %(since)s)
    ), stands AS (
        SELECT DISTINCT ON (c.enrolment_id, c.column_id) l.pupil_id, c.* FROM learned l
        JOIN journals_cell c ON c.enrolment_id = l.enrolment_id
            AND c.day >= %(since)s AND c.day < %(until)s
        ORDER BY c.enrolment_id, c.column_id, c.version DESC
    )
    SELECT s.pupil_id, j.id, k.day, k.kind, s.value, s.words
    FROM stands s JOIN journals_column k ON k.institution_id = s.institution_id
        AND k.day = s.day AND k.id = s.column_id
    JOIN journals_journal j ON j.id = k.journal_id AND j.subject = %(subject)s AND j.id <> %(own)s
    WHERE s.value IS NOT NULL OR s.words IS NOT NULL
    ORDER BY s.pupil_id, j.id, k.day, k.no, k.id
"""


@dataclasses.dataclass(frozen=True)
class Mark:
    """A mark of before: its day, whether of a lesson or a result, what stands."""

    day: datetime.date
    kind: str
    entry: Entry


@dataclasses.dataclass(frozen=True)
class Earlier:
    """What one child has in one journal it was in before."""

    learner: Learner
    whose: str
    marks: list[Mark]

    @property
    def mean(self) -> int | None:
        """The mean of marks of lessons, for orientation; None without marks of twelve points."""
        found = [
            one.entry.value
            for one in self.marks
            if one.kind == LESSON and one.entry.value is not None and one.entry.value <= 12
        ]
        return round(sum(found) / len(found)) if found else None


def of(book: Book, came: Sequence[Learner]) -> list[Earlier]:
    """Marks of the journal's subject that these children of its page have elsewhere in the year; two
    queries. The look at the children was noted by the page."""
    year = book.journal.school_year
    with connection.cursor() as cursor:
        cursor.execute(
            _EARLIER,
            {
                "pupils": [one.pupil for one in came],
                "since": year.starts_on,
                "until": year.ends_on,
                "subject": book.journal.subject,
                "own": book.journal.pk,
            },
        )
        rows = cursor.fetchall()
    found: dict[tuple[uuid.UUID, int], list[Mark]] = {}
    for pupil, journal, day, kind, value, words in rows:
        found.setdefault((pupil, journal), []).append(Mark(day, kind, Entry(value, None, words)))
    journals = {
        one.pk: one
        for one in Journal.objects.filter(pk__in={journal for _, journal in found})
        .select_related("class_group", "group", "institution")
        .prefetch_related("group__parts__class_group")
    }
    by_pupil = {one.pupil: one for one in came}
    order = {one.pupil: place for place, one in enumerate(came)}
    return [
        Earlier(by_pupil[pupil], _where(journals[journal], book), marks)
        for (pupil, journal), marks in sorted(
            found.items(), key=lambda one: (order[one[0][0]], one[1][0].day)
        )
    ]


def _where(journal: Journal, book: Book) -> str:
    whose = timetable.whose(journal)
    if journal.institution_id == book.journal.institution_id:
        return whose
    return f"{whose}, {journal.institution.short_name}"
