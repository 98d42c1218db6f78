"""Forms of the children's register."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel.ui.forms import Form
from registry.classifiers.portal.territory_field import TerritoryField
from registry.coverage.services import COLUMNS, NEEDED
from registry.coverage.terms import terms

_DAYS = frozenset({"born_on", "since", "until", "on"})
_HINTS = {
    "document": "Свідоцтво про народження, як у ньому: I-СГ 123456",
    "territory": "Почніть писати назву. Потрібен, якщо реєстр не знає дитини або за ним вона живе не тут",
    "line": "Вулиця, будинок",
    "surname": "Лише якщо реєстр не знає дитини",
    "ground": "Документ або відомості, їх дата й номер",
    "since": "дд.мм.рррр",
    "until": "Останній відомий день",
}


def day(label: str, hint: str = "дд.мм.рррр") -> forms.CharField:
    """A day as it is typed; the command reads it and says what is wrong."""
    attrs = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "30", "data-ak-date": True}
    return forms.CharField(
        label=label,
        required=False,
        max_length=30,
        help_text=hint,
        widget=forms.TextInput(attrs=attrs),
    )


class RecordForm(Form):
    """One child to be recorded: the columns of the table."""

    def __init__(self, *args: Any, kind: str, **options: Any):
        super().__init__(*args, **options)
        self.expected = NEEDED[kind]  # type: ignore[misc]
        for name, label in COLUMNS[kind].items():
            hint = _HINTS.get(name, "")
            if kind == "ABSENT" and name == "surname":
                hint = ""
            if name in _DAYS:
                field: forms.Field = day(label, hint or "дд.мм.рррр")
            elif name == "reason":
                field = forms.ChoiceField(
                    label=label, required=False, choices=list(terms().reasons[kind].items())
                )
            elif name == "sex":
                field = forms.ChoiceField(
                    label=label,
                    required=False,
                    choices=[("", "Виберіть"), ("Ж", "Жіноча"), ("Ч", "Чоловіча")],
                )
            elif name == "territory":
                field = TerritoryField(label="Населений пункт", required=False, help_text=hint)
            else:
                field = forms.CharField(label=label, required=False, max_length=500, help_text=hint)
            self.fields[name] = field


class TableForm(Form):
    """A table pasted, or a file."""

    expected = frozenset({"cells"})
    cells = forms.CharField(
        label="Рядки таблиці",
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Скопіюйте з Excel разом із назвами стовпців і вставте сюди.",
    )
    file = forms.FileField(label="Або файл XLSX, XLS, ODS чи CSV", required=False)


class StepForm(Form):
    """What is established or how it ended: from a day, on a ground."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, do: str, **options: Any):
        super().__init__(*args, prefix=None, **options)
        said = terms()
        if do == "establish":
            self.fields["reason"] = forms.ChoiceField(
                label="Причина", choices=list(said.reasons[kind].items())
            )
        if do == "close":
            self.fields["outcome"] = forms.ChoiceField(
                label="Чим завершено", choices=[("", "Виберіть"), *said.outcomes[kind].items()]
            )
        self.fields["on"] = day("З якого дня")
        self.fields["ground"] = forms.CharField(
            label="Підстава", required=False, max_length=500, help_text=_HINTS["ground"]
        )


class LetterForm(Form):
    """The number of a notice, and whom it goes to."""

    def __init__(self, *args: Any, kind: str, **options: Any):
        super().__init__(*args, **options)
        said = terms()
        self.fields["number"] = forms.CharField(
            label="Вихідний номер", required=False, max_length=50
        )
        self.fields["recipients"] = forms.MultipleChoiceField(
            label="Кого повідомляєте",
            required=False,
            choices=[(code, said.recipients[code]) for code in said.by_kind[kind]],
            widget=forms.CheckboxSelectMultiple,
        )
        for code in said.by_kind[kind]:
            self.fields[f"name_{code}"] = forms.CharField(
                label=f"Повна назва: {said.recipients[code]}",
                required=False,
                max_length=200,
                help_text="Як у документі; без неї стоятиме загальна назва.",
            )


class SentForm(Form):
    """When and how a notice went."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = day("Надіслано")
    how = forms.ChoiceField(label="Як", required=False)
    number = forms.CharField(label="Номер реєстрації в адресата", required=False, max_length=50)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["how"].choices = [("", "Виберіть"), *terms().delivery.items()]  # type: ignore[attr-defined]


class AnswerForm(Form):
    """What was answered."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = day("Відповіли")
    answer = forms.CharField(
        label="Відповідь",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Дата й номер листа, що зроблено",
    )


class EnterForm(Form):
    """On what ground one looks at children who may be missing."""

    expected = frozenset({"ground"})
    ground = forms.CharField(
        label="Підстава перегляду",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Доручення або запит, його дата й номер. Запишемо разом із кожним переглядом.",
    )
