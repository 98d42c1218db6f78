"""Pages of whoever teaches: own journals, the class page, one lesson on a phone."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from journals import values
from journals.errors import CellChanged
from journals.models import Column
from journals.models.lessons import CANCELLED, LESSON
from journals.portal import outbox, words
from journals.portal.app import works_offline
from journals.selectors import books, earlier, lessons, timetable
from journals.services import entries as commands
from journals.values import EMPTY, Entry
from kernel import audit, clock
from kernel.clock import Moment
from kernel.errors import DomainError, Invalid, NotFound, StaleVersion
from kernel.parameters import asked, flag, one_of
from kernel.tables.dates import show
from kernel.ui import pages
from kernel.ui.forms import DateField, Form
from registry.classes.frames import year_for

# Two months on a page: some forty lessons of a subject that is taught each day.
PERIODS = {"9": (9, 11), "11": (11, 13), "1": (1, 3), "3": (3, 5), "5": (5, 8)}
NAMES = {
    "9": "Вересень — жовтень",
    "11": "Листопад — грудень",
    "1": "Січень — лютий",
    "3": "Березень — квітень",
    "5": "Травень — липень",
}
PERIOD = one_of("period", PERIODS)
EARLIER = flag("earlier")
_NAME = re.compile(r"c(\d{1,18})", re.ASCII)


@works_offline
@never_cache
@require_http_methods(["GET", "HEAD"])
def own(request: HouseRequest) -> HttpResponse:
    """«Мої журнали»: today's lessons by time, and journals one leads."""
    moment = clock.moment()
    year = year_for(moment.today)
    journals, today = books.own(request.actor, moment.today, year.code)
    described = [
        one
        for institution in sorted({column.institution_id for column in today})
        for one in lessons.described(
            institution, [c for c in today if c.institution_id == institution], year.code
        )
    ]
    context = {
        "journals": journals,
        "lessons": described,
        "day": moment.today,
        "weekday": words.DAYS[moment.today.weekday()],
        "places": words.PLACES,
        "at_hand": _at_hand(request, moment.today),
    }
    return pages.page(request, "journals/own.html", context)


def _at_hand(request: HouseRequest, today: datetime.date) -> list[str]:
    """Pages for where there is no network: lessons of the week, by time, and their journals."""
    found = books.at_hand(request.actor, today)
    return [
        *(reverse("journal_lesson", args=[uid, lesson]) for uid, lesson in found),
        *(reverse("journal", args=[uid]) for uid in dict.fromkeys(uid for uid, _ in found)),
    ]


# ── the class page ───────────────────────────────────────────────────────────
def _period_of(day: datetime.date) -> str:
    return next((name for name, (first, end) in PERIODS.items() if first <= day.month < end), "9")


def _bounds(of: books.Book, period: str) -> tuple[datetime.date, datetime.date]:
    year = of.journal.school_year
    first, end = PERIODS[period]
    begins = year.starts_on.year + (first < 8)
    since = datetime.date(begins, first, 1)
    until = datetime.date(begins + (end > 12), (end - 1) % 12 + 1, 1)
    return max(since, year.starts_on), min(until, year.ends_on)


Bad = Mapping[books.Key, tuple[str, str]]


def _head(column: Column, today: datetime.date) -> dict[str, Any]:
    kind = values.kinds().get(column.kind)
    work = values.works().get(column.work)
    short = (kind.short if kind else work.short if work else "") or "·"
    if column.kind in {"GROUP", "SEMESTER", "ADJUSTED"}:
        short = f"{short}{column.no}" if column.kind == "GROUP" else f"{short} {'I' * column.no}"
    now = column.day == today
    return {
        "column": column,
        "short": "сьогодні" if now and column.kind == LESSON else short,
        "name": kind.name if kind else work.name if work else "Урок",
        "is_sum": column.kind != LESSON,
        "is_now": now and column.kind == LESSON,
        "is_off": column.state == CANCELLED,
    }


