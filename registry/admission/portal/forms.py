"""Forms of admission."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel.ui.forms import DateField, Form
from registry.admission.process import GROUNDS
from registry.admission.services import DOCUMENTS


class PlacesForm(Form):
    """How many first classes, how many places in each, until when originals are shown."""

    classes = forms.IntegerField(label="Перших класів", min_value=0, max_value=30)
    in_class = forms.IntegerField(
        label="Місць у класі", min_value=1, max_value=40, help_text="За законом — до 24"
    )
    documents_by = DateField(label="Оригінали документів подають до", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class TerritoryForm(Form):
    """The streets and houses a school serves, a line each."""

    streets = forms.CharField(
        label="Вулиці та будинки",
        required=False,
        strip=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Рядок — вулиця, після коми будинки: вул. Шевченка, 1–25 непарні; 30; 32а. Без "
        "будинків — уся вулиця. Таблицю можна вставити з Excel: вулиця, будинки, код КАТОТТГ.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class CheckForm(Form):
    """Which grounds of the first turn the documents confirm, and which documents were shown."""

    documents = forms.MultipleChoiceField(
        label="Подані документи",
        required=False,
        choices=list(DOCUMENTS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    grounds = forms.MultipleChoiceField(
        label="Підтверджене право на зарахування без жеребкування",
        required=False,
        choices=list(GROUNDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, evidence: dict[str, str], **options: Any):
        super().__init__(*args, **options)
        self.fields["grounds"].choices = [  # type: ignore[attr-defined]
            (code, f"{words} ({evidence[code]})" if code in evidence else words)
            for code, words in GROUNDS.items()
        ]


class RefuseForm(Form):
    """Why an application is not considered."""

    reason = forms.CharField(label="Чому не розглядається", max_length=500)


class WithdrawForm(Form):
    """What the withdrawal rests on."""

    ground = forms.CharField(
        label="Підстава", max_length=500, help_text="Заява батьків, її дата й номер"
    )


class AnnounceForm(Form):
    """Which public value the draw will take."""

    takes = forms.CharField(
        label="Яке число візьмете",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Хто, де й коли його публікує. Воно має стати відомим після завершення прийому: "
        "офіційний курс євро НБУ на 10.06.2027, bank.gov.ua, чотири знаки після коми",
    )


class TogetherForm(AnnounceForm):
    """Which schools are drawn together, and which public value is taken."""

    schools = forms.TypedMultipleChoiceField(
        label="Заклади", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("schools", "takes")

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["schools"].choices = choices  # type: ignore[attr-defined]


class HoldForm(Form):
    """The public value, known now."""

    public_value = forms.CharField(label="Число", max_length=200)
