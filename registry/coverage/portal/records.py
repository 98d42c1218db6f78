"""Records: their list, one of them with its steps, recording one child or a table of them."""

from __future__ import annotations

import dataclasses
import functools
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from accounts.models import OrgUnit
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, Invalid
from kernel.paging import every
from kernel.parameters import MARKS, asked, one_of
from kernel.tables import reading
from kernel.tables.book import UnreadableTable
from kernel.tables.layout import Layout, NotMapped, chosen, pack, propose, unpack
from kernel.text import plural
from kernel.ui import files, pages, table_step
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Act, Address, Column, Listing, Name, Tag, order_of, pills
from registry.coverage import policies, selectors, services
from registry.coverage.errors import GroundWanted
from registry.coverage.models import CoverageCase
from registry.coverage.portal.forms import RecordForm, StepForm, TableForm
from registry.coverage.portal.words import (
    DOES,
    LEADS,
    NEW,
    SLUG_OF,
    STATES,
    STEPS,
    TAGS,
    TITLES,
    kind_of,
)
from registry.coverage.states import ABSENT, CASE, MISSING
from registry.coverage.terms import terms

View = Callable[..., HttpResponseBase]
SHOWN = {"": "Відкриті", "late": "Прострочені", "CLOSED": "Завершені"}
CHUNK = 1_000


def grounded(view: View) -> View:
    """A page about children who may be missing sends whoever told no ground to tell one; it is never
    kept by the browser."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except GroundWanted:
            return pages.see_other(request, "missing_enter")

    return never_cache(run)


def crumbs(kind: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to pages of a kind."""
    above = [("Доступні послуги", reverse("home"))]
    if kind != MISSING:
        above.append(("Облік дітей", reverse("coverage")))
    return [*above, *more]


def of_list(kind: str) -> tuple[str, str]:
    """The list of a kind, as a crumb."""
    return (TITLES[kind], reverse("coverage_cases", args=[SLUG_OF[kind]]))


def tag(case: CoverageCase, today: Any) -> Tag:
    """The state of a record in words."""
    if case.due_on is not None and case.due_on < today:
        return Tag(f"Прострочено: {STATES[case.kind][case.state].lower()}", "bad")
    return Tag(STATES[case.kind][case.state], TAGS[case.state])


def _columns(kind: str, today: Any) -> list[Column[CoverageCase]]:
    reasons, outcomes = terms().reasons[kind], terms().outcomes[kind]
    where: Column[CoverageCase] = Column(
        "where",
        "Заклад" if kind == ABSENT else "Громада",
        lambda one: (
            one.institution.short_name if one.institution and kind == ABSENT else one.unit.name
        ),
        width=36,
    )
    return [
        Column(
            "name",
            "Дитина",
            lambda one: Name(one.pupil.full_name, reverse("coverage_case", args=[one.pk])),
            width=36,
        ),
        Column("born", "Народження", lambda one: one.pupil.born_on, kind="nw"),
        where,
        Column("since", "З якого дня", lambda one: one.since, kind="nw"),
        Column(
            "reason",
            "Причина",
            lambda one: outcomes.get(one.outcome) or reasons.get(one.reason, one.reason),
            width=32,
        ),
        Column("due", "Строк", lambda one: one.due_on, kind="nw"),
        Column("state", "Стан", lambda one: tag(one, today), width=30),
    ]


