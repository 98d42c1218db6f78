"""Loading the open register of ЄДЕБО: a file, then what it would do, then the act."""

from __future__ import annotations

import uuid
import zlib

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from accounts.http import HouseRequest
from kernel.ui import pages
from registry.institutions import policies
from registry.institutions.portal.forms import ImportForm
from registry.institutions.services import edebo, institution_import

SHOWN = 200


def upload(request: HouseRequest) -> HttpResponse:
    """Choose the file; a wrong type, size or content is told beside the field."""
    actor = request.actor
    policies.import_cards.require(actor)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > edebo.LARGEST:
            form.add_error(
                "file",
                f"Файл завеликий: {file.size // 1024 // 1024} МБ, можна до "
                f"{edebo.LARGEST // 1024 // 1024} МБ",
            )
        else:
            with pages.refusable(form):
                staged = institution_import.stage(
                    file.read(), file.name, actor=actor, now=timezone.now()
                )
                return pages.see_other(request, "institution_import_preview", staged.pk)
    return pages.form_page(request, "registry/institutions/import.html", form)


def preview(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """What the file would do, with every bad row; the button does it."""
    actor = request.actor
    staged = institution_import.staged(actor, pk)
    if request.method == "POST":
        report = institution_import.take_staged(
            actor=actor, pk=pk, today=timezone.localdate(), now=timezone.now()
        )
        messages.success(
            request,
            f"Реєстр завантажено: нових {len(report.new)}, змінено {len(report.changed)}, "
            f"закрито {len(report.closed)}, без змін {report.unchanged}.",
        )
        return pages.see_other(request, "institution_import_preview", pk)
    report = institution_import.preview(
        actor, zlib.decompress(bytes(staged.content)), timezone.localdate()
    )
    return pages.page(
        request,
        "registry/institutions/import_preview.html",
        {
            "staged": staged,
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
