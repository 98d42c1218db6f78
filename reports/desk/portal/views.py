"""«Аналітика»: a question put together, its answer as a table and a drawing, files, kept questions."""

from __future__ import annotations

import datetime
import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.http import HouseRequest
from kernel import clock, jobs
from kernel.errors import DomainError, NotFound
from kernel.paging import Page
from kernel.parameters import MARKS, Parameter, asked, code, matching, one_of, reference
from kernel.tables import dates
from kernel.ui import pages
from kernel.ui.forms import Form
from kernel.ui.listing import Address, Column, Listing, Name, Tag, pager
from reports import tasks
from reports.desk import errors, files, policies, question, selectors
from reports.desk import reference as days_of
from reports.desk.measures import codes_of, measures, said, title_of
from reports.desk.models import DeskQuery
from reports.desk.question import AREAS, CHARTS, Question
from reports.desk.selectors import Answer, Line
from reports.desk.services import queries, slices
from reports.desk.telling import HIDDEN

SERVICE = "Аналітика"
MOST_ROWS = 300  # of the page; files have all
MOST_TILES = 160


def _day(name: str) -> Parameter:
    def read(text: str) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            return None

    return Parameter(name, "дата РРРР-ММ-ДД", read, {"type": "string", "format": "date"})


ASKED = (
    code("m"),
    code("rows"),
    code("cols"),
    matching("only", "умови «ознака.код» через кому", r"[\w.,-]{1,200}", nothing=""),
    reference("place"),
    _day("day"),
    one_of("chart", CHARTS),
)
CHART_WORDS = {"bars": "Стовпчики", "line": "Лінія", "pyramid": "Піраміда", "map": "Карта"}


@require_safe
def desk(request: HouseRequest) -> HttpResponse:
    """The builder and, where the question is sound and its day counted, the answer."""
    policies.ask.require(request.actor)
    given = asked(request, *ASKED)
    area = selectors.area_of(request.actor, given["place"])
    context: dict[str, Any] = {
        "area": area,
        "days": selectors.days(request.actor),
        "under_way": selectors.under_way(request.actor),
        "answer": None,
        "refusal": None,
        "given": given,
    }
    status = 200
    measure = measures().get(given["m"] or "pupils") or measures()["pupils"]
    try:
        sound = question.asked(given, area)
        context |= {"given": given | {"rows": sound.rows}}
        if context["days"]:
            context |= _shown(request, selectors.answer(request.actor, sound))
    except (errors.QuestionWrong, errors.DayNotCounted) as refusal:
        context["refusal"], status = refusal, 422
    context |= _builder(request, measure, area, context["given"])
    return pages.page(request, "reports/desk/desk.html", context, status=status)