@grounded
@require_http_methods(["GET", "HEAD"])
def case_list(request: HouseRequest, slug: str) -> HttpResponseBase:
    """Records of a kind: open, late, closed; chosen ones begin a notice."""
    kind, actor, now = kind_of(slug), request.actor, moment()
    given = asked(request, one_of("state", SHOWN), order_of(selectors.CASE_ORDERS, "due"), FILE)
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))
    how: dict[str, Any] = {"moment": now, "order": order}
    keeps = policies.keep.allows(actor, kind)
    acts = [
        Act("Повідомити про вибраних", reverse("coverage_letter_new", args=[slug]), icon="mail")
    ]
    shown = Listing(
        address,
        TITLES[kind],
        _columns(kind, now.today),
        (),
        orders=selectors.CASE_ORDERS,
        order=order,
        most=0 if kind == MISSING else MOST,
        key=lambda one: str(one.pk),
        acts=acts if keeps and state != "CLOSED" else (),
    )
    if given["file"] and kind != MISSING:
        rows = every(
            lambda mark: selectors.listing(actor, kind, state, after=mark, size=CHUNK, **how)
        )
        return files.answer(given["file"], shown, rows, actor=actor, now=now.now)
    found = selectors.listing(actor, kind, state, **how, **asked(request, *MARKS))
    counts = selectors.counts(actor, kind, now)
    by_state = {"": counts["open"], "late": counts["late"], "CLOSED": counts.get("CLOSED", 0)}
    return pages.page(
        request,
        "registry/coverage/cases.html",
        {
            "list": shown.at(found),
            "pills": pills(address, "state", SHOWN, state, by_state),
            "title": TITLES[kind],
            "lead": LEADS[kind],
            "slug": slug,
            "new": NEW[kind] if may_record(actor, kind) else "",
            "crumbs": crumbs(kind),
        },
    )


def may_record(actor: Any, kind: str) -> bool:
    """Whether the actor opens records of a kind: absences the school, the others the community."""
    return policies.keep.allows(actor, kind) and (
        kind == ABSENT or (policies.see_children.allows(actor) and bool(selectors.kept_by(actor)))
    )


def place(request: HouseRequest, kind: str) -> OrgUnit | None:
    """The community that records; None where the school does.

    Raises:
        NotAllowed, NotFound: the actor keeps no such records.
    """
    selectors.cases(request.actor, kind, moment())
    policies.keep.require(request.actor, kind)
    return None if kind == ABSENT else selectors.community(request.actor)


@grounded
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest, slug: str) -> HttpResponseBase:
    """Record one child."""
    kind = kind_of(slug)
    unit = place(request, kind)
    form = RecordForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            (made,) = services.record(
                actor=request.actor,
                kind=kind,
                unit=unit,
                rows=[form.cleaned_data],
                moment=moment(),
            )
        except Invalid as no:
            for one in no.problems:
                one.field = one.field.removeprefix("1.")
            form.refuse(no)
        except DomainError as no:
            pages.pass_on(no)
            form.refuse(no)
        else:
            messages.success(request, "Записано.")
            return pages.see_other(request, "coverage_case", made.pk)
    return pages.form_page(
        request,
        "registry/coverage/new.html",
        form,
        {
            "title": NEW[kind],
            "kind": kind,
            "slug": slug,
            "unit": unit,
            "crumbs": crumbs(kind, of_list(kind)),
        },
    )


@grounded
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HouseRequest, slug: str) -> HttpResponseBase:
    """Record a table of children: every problem beside its row, then one act for all."""
    kind, now = kind_of(slug), moment()
    unit = place(request, kind)
    form = TableForm(request.POST or None, request.FILES or None)
    judged: list[services.Judged] = []
    unread = ""
    if request.method == "POST" and form.is_valid():
        try:
            layout = _layout(request, form, kind, slug)
            if not isinstance(layout, Layout):
                return layout
            rows = list(layout.rows(services.rows_of).values())
            unread = layout.told(layout.rows(services.rows_of))
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["cells"] = _text(kind, rows)  # type: ignore[index]
            if len(rows) > services.MOST:
                form.add_error("cells", f"За один раз — до {services.MOST} рядків.")
            elif request.POST.get("do") == "record":
                made = services.record(
                    actor=request.actor, kind=kind, unit=unit, rows=rows, moment=now
                )
                many = f"{len(made)} {plural(len(made), 'рядок', 'рядки', 'рядків')}"
                messages.success(request, f"Записано: {many}.")
                return pages.see_other(request, "coverage_cases", slug)
            else:
                judged = services.judge(request.actor, kind, unit, rows, now)
        except UnreadableTable as no:
            form.add_error("cells", no.detail)
        except Invalid:
            judged = services.judge(request.actor, kind, unit, rows, now)
        except DomainError as no:
            pages.pass_on(no)
            form.refuse(no)
    wrong = sum(bool(one.problems) for one in judged)
    return pages.form_page(
        request,
        "registry/coverage/table.html",
        form,
        {
            "title": f"{NEW[kind]}: таблиця",
            "columns": services.COLUMNS[kind],
            "needed": [
                services.COLUMNS[kind][name]
                for name in services.COLUMNS[kind]
                if name in services.NEEDED[kind]
            ],
            "judged": judged,
            "wrong": wrong,
            "unread": unread,
            "slug": slug,
            "crumbs": crumbs(kind, of_list(kind)),
        },
    )


