"""What happens to the year of a school, to timetables and lessons.

A mark or an absence makes no event: versions of its cell say what, the act of each who and when
(ADR 0079).
"""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, Words, event

InstitutionId = Annotated[uuid.UUID, Subject("registry.institution")]
ClassId = Annotated[uuid.UUID, Subject("registry.class")]
RunId = Annotated[uuid.UUID, Subject("journals.timetablerun")]
JournalId = Annotated[uuid.UUID, Subject("journals.journal")]


@event("journals.year.planned", version=1)
class YearPlanned(Event, frozen=True, kw_only=True):
    """A school said its semesters, vacations, bells, rooms and names of subjects."""

    subject: InstitutionId
    year: str
    semesters: int
    vacations: int
    bells: int


@event("journals.journal.opened", version=1)
class JournalOpened(Event, frozen=True, kw_only=True):
    """A class or a group got a journal of a subject."""

    subject: JournalId
    taught: str
    post: uuid.UUID | None


@event("journals.journal.given", version=1)
class JournalGiven(Event, frozen=True, kw_only=True):
    """Another teacher leads a journal from now on."""

    subject: JournalId
    post: uuid.UUID | None


@event("journals.journal.unlocked", version=1)
class JournalUnlocked(Event, frozen=True, kw_only=True):
    """Entries of past lessons may be made until a day; the act says on what ground."""

    subject: JournalId
    until: datetime.date


@event("journals.timetable.changed", version=1)
class TimetableChanged(Event, frozen=True, kw_only=True):
    """A class got another timetable from a day on; its lessons were made anew."""

    subject: ClassId
    since: datetime.date
    slots: int
    lessons: int


@event("journals.lessons.made", version=1)
class LessonsMade(Event, frozen=True, kw_only=True):
    """Lessons of a school were made from its timetables, those without a place were taken away."""

    subject: InstitutionId
    year: str
    made: int
    gone: int


@event("journals.lesson.changed", version=1)
class LessonChanged(Event, frozen=True, kw_only=True):
    """A lesson was moved, cancelled, restored, given to a substitute, or held elsewhere."""

    subject: JournalId
    day: datetime.date
    no: int
    changed: tuple[str, ...]


@event("journals.lesson.written", version=1)
class LessonWritten(Event, frozen=True, kw_only=True):
    """The topic, homework or kind of a lesson was written."""

    subject: JournalId
    day: datetime.date
    no: int


@event("journals.day.changed", version=1)
class DayChanged(Event, frozen=True, kw_only=True):
    """Lessons of a school day were cancelled or held elsewhere: an air raid, a quarantine."""

    subject: InstitutionId
    day: datetime.date
    how: str
    reason: Words
    lessons: int


@event("journals.column.added", version=1)
class ColumnAdded(Event, frozen=True, kw_only=True):
    """A journal got a column of results: thematic, by group, of a semester, of the year."""

    subject: JournalId
    kind: str
    day: datetime.date


@event("journals.hours.said", version=1)
class HoursSaid(Event, frozen=True, kw_only=True):
    """A school said how many lessons a week journals of a class have, where the load does not."""

    subject: ClassId
    journals: int


@event("journals.rooms.described", version=1)
class RoomsDescribed(Event, frozen=True, kw_only=True):
    """A school said of its rooms what they are for and how many sit there."""

    subject: InstitutionId
    rooms: int


@event("journals.teacher.limited", version=1)
class TeacherLimited(Event, frozen=True, kw_only=True):
    """A school said when a teacher has no lessons, and how many of a day at most."""

    subject: InstitutionId
    post: uuid.UUID
    closed: int
    most: int | None


@event("journals.timetable.asked", version=1)
class TimetableAsked(Event, frozen=True, kw_only=True):
    """A school asked for a week made from its load."""

    subject: RunId
    since: datetime.date
    classes: int


@event("journals.timetable.taken", version=1)
class TimetableTaken(Event, frozen=True, kw_only=True):
    """A week that was made became the week of a whole school from a day on."""

    subject: InstitutionId
    run: uuid.UUID
    since: datetime.date
    slots: int
    lessons: int


RUN = batch.told_of("journals.timetable.run", RunId)