def _rows(
    of: books.Book, page: books.Page, bad: Bad, only: frozenset[int] | None = None
) -> list[dict[str, Any]]:
    writable = {one.pk: of.refusal(one) is None for one in page.columns}
    heads = {one.pk: _head(one, of.today) for one in page.columns}
    rows = []
    for number, learner in enumerate(page.learners, start=1):
        if only is not None and learner.row not in only:
            continue
        found, marks, stood = [], [], []
        for column in page.columns:
            stands = page.stands(column, learner)
            entry = stands.entry if stands else EMPTY
            if stands is not None:
                stood.append(stands)
                if column.kind == LESSON and entry.value is not None and entry.value <= 12:
                    marks.append(entry.value)
            typed, wrong = bad.get((column.pk, learner.row), ("", ""))
            is_there = learner.on(column.day) is not None
            head = heads[column.pk]
            css = [
                *(["is-them"] if head["is_sum"] else []),
                *(["is-now"] if head["is_now"] else []),
                *(["is-abs"] if entry.absence is not None and entry.value is None else []),
                *(["is-bad"] if wrong else []),
            ]
            found.append(
                {
                    "name": f"c{column.pk}",
                    "text": typed if wrong else entry.text,
                    "wrong": wrong,
                    "css": " ".join(css),
                    "is_open": is_there and writable[column.pk],
                    "is_there": is_there,
                    "label": f"{learner.name}, {column.day:%d.%m}"
                    + (f" {head['name']}" if head["name"] != "Урок" else ""),
                }
            )
        rows.append(
            {
                "no": number,
                "id": learner.row,
                "name": learner.name,
                "version": books.mark(stood),
                "cells": found,
                "mean": round(sum(marks) / len(marks)) if marks else "",
            }
        )
    return rows