def _layout(
    request: HouseRequest, form: TableForm, kind: str, slug: str
) -> Layout | HttpResponseBase:
    """The table of the file or of what was pasted with its sheets and columns known; or the page that
    asks about them.

    Raises:
        UnreadableTable: it is no table.
    """
    headings, labels = services.headings(kind), services.COLUMNS[kind]
    error = ""
    if request.POST.get("table"):
        layout = unpack(request.POST["table"])
        other = table_step.other_sheets(request.POST, layout, headings)
        if other is None:
            choice = table_step.read(request.POST, layout)
            try:
                return chosen(layout, choice, headings, labels)
            except NotMapped as no:
                other, error = table_step.tried(layout, choice), no.detail
        layout = other
    else:
        file = form.cleaned_data["file"]
        layout = propose(
            reading.read(file.read())
            if file is not None
            else reading.Book(
                (reading.Sheet("", reading.read_pasted(form.cleaned_data["cells"])),)
            ),
            headings,
        )
        if layout.sure or not layout.width:
            return layout
        if not any(layout.columns):  # no names of columns: ours in their order are offered
            offered = [*labels, *[None] * layout.width][: layout.width]
            layout = dataclasses.replace(layout, columns=tuple(offered))
    return pages.page(
        request,
        "registry/coverage/columns.html",
        {
            "title": f"{NEW[kind]}: таблиця",
            "step": table_step.context(layout, labels, error),
            "table": pack(layout),
            "slug": slug,
            "crumbs": crumbs(kind, of_list(kind)),
        },
        status=422 if error else 200,
    )


def _text(kind: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as they are pasted, with our names of columns, so that they can be mended in place."""
    lines = [
        {name: " ".join(row.get(name, "").split()) for name in services.COLUMNS[kind]}
        for row in rows
    ]
    return "\n".join("\t".join(line.values()) for line in [dict(services.COLUMNS[kind]), *lines])


# ── one record ───────────────────────────────────────────────────────────────
@grounded
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """One record: what is known, what was done, the next step."""
    actor, now = request.actor, moment()
    shown = selectors.view(actor, case_id, now)
    case = shown.case
    form: StepForm | None = None
    do = request.POST.get("do", "")
    if request.method == "POST" and do in DOES:
        form = StepForm(request.POST, kind=case.kind, do=do)
        if form.is_valid():
            with pages.refusable(form):
                services.step(
                    actor=actor,
                    case_id=case_id,
                    do=do,
                    version=form.cleaned_data["version"],
                    values=form.cleaned_data,
                    moment=now,
                )
                messages.success(request, f"{STEPS[do]}.")
                return pages.see_other(request, "coverage_case", case_id)
    doable = [name for name in DOES if name in CASE[case.state]] if shown.may_keep else []
    forms = {
        name: form
        if form is not None and name == do
        else StepForm(
            kind=case.kind,
            do=name,
            initial={
                "version": case.version,
                "reason": case.reason,
                "on": f"{clock.today():%d.%m.%Y}",
            },
            auto_id=f"id_{name}_%s",
        )
        for name in doable
    }
    reasons, outcomes = terms().reasons[case.kind], terms().outcomes[case.kind]
    context = {
        "case": case,
        "shown": shown,
        "state": tag(case, now.today),
        "reason": reasons.get(case.reason, case.reason),
        "outcome": outcomes.get(case.outcome, ""),
        "steps": [
            (
                one,
                STEPS.get(one.step, one.step),
                reasons.get(one.reason) or outcomes.get(one.reason, ""),
            )
            for one in shown.steps
        ],
        "forms": forms,
        "does": DOES,
        "done": do,
        "notify": shown.may_keep and "notify" in CASE[case.state],
        "slug": SLUG_OF[case.kind],
        "crumbs": crumbs(case.kind, of_list(case.kind)),
        "form": form or StepForm(kind=case.kind, do=""),
    }
    return pages.page(
        request,
        "registry/coverage/case.html",
        context,
        status=pages.form_status(form) if form is not None else 200,
    )
