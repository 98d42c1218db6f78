"""Forms of orders and profiles. They keep what was typed; the rules are in the commands."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel.ui.forms import Form


class OrderForm(Form):
    """Terms of an order of enrolment."""

    number = forms.CharField(label="Номер наказу", help_text="Наприклад, 112-у")
    issued_on = forms.CharField(label="Дата наказу", help_text="дд.мм.рррр")
    effective_on = forms.CharField(
        label="Перший день навчання", help_text="Дата зарахування, дд.мм.рррр"
    )
    ground = forms.CharField(label="Підстава наказу", widget=forms.Textarea(attrs={"rows": 3}))
    identity_shown = forms.BooleanField(label="Заявники предʼявили документи, що посвідчують особу")

    def full_clean(self) -> None:
        """Leave the judging to the command: it tells every problem together and once."""
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for field in self.fields.values():
            field.required = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("issued_on", "effective_on"):
            self.fields[name].widget.attrs |= {
                "inputmode": "numeric",
                "autocomplete": "off",
                "data-ak-date": True,
                "class": "ak-input--s",
            }
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "class": "ak-input--s"}
