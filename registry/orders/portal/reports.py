"""A report to keep of a table: what became of every row, as XLSX and as PDF."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import HouseRequest
from kernel import audit
from kernel.clock import moment
from kernel.tables import writing
from kernel.ui.pages import XLSX, file_answer
from registry.drafts import selectors as drafts
from registry.drafts.models import Draft
from registry.orders.papers import report_paper
from registry.orders.selectors import outcomes
from registry.process import kind

HEADINGS = ("№", "Хто", "Дані", "Що стало з рядком", "Подробиці")


def _found(request: HouseRequest, process: str, draft_id: uuid.UUID) -> Draft:
    draft = drafts.find(request.actor, draft_id, process)
    if draft.orders.exists():
        kind(process).see.require(request.actor, draft.institution)
    return draft


def _rows(request: HouseRequest, draft: Draft) -> list[outcomes.Outcome]:
    rows = outcomes.of_draft(draft)
    known = {row.about for row in rows if row.about}
    audit.looked_at(request.actor, kind(draft.process).subject, known, "звіт про таблицю")
    audit.looked_at(request.actor, "registry.draft", {draft.pk}, "звіт про таблицю")
    return rows


@require_GET
def workbook(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Every row with its outcome and its problems, as a workbook."""
    draft = _found(request, process, draft_id)
    widths = (8, 40, 16, 40, 80)
    sheet = writing.Sheet(
        "Звіт",
        [
            writing.Column(heading, width=width, wrap=True)
            for heading, width in zip(HEADINGS, widths, strict=True)
        ],
        [
            [row.number, row.name, row.told, row.outcome, row.details]
            for row in _rows(request, draft)
        ],
        above=(f"{draft.title}: звіт", draft.institution.short_name),
    )
    return file_answer(writing.workbook(sheet), f"{draft.title}, звіт.xlsx", XLSX)


@require_GET
def paper(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """The same as PDF/A."""
    draft = _found(request, process, draft_id)
    rows = _rows(request, draft)
    data = {
        "title": f"{draft.title}: звіт",
        "institution": draft.institution.full_name,
        "about": outcomes.summary(rows),
        "columns": HEADINGS,
        "rows": [[row.number, row.name, row.told, row.outcome, row.details] for row in rows],
    }
    name = f"{draft.title}, звіт.pdf"
    return file_answer(report_paper(data, moment().now), name, "application/pdf")
