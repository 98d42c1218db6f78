"""Forms of «ОІС і доступи»."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django import forms

from accounts.roles import WRITES, Dataset
from integrations.eis.states import SUSPENSION_GROUNDS
from kernel import clock
from kernel.ui.forms import DateField, Form


class GrantForm(Form):
    """Which system may read what, for which school and how long."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    institution = forms.ChoiceField(label="Заклад освіти")
    system = forms.ChoiceField(label="ОІС", help_text="Лише підключені системи")
    datasets = forms.MultipleChoiceField(
        label="Які дані відкрити",
        choices=Dataset.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="«Запис» дозволяє лише те, що оператор заявив для своєї ОІС. Зарахування, відрахування й переведення ОІС не виконує: їх підписує керівник у цьому кабінеті",
    )
    valid_from = DateField(label="Діє з")
    valid_to = DateField(label="Діє до", help_text="Щонайдовше рік; цього дня ключ уже не діє")

    def __init__(
        self,
        *args: Any,
        institutions: list[tuple[str, str]],
        systems: list[tuple[str, str]],
        today: datetime.date,
        **kwargs: Any,
    ):
        kwargs.setdefault(
            "initial",
            {
                "form_id": uuid.uuid4(),
                "valid_from": today,
                "valid_to": clock.years_after(today, 1),
                "datasets": [Dataset.INSTITUTION, Dataset.CLASSES, Dataset.PUPILS],
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["institution"].choices = institutions  # type: ignore[attr-defined]
        self.fields["system"].choices = [("", "Виберіть ОІС"), *systems]  # type: ignore[attr-defined]
        if len(institutions) == 1:
            self.fields["institution"].widget = forms.HiddenInput()
            self.initial["institution"] = institutions[0][0]


class RevokeForm(Form):
    """Why access is taken back."""

    reason = forms.CharField(label="Причина", max_length=500)


class SuspendForm(Form):
    """On which ground of п.28 a system is suspended."""

    ground = forms.ChoiceField(
        label="Підстава (пункт 28 Положення)",
        choices=[
            (code, f"{code.split('.')[1]}) {words}") for code, words in SUSPENSION_GROUNDS.items()
        ],
        widget=forms.RadioSelect,
    )
    explanation = forms.CharField(label="Пояснення", widget=forms.Textarea, required=False)


class WritesForm(Form):
    """What the operator declared that its system writes."""

    writes = forms.MultipleChoiceField(
        label="Що ця ОІС може записувати",
        choices=[(one, Dataset(one).label) for one in WRITES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Лише заявлене оператором і перевірене під час тестування (п. 18). "
        "Керівник закладу відкриває запис окремо для свого закладу.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class RestoreForm(Form):
    """How the violations were removed."""

    explanation = forms.CharField(
        label="Чим підтверджено усунення порушень",
        widget=forms.Textarea,
        help_text="Пункт 30 Положення",
    )
