"""What waited in a browser for the network: changes of a lesson, each with the key it comes under.

A field comes with what was typed and what the browser knew the journal to have (`base_…`). Where
something else stands by now, nothing is written and the answer tells what stands: a person decides.
Days are told by the server alone; a change names the day its page showed, so that entries of a lesson
that was moved meanwhile wait for a person too.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from django.http import HttpResponse, JsonResponse

from accounts.http import HouseRequest
from journals import values
from journals.errors import CellChanged
from journals.models import Column
from journals.models.lessons import HELD
from journals.selectors import books, lessons
from journals.services import entries as commands
from journals.values import EMPTY, Entry
from kernel.clock import Moment
from kernel.errors import DomainError, StaleVersion
from kernel.once import Once, Replayed
from kernel.tables.dates import show
from kernel.text import clean, clean_lines

HEADER = "X-Outbox"
_FIELD = re.compile(r"([am])_(\d{1,18})", re.ASCII)


def is_sent_by(request: HouseRequest) -> bool:
    """Whether the browser's outbox asks."""
    return request.headers.get(HEADER) == "1"


def refused(said: str, day: datetime.date | None = None) -> HttpResponse:
    """The change as a whole is not to be written; it stays in the browser until a person decides."""
    return JsonResponse({"refused": said, "day": day.isoformat() if day else ""}, status=422)


def _again() -> HttpResponse:
    # Somebody wrote between the look and the command: look anew.
    return HttpResponse(status=503, headers={"Retry-After": "1"})


def _aside(theirs: Mapping[str, str], wrong: Mapping[str, str]) -> HttpResponse | None:
    if not theirs and not wrong:
        return None
    return JsonResponse({"theirs": theirs, "wrong": wrong}, status=409 if theirs else 422)


def _once(request: HouseRequest, lesson: int) -> Once | None:
    return Once.of_form(f"journals.lesson/{lesson}", request.POST)


def _was_moved(request: HouseRequest, row: Column) -> HttpResponse | None:
    if request.POST.get("day") in {None, "", row.day.isoformat()}:
        return None
    return refused(
        f"Урок тим часом перенесли на {row.day:%d.%m.%Y}. Надішліть записи, якщо вони про нього, "
        "або приберіть.",
        row.day,
    )


def entries(
    request: HouseRequest, of: books.Book, row: Column, moment: Moment
) -> HttpResponse | None:
    """Write absences and marks of a lesson; None when they are there."""
    once = _once(request, row.pk)
    if once is not None and once.was_done(request.actor):
        return None
    if (moved := _was_moved(request, row)) is not None:
        return moved
    if (refusal := of.refusal(row)) is not None:
        return refused(refusal.detail)
    stand = books.cells([row])
    there = {one.on(row.day) for one in books.learners(of.journal, row.day, _next(row.day))}
    theirs: dict[str, str] = {}
    wrong: dict[str, str] = {}
    found: dict[books.Key, Entry] = {}
    for name, typed in request.POST.items():
        at = _FIELD.fullmatch(name)
        if at is None:
            continue
        enrolment = int(at[2])
        if enrolment not in there:
            wrong[name] = "Цього дня дитина в класі не навчалася."
            continue
        key = (row.pk, enrolment)
        now = stand[key].entry if key in stand else EMPTY
        part = _absence if at[1] == "a" else _mark
        mine, base = part(of, str(typed)), part(of, request.POST.get(f"base_{name}", ""))
        if mine is None:
            wrong[name] = f"«{str(typed)[:20]}» не є оцінкою. Можна {of.domain.told}."
            continue
        stands = _part(now, at[1])
        if stands not in (mine, base):
            theirs[name] = stands.text
        found[key] = _with(found.get(key, now), mine, at[1])
    if (aside := _aside(theirs, wrong)) is not None:
        return aside
    try:
        commands.save_entries(
            found,
            actor=request.actor,
            journal=of.journal.uid,
            seen=books.mark(stand.values()),
            moment=moment,
            once=once,
        )
    except Replayed:
        return None
    except CellChanged:
        return _again()
    except DomainError as no:
        return refused(no.detail)
    return None


def _next(day: datetime.date) -> datetime.date:
    return day + datetime.timedelta(days=1)


def _absence(_of: books.Book, text: str) -> Entry | None:
    codes = {"": None, **{one.text: one.code for one in values.absences()}}
    return Entry(absence=codes[text]) if text in codes else None


def _mark(of: books.Book, text: str) -> Entry | None:
    return of.domain.read(text, absent=False)


def _part(entry: Entry, part: str) -> Entry:
    return Entry(absence=entry.absence) if part == "a" else Entry(entry.value, None, entry.words)


def _with(entry: Entry, mine: Entry, part: str) -> Entry:
    if part == "a":
        return Entry(entry.value, mine.absence, entry.words)
    return Entry(mine.value, entry.absence, mine.words)


_NAMES = ("topic", "homework", "due_on", "work", "held")


def stands(row: Column) -> dict[str, str]:
    """What a lesson has, as its form writes it."""
    return {
        "topic": row.topic,
        "homework": row.homework,
        "due_on": show(row.due_on) if row.due_on else "",
        "work": row.work,
        "held": "1" if row.state == HELD else "",
    }


def lesson(
    request: HouseRequest,
    of: books.Book,
    row: Column,
    read: Mapping[str, object],
    wrong: Mapping[str, str],
    moment: Moment,
) -> HttpResponse | None:
    """Write topic, homework and that the lesson was held; None when it is there.

    read: what the form read of the fields that came; wrong: what it could not read, and why.
    """
    once = _once(request, row.pk)
    if once is not None and once.was_done(request.actor):
        return None
    if (moved := _was_moved(request, row)) is not None:
        return moved
    theirs = {}
    for name, now in stands(row).items():
        if name not in request.POST or name in wrong:
            continue
        mine, base = request.POST[name], request.POST.get(f"base_{name}", "")
        if _alike(now) not in (_alike(mine), _alike(base)):
            theirs[name] = now
    if (aside := _aside(theirs, wrong)) is not None:
        return aside
    try:
        commands.write_lesson(
            {name: read[name] for name in _NAMES if name in read and name in request.POST},
            actor=request.actor,
            journal=of.journal.uid,
            lesson=row.pk,
            version=row.version,
            moment=moment,
            once=once,
        )
    except Replayed:
        return None
    except StaleVersion:
        return _again()
    except DomainError as no:
        return refused(no.detail)
    return None


def _alike(text: str) -> str:
    return clean(clean_lines(text).replace("\n", " "))


def version_of(of: books.Book, row: Column) -> str:
    """The lesson's version now, for the form that is on the page."""
    fresh = lessons.find(of.journal, row.pk)
    return str(fresh.version if fresh else row.version)
