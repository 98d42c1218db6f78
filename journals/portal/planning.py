"""Pages of a week made from the load: what it rests on, the work as it goes, what was found."""

from __future__ import annotations

import datetime
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HouseRequest
from journals import values
from journals.errors import NoPlan
from journals.models import TimetableRun
from journals.portal import words
from journals.portal.plan_forms import AskForm, HoursForm, LimitForm, RoomsForm
from journals.portal.schools import YEAR
from journals.selectors import planning as reads
from journals.selectors import timetable
from journals.services import planning as commands
from journals.solver import checks, search
from journals.solver.tasks import plan_week
from kernel import clock, jobs
from kernel.errors import DomainError, NotFound
from kernel.parameters import asked, matching
from kernel.text import plural
from kernel.ui import pages
from registry.classes.frames import year_for
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.selectors import classifiers
from registry.models import Institution, SchoolYear

KLASS = matching("klass", "номер класу", r"[0-9a-f-]{36}")
_DAY = datetime.timedelta(days=1)


def _year(request: HouseRequest) -> SchoolYear:
    code = asked(request, YEAR)["year"]
    try:
        return classifiers.year(code) if code else year_for(clock.today())
    except NoSchoolYear:
        raise NotFound from None


def _crumbs(home: Institution, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (home.short_name, reverse("institution_detail", args=[home.uid])),
        ("Журнали й розклад", reverse("journal_school", args=[home.uid])),
        *more,
    ]


def _of_plan(home: Institution, year: SchoolYear) -> tuple[str, str]:
    return "Складання розкладу", _of(reverse("journal_plan", args=[home.uid]), year)


def _of(address: str, year: SchoolYear) -> str:
    return f"{address}?year={year.code}"


