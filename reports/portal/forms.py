"""Forms of «Звітність»."""

from __future__ import annotations

from django import forms

from kernel.ui.forms import DateField, Form
from reports.models import ASKED_FOR


class RunForm(Form):
    """Which form, as of which day, and why."""

    form = forms.ChoiceField(label="Форма звітності")
    as_of = DateField(label="Станом на")
    purpose = forms.ChoiceField(
        label="Для чого",
        choices=list(ASKED_FOR.items()),
        help_text="Зберігається разом зі звітом.",
    )
