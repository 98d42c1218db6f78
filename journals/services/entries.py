"""Entries: what is typed into cells becomes their next versions.

save_entries   cells of a journal, all of them or none; a cell that somebody wrote meanwhile refuses all
write_lesson   topic, homework, kind of work of one lesson, and that it was held
add_column     a column of results

Cells of a journal are written under one lock of it, so what a page had seen (`seen`) is told by the
instant of the last version on it; the key of the table refuses what would slip by all the same.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection

from accounts.actors import Actor
from journals.errors import CellChanged, EntriesLocked, NotYourJournal
from journals.events import ColumnAdded, LessonWritten
from journals.models import Column
from journals.models.lessons import (
    ADJUSTED,
    ANNUAL,
    GROUP,
    HELD,
    LESSON,
    SEMESTER,
    STATE,
    THEMATIC,
)
from journals.selectors import books, lessons
from journals.values import EMPTY, Entry, works
from kernel import audit
from kernel.clock import Moment
from kernel.db import advisory_lock, command, part_of_command
from kernel.errors import Invalid, NotFound, Problem, StaleVersion
from kernel.once import Once
from kernel.text import clean, clean_lines

MOST_AT_ONCE = 2_000
LONGEST = {"topic": 300, "homework": 2_000}
RESULTS = (THEMATIC, GROUP, SEMESTER, ADJUSTED, ANNUAL, STATE)


@command(by_keys=True)
def save_entries(
    entries: Mapping[books.Key, Entry],
    *,
    actor: Actor,
    journal: uuid.UUID,
    seen: int | Mapping[int, int] | None,
    moment: Moment,
    once: Once | None = None,
) -> int:
    """Write cells (column, enrolment) of a journal; how many changed. The same value writes nothing.

    seen: the instant of the last version that the page showed (books.mark), or one for each enrolment
        where the page has them by rows; None where what stands is overwritten knowingly.
    once: the key of a batch that waited for the network and may come twice.

    Raises:
        NotFound: not a journal, a column or a child of it that the actor may write to.
        NotYourJournal, EntriesLocked: somebody else teaches it, or its days are over.
        CellChanged: somebody wrote one of the cells after the page was read; nothing is written.
        Replayed: it was written under this key already.
    """
    of = books.book(actor, journal, moment.today)
    if len(entries) > MOST_AT_ONCE:
        raise Invalid([Problem("", "many", f"За один раз — до {MOST_AT_ONCE} клітинок")])
    advisory_lock(f"journal {of.journal.pk}")
    columns = _held(of, {column for column, _ in entries})
    stand = books.cells(list(columns.values()))
    _check_learners(of, columns, entries)
    new = []
    changed = []
    for (column, enrolment), entry in sorted(entries.items()):
        at = columns[column]
        now = stand.get((column, enrolment))
        was = now.entry if now else EMPTY
        if was == entry:
            continue
        _may(of, at, was, entry)
        had = seen.get(enrolment, 0) if isinstance(seen, Mapping) else seen
        if now is not None and had is not None and books.micros(now.at) > had:
            changed.append((column, enrolment, now.entry.text, entry.text))
        new.append((at, enrolment, (now.version if now else 0) + 1, entry))
    if changed:
        told = (f"стоїть «{theirs}», ви пишете «{mine}»" for _, _, theirs, mine in changed)
        raise CellChanged("; ".join(told), cells=changed)
    _insert(of.journal.institution_id, new, moment)
    return len(new)


def _may(of: books.Book, column: Column, was: Entry, entry: Entry) -> None:
    refusal = of.refusal(column)
    if refusal is not None:
        raise refusal
    marks_change = (was.value, was.words) != (entry.value, entry.words)
    if marks_change and not of.teaches(column):
        raise NotYourJournal("Класний керівник записує лише відсутність.")
    if column.kind != LESSON and entry.absence is not None:
        raise Invalid([Problem("", "absence", "У підсумку не буває відсутності")])


@part_of_command
def _held(of: books.Book, asked: set[int]) -> dict[int, Column]:
    # FOR SHARE: a lesson that is being moved or cancelled waits, or is waited for.
    found = {
        one.pk: one
        for one in Column.objects.raw(
            """
            SELECT * FROM journals_column
            WHERE institution_id = %s AND journal_id = %s AND day >= %s AND day < %s AND id = ANY(%s)
            FOR SHARE
            """,
            [
                of.journal.institution_id,
                of.journal.pk,
                of.journal.school_year.starts_on,
                of.journal.school_year.ends_on,
                sorted(asked),
            ],
        )
    }
    if set(found) != asked:
        raise NotFound
    return found


@part_of_command
def _check_learners(
    of: books.Book, columns: Mapping[int, Column], entries: Mapping[books.Key, Entry]
) -> None:
    if not columns:
        return
    days = [one.day for one in columns.values()]
    there = books.learners(of.journal, min(days), max(days) + datetime.timedelta(days=1))
    known = {(column.pk, one.on(column.day)) for one in there for column in columns.values()}
    if set(entries) - known:
        raise NotFound("Цього дня дитина в класі не навчалася.")


@part_of_command
def _insert(
    institution: int, new: Sequence[tuple[Column, int, int, Entry]], moment: Moment
) -> None:
    act = audit.current_act()
    if not new or act is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO journals_cell (institution_id, day, column_id, enrolment_id, version, value,
                absence, words, at, act_id)
            SELECT %s, k.*, clock_timestamp(), %s FROM unnest(%s::date[], %s::bigint[], %s::bigint[],
                %s::smallint[], %s::smallint[], %s::smallint[], %s::text[]) AS k
            """,
            [
                institution,
                act.id,
                [column.day for column, *_ in new],
                [column.pk for column, *_ in new],
                [enrolment for _, enrolment, _, _ in new],
                [version for _, _, version, _ in new],
                [entry.value for *_, entry in new],
                [entry.absence for *_, entry in new],
                [entry.words for *_, entry in new],
            ],
        )


