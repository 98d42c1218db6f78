"""Forms of «ОІС і доступи»."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django import forms

from accounts.roles import WRITES, Dataset
from integrations.eis import fields
from kernel import clock
from kernel.ui.forms import DateField, Form


class MandateForm(Form):
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
    opened = forms.MultipleChoiceField(
        label="Які поля відкрити",
        choices=[(group.code, group.label) for group in fields.GROUPS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Зніміть те, без чого система обійдеться. Прізвище, імʼя, клас і посада відкриті завжди; поля невибраних наборів нічого не важать",
    )
    valid_from = DateField(label="Діє з")
    valid_to = DateField(label="Діє до", help_text="Щонайдовше рік; цього дня ключ уже не діє")

    def __init__(
        self,
        *args: Any,
        institutions: list[tuple[str, str]],
        systems: list[tuple[str, str]],
        today: datetime.date,
        start: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        kwargs.setdefault(
            "initial",
            {
                "form_id": uuid.uuid4(),
                "valid_from": today,
                "valid_to": clock.years_after(today, 1),
                "datasets": [Dataset.INSTITUTION, Dataset.CLASSES, Dataset.PUPILS],
                "opened": list(fields.BY_CODE),
                **(start or {}),
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["institution"].choices = institutions  # type: ignore[attr-defined]
        self.fields["system"].choices = [("", "Виберіть ОІС"), *systems]  # type: ignore[attr-defined]
        if len(institutions) == 1:
            self.fields["institution"].widget = forms.HiddenInput()
            self.initial["institution"] = institutions[0][0]


class IssueForm(Form):
    """How long the key before works beside the new one."""

    form_id = forms.UUIDField(widget=forms.HiddenInput)
    overlap = forms.TypedChoiceField(
        label="Коли перестане діяти попередній ключ",
        choices=[
            (24, "Через добу"),
            (7 * 24, "Через тиждень"),
            (1, "Через годину"),
            (0, "Одразу: ключ міг потрапити до чужих рук"),
        ],
        coerce=int,
        initial=24,
        widget=forms.RadioSelect,
        help_text="Доти діють обидва, щоб оператор устиг замінити ключ без перерви",
    )

    def __init__(self, *args: Any, replaces: bool, **kwargs: Any):
        super().__init__(*args, initial={"form_id": uuid.uuid4(), "overlap": 24}, **kwargs)
        if not replaces:
            self.fields["overlap"].widget = forms.HiddenInput()


class RevokeForm(Form):
    """Why access is taken back."""

    reason = forms.CharField(label="Причина", max_length=500)


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
