"""Columns of a table that was not recognised."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.ui.pages import page, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.process import Typed, kind


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Say what each column of an unrecognised table is."""
    actor = request.actor
    draft = reads.find(actor, draft_id, process)
    if draft.waiting is None:
        return see_other(request, "draft_detail", process, draft.pk)
    error = ""
    width = len(draft.waiting["columns"])
    chosen = list(draft.waiting["columns"])
    has_heading = bool(draft.waiting["start"])
    if request.method == "POST":
        chosen = [request.POST.get(f"c{place}") or None for place in range(width)]
        has_heading = request.POST.get("has_heading") == "on"
        try:
            drafts.set_columns(
                actor=actor,
                draft_id=draft_id,
                columns=chosen,
                has_heading=has_heading,
                moment=moment(),
            )
        except DomainError as no:
            error = no.detail
        else:
            return see_other(request, "draft_detail", process, draft_id)
    cells = draft.waiting["cells"]
    start_at = draft.waiting["start"] or 0
    heading = cells[start_at - 1] if start_at else []
    sample = cells[start_at : start_at + 3]
    chosen_kind = kind(process)
    source = chosen_kind.source
    extra = source.extra if isinstance(source, Typed) else {}
    options = [(c.name, c.label) for c in chosen_kind.columns] + list(extra.items())
    return page(
        request,
        "registry/draft_columns.html",
        {
            "process": kind(process),
            "draft": draft,
            "error": error,
            "has_heading": has_heading,
            "options": options,
            "columns": [
                {
                    "name": f"c{place}",
                    "heading": heading[place] if place < len(heading) else "",
                    "sample": [line[place] for line in sample if place < len(line) and line[place]],
                    "chosen": chosen[place] or "",
                    "number": place + 1,
                }
                for place in range(width)
            ],
        },
        status=422 if error else 200,
    )