@command
def write_lesson(
    values: Mapping[str, object],
    *,
    actor: Actor,
    journal: uuid.UUID,
    lesson: int,
    version: int,
    moment: Moment,
    once: Once | None = None,
) -> Column:
    """Write what was taught: `topic`, `homework`, `due_on`, `work`, `held`; what is not named stays.

    Raises:
        NotFound, NotYourJournal, EntriesLocked: as save_entries; topics may be written ahead.
        Invalid: every mistake at once.
        StaleVersion: somebody wrote it meanwhile.
    """
    of = books.book(actor, journal, moment.today)
    held = lessons.columns(of.journal).select_for_update(no_key=True)
    row = held.filter(pk=lesson).first()
    if row is None:
        raise NotFound
    refusal = of.refusal(row)
    ahead = row.day > moment.today and not values.get("held")
    if not of.teaches(row):
        raise NotYourJournal
    if refusal is not None and not (ahead and isinstance(refusal, EntriesLocked)):
        raise refusal
    if row.version != version:
        raise StaleVersion("Тему чи завдання цього уроку щойно змінив хтось інший.")
    changed = _lesson_values(values, row)
    told = {name: value for name, value in changed.items() if value != getattr(row, name)}
    if not told:
        return row
    Column.objects.filter(institution_id=row.institution_id, day=row.day, pk=row.pk).update(
        **told, version=version + 1
    )
    for name, value in told.items():
        setattr(row, name, value)
    row.version = version + 1
    audit.record(
        LessonWritten(
            subject=of.journal.uid, unit=of.journal.institution_id, day=row.day, no=row.no
        )
    )
    return row


def _lesson_values(values: Mapping[str, object], row: Column) -> dict[str, object]:
    problems = []
    found: dict[str, object] = {}
    for name, longest in LONGEST.items():
        if name in values:
            text = str(values[name] or "")
            found[name] = clean(text) if name == "topic" else clean_lines(text)
            if len(text) > longest:
                problems.append(Problem(name, "too_long", f"Скоротіть до {longest} знаків"))
    if "due_on" in values:
        due = values["due_on"]
        found["due_on"] = due
        if isinstance(due, datetime.date) and due < row.day:
            problems.append(Problem("due_on", "before", "Завдання задають не раніше за день уроку"))
    if "work" in values:
        found["work"] = values["work"]
        if values["work"] not in works():
            problems.append(Problem("work", "unknown", "Виберіть, який це урок"))
    if values.get("held"):
        found["state"] = HELD
    if problems:
        raise Invalid(problems)
    return found


@command
def add_column(
    *,
    actor: Actor,
    journal: uuid.UUID,
    kind: str,
    no: int,
    day: datetime.date,
    moment: Moment,
) -> Column:
    """Add a column of results on a day: thematic, of a group of results (`no` 1–4), of a semester,
    adjusted (`no` 1–2), annual, of the state examination.

    Raises:
        NotFound, NotYourJournal, EntriesLocked: as save_entries.
        Invalid: no such kind or number, or the column is there.
    """
    of = books.book(actor, journal, moment.today)
    advisory_lock(f"journal {of.journal.pk}")
    if of.journal.post_id not in of.posts:
        raise NotYourJournal
    problems = []
    most = {GROUP: 4, SEMESTER: 2, ADJUSTED: 2}.get(kind, 0)
    if kind not in RESULTS:
        problems.append(Problem("kind", "unknown", "Виберіть, який це підсумок"))
    elif (most and not 1 <= no <= most) or (not most and no):
        problems.append(
            Problem("no", "unknown", f"Номер — від 1 до {most}" if most else "Без номера")
        )
    year = of.journal.school_year
    if not year.starts_on <= day < year.ends_on or day > moment.today:
        problems.append(
            Problem("day", "outside", "День — у цьому навчальному році й не пізніше за сьогодні")
        )
    same = lessons.columns(of.journal).filter(kind=kind, no=no)
    once = kind in {SEMESTER, ADJUSTED, ANNUAL, STATE}
    if not problems and (same if once else same.filter(day=day)).exists():
        problems.append(Problem("kind", "twice", "Такий стовпець у журналі вже є"))
    if problems:
        raise Invalid(problems)
    made = Column(
        institution_id=of.journal.institution_id,
        journal_id=of.journal.pk,
        day=day,
        kind=kind,
        no=no,
        post_id=of.journal.post_id,
        state=HELD,
    )
    made.save(force_insert=True)
    refusal = of.refusal(made)
    if refusal is not None:
        raise refusal
    audit.record(
        ColumnAdded(subject=of.journal.uid, unit=of.journal.institution_id, kind=kind, day=day)
    )
    return made