@works_offline
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The class page: pupils by lessons; what is typed is saved cell by cell."""
    moment = clock.moment()
    of = books.book(request.actor, uid, moment.today)
    period = asked(request, PERIOD, EARLIER)["period"] or _period_of(moment.today)
    since, until = _bounds(of, period)
    if request.method == "POST":
        return _save(request, of, since, until, moment)
    page = books.page(request.actor, of, since, until)
    names = timetable.names_of(of.journal.institution_id)
    rows = _rows(of, page, {})
    today = next(
        (c for c in page.columns if c.day == moment.today and c.kind == LESSON and of.teaches(c)),
        None,
    )
    here = reverse("journal", args=[uid])
    context = {
        "of": of,
        "subject": names.get(of.journal.subject, of.journal.subject),
        "whose": timetable.whose(of.journal),
        "teacher": timetable.teacher_of(of.journal.post),
        "heads": [_head(one, moment.today) for one in page.columns],
        "rows": rows,
        "today": today,
        "can_add": of.journal.post_id in of.posts,
        "save_url": f"{here}?period={period}",
        "absences": values.absences(),
        "told": of.domain.told,
        "problem": "",
        "periods": [
            {"label": NAMES[name], "url": f"{here}?period={name}", "current": name == period}
            for name in PERIODS
        ],
        **_earlier(request, of, page, f"{here}?period={period}"),
        "crumbs": [("Мої журнали", reverse("journals"))],
    }
    return pages.page(request, "journals/book.html", context)


def _earlier(request: HouseRequest, of: books.Book, page: books.Page, here: str) -> dict[str, Any]:
    """Children who came in the course of the year; asked for, their marks of the subject in journals
    they were in before."""
    came = [one for one in page.learners if one.spans[0][1] > of.journal.school_year.starts_on]
    wanted = bool(came and asked(request, EARLIER)["earlier"])
    found = earlier.of(of, came) if wanted else []
    silent = {one.pupil for one in came} - {one.learner.pupil for one in found}
    return {
        "came": came,
        "earlier_url": "" if wanted else f"{here}&earlier=1",
        "earlier": [
            {
                "name": one.learner.name,
                "whose": one.whose,
                "since": one.marks[0].day,
                "until": one.marks[-1].day,
                "mean": one.mean,
                "marks": [
                    {
                        "day": mark.day,
                        "text": mark.entry.text,
                        "kind": kind.name if (kind := values.kinds().get(mark.kind)) else "",
                    }
                    for mark in one.marks
                ],
            }
            for one in found
        ],
        "without": [one.name for one in came if one.pupil in silent],
    }


def _save(
    request: HouseRequest,
    of: books.Book,
    since: datetime.date,
    until: datetime.date,
    moment: Moment,
) -> HttpResponse:
    """What the grid sends: cells of one row, or a pasted block."""
    page = books.shape(of, since, until)
    by_row = {one.row: one for one in page.learners}
    columns = {one.pk: one for one in page.columns}
    pasted = bool(request.POST.get("paste"))
    typed = _pasted(request, of, page) if pasted else _typed(request)
    good: dict[books.Key, Entry] = {}
    bad: dict[books.Key, tuple[str, str]] = {}
    for (column, row), text in typed.items():
        learner, at = by_row.get(row), columns.get(column)
        enrolment = learner.on(at.day) if learner and at else None
        if learner is None or at is None or enrolment is None:
            raise NotFound
        entry = of.domain.read(text, absent=at.kind == LESSON)
        if entry is None:
            place = page.learners.index(learner) + 1
            said = f"Рядок {place}, {at.day:%d.%m}: «{text[:20]}» не є оцінкою. Можна {of.domain.told}."
            bad[column, row] = (text, said)
        else:
            good[column, enrolment] = entry
    status, told = 200, ""
    try:
        if good:
            commands.save_entries(
                good,
                actor=request.actor,
                journal=of.journal.uid,
                seen=_seen_of_rows(request, by_row)
                if pasted
                else _instant(request.POST.get("version", "")),
                moment=moment,
            )
    except CellChanged as no:
        status = no.http_status
        told = _both(no, page) if pasted else f"{no.title}: {no.detail}"
    except Invalid as no:
        told = no.detail
    fresh = books.filled(page)
    only = None if pasted else frozenset(row for _, row in typed)
    context = {
        "rows": _rows(of, fresh, bad, only),
        "whole": pasted,
        "problem": " ".join([*dict.fromkeys(said for _, said in bad.values()), told]).strip(),
        "now": moment.now if not (bad and not good) and status == 200 else None,
    }
    return pages.page(request, "journals/_rows.html", context, status=status)


def _instant(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _seen_of_rows(request: HouseRequest, by_row: Mapping[int, books.Learner]) -> dict[int, int]:
    """What the page had seen of each row of a block; of a row it does not tell, nothing."""
    rows = request.POST.get("rows", "").split(",")
    told = request.POST.get("versions", "").split(",")
    return {
        enrolment: _instant(version)
        for row, version in zip(rows, told, strict=False)
        if (learner := by_row.get(_instant(row))) is not None
        for enrolment, *_ in learner.spans
    }


def _both(no: CellChanged, page: books.Page) -> str:
    """Cells that refused a block, each with what stands and what was pasted."""
    places = {e: at for at, one in enumerate(page.learners, 1) for e, *_ in one.spans}
    days = {one.pk: one.day for one in page.columns}
    said = [
        f"рядок {places[enrolment]}, {days[column]:%d.%m}: стоїть «{theirs}», ви вставили «{mine}»"
        for column, enrolment, theirs, mine in no.context["cells"]
    ]
    return (
        f"Блок не вставлено, бо тим часом записав хтось інший: {'; '.join(said)}. "
        "Вставте блок ще раз, щоб записати своє."
    )


def _typed(request: HouseRequest) -> dict[books.Key, str]:
    row = request.POST.get("row", "")
    if not (row.isascii() and row.isdecimal() and len(row) < 19):
        raise NotFound
    found = {}
    for name, text in request.POST.items():
        at = _NAME.fullmatch(name)
        if at is not None:
            found[int(at[1]), int(row)] = str(text)
    return found


def _pasted(request: HouseRequest, of: books.Book, page: books.Page) -> dict[books.Key, str]:
    """Cells of a block, into the rows it names from the top, to the right over what may be written.
    A hole stays a hole: an empty cell of the block leaves what stands."""
    at = _NAME.fullmatch(request.POST.get("start_column", ""))
    rows = [one for one in request.POST.get("rows", "").split(",") if one]
    open_ones = [one.pk for one in page.columns if of.refusal(one) is None]
    known = {one.row for one in page.learners}
    if (
        at is None
        or int(at[1]) not in open_ones
        or not all(one.isascii() and one.isdecimal() and int(one) in known for one in rows)
    ):
        raise NotFound
    first = open_ones.index(int(at[1]))
    days = {one.pk: one.day for one in page.columns}
    by_row = {one.row: one for one in page.learners}
    found = {}
    for row, line in zip(rows, request.POST.get("cells", "").split("\n"), strict=False):
        for column, text in zip(open_ones[first:], line.split("\t"), strict=False):
            if text.strip() and by_row[int(row)].on(days[column]) is not None:
                found[column, int(row)] = text
    return found


class ColumnForm(Form):
    """A column of results to add."""

    kind = forms.ChoiceField(
        label="Підсумок", choices=[(one.code, one.name) for one in values.kinds().values()]
    )
    no = forms.ChoiceField(
        label="Номер",
        required=False,
        choices=[("0", "—"), *((str(n), str(n)) for n in range(1, 5))],
        help_text="Групи результатів — 1–4, семестру — 1 або 2",
    )
    day = DateField(label="День")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def column_new(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Add a thematic column, one of a group of results, of a semester, of the year."""
    moment = clock.moment()
    of = books.book(request.actor, uid, moment.today)
    form = ColumnForm(request.POST or None, initial={"day": moment.today})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            commands.add_column(
                actor=request.actor,
                journal=uid,
                kind=data["kind"],
                no=int(data["no"] or 0),
                day=data["day"],
                moment=moment,
            )
            messages.success(request, "Стовпець додано.")
            return pages.see_other(
                request, f"{reverse('journal', args=[uid])}?period={_period_of(data['day'])}"
            )
    names = timetable.names_of(of.journal.institution_id)
    context = {
        "title": f"{names.get(of.journal.subject, '')}, {timetable.whose(of.journal)}",
        "back": reverse("journal", args=[uid]),
        "crumbs": [("Мої журнали", reverse("journals"))],
    }
    return pages.form_page(request, "journals/column.html", form, context)


