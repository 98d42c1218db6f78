"""«Звітність»: ask for a form, watch it being counted, read it, walk from a cell to its rows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.http import HouseRequest
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import clock, jobs, replica
from kernel.errors import DomainError, NotFound
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked, code, flag, identifier, words
from kernel.tables import dates
from kernel.text import plural, sort_key
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.helpers import number
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    carried,
    chips,
    narrowable,
    order_of,
)
from reports import definition, policies, tasks, xlsx
from reports.campaigns import policies as campaign_policies
from reports.models import PURPOSES, ReportRun
from reports.portal.forms import RunForm
from reports.selectors import behind, figures, units
from reports.services import runs
from reports.vocabulary import SOURCES

SERVICE = "Звітність"
_UNIT, _OWN = identifier("unit"), flag("own")


def _elapsed(run: ReportRun) -> int:
    """Whole seconds since a worker touched the run."""
    return max(0, int((timezone.now() - run.touched_at).total_seconds()))


def _state(run: ReportRun) -> Tag:
    if run.state == "DONE":
        many = plural(run.total, "заклад", "заклади", "закладів")
        return Tag(f"Готово: {number(run.total)} {many}", "good")
    if run.state == "FAILED":
        return Tag("Не вдалося", "bad")
    if run.state == "CANCELLED":
        return Tag("Зупинено", "off")
    return Tag(f"Рахуємо: {number(run.done)} із {number(run.total)}", "note")


def _report(run: ReportRun) -> Name:
    about = f"{run.unit.name}, станом на {dates.show(run.as_of)}"
    return Name(figures.form_of(run).short, reverse("report_run", args=[run.pk]), aloud=about)


_COLUMNS: list[Column[ReportRun]] = [
    Column("form", "Звіт", _report, width=24),
    Column("unit", "Для кого", lambda run: run.unit.name, width=50),
    Column("as_of", "Станом на", lambda run: run.as_of, kind="nw"),
    Column("asked", "Замовлено", lambda run: run.created_at, kind="nw"),
    Column(
        "who",
        "Хто замовив",
        lambda run: run.requested_by.user.short_name if run.requested_by else "",
        width=24,
        empty="система",
    ),
    Column("why", "Для чого", lambda run: PURPOSES.get(run.purpose, ""), width=24),
    Column("state", "Стан", _state, width=24),
]


@narrowable
def run_list(request: HouseRequest) -> HttpResponseBase:
    """Forms generated for the actor's node and around; the form to ask for another."""
    actor = request.actor
    unit = units.own(actor)
    today = clock.today()
    forms = [definition.load(code) for code in definition.codes()]
    given = asked(request, code("form"), order_of(figures.ORDERS, figures.LATEST), FILE)
    wanted = given["form"]
    address = Address(request, ("form", "order"))
    orders = figures.orders_of(actor)
    order = address.in_order(given["order"], orders, figures.LATEST)

    def read(mark: str | None = None, **how: Any) -> Page[ReportRun]:
        narrowed = bool(carried(request))
        return figures.listing(
            actor, wanted, narrowed=narrowed, **{"after": mark, "order": order, **how}
        )

    shown = Listing(
        address,
        "Сформовані звіти",
        _COLUMNS,
        (),
        orders=orders,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("form", "Форма", [(one.code, one.short) for one in forms])]),
    )
    if given["file"]:
        rows = every(lambda mark: read(mark, size=files.CHUNK))
        return files.answer(given["file"], shown, rows, actor=actor, now=timezone.now())
    form = RunForm(
        request.POST or None,
        initial={"form": wanted or "ZNZ1-1", "as_of": figures.last_day(today)},
    )
    form.fields["form"].choices = [(each.code, each.name) for each in forms]  # type: ignore[attr-defined]
    words_of_days = list(dict.fromkeys(each.as_of_words for each in forms))
    if ahead := figures.days_ahead(today):
        words_of_days.append(
            f"навчальний рік завершено; наступний попередньо — станом на {dates.show(ahead[0])}"
        )
    form.fields["as_of"].help_text = "; ".join(words_of_days)
    if request.method == "POST" and form.is_valid():
        try:
            run = runs.request_run(
                actor=actor,
                form_code=form.cleaned_data["form"],
                unit_uid=unit.uid,
                as_of=form.cleaned_data["as_of"],
                purpose=form.cleaned_data["purpose"],
                today=today,
                now=timezone.now(),
            )
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            jobs.start(tasks.generate, str(run.pk), priority=runs.priority_of(run))
            return pages.see_other(request, "report_run", run.pk)
    found = read(**asked(request, *MARKS))
    counts = figures.counts(actor)
    return pages.form_page(
        request,
        "reports/run_list.html",
        form,
        {
            "list": shown.at(found),
            "refusal": policies.generate.refusal(actor, unit),
            "unit": unit,
            "may_campaign": campaign_policies.see.allows(actor),
            "pills": [
                {
                    "label": label,
                    "url": address.with_(form=code),
                    "current": code == wanted,
                    "count": (counts.get(code, 0) if code else sum(counts.values()))
                    if counts
                    else None,
                }
                for code, label in [("", "Усі форми"), *((each.code, each.short) for each in forms)]
            ],
        },
    )


