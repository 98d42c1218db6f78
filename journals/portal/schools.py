"""Pages of whoever keeps the year: the school's classes, the year itself, a class, its week, a day."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from journals import policies
from journals.errors import NoPlan
from journals.portal import words
from journals.portal.forms import (
    DayForm,
    GiveForm,
    JournalForm,
    LessonForm,
    UnlockForm,
    WeekForm,
    YearForm,
    week_initial,
    year_initial,
)
from journals.selectors import lessons, timetable
from journals.services import lessons as lesson_commands
from journals.services import timetable as commands
from journals.services import years
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.parameters import asked, matching
from kernel.text import plural
from kernel.ui import pages
from registry.classes.frames import year_for
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.selectors import classifiers
from registry.institutions import selectors as institutions
from registry.models import Institution, SchoolYear

YEAR = matching("year", "навчальний рік: 2026-2027", r"20\d\d-20\d\d")
ON = matching("on", "день: 2026-09-01", r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_DAY = datetime.timedelta(days=1)


def _year(request: HouseRequest) -> SchoolYear:
    code = asked(request, YEAR)["year"]
    try:
        return classifiers.year(code) if code else year_for(clock.today())
    except NoSchoolYear:
        raise NotFound from None


def day_asked(request: HouseRequest, today: datetime.date) -> datetime.date:
    """The day that the address names, or today.

    Raises:
        NotFound: there is no such day.
    """
    text = asked(request, ON)["on"]
    try:
        return datetime.date.fromisoformat(text) if text else today
    except ValueError:
        raise NotFound from None


@require_http_methods(["GET", "HEAD"])
def own(request: HouseRequest) -> HttpResponse:
    """«Журнали й розклад» of the school one heads or serves."""
    return pages.see_other(request, "journal_school", institutions.own(request.actor).uid)


@require_http_methods(["GET", "HEAD"])
def school(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Classes of a year: how many journals and lessons a week each has; what is missing is said."""
    home: Institution = institutions.find(request.actor, uid)
    policies.read_journals.require(request.actor, home)
    year = _year(request)
    today = clock.today()
    on = min(max(today, year.starts_on), year.ends_on - _DAY)
    classes = timetable.classes_of(request.actor, home, year)
    counted = timetable.counted(classes, on)
    context = {
        "home": home,
        "year": year,
        "plan": timetable.plan_of(home.pk, year.code),
        "rows": [(one, *counted[one.pk]) for one in classes],
        "can_keep": policies.keep_timetable.allows(request.actor, home),
        "crumbs": [(home.short_name, reverse("institution_detail", args=[home.uid]))],
        "is_now": year.starts_on <= today < year.ends_on,
    }
    return pages.page(request, "journals/school.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def year(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Semesters, vacations, bells, rooms and own names of subjects."""
    home = timetable.home(request.actor, uid)
    of = _year(request)
    plan = timetable.plan_of(home.pk, of.code)
    classes = timetable.classes_of(request.actor, home, of)
    shifts = sorted({one.shift for one in classes} | {1})
    names = timetable.names_of(home.pk)
    taught = timetable.taught(home.pk, of.code)
    subjects = {code: classifiers.label("subject", code) for code in taught}
    initial = year_initial(
        plan,
        [room.name for room in timetable.rooms_of(home.pk)],
        {code: names[code] for code in taught},
    )
    form = YearForm(request.POST or None, initial=initial, shifts=shifts, subjects=subjects)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            years.save_year(
                form.spec(),
                actor=request.actor,
                institution=home.uid,
                year=of,
                version=form.cleaned_data["version"],
            )
            messages.success(request, f"Рік {of.code.replace('-', '/')} збережено.")
            return pages.see_other(
                request, f"{reverse('journal_school', args=[uid])}?year={of.code}"
            )
    return pages.form_page(
        request, "journals/year.html", form, {"home": home, "year": of, "crumbs": _crumbs(home)}
    )


@require_POST
def make(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Make the lessons of the whole school from today on, after the year was changed."""
    home = timetable.home(request.actor, uid)
    of = _year(request)
    version = request.POST.get("version", "")
    try:
        made, gone = commands.make_lessons(
            actor=request.actor,
            institution=home.uid,
            year=of,
            since=clock.today(),
            version=int(version) if version.isascii() and version.isdecimal() else -1,
        )
        messages.success(
            request,
            f"Створено {made} {plural(made, 'урок', 'уроки', 'уроків')}"
            + (f", прибрано {gone}." if gone else "."),
        )
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.detail)
    return pages.see_other(request, f"{reverse('journal_school', args=[uid])}?year={of.code}")


def _crumbs(home: Institution) -> list[tuple[str, str]]:
    return [
        (home.short_name, reverse("institution_detail", args=[home.uid])),
        ("Журнали й розклад", reverse("journal_school", args=[home.uid])),
    ]


# ── a class ──────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def class_journals(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Journals of a class: taken from the load at once, or opened one by one."""
    actor, today = request.actor, clock.today()
    group = timetable.klass(actor, uid)
    names = timetable.names_of(group.institution_id)
    form = JournalForm(
        request.POST if request.POST.get("do") == "open" else None,
        subjects=classifiers.choices("subject", today),
        groups=[(str(one.uid), f"{one.subject}, {one.name}") for one in timetable.groups_of(group)],
        posts=_teachers(group.institution_id, today),
    )
    if request.method == "POST" and request.POST.get("do") == "load":
        try:
            opened = commands.open_from_load(actor=actor, klass=group.uid, today=today)
            said = plural(opened, "журнал", "журнали", "журналів")
            messages.success(
                request,
                f"Відкрито {opened} {said} за навантаженням."
                if opened
                else "Нових предметів у навантаженні цього класу немає.",
            )
        except DomainError as no:
            pages.pass_on(no)
            messages.warning(request, no.detail)
        return pages.see_other(request, "journal_class", uid)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            commands.open_journal(
                actor=actor,
                klass=group.uid,
                subject=data["subject"],
                group=uuid.UUID(data["group"]) if data["group"] else None,
                post=uuid.UUID(data["post"]) if data["post"] else None,
                today=today,
            )
            messages.success(request, f"Журнал «{names[data['subject']]}» відкрито.")
            return pages.see_other(request, "journal_class", uid)
    rows = [
        {
            "journal": one,
            "subject": names.get(one.subject, one.subject),
            "whose": timetable.whose(one),
            "teacher": timetable.teacher_of(one.post),
        }
        for one in timetable.journals_of(group)
    ]
    rows.sort(key=lambda row: (str(row["subject"]), str(row["whose"])))
    return pages.form_page(
        request,
        "journals/class.html",
        form,
        {"klass": group, "rows": rows, "crumbs": _crumbs(group.institution)},
    )


def _teachers(institution_id: int, today: datetime.date) -> list[tuple[str, str]]:
    return [
        (str(one.pk), timetable.teacher_of(one))
        for one in timetable.teachers_of(institution_id, today)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def journal_give(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Who leads a journal, and whether its past lessons are open for entries."""
    actor, today = request.actor, clock.today()
    journal = timetable.kept_journal(actor, uid)
    does = request.POST.get("do")
    give = GiveForm(
        request.POST if does == "give" else None,
        initial={"version": journal.version, "post": str(journal.post_id or "")},
        posts=_teachers(journal.institution_id, today),
    )
    unlock = UnlockForm(
        request.POST if does == "unlock" else None,
        initial={"version": journal.version},
        auto_id="id_unlock_%s",  # two forms of a page, each with its version
    )
    if does == "give" and give.is_valid():
        data = give.cleaned_data
        with pages.refusable(give):
            commands.give_journal(
                actor=actor,
                uid=uid,
                post=uuid.UUID(data["post"]) if data["post"] else None,
                version=data["version"],
                today=today,
            )
            messages.success(request, "Учителя журналу змінено.")
            return pages.see_other(request, "journal_give", uid)
    if does == "unlock" and unlock.is_valid():
        with pages.refusable(unlock):
            commands.unlock(actor=actor, uid=uid, today=today, **unlock.cleaned_data)
            messages.success(request, "Минулі уроки відкрито для записів.")
            return pages.see_other(request, "journal_give", uid)
    names = timetable.names_of(journal.institution_id)
    context = {
        "journal": journal,
        "subject": names.get(journal.subject, journal.subject),
        "whose": timetable.whose(journal),
        "form": unlock if does == "unlock" else give,
        "give": give,
        "unlock": unlock,
        "is_open": journal.open_until is not None and journal.open_until >= today,
        "crumbs": _crumbs(journal.institution),
    }
    return pages.page(
        request, "journals/give.html", context, status=pages.form_status(give, unlock)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def class_week(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The week of a class; everything that clashes is told at once, beside its place."""
    actor, today = request.actor, clock.today()
    group = timetable.klass(actor, uid)
    home = group.institution
    plan = timetable.plan_of(home.pk, group.school_year_id)
    last = timetable.last_day_of(plan) if plan else None
    if plan is None or last is None:
        raise NoPlan
    on = min(max(today, group.school_year.starts_on), last - _DAY)
    week = timetable.week(group, on)
    names = timetable.names_of(home.pk)
    uids = {one.pk: str(one.uid) for one in week.journals}
    choices = sorted(
        (
            f"{names.get(one.subject, one.subject)}"
            + (f", {one.group.name}" if one.group else "")
            + (f" · {timetable.teacher_of(one.post)}" if one.post else ""),
            str(one.uid),
        )
        for one in week.journals
    )
    form = WeekForm(
        request.POST or None,
        initial={"seen": week.mark, "since": on, **week_initial(week.slots, uids)},
        days=plan.days,
        journals=[(uid, said) for said, uid in choices],
        rooms=[(str(one.pk), one.name) for one in timetable.rooms_of(home.pk)],
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            made = commands.save_timetable(
                form.lines(),
                actor=actor,
                klass=group.uid,
                since=form.cleaned_data["since"],
                seen=form.cleaned_data["seen"],
                today=today,
            )
            said = plural(made, "урок", "уроки", "уроків")
            messages.success(request, f"Розклад {group.label} збережено, створено {made} {said}.")
            return pages.see_other(request, "journal_week", uid)
    bells = timetable.bells_of(plan)
    context = {
        "klass": group,
        "journals": week.journals,
        "bells": {no: bells.get((group.shift, no)) for no in range(13)},
        "crumbs": [*_crumbs(home), (group.label, reverse("journal_class", args=[group.uid]))],
    }
    return pages.form_page(request, "journals/week.html", form, context)


# ── a day ────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def school_day(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """All lessons of a day; cancelled or held elsewhere at once when the siren sounds."""
    home = timetable.home(request.actor, uid)
    day = day_asked(request, clock.today())
    try:
        of = classifiers.current_year(day)
    except NoSchoolYear:
        raise NotFound from None
    known = classifiers.years()  # of which `of` is one: no link leads past them
    found = lessons.of_day(home.pk, day, of.code)
    form = DayForm(
        request.POST or None,
        initial={
            "seen": lessons.mark([one.column for one in found]),
            "first": min((one.column.no for one in found), default=1),
            "last": max((one.column.no for one in found), default=8),
        },
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            changed = lesson_commands.change_day(
                actor=request.actor, institution=home.uid, day=day, **form.cleaned_data
            )
            said = plural(changed, "урок", "уроки", "уроків")
            messages.success(request, f"Змінено {changed} {said}.")
            return pages.see_other(
                request, f"{reverse('journal_day', args=[uid])}?on={day.isoformat()}"
            )
    context: dict[str, Any] = {
        "home": home,
        "day": day,
        "weekday": words.DAYS[day.weekday()],
        "lessons": found,
        "places": words.PLACES,
        "states": words.STATES,
        "before": (day - _DAY).isoformat() if known[0].starts_on < day else "",
        "after": (day + _DAY).isoformat() if day + _DAY < known[-1].ends_on else "",
        "crumbs": _crumbs(home),
    }
    return pages.form_page(request, "journals/day.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def lesson_change(request: HouseRequest, uid: uuid.UUID, lesson: int) -> HttpResponse:
    """Move, cancel, substitute one lesson."""
    actor, today = request.actor, clock.today()
    journal = timetable.kept_journal(actor, uid)
    row = lessons.find(journal, lesson)
    if row is None or row.kind != "LESSON":
        raise NotFound
    home = journal.institution
    form = LessonForm(
        request.POST or None,
        initial={
            "version": row.version,
            "day": row.day,
            "no": row.no,
            "room": str(row.room_id or ""),
            "post": str(row.post_id or "") if row.planned_post_id else "",
            "state": row.state,
            "place": row.place,
            "reason": row.reason,
        },
        rooms=[(str(one.pk), one.name) for one in timetable.rooms_of(home.pk)],
        posts=_teachers(home.pk, today),
    )
    back = f"{reverse('journal_day', args=[home.uid])}?on={row.day.isoformat()}"
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            lesson_commands.change_lesson(
                form.spec(),
                actor=actor,
                journal=uid,
                lesson=lesson,
                version=form.cleaned_data["version"],
                today=today,
            )
            messages.success(request, "Урок змінено.")
            return pages.see_other(request, back)
    (told,) = lessons.described(home.pk, [row], journal.school_year_id)
    context = {
        "lesson": told,
        "weekday": words.DAYS[row.day.weekday()],
        "crumbs": [*_crumbs(home), ("Уроки дня", back)],
        "back": back,
    }
    return pages.form_page(request, "journals/lesson_change.html", form, context)
