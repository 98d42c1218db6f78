"""Choosing rows from lines the register has: checkboxes, a search, a group, «all that match»."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.parameters import asked, words
from kernel.text import plural
from kernel.ui.pages import page, pass_on, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.process import Wanted, kind

SHOWN = 300  # lines on the page; «all that match» takes the others too


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Tick lines, add them to the draft. The filter travels in the address, so that a ticked page
    and «all that match» are about the same lines."""
    actor = request.actor
    draft = reads.find(actor, draft_id, process)
    source = kind(process).chosen
    if source is None:
        raise NotFound
    now = moment()
    given = asked(request, words("q"), words("group"))
    wanted = Wanted(given["q"], given["group"])
    lines = source.lines(actor, draft.institution, wanted, now)
    error = ""
    if request.method == "POST":
        keys = request.POST.getlist("key")
        if request.POST.get("all") == "on":
            keys = [line.key for line in lines if not line.why_not]
        if keys:
            try:
                saved = drafts.choose(actor=actor, draft_id=draft_id, keys=keys, moment=now)
            except DomainError as no:
                pass_on(no)
                error = no.detail
            else:
                count = len(saved.rows)
                messages.success(
                    request, f"Додано {count} {plural(count, 'рядок', 'рядки', 'рядків')}."
                )
                return see_other(request, "draft_detail", process, draft_id)
        error = error or "Виберіть хоча б один рядок."
    return page(
        request,
        "registry/draft_choose.html",
        {
            "process": kind(process),
            "draft": draft,
            "headings": source.headings,
            "group_label": source.group_label,
            "groups": [("", "Усі"), *source.groups(draft.institution, now)],
            "wanted": wanted,
            "lines": lines[:SHOWN],
            "total": len(lines),
            "here": reads.chosen_lines(draft),
            "query": request.GET.urlencode(),
            "error": error,
        },
        status=422 if error else 200,
    )
