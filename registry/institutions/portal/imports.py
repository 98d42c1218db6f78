"""Loading the open register of ЄДЕБО: a file, its columns when it is a table, what it would do, the act."""

from __future__ import annotations

import uuid
import zlib

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.http import HouseRequest
from kernel import clock
from kernel.errors import DomainError
from kernel.tables import reading
from kernel.tables.layout import Layout, NotMapped, chosen, pack, propose, unpack
from kernel.ui import pages, table_step
from registry.institutions import policies
from registry.institutions.portal.forms import ImportForm
from registry.institutions.services import edebo, edebo_table, institution_import

SHOWN = 200


def upload(request: HouseRequest) -> HttpResponse:
    """Choose the file; a wrong type, size or content is told beside the field. A table goes through
    the step of sheets and columns, also from its preview."""
    actor = request.actor
    policies.import_cards.require(actor)
    if request.method == "POST" and "do" in request.POST:
        return _mapped(request)
    if request.method == "POST" and "columns" in request.POST:
        staged = institution_import.staged(actor, request.POST.get("staged", ""))
        layout = edebo_table.layout_of(zlib.decompress(bytes(staged.content)))
        return _columns(request, layout, staged.name) if layout else _chosen(request, ImportForm())
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > edebo.LARGEST:
            form.add_error(
                "file",
                f"Файл завеликий: {file.size // 1024 // 1024} МБ, можна до "
                f"{edebo.LARGEST // 1024 // 1024} МБ",
            )
            return _chosen(request, form)
        content = file.read()
        with pages.refusable(form):
            if edebo.is_json(content):
                return _staged(request, content, file.name)
            try:
                layout = propose(reading.read(content), edebo_table.HEADINGS)
                if not layout.sure:
                    return _columns(request, layout, file.name)
                return _staged(request, edebo_table.content_of(layout), file.name)
            except reading.UnreadableTable as no:
                form.add_error("file", no.detail)
    return _chosen(request, form)


def _chosen(request: HouseRequest, form: ImportForm) -> HttpResponse:
    return pages.form_page(request, "registry/institutions/import.html", form)


def _staged(request: HouseRequest, content: bytes, name: str) -> HttpResponse:
    staged = institution_import.stage(content, name, actor=request.actor, now=timezone.now())
    return pages.see_other(request, "institution_import_preview", staged.pk)


def _mapped(request: HouseRequest) -> HttpResponse:
    """What the step of sheets and columns says: the preview, or the step again."""
    name = request.POST.get("name", "")
    try:
        layout = unpack(request.POST.get("table", ""))
    except reading.UnreadableTable:  # the page was tampered with: the file is asked for again
        return _chosen(request, ImportForm())
    other = table_step.other_sheets(request.POST, layout, edebo_table.HEADINGS)
    if other is not None:
        return _columns(request, other, name)
    choice = table_step.read(request.POST, layout)
    try:
        new = chosen(layout, choice, edebo_table.HEADINGS, edebo_table.LABELS)
        return _staged(request, edebo_table.content_of(new), name)
    except (DomainError, NotMapped, reading.UnreadableTable) as no:
        return _columns(request, table_step.tried(layout, choice), name, no.detail)


def _columns(request: HouseRequest, layout: Layout, name: str, error: str = "") -> HttpResponse:
    return pages.page(
        request,
        "registry/institutions/import_columns.html",
        {
            "step": table_step.context(layout, edebo_table.LABELS, error),
            "table": pack(layout),
            "name": name,
        },
        status=422 if error else 200,
    )


def preview(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """What the file would do, with every bad row; the button does it."""
    actor = request.actor
    staged = institution_import.staged(actor, pk)
    if request.method == "POST":
        report = institution_import.take_staged(
            actor=actor, pk=pk, today=clock.today(), now=timezone.now()
        )
        messages.success(
            request,
            f"Реєстр завантажено: нових {len(report.new)}, змінено {len(report.changed)}, "
            f"закрито {len(report.closed)}, без змін {report.unchanged}.",
        )
        return pages.see_other(request, "institution_import_preview", pk)
    content = zlib.decompress(bytes(staged.content))
    report = institution_import.preview(actor, content, clock.today())
    return pages.page(
        request,
        "registry/institutions/import_preview.html",
        {
            "staged": staged,
            "mappable": edebo_table.layout_of(content) is not None and not staged.used_at,
            "report": report,
            "nothing_to_do": not (report.new or report.changed or report.closed),
            "sections": [
                {"title": title, "lines": lines[:SHOWN], "more": max(0, len(lines) - SHOWN)}
                for title, lines in (
                    ("Нові заклади", report.new),
                    ("Зміни", report.changed),
                    ("Закриття", report.closed),
                    ("Є в АІКОМ, немає у файлі", report.absent),
                )
                if lines
            ],
            "bad": report.bad[:SHOWN],
            "notes": report.notes[:SHOWN],
        },
    )
