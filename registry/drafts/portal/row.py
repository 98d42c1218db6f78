"""All fields of one row."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.parameters import asked, flag
from kernel.ui.pages import page, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.drafts.errors import StaleAnswer, StaleRow
from registry.drafts.judging import mark, said_of
from registry.drafts.portal.grid import TWIN_CODES, act, row_view
from registry.drafts.portal.row_fields import fields, inputs_of, mistakes
from registry.drafts.portal.row_fields import typed as typed_fields
from registry.process import kind


def _typed(request: HouseRequest, process: str) -> dict[str, str]:
    """The fields that were typed in: a browser with scripts names them, so that what somebody else
    changed in the others meanwhile stands; without scripts, all."""
    values = typed_fields(kind(process), request.POST.dict())
    if "changed" not in request.POST:
        return values
    changed = set(request.POST["changed"].split(","))
    return {
        name: value
        for name, value in values.items()
        if changed.intersection(inputs_of(kind(process), name))
    }


@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HouseRequest, process: str, draft_id: uuid.UUID, row_id: int) -> HttpResponse:
    """All fields of one row, with what the grid has no room for."""
    actor = request.actor
    draft = reads.find(actor, draft_id, process)
    now = moment()
    status = 200
    note = ""
    typed: dict[str, str] = {}
    if request.method == "POST":
        do = request.POST.get("do", "")
        typed = _typed(request, process)
        version = request.POST.get("version", "")
        try:
            drafts.save_row(
                actor=actor,
                draft_id=draft_id,
                row_id=row_id,
                version=int(version) if version.isdigit() else -1,
                values=typed,
                moment=now,
            )
            typed = {}
            if do not in {"", "next"}:
                act(request, actor, draft_id, do)
        except (StaleRow, StaleAnswer) as stale:
            status, note = 409, stale.detail
    found = reads.row(draft, row_id)
    if request.method == "POST" and status == 200:
        if found.state == "READY" and do in {"", "next"}:
            onward = kind(process).finish or "order_prepare"
            to = onward if reads.is_alone(draft) else "draft_detail"
            return see_other(request, to, process, draft_id)
        status = 422 if found.state == "FIX" else 200
    profiles = reads.profiles(actor, [found], now.today)
    shown = row_view(found, kind(process), profiles)
    groups = fields(
        kind(process),
        found.values | typed,
        [
            one | {"mark": mark([found], said_of(kind(process), one["field"]))}
            for one in found.problems
        ],
        found.answers,
        kind(process).options(draft.institution_id, draft.terms, now),
    )
    wrong = [p for p in found.problems if p["level"] == "error" and p["code"] not in TWIN_CODES]
    return page(
        request,
        "registry/draft_row.html",
        {
            "process": kind(process),
            "draft": draft,
            "row": found,
            "view": shown,
            "note": note,
            "theirs": {
                kind(process).by_name[name].label: found.values.get(name, "")
                for name, value in typed.items()
                if found.values.get(name, "") != value
            },
            "save_url": f"{reverse('draft_cells', args=[process, draft.pk])}?row={found.id}",
            "saved_at": draft.updated_at,
            "groups": groups,
            "wrong": mistakes(kind(process), wrong, groups),
            # Just typed here, or on the page of one child that led here.
            "invalid": status == 422 or asked(request, flag("checked"))["checked"],
            "has_twins": bool(shown.twins),
            "is_alone": reads.is_alone(draft),
        },
        status=status,
    )
