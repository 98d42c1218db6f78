"""Forms of orders and profiles. They keep what was typed; the rules are in the commands."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel.ui.forms import Form
from registry.process import AnyProcess, TermField


class OrderForm(Form):
    """Terms of an order: what every order has, and what its process asks beside."""

    number = forms.CharField(label="Номер наказу", help_text="Наприклад, 112-у")
    issued_on = forms.CharField(label="Дата наказу", help_text="дд.мм.рррр")
    effective_on = forms.CharField()
    ground = forms.CharField(label="Підстава наказу", widget=forms.Textarea(attrs={"rows": 3}))

    def full_clean(self) -> None:
        """Leave the judging to the command: it tells every problem together and once."""
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for name, field in self.fields.items():
            field.required = name not in self._optional

    def __init__(self, *args: Any, process: AnyProcess, **options: Any) -> None:
        super().__init__(*args, **options)
        self._optional = {term.name for term in process.term_fields if not term.required}
        effective = self.fields["effective_on"]
        effective.label, effective.help_text = process.effective_label, process.effective_hint
        for term in process.term_fields:
            self.fields[term.name] = _field(term)
            self.fields[term.name].required = term.required
        for name in ("issued_on", "effective_on"):
            self.fields[name].widget.attrs |= {
                "inputmode": "numeric",
                "autocomplete": "off",
                "data-ak-date": True,
                "class": "ak-input--s",
            }
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "class": "ak-input--s"}

    def extra(self) -> list[Any]:
        """The fields of the process, in its order."""
        return [self[name] for name in self.fields if name not in self.base_fields]


def _field(term: TermField) -> forms.Field:
    if term.kind == "check":
        return forms.BooleanField(label=term.label, help_text=term.hint)
    if term.kind == "choice":
        choices = [("", "Виберіть"), *term.choices]
        return forms.ChoiceField(label=term.label, help_text=term.hint, choices=choices)
    return forms.CharField(label=term.label, help_text=term.hint)