# ── one lesson ───────────────────────────────────────────────────────────────
class LessonForm(Form):
    """What was taught."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    topic = forms.CharField(label="Тема уроку", required=False)
    homework = forms.CharField(
        label="Домашнє завдання", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = DateField(label="На коли", required=False)
    work = forms.ChoiceField(
        label="Який це урок", choices=[(one.code, one.name) for one in values.works().values()]
    )


def _lesson(request: HouseRequest, uid: uuid.UUID, lesson: int) -> tuple[books.Book, Column]:
    of = books.book(request.actor, uid, clock.today())
    row = books.columns_of(of, [lesson]).get(lesson)
    if row is None or row.kind != LESSON:
        raise NotFound
    return of, row


@works_offline
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lesson(request: HouseRequest, uid: uuid.UUID, lesson: int) -> HttpResponse:
    """One lesson as a teacher has it in hand: who is there, marks, topic, homework."""
    of, row = _lesson(request, uid, lesson)
    moment = clock.moment()
    if request.method == "POST" and outbox.is_sent_by(request):
        return _write_waiting(request, of, row, moment)
    if request.method == "POST":
        return _save_lesson(request, of, row, moment)
    return _lesson_page(request, of, row, _lesson_form(row))


def _lesson_form(row: Column, data: Any = None) -> LessonForm:
    initial = {
        name: getattr(row, name) for name in ("version", "topic", "homework", "due_on", "work")
    }
    return LessonForm(data, initial=initial)


def _save_lesson(
    request: HouseRequest, of: books.Book, row: Column, moment: Moment
) -> HttpResponse:
    auto = request.headers.get("X-Autosave") == "1"
    named = request.POST.get("changed", "").split(",") if auto else list(LessonForm.base_fields)
    data = request.POST.copy()
    for name in LessonForm.base_fields:
        if name not in data:
            data[name] = (
                str(getattr(row, name) or "")
                if name != "due_on"
                else (show(row.due_on) if row.due_on else "")
            )
    form = _lesson_form(row, data)
    if form.is_valid():
        told = {n: form.cleaned_data[n] for n in named if n in form.cleaned_data and n != "version"}
        if request.POST.get("held"):
            told["held"] = True
        try:
            saved = commands.write_lesson(
                told,
                actor=request.actor,
                journal=of.journal.uid,
                lesson=row.pk,
                version=form.cleaned_data["version"],
                moment=moment,
            )
        except (Invalid, StaleVersion) as no:
            form.refuse(no)
            if auto and isinstance(no, StaleVersion):
                return HttpResponse(status=409)
        else:
            if auto:
                answer = pages.page(request, "journals/_saved.html", {"now": moment.now})
                answer["X-Version"] = str(saved.version)
                return answer
            messages.success(request, "Урок збережено.")
            return pages.see_other(request, "journal_lesson", of.journal.uid, row.pk)
    return _lesson_page(request, of, row, form)


def _write_waiting(
    request: HouseRequest, of: books.Book, row: Column, moment: Moment
) -> HttpResponse:
    """Topic and homework that waited in the browser."""
    now = outbox.stands(row)
    form = _lesson_form(row, {**now, "version": row.version, **request.POST.dict()})
    wrong = {}
    if not form.is_valid():
        wrong = {n: " ".join(map(str, form.errors[n])) for n in form.errors if n in request.POST}
    read = {**form.cleaned_data, "held": request.POST.get("held") == "1"}
    answer = outbox.lesson(request, of, row, read, wrong, moment)
    if answer is None:
        answer = pages.page(request, "journals/_saved.html", {"now": moment.now})
        answer["X-Version"] = outbox.version_of(of, row)
    return answer


def _states(of: books.Book, row: Column) -> tuple[list[dict[str, Any]], int]:
    there = books.learners(of.journal, row.day, row.day + datetime.timedelta(days=1))
    stand = books.cells([row])
    reasons = {one.code: one.text for one in values.absences()}
    found = []
    for one in there:
        enrolment = one.on(row.day)
        stands = stand.get((row.pk, enrolment)) if enrolment else None
        entry = stands.entry if stands else EMPTY
        found.append(
            {
                "id": enrolment,
                "surname": one.surname,
                "given_name": one.given_name,
                "name": one.name,
                "pupil": one.pupil,
                "absence": reasons.get(entry.absence, "") if entry.absence is not None else "",
                "mark": Entry(entry.value, None, entry.words).text,
                "wrong": "",
            }
        )
    return found, books.mark(stand.values())


def _lesson_page(
    request: HouseRequest, of: books.Book, row: Column, form: LessonForm
) -> HttpResponse:
    children, seen = _states(of, row)
    audit.looked_at(request.actor, "registry.pupil", [one["pupil"] for one in children], "урок")
    (told,) = lessons.described(of.journal.institution_id, [row], of.journal.school_year_id)
    context = {
        "of": of,
        "lesson": told,
        "weekday": words.SHORT_DAYS[row.day.weekday()],
        "children": children,
        "present": sum(not one["absence"] for one in children),
        "seen": seen,
        "absences": values.absences(),
        "teaches": of.teaches(row),
        "refusal": of.refusal(row),
        "places": words.PLACES,
        "told": of.domain.told,
        "crumbs": [("Мої журнали", reverse("journals"))],
    }
    return pages.form_page(request, "journals/lesson.html", form, context)


@require_POST
def lesson_entries(request: HouseRequest, uid: uuid.UUID, lesson: int) -> HttpResponse:
    """Who was there and what was marked, one child after another."""
    of, row = _lesson(request, uid, lesson)
    moment = clock.moment()
    if outbox.is_sent_by(request):
        return outbox.entries(request, of, row, moment) or _entries_saved(
            of, row, moment, [], request
        )
    auto = request.headers.get("X-Autosave") == "1"
    children, _ = _states(of, row)
    stand = books.cells([row])
    entries: dict[books.Key, Entry] = {}
    wrong: list[str] = []
    reasons = {one.text: one.code for one in values.absences()}
    for child in children:
        at = int(child["id"])
        now = stand.get((row.pk, at))
        entry = now.entry if now else EMPTY
        absence, mark = request.POST.get(f"a_{at}"), request.POST.get(f"m_{at}")
        if absence is not None and absence in {"", *reasons}:
            entry = Entry(entry.value, reasons.get(absence), entry.words)
        if mark is not None:
            read = of.domain.read(mark, absent=False)
            if read is None:
                wrong.append(
                    f"{child['name']}: «{mark[:20]}» не є оцінкою. Можна {of.domain.told}."
                )
                continue
            entry = Entry(read.value, entry.absence, read.words)
        if absence is not None or mark is not None:
            entries[row.pk, at] = entry
    try:
        commands.save_entries(
            entries,
            actor=request.actor,
            journal=uid,
            seen=_instant(request.POST.get("version", "")),
            moment=moment,
        )
    except CellChanged as no:
        if auto:
            return HttpResponse(status=409)
        wrong.append(f"{no.title}: {no.detail}")
    except DomainError as no:
        pages.pass_on(no)
        wrong.append(no.detail)
    if not auto:
        for said in wrong:
            messages.warning(request, said)
        if not wrong:
            messages.success(request, "Записи уроку збережено.")
        return pages.see_other(request, "journal_lesson", uid, lesson)
    return _entries_saved(of, row, moment, wrong, request)


def _entries_saved(
    of: books.Book, row: Column, moment: Moment, wrong: list[str], request: HouseRequest
) -> HttpResponse:
    children, mark = _states(of, row)
    context = {
        "now": None if wrong else moment.now,
        "problem": " ".join(wrong),
        "present": sum(not one["absence"] for one in children),
        "children": children,
    }
    answer = pages.page(request, "journals/_lesson_saved.html", context)
    answer["X-Version"] = str(mark)
    return answer
