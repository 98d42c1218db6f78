"""The draft as a whole: put away, taken out again, its problems as a file."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HouseRequest
from kernel import audit
from kernel.tables.writing import Column, Sheet, workbook
from kernel.ui.pages import XLSX, file_answer, page, see_other
from registry.drafts import selectors as reads
from registry.drafts import services as drafts
from registry.process import kind


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Put a draft away, after a page that says what follows."""
    actor = request.actor
    if request.method == "POST":
        drafts.discard(actor=actor, draft_id=draft_id)
        messages.success(request, "Чернетку вилучено. Її можна відновити.")
        return see_other(request, "draft_list", process)
    draft = reads.find(actor, draft_id, process)
    return page(
        request,
        "registry/draft_discard.html",
        {"draft": draft, "filled": reads.counts(draft)["all"]},
    )


@require_GET
def problem_rows(request: HouseRequest, process: str, draft_id: uuid.UUID) -> HttpResponse:
    """Rows that did not get through, as XLSX with the reasons beside: to ask parents with."""
    draft = reads.find(request.actor, draft_id, process)
    wrong = list(reads.problem_rows(draft))
    known = {row.pupil_id for row in wrong if row.pupil_id}
    for subject, ids in (("registry.draft", {draft.pk}), ("registry.pupil", known)):
        audit.looked_at(request.actor, subject, ids, "файл рядків до виправлення")
    columns = [
        Column("Рядок"),
        *(Column(column.label) for column in kind(process).grid),
        Column("Що виправити", width=70, wrap=True),
    ]
    rows = [
        [
            str(found.position),
            *(column.words_of(found.values.get(column.name, "")) for column in kind(process).grid),
            "\n".join(
                f"{kind(process).by_name[p['field']].label}: {p['detail']}" for p in found.problems
            ),
        ]
        for found in wrong
    ]
    return file_answer(
        workbook(Sheet("Виправити", columns, rows)), f"{draft.title}, виправити.xlsx", XLSX
    )
