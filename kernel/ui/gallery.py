"""The gallery at /ui/: every component in every state, with invented data. Screenshots are compared here."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from kernel.ui import pages
from kernel.ui.forms import DateField, Form


class SampleForm(Form):
    """One field of each kind, as the form renderer draws it."""

    number = forms.CharField(label="Номер наказу", max_length=12)
    signed_on = DateField(label="Дата наказу")
    level = forms.ChoiceField(
        label="Паралель", choices=[("", "Виберіть паралель"), ("5", "5 клас"), ("6", "6 клас")]
    )
    relation = forms.ChoiceField(
        label="Тип відносин з дитиною",
        choices=[("m", "Мати"), ("f", "Батько"), ("g", "Опікун")],
        widget=forms.RadioSelect,
        required=False,
    )
    shown = forms.MultipleChoiceField(
        label="Предʼявлено",
        choices=[("id", "Документ, що посвідчує особу"), ("med", "Медична довідка")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Документ, що посвідчує особу, обовʼязковий для зарахування",
    )
    phone = forms.CharField(label="Контактний телефон", required=False, help_text="(000) 000-0000")
    note = forms.CharField(
        label="Примітка", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    scan = forms.FileField(label="Скан заяви", required=False)
    agree = forms.BooleanField(label="Дані звірено з оригіналами документів")


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All components; nothing here is real and nothing here writes."""
    return pages.page(request, "ui/gallery.html", sample())


def sample() -> dict[str, Any]:
    """Invented data for the gallery."""
    clean = SampleForm(initial={"number": "112-у", "relation": "m", "shown": ["id"]})
    wrong = SampleForm({"number": "", "signed_on": "31.02.2026", "level": "5"})
    wrong.prefix = None
    return {"clean": clean, "wrong": wrong}