def _builder(
    request: HouseRequest, measure: Any, area: Any, given: dict[str, Any]
) -> dict[str, Any]:
    """What may be chosen."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in measures().values():
        groups.setdefault(one.group, []).append((one.code, one.title))
    kept = measure.kept
    conditions = []
    for name in measure.breakdowns:
        field = kept.of.fields[name]
        if field.kind == "unit":
            continue
        codes = _codes(kept, name, field)
        conditions.append((title_of(name), [(f"{name}.{text}", words) for text, words in codes]))
    chosen = [one for one in (given["only"] or "").split(",") if one][: question.MOST_CONDITIONS]
    return {
        "measure": measure,
        "groups": list(groups.items()),
        "rows": question.rows_of(measure, area),
        "cols": question.cols_of(measure),
        "areas": [(str(one.uid), one.name) for one in selectors.areas(request.actor, area)],
        "conditions": conditions,
        "chosen": chosen,
        "charts": [(one, CHART_WORDS[one]) for one in CHARTS],
        "query": urlencode(_given(request)),
    }


def _codes(kept: Any, name: str, field: Any) -> list[tuple[str, str]]:
    """Codes of a condition to choose from, in words."""
    if field.kind == "flag":
        return [("1", "так"), ("0", "ні")]
    if field.kind == "number":
        span = {"grade": range(1, 13), "age": range(5, 19), "class_shift": range(1, 3),
                "age_band": range(20, 75, 5), "hours_band": range(0, 42, 6),
                "size_band": range(0, 45, 5)}[name]  # fmt: skip
        return [(str(number), said(kept, name, number)) for number in span]
    return [(text, said(kept, name, place)) for place, text in enumerate(codes_of(field), 1)]


def _given(request: HouseRequest) -> dict[str, str]:
    """The question as the address says it."""
    return {name: str(value) for name, value in asked(request, *ASKED).items() if value}


def _shown(request: HouseRequest, answer: Answer) -> dict[str, Any]:
    sound = answer.question
    lines = answer.lines[:MOST_ROWS]
    drawn = [
        {"label": line.label, "value": line.total, "code": line.place, "url": ""}
        for line in answer.lines
        if line.key is not None
    ]
    ranked = [
        {"label": line.label, "value": line.total, "ago": None, "url": ""}
        for line in sorted(answer.lines, key=_size, reverse=True)
        if isinstance(line.total, int | float)
    ]
    chart = sound.chart
    if chart == "map" and len(drawn) > MOST_TILES:
        chart = ""
    pyramid = []
    if chart == "pyramid":
        sides = {column: place for place, column in enumerate(answer.columns)}
        left, right = sides.get("чоловіча"), sides.get("жіноча")
        pyramid = [
            {
                "label": line.label,
                "left": line.values[left] if left is not None else 0,
                "right": line.values[right] if right is not None else 0,
            }
            for line in answer.lines
        ]
    deeper = {}
    if sound.rows in AREAS and sound.rows != "school":
        for line in lines:
            if line.uid:
                query = _given(request) | {"place": line.uid}
                query.pop("rows", None)
                query.pop("chart", None)
                deeper[line.uid] = f"{reverse('desk')}?{urlencode(query)}"
    return {
        "answer": answer,
        "title": files.title(answer),
        "chart_title": f"{CHART_WORDS[sound.chart]}: {sound.measure.title.lower()}, {sound.measure.unit}",
        "about": files.about(answer),
        "heads": files.heads(answer),
        "rows_title": files.rows_title(answer),
        "lines": lines,
        "more": len(answer.lines) - len(lines),
        "deeper": deeper,
        "chart": chart,
        "too_many_tiles": sound.chart == "map" and not chart,
        "drawn": drawn,
        "ranked": ranked,
        "pyramid": pyramid,
        "kinds": [(kind, kind.upper() if kind != "json" else "JSON-stat") for kind in files.KINDS],
        "hidden": HIDDEN,
    }


def _size(line: Line) -> float:
    return line.total if isinstance(line.total, int | float) else -1


def _sound(request: HouseRequest) -> Question:
    policies.ask.require(request.actor)
    given = asked(request, *ASKED)
    return question.asked(given, selectors.area_of(request.actor, given["place"]))


@require_safe
def desk_file(request: HouseRequest, kind: str) -> HttpResponse:
    """The answer as a file.

    Raises:
        NotFound: no such kind of file.
        QuestionWrong: parts of the question do not go together.
    """
    sound = _sound(request)
    if kind not in files.KINDS:
        raise NotFound
    answer = selectors.answer(request.actor, sound)
    name = f"{sound.measure.title} {answer.made.day:%Y-%m-%d}.{kind}"
    return pages.file_answer(files.composed(answer, kind), name, files.KINDS[kind])


# ── days ─────────────────────────────────────────────────────────────────────
class DayForm(Form):
    """Which reference day to count."""

    day = forms.ChoiceField(label="На який день порахувати")


@require_http_methods(["GET", "HEAD", "POST"])
def desk_days(request: HouseRequest) -> HttpResponseBase:
    """Which days are counted; count another one."""
    policies.ask.require(request.actor)
    today = clock.today()
    known = set(selectors.days(request.actor))
    there = days_of.between(clock.years_after(today, -3), today)
    form = DayForm(request.POST or None)
    form.fields["day"].choices = [  # type: ignore[attr-defined]
        (day.isoformat(), dates.show(day)) for day in reversed(list(there)) if day not in known
    ]
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            made = slices.ask(
                actor=request.actor,
                day=datetime.date.fromisoformat(form.cleaned_data["day"]),
                today=today,
                now=timezone.now(),
            )
            jobs.start(tasks.count_desk, made.pk)
            return pages.see_other(request, "desk_day", made.pk)
    return pages.form_page(
        request,
        "reports/desk/days.html",
        form,
        {
            "known": sorted(known, reverse=True),
            "under_way": selectors.under_way(request.actor),
            "why": days_of.WHY,
            "crumbs": [(SERVICE, reverse("desk"))],
        },
    )


@require_GET
def desk_day(request: HouseRequest, slice_id: int) -> HttpResponse:
    """How far the counting of a day is."""
    made = selectors.progress(request.actor, slice_id)
    return pages.page(
        request,
        "reports/desk/day.html",
        {"made": made, "crumbs": [(SERVICE, reverse("desk")), ("Дні", reverse("desk_days"))]},
        partial="progress",
    )


@require_POST
def desk_day_resume(request: HouseRequest, slice_id: int) -> HttpResponseBase:
    """Count on after a failure."""
    made = selectors.progress(request.actor, slice_id)
    try:
        slices.resume(actor=request.actor, made=made, now=timezone.now())
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.detail)
    else:
        jobs.start(tasks.count_desk, made.pk)
    return pages.see_other(request, "desk_day", made.pk)


# ── kept questions ───────────────────────────────────────────────────────────
class QueryForm(Form):
    """How a question is called, and for whom it is."""

    title = forms.CharField(label="Назва запиту", max_length=200)
    shared = forms.BooleanField(
        label="Показати всім, хто користується аналітикою",
        required=False,
        help_text="кожен побачить показники в межах своїх повноважень",
    )


class ChangeForm(QueryForm):
    """The same of a kept one."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def _address_of(query: DeskQuery) -> str:
    return f"{reverse('desk')}?{urlencode(query.asks)}"


