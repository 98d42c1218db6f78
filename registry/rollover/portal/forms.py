"""Forms of the plan: what becomes of a class, of some children, which classes are opened."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel import clock
from kernel.ui.forms import Form
from registry.classifiers.selectors import classifiers
from registry.institutions.portal.forms import class_fields
from registry.movements.grounds import GROUNDS

ACTS = {
    "CARRY": "Переходить на паралель вище",
    "JOIN": "Приєднується до іншого класу паралелі",
    "CLOSE": "Не переноситься: дітей розподілено по інших класах",
    "GRADUATE": "Випуск: здобули повну загальну середню освіту",
    "STAY": "Закінчує навчання в закладі: вибувають за документами",
}
CHILD_ACTS = {
    "CLASS": "Перевести до іншого класу",
    "REPEAT": "Залишити на повторний курс (за заявою батьків)",
    "LEAVE": "Відрахувати",
    "STAY": "Поки що не переводити",
    "": "Як увесь клас",
}


class ClassDecisionForm(Form):
    """What becomes of a class of this year."""

    act = forms.ChoiceField(
        label="Що станеться з класом", choices=list(ACTS.items()), widget=forms.RadioSelect
    )
    letter = forms.CharField(
        label="Літера класу",
        required=False,
        max_length=8,
        help_text="Нова літера класу, що переходить; або літера класу, до якого приєднують",
    )

    def __init__(self, *args: Any, teachers: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["teacher"] = forms.ChoiceField(
            label="Класний керівник", required=False, choices=[("", "Не призначено"), *teachers]
        )
        self.fields["type"] = forms.ChoiceField(
            label="Тип класу", choices=classifiers.choices("class_type", clock.today())
        )
        self.fields["language"] = forms.ChoiceField(
            label="Мова навчання", choices=classifiers.choices("language", clock.today())
        )
        self.fields["shift"] = forms.TypedChoiceField(
            label="Зміна", coerce=int, choices=[(1, "Перша"), (2, "Друга"), (3, "Третя")]
        )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)


class NewClassesForm(Form):
    """Classes that the order opens beside those that go on."""

    labels = forms.CharField(
        label="Назви класів",
        max_length=400,
        help_text="Через кому: 1-А, 1-Б. Можна скорочено: 1-АБВ або 1-А…В",
    )

    def __init__(self, *args: Any, teachers: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields |= class_fields()
        self.fields["teacher"] = forms.ChoiceField(
            label="Класний керівник",
            required=False,
            choices=[("", "Не призначено"), *teachers],
            help_text="Лише коли клас один",
        )


class ChildrenForm(Form):
    """What becomes of the chosen children, otherwise than of their class."""

    act = forms.ChoiceField(
        label="Що станеться з дітьми",
        choices=list(CHILD_ACTS.items()),
        required=False,
        widget=forms.RadioSelect,
        initial="CLASS",
    )
    letter = forms.CharField(
        label="Літера класу",
        required=False,
        max_length=8,
        help_text="Класу, до якого переходять або в якому лишаються. Літера, якої на паралелі ще "
        "немає, утворить новий клас: так клас ділять",
    )
    reason = forms.ChoiceField(
        label="Підстава відрахування",
        required=False,
        choices=[
            ("", "Виберіть"),
            *((code, one.words) for code, one in GROUNDS.items() if code != "DEATH"),
        ],
    )
    document = forms.CharField(
        label="Документ або причина",
        required=False,
        max_length=200,
        help_text="Заява батьків з датою, довідка чи витяг із наказу; чому дитину поки не переводять",
    )