# ── asking ───────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """What a week would be made of, what is missing, and the button that has it made."""
    home = timetable.home(request.actor, uid)
    year = _year(request)
    today = clock.today()
    found = timetable.plan_of(home.pk, year.code)
    last = timetable.last_day_of(found) if found else None
    if found is None or last is None:
        raise NoPlan
    since = min(max(today, year.starts_on), last - _DAY)
    form = AskForm(request.POST or None, initial={"since": since, "keep": True})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            run = commands.ask(
                actor=request.actor,
                institution=home.uid,
                year=year,
                moment=clock.moment(),
                **form.cleaned_data,
            )
            jobs.start(plan_week, str(run.pk), priority=jobs.Priority.WAITED_FOR)
            return pages.see_other(request, "timetable_run", run.pk)
    at = reads.gather(found, since)
    halves = sum(one.halves for one in at.problem.courses)
    context = {
        "home": home,
        "year": year,
        "is_installed": search.is_installed(),
        "classes": len(at.problem.classes),
        "courses": len(at.problem.courses),
        "hours": checks.hours(halves),
        "reasons": checks.impossible(at.problem),
        "without_hours": at.without_hours,
        "without_teacher": at.without_teacher,
        "teachers": reads.teachers(home.pk, year.code, today),
        "teacher_of": timetable.teacher_of,
        "groups": timetable.classes_of(request.actor, home, year),
        "run": reads.last_run(home.pk, year.code),
        "crumbs": _crumbs(home),
    }
    return pages.form_page(request, "journals/plan.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def rooms(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """What rooms are for and how many sit there."""
    home = timetable.home(request.actor, uid)
    year = _year(request)
    back = _of(reverse("journal_plan", args=[home.uid]), year)
    found = timetable.rooms_of(home.pk)
    kinds = [(one.code, one.name) for one in values.rooms().values()]
    form = RoomsForm(
        request.POST or None,
        initial={"seen": reads.rooms_mark(found)},
        rooms=found,
        kinds=kinds,
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            commands.describe_rooms(
                form.said(),
                actor=request.actor,
                institution=home.uid,
                seen=form.cleaned_data["seen"],
            )
            messages.success(request, "Кабінети збережено.")
            return pages.see_other(request, back)
    context = {
        "home": home,
        "back": back,
        "crumbs": _crumbs(home, _of_plan(home, year)),
    }
    return pages.form_page(request, "journals/plan_rooms.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Lessons a week of a class's journals, where the load does not say them."""
    group = timetable.klass(request.actor, uid)
    journals = timetable.journals_of(group)
    names = timetable.names_of(group.institution_id)
    year, home = group.school_year, group.institution
    back = _of(reverse("journal_plan", args=[home.uid]), year)
    for one in journals:
        one.named = names.get(one.subject, one.subject) + (  # type: ignore[attr-defined]
            f", {one.group.name}" if one.group else ""
        )
    journals.sort(key=lambda one: one.named)  # type: ignore[attr-defined]
    load = reads.load_of(journals, home.pk, year.code, max(clock.today(), year.starts_on))
    form = HoursForm(
        request.POST or None,
        initial={"seen": reads.hours_mark(journals)},
        journals=journals,
        load=load,
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            commands.say_hours(
                form.said(),
                actor=request.actor,
                klass=group.uid,
                seen=form.cleaned_data["seen"],
            )
            messages.success(request, f"Години {group.label} збережено.")
            return pages.see_other(request, back)
    context = {
        "klass": group,
        "back": back,
        "crumbs": _crumbs(home, _of_plan(home, year)),
    }
    return pages.form_page(request, "journals/plan_hours.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: HouseRequest, post_id: uuid.UUID) -> HttpResponse:
    """When a teacher has no lessons, and how many of a day at most."""
    post, said = reads.teacher(request.actor, post_id)
    home, year = post.institution, _year(request)
    back = _of(reverse("journal_plan", args=[home.uid]), year)
    plan = timetable.plan_of(home.pk, year.code)
    if plan is None:
        raise NoPlan
    form = LimitForm(
        request.POST or None,
        initial={
            "version": said.version if said else 0,
            "most": said.most if said else None,
            "closed": [f"{d}-{s}-{n}" for d, s, n in said.places] if said else [],
        },
        days=plan.days,
        bells=timetable.bells_of(plan),
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            commands.limit_teacher(
                form.places(),
                form.cleaned_data["most"],
                actor=request.actor,
                post=post.pk,
                version=form.cleaned_data["version"],
            )
            messages.success(request, f"Години {timetable.teacher_of(post)} збережено.")
            return pages.see_other(request, back)
    context = {
        "who": timetable.teacher_of(post),
        "back": back,
        "crumbs": _crumbs(home, _of_plan(home, year)),
    }
    return pages.form_page(request, "journals/plan_limit.html", form, context)


# ── a run ────────────────────────────────────────────────────────────────────
def _shown(run: TimetableRun) -> dict[str, object]:
    home, year = run.institution, run.school_year
    return {
        "run": run,
        "home": home,
        "year": year,
        "is_running": reads.is_running(run),
        "elapsed": max(0, int((clock.moment().now - run.created_at).total_seconds())),
        "reasons": run.failure.splitlines(),
        "crumbs": _crumbs(home, _of_plan(home, year)),
    }


@require_GET
def run(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """How far it is; of what is done, the week that was found."""
    found = reads.run(request.actor, run_id)
    context = _shown(found)
    if found.state != "DONE":
        return pages.page(request, "journals/plan_run.html", context)
    plan = timetable.plan_of(found.institution_id, found.school_year_id)
    if plan is None:
        raise NoPlan
    preview = reads.preview(found, plan)
    chosen = asked(request, KLASS)["klass"]
    shown = next((one for one in preview.classes if str(one.klass.uid) == chosen), None)
    if chosen and shown is None:
        raise NotFound
    bells = timetable.bells_of(plan)
    context |= {
        "preview": preview,
        "shown": shown or next(iter(preview.classes), None),
        "days": list(enumerate(words.DAYS[: plan.days], start=1)),
        "numbers": sorted({no for one in preview.classes for _, no in one.lessons}),
        "bells": bells,
        "weeks": words.WEEKS,
    }
    return pages.page(request, "journals/plan_found.html", context)


@require_GET
def progress(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """The bar of a running search, asked for every second; when it is done, the page opens."""
    found = reads.run(request.actor, run_id)
    if found.state == "DONE":
        return pages.see_other(request, "timetable_run", run_id)
    return pages.page(request, "journals/plan_run.html", _shown(found), partial="progress")


@require_POST
def stop(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Stop looking."""
    found = reads.run(request.actor, run_id)
    try:
        commands.stop(actor=request.actor, run=found, now=clock.moment().now)
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, str(no.detail))
    return pages.see_other(request, "timetable_run", run_id)


@require_POST
def resume(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Go on looking from where it stopped."""
    found = reads.run(request.actor, run_id)
    try:
        commands.resume(actor=request.actor, run=found, now=clock.moment().now)
        jobs.start(plan_week, str(found.pk), priority=jobs.Priority.WAITED_FOR)
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, str(no.detail))
    return pages.see_other(request, "timetable_run", run_id)


@require_POST
def save(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Let the week that was found be the school's."""
    found = reads.run(request.actor, run_id)
    try:
        made = commands.let_stand(
            actor=request.actor,
            run=found,
            seen=request.POST.get("seen", ""),
            moment=clock.moment(),
        )
    except DomainError as no:
        pages.pass_on(no)
        told = [one.detail for one in getattr(no, "problems", ())] or [str(no.detail)]
        messages.warning(request, " ".join(told[:5]))
        return pages.see_other(request, "timetable_run", run_id)
    said = plural(made, "урок", "уроки", "уроків")
    messages.success(request, f"Розклад закладу збережено, створено {made} {said}.")
    home, year = found.institution, found.school_year
    return pages.see_other(
        request, f"{reverse('journal_school', args=[home.uid])}?year={year.code}"
    )
