"""Forms of «Звітність»."""

from __future__ import annotations

from django import forms

from kernel.ui.forms import DateField, Form


class RunForm(Form):
    """Which form, as of which day."""

    form = forms.ChoiceField(label="Форма звітності")
    as_of = DateField(label="Станом на")
