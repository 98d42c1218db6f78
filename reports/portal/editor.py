"""The editor of a definition: its text with all problems at their lines, a preview, publishing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import NotFound
from kernel.tables import dates
from kernel.ui import pages
from kernel.ui.forms import DateField, Form
from kernel.ui.helpers import number
from reports import definition, policies
from reports.selectors import editions, figures, units
from reports.selectors.behind import FEWEST
from reports.services import editions as commands


class EditForm(Form):
    """The text, what to preview it over, from which day it is to hold."""

    text = forms.CharField(
        label="Опис форми (TOML)",
        strip=False,
        max_length=commands.MOST,
        widget=forms.Textarea(
            attrs={"rows": 28, "spellcheck": "false", "class": "ak-area ak-code"}
        ),
        help_text="Номер версії збільшують; рядки й графи, на які посилаються контролі, лишають",
    )
    unit = forms.CharField(
        label="ЄДРПОУ закладу чи органу для перегляду",
        required=False,
        max_length=8,
        help_text="порожньо — без підрахунку",
    )
    as_of = DateField(label="Переглянути станом на", required=False)
    since = DateField(label="Діє з", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HouseRequest, code: str) -> HttpResponse:
    """A form's text; «Перевірити» tells what is wrong and counts it, «Опублікувати» lets it hold."""
    actor, now = request.actor, moment()
    policies.keep_forms.require(actor)
    try:
        text, version = editions.latest(code)
    except KeyError:
        raise NotFound from None
    form = EditForm(
        request.POST or None,
        initial={
            "text": text,
            "version": version,
            "as_of": figures.last_day(now.today),
            "since": now.today,
        },
    )
    context: dict[str, Any] = {
        "form_title": definition.kept(text).name,
        "version": version,
        "published": editions.published(code),
        "crumbs": [
            ("Звітність", reverse("reports")),
            ("Форми звітності", reverse("report_forms")),
        ],
    }
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        read, wrong = commands.judged(code, data["text"])
        context |= {"checked": True, "wrong": wrong}
        if request.POST.get("do") == "publish" and not wrong:
            with pages.refusable(form):
                made = commands.publish(
                    actor=actor,
                    code=code,
                    text=data["text"],
                    since=data["since"],
                    version=data["version"],
                    moment=now,
                )
                messages.success(
                    request,
                    f"Версію {made.version} опубліковано: діє для дат з {dates.show(made.since)}.",
                )
                return pages.see_other(request, "report_forms")
        elif read is not None and data["unit"]:
            unit = units.by_code(data["unit"])
            if unit is None:
                form.add_error("unit", "Закладу чи органу з таким кодом у реєстрі немає")
            elif data["as_of"] is None:
                form.add_error("as_of", "Вкажіть дату для перегляду")
            else:
                context |= {
                    "shown": _laid(editions.preview(read, unit, data["as_of"])),
                    "read": read,
                    "unit": unit,
                    "as_of": data["as_of"],
                }
    return pages.form_page(request, "reports/edit.html", form, context)


def _laid(found: figures.Figures) -> list[tuple[definition.Line, list[str]]]:
    """Values in words; few people are not told to whoever sees no figures."""

    def words(value: int | None) -> str:
        if value is None:
            return "—"
        return f"до {FEWEST - 1}" if 0 < value < FEWEST else number(value)

    return [
        (row, [words(value) for value in values])
        for row, values in zip(found.form.rows, found.values, strict=True)
    ]
