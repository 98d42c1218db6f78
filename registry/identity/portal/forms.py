"""Forms about merges."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from kernel.ui.forms import Form
from registry.identity.kind import Kind


def _named(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AskForm(Form):
    """Which two profiles are one, and why."""

    retained = _named("Основний профіль: він залишиться")
    merged = _named("Другий профіль: його дані перейдуть до основного")
    ground = forms.CharField(
        label="Підстава",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("retained", "merged"):
            self.fields[name].help_text = kind.words.named_by
        self.fields["ground"].help_text = _shows(kind)


def _shows(kind: Kind) -> str:
    return f"Документи, за якими видно, що це {kind.words.one}"


class SameForm(Form):
    """Which of the two profiles stays, and why they are one."""

    retained = forms.ChoiceField(
        label="Основний профіль: він залишиться",
        widget=forms.RadioSelect,
    )
    ground = forms.CharField(
        label="Підстава",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, children: list[tuple[str, str]], kind: Kind, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"].help_text = _shows(kind)
        self.fields["retained"].help_text = f"Той, {kind.words.now}"
        retained = cast(forms.ChoiceField, self.fields["retained"])
        retained.choices = children
        retained.initial = children[0][0] if children else None


class DifferForm(Form):
    """Why two profiles are two children, or two people."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = f"Чому це {kind.words.differ}"
        self.fields["reason"].help_text = kind.words.as_when


class RejectForm(Form):
    """Why the two stay two."""

    reason = forms.CharField(
        label="Чому не обʼєднувати",
        max_length=500,
        help_text="Наприклад: це близнюки або тезки; бракує документа",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class UndoForm(Form):
    """Why a merge was a mistake."""

    ground = forms.CharField(
        label="Чому обʼєднання було помилковим",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