def _shown(value: int | None, *, hundredths: bool) -> str:
    """A figure in words of the page."""
    if value is None:
        return "—"
    return number(value / 100, 2) if hundredths else number(value)


def _parts(form: definition.Form, found: list[figures.Child]) -> list[dict[str, object]]:
    sums = [form.is_sum_of(each.row, each.column) for each in form.headlines]
    return [
        {
            "unit": part.unit,
            "own": part.own,
            "figures": [
                (headline.title, _shown(value, hundredths=is_sum))
                for headline, value, is_sum in zip(
                    form.headlines, part.headlines, sums, strict=True
                )
            ],
        }
        for part in found
    ]


def run_detail(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Progress while the job counts; then the table of a node with what stands under it."""
    actor = request.actor
    run = figures.run(actor, run_id)
    form = figures.form_of(run)
    context: dict[str, object] = {"run": run, "form": form}
    if run.state != "DONE":
        return pages.page(
            request,
            "reports/run_progress.html",
            context | _progress(request, run),
            partial="progress",
        )
    unit = figures.node(actor, run, asked(request, _UNIT)["unit"])
    own = asked(request, _OWN)["own"]
    found, parts, lag = _read(run, unit, own=own)
    depths, totals = _depths(form.rows), {row.part_of for row in form.rows if not row.absent}
    context |= {
        "unit": unit,
        "own": own,
        "table": [
            (
                row,
                depths[row.code],
                row.code in totals,
                [
                    (column, value, _shown(value, hundredths=form.is_sum(row, column)))
                    for column, value in zip(form.columns, values, strict=True)
                ],
            )
            for row, values in zip(form.rows, found.values, strict=True)
        ],
        "ahead": figures.is_ahead(run),
        "asked": _asked(run),
        "empty": found.is_empty,
        "next_day": figures.next_day(run, unit) if found.is_empty else None,
        "sources": ", ".join(SOURCES[name].words for name in form.sources if name in SOURCES),
        "violations": figures.violations(found),
        "unchecked": figures.unchecked(form),
        "absent": sorted(
            {line.absent for line in (*form.rows, *form.columns) if line.absent}, key=sort_key
        ),
        "lag": lag,
        "parts": _parts(form, parts),
        "crumbs": [
            (SERVICE, reverse("reports")),
            *(
                (u.name, f"?unit={u.uid}")
                for u in figures.crumbs(run, unit, actor)
                if u.pk != unit.pk
            ),
        ],
        "counts_pupils": "pupils" in form.sources,
    }
    return pages.page(request, "reports/run_detail.html", context)


def _read(
    run: ReportRun, unit: OrgUnit, *, own: bool, at: tuple[str, ...] = ()
) -> tuple[figures.Figures, list[figures.Child], str]:
    """The figures of a node and of those below, `at` a cell where one is asked for, from the replica where
    it knows the run; and what the page says of its lag. They never change once the run is done."""
    (found, parts), told = replica.ask(
        lambda: (
            figures.figures(run, unit, own=own),
            [] if own else figures.children(run, unit, *at),
        ),
        knows=lambda: figures.is_done(run.pk),
    )
    return found, parts, told


def _asked(run: ReportRun) -> str:
    """Who asked for the run, and why."""
    who = run.requested_by.user.short_name if run.requested_by else "система"
    why = PURPOSES.get(run.purpose, "")
    return f"{who}, {why[0].lower()}{why[1:]}" if why else who


def _depths(rows: Sequence[definition.Line]) -> dict[str, int]:
    """How deep each row stands: «з них» of a row stands under it. Three at most have a look."""
    depths: dict[str, int] = {}
    for row in rows:
        depths[row.code] = min(3, depths.get(row.part_of, -1) + 1)
    return depths


def _progress(request: HouseRequest, run: ReportRun) -> dict[str, object]:
    actor = request.actor
    return {
        "elapsed": _elapsed(run),
        "may_steer": policies.generate.allows(actor, run.unit),
    }


def run_progress(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """The bar of a running job, asked for every second; when done, the page opens by itself."""
    run = figures.run(request.actor, run_id)
    if run.state == "DONE":
        return pages.see_other(request, "report_run", run.pk)
    shown = {"run": run, "form": figures.form_of(run)} | _progress(request, run)
    return pages.page(request, "reports/run_progress.html", shown, partial="progress")


def cell(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """What stands behind one figure: the nodes below with their parts of it, or the rows themselves."""
    actor = request.actor
    run = figures.run(actor, run_id)
    unit = figures.node(actor, run, asked(request, _UNIT)["unit"])
    own = asked(request, _OWN)["own"]
    given = asked(request, words("row", 20), words("column", 20))
    row_code, column_code = given["row"], given["column"]
    form = figures.form_of(run)
    try:
        row, column = form.row(row_code), form.column(column_code)
    except KeyError:
        raise NotFound from None
    found, parts, lag = _read(run, unit, own=own, at=(row_code, column_code))
    hundredths = form.is_sum(row, column)
    value = found.cell(row_code, column_code)
    if value is None:
        raise NotFound
    line, axis = form.crossing(row_code, column_code)
    context: dict[str, object] = {
        "run": run,
        "unit": unit,
        "own": own,
        "row": row,
        "column": column,
        "line": line,
        "form": form,
        "crumbs": [
            (SERVICE, reverse("reports")),
            (
                f"{form.short}: {unit.name}",
                f"{reverse('report_run', args=[run.pk])}?unit={unit.uid}{'&own=1' if own else ''}",
            ),
        ],
        "among": form.axis.one.format(axis.title) if axis.at else form.axis.all,
        "key": form.key(row_code, column_code),
        "value": _shown(value, hundredths=hundredths),
        "lag": lag,
        "parts": [
            (part, _shown(part.value, hundredths=hundredths)) for part in parts if part.value
        ],
    }
    if unit.kind == UnitKind.INSTITUTION and not parts:
        context |= {
            "behind": behind.behind(actor, run, unit, row_code, column_code),
            "most": behind.MOST_ROWS,
        }
    return pages.page(request, "reports/cell.html", context)


def download(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """The node's table as XLSX."""
    actor = request.actor
    run = figures.run(actor, run_id)
    unit: OrgUnit = figures.node(actor, run, asked(request, _UNIT)["unit"])
    own = asked(request, _OWN)["own"]
    found, parts, _ = _read(run, unit, own=own)
    content = xlsx.workbook(run, unit.name, found, parts)
    name = f"{found.form.short}, {unit.name}, {run.as_of:%d.%m.%Y}.xlsx"
    return pages.file_answer(content, name, pages.XLSX)


def run_cancel(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Stop a run under way."""
    actor = request.actor
    run = figures.run(actor, run_id)
    if request.method == "POST":
        runs.cancel_run(actor=actor, run=run, now=timezone.now())
        messages.success(request, "Формування звіту зупинено.")
    return pages.see_other(request, "report_run", run.pk)


def run_resume(request: HouseRequest, run_id: uuid.UUID) -> HttpResponse:
    """Let a run that failed or was stopped go on."""
    actor = request.actor
    run = figures.run(actor, run_id)
    if request.method == "POST":
        runs.resume_run(actor=actor, run=run, now=timezone.now())
        jobs.start(tasks.generate, str(run.pk), priority=runs.priority_of(run))
        messages.success(request, "Звіт знову в черзі.")
    return pages.see_other(request, "report_run", run.pk)