def _about(query: DeskQuery) -> str:
    measure = measures().get(query.asks.get("m", "pupils"))
    return measure.title if measure else "показника більше немає"


def _columns(request: HouseRequest) -> list[Column[DeskQuery]]:
    def change(one: DeskQuery) -> Name | None:
        if one.owner_id != request.actor.grant_id:
            return None
        return Name("Змінити", reverse("desk_query_change", args=[one.pk]), aloud=one.title)

    return [
        Column(
            "title",
            "Запит",
            lambda one: Name(one.title, reverse("desk_query", args=[one.pk])),
            width=44,
        ),
        Column("measure", "Показник", _about, width=40),
        Column("owner", "Хто зберіг", lambda one: one.owner.user.short_name, width=24),
        Column(
            "shared",
            "Для кого",
            lambda one: Tag("для всіх", "good") if one.shared else Tag("лише для себе", "off"),
            width=16,
        ),
        Column("act", "Дії", change),
    ]


@require_safe
def desk_queries(request: HouseRequest) -> HttpResponse:
    """Questions kept by the reader and shared by others."""
    page: Page[DeskQuery] = selectors.queries(request.actor, **asked(request, *MARKS))
    address = Address(request, ())
    shown = Listing(
        address, "Збережені запити", _columns(request), page.rows, pager=pager(address, page)
    )
    return pages.page(
        request,
        "reports/desk/queries.html",
        {"list": shown, "crumbs": [(SERVICE, reverse("desk"))]},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def desk_query_new(request: HouseRequest) -> HttpResponseBase:
    """Keep the question that the address says."""
    sound = _sound(request)
    form = QueryForm(request.POST or None, initial={"title": sound.measure.title})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            made = queries.keep(
                actor=request.actor,
                title=form.cleaned_data["title"],
                asks=_given(request),
                shared=form.cleaned_data["shared"],
                now=timezone.now(),
            )
            messages.success(request, f"Запит «{made.title}» збережено.")
            return pages.see_other(request, "desk_query", made.pk)
    return pages.form_page(
        request,
        "reports/desk/query.html",
        form,
        {"query": None, "crumbs": [(SERVICE, f"{reverse('desk')}?{urlencode(_given(request))}")]},
    )


@require_safe
def desk_query(request: HouseRequest, query_id: uuid.UUID) -> HttpResponseBase:
    """A kept question, answered anew: the address to share."""
    return pages.see_other(request, _address_of(selectors.query(request.actor, query_id)))


@require_http_methods(["GET", "HEAD", "POST"])
def desk_query_change(request: HouseRequest, query_id: uuid.UUID) -> HttpResponseBase:
    """Rename a kept question, share it or no more."""
    kept = selectors.query(request.actor, query_id)
    policies.keep.require(request.actor, kept)
    now = {"title": kept.title, "shared": kept.shared, "version": kept.version}
    form = ChangeForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            queries.change(actor=request.actor, query_id=kept.pk, **form.cleaned_data)
            messages.success(request, "Запит змінено.")
            return pages.see_other(request, "desk_queries")
    return pages.form_page(
        request,
        "reports/desk/query.html",
        form,
        {
            "query": kept,
            "crumbs": [(SERVICE, reverse("desk")), ("Збережені запити", reverse("desk_queries"))],
        },
    )


@require_POST
def desk_query_remove(request: HouseRequest, query_id: uuid.UUID) -> HttpResponseBase:
    """Let go of a kept question."""
    kept = selectors.query(request.actor, query_id)
    policies.keep.require(request.actor, kept)
    queries.remove(actor=request.actor, query_id=kept.pk, version=_version(request))
    messages.success(request, f"Запит «{kept.title}» вилучено.")
    return pages.see_other(request, "desk_queries")


def _version(request: HouseRequest) -> int:
    """The version that the page showed; 0, which none has, where it showed none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
