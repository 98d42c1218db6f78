"""«Звітність»: ask for a form, watch it being counted, read it, walk from a cell to its rows."""

from __future__ import annotations

import datetime
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel import jobs
from kernel.errors import DomainError, NotFound
from kernel.ui import pages
from reports import definition, policies, tasks, xlsx
from reports.models import ReportRun
from reports.portal.forms import RunForm
from reports.selectors import figures, units
from reports.services import runs


def _fifth_of_september(today: datetime.date) -> datetime.date:
    day = datetime.date(today.year, 9, 5)
    return day if day <= today else datetime.date(today.year - 1, 9, 5)


def _elapsed(run: ReportRun) -> int:
    """Whole seconds since a worker touched the run."""
    return max(0, int((timezone.now() - run.touched_at).total_seconds()))


def run_list(request: HttpRequest) -> HttpResponse:
    """Forms generated for the actor's node and around; the form to ask for another."""
    actor = request.actor  # type: ignore[attr-defined]
    unit = units.own(actor)
    today = timezone.localdate()
    form = RunForm(
        request.POST or None, initial={"form": "ZNZ1-1", "as_of": _fifth_of_september(today)}
    )
    form.fields["form"].choices = [  # type: ignore[attr-defined]
        (code, f"{definition.load(code).title} {definition.load(code).section}")
        for code in definition.codes()
    ]
    if request.method == "POST" and form.is_valid():
        try:
            run = runs.request_run(
                actor=actor,
                form_code=form.cleaned_data["form"],
                unit_uid=unit.uid,
                as_of=form.cleaned_data["as_of"],
                now=timezone.now(),
            )
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            jobs.start(tasks.generate, str(run.pk))
            return pages.see_other(request, "report_run", run.pk)
    return pages.form_page(
        request,
        "reports/run_list.html",
        form,
        {
            "runs": figures.runs(actor)[:50],
            "refusal": policies.generate.refusal(actor, unit),
            "unit": unit,
        },
    )


def run_detail(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Progress while the job counts; then the table of a node with what stands under it."""
    actor = request.actor  # type: ignore[attr-defined]
    run = figures.run(actor, run_id)
    form = definition.load(run.form)
    context: dict[str, object] = {"run": run, "form": form}
    if run.state != "DONE":
        context["elapsed"] = _elapsed(run)
        return pages.page(request, "reports/run_progress.html", context, partial="progress")
    unit = figures.node(actor, run, request.GET.get("unit"))
    own = request.GET.get("own") == "1"
    found = figures.figures(run, unit, own=own)
    context |= {
        "unit": unit,
        "own": own,
        "table": [
            (row, list(zip(form.columns, values, strict=True)))
            for row, values in zip(form.rows, found.values, strict=True)
        ],
        "violations": figures.violations(found),
        "parts": [] if own else figures.children(run, unit),
        "crumbs": [
            (u.name, f"?unit={u.uid}") for u in figures.crumbs(run, unit, actor) if u.pk != unit.pk
        ],
    }
    return pages.page(request, "reports/run_detail.html", context)


def run_progress(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The bar of a running job, asked for every second; when done, the page opens by itself."""
    run = figures.run(request.actor, run_id)  # type: ignore[attr-defined]
    if run.state == "DONE":
        return pages.see_other(request, "report_run", run.pk)
    shown = {"run": run, "form": definition.load(run.form), "elapsed": _elapsed(run)}
    return pages.page(request, "reports/run_progress.html", shown, partial="progress")


def cell(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """What stands behind one figure: the nodes below with their parts of it, or the rows themselves."""
    actor = request.actor  # type: ignore[attr-defined]
    run = figures.run(actor, run_id)
    unit = figures.node(actor, run, request.GET.get("unit"))
    own = request.GET.get("own") == "1"
    row_code, column_code = request.GET.get("row", ""), request.GET.get("column", "")
    found = figures.figures(run, unit, own=own)
    try:
        row, column = found.form.row(row_code), found.form.column(column_code)
    except KeyError:
        raise NotFound from None
    parts = [] if own else figures.children(run, unit, row_code, column_code)
    context: dict[str, object] = {
        "run": run,
        "unit": unit,
        "own": own,
        "row": row,
        "column": column,
        "key": found.form.key(row, column),
        "value": found.cell(row_code, column_code),
        "parts": [part for part in parts if part.value],
    }
    if unit.kind == UnitKind.INSTITUTION and not parts:
        behind = figures.behind(actor, run, unit, row_code, column_code)
        context |= {
            "behind": behind,
            "labels": figures.class_labels(behind.pupils),
            "most": figures.MOST_ROWS,
        }
    return pages.page(request, "reports/cell.html", context)


def download(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The node's table as XLSX."""
    actor = request.actor  # type: ignore[attr-defined]
    run = figures.run(actor, run_id)
    unit: OrgUnit = figures.node(actor, run, request.GET.get("unit"))
    own = request.GET.get("own") == "1"
    found = figures.figures(run, unit, own=own)
    content = xlsx.workbook(run, unit.name, found, [] if own else figures.children(run, unit))
    name = slugify(f"{run.form}-{unit.edrpou or unit.pk}-{run.as_of}")
    return pages.file_answer(content, f"{name}.xlsx", pages.XLSX)


def run_retry(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Ask again for a run that failed."""
    actor = request.actor  # type: ignore[attr-defined]
    run = figures.run(actor, run_id)
    if request.method == "POST":
        again = runs.request_run(
            actor=actor,
            form_code=run.form,
            unit_uid=run.unit.uid,
            as_of=run.as_of,
            now=timezone.now(),
        )
        jobs.start(tasks.generate, str(again.pk))
        messages.success(request, "Звіт поставлено в чергу знову.")
        return pages.see_other(request, "report_run", again.pk)
    return pages.see_other(request, "report_run", run.pk)
