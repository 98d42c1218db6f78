"""Forms about merges."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from kernel.ui.forms import Form


def _named(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        help_text="Документ (серія і номер), РНОКПП, УНЗР або адреса картки дитини",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AskForm(Form):
    """Which two profiles are one child, and why."""

    retained = _named("Основний профіль: він залишиться")
    merged = _named("Другий профіль: його дані перейдуть до основного")
    ground = forms.CharField(
        label="Підстава",
        max_length=500,
        help_text="Документи, за якими видно, що це одна дитина",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SameForm(Form):
    """Which of the two profiles stays, and why they are one child."""

    retained = forms.ChoiceField(
        label="Основний профіль: він залишиться",
        help_text="Той, за яким дитина навчається зараз",
        widget=forms.RadioSelect,
    )
    ground = forms.CharField(
        label="Підстава",
        max_length=500,
        help_text="Документи, за якими видно, що це одна дитина",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, children: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        retained = cast(forms.ChoiceField, self.fields["retained"])
        retained.choices = children
        retained.initial = children[0][0] if children else None


class DifferForm(Form):
    """Why two profiles are two children."""

    reason = forms.CharField(
        label="Чому це різні діти",
        max_length=500,
        help_text="Наприклад: це близнюки; звірено зі свідоцтвами — різні номери",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RejectForm(Form):
    """Why the two stay two."""

    reason = forms.CharField(
        label="Чому не обʼєднувати",
        max_length=500,
        help_text="Наприклад: це брати-близнюки; бракує свідоцтва",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class UndoForm(Form):
    """Why a merge was a mistake."""

    ground = forms.CharField(
        label="Чому обʼєднання було помилковим",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
