"""Sheets and columns of the table a draft began from: said the first time, and anew."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.tables.layout import NotMapped, chosen
from kernel.ui import table_step
from kernel.ui.pages import page, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.drafts.portal.running import hand_over
from registry.process import kind


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Say which sheets are taken and what each column is."""
    actor = request.actor
    draft = reads.find(actor, draft_id, process)
    source = kind(process).typed
    layout = reads.table_of(draft)
    if layout is None or source is None:
        return see_other(request, "draft_detail", process, draft.pk)
    labels = {one.name: one.in_full or one.label for one in kind(process).columns} | dict(
        source.extra
    )
    error = ""
    if request.method == "POST":
        other = table_step.other_sheets(request.POST, layout, source.headings)
        if other is not None:
            layout = other
        else:
            choice = table_step.read(request.POST, layout)
            try:
                layout = chosen(layout, choice, source.headings, labels)
                draft = drafts.set_columns(
                    actor=actor, draft_id=draft_id, layout=layout, moment=moment()
                )
                hand_over(draft)
            except (DomainError, NotMapped) as no:
                error = no.detail
                layout = table_step.tried(layout, choice)
            else:
                return see_other(request, "draft_detail", process, draft_id)
    return page(
        request,
        "registry/draft_columns.html",
        {
            "process": kind(process),
            "draft": draft,
            "step": table_step.context(layout, labels, error),
        },
        status=422 if error else 200,
    )
