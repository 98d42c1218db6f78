"""Forms of campaigns."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from kernel.ui.forms import DateField, Form
from reports import definition
from reports.campaigns.services import leading, levels, school


class _DuesForm(Form):
    """Last days of the levels."""

    due_school = DateField(label="Заклади підписують до", help_text="дд.мм.рррр, включно")
    due_local = DateField(label="Громади й райони зводять до")
    due_oblast = DateField(label="Області зводять до")

    @property
    def dues(self) -> list[datetime.date | None]:
        """The days in the order of the levels."""
        return [self.cleaned_data[name] for name in leading.DUES]


class AnnounceForm(_DuesForm):
    """What is collected, from whom, as of which day, by when."""

    title = forms.CharField(label="Назва збору", max_length=leading.LONGEST_TITLE)
    territory = forms.ChoiceField(label="Територія")
    as_of = DateField(label="Станом на")
    opens_on = DateField(
        label="Сформувати й відкрити", help_text="не раніше за дату, станом на яку збирають"
    )
    # The last: it hides the module.
    forms = forms.MultipleChoiceField(
        label="Форми", widget=forms.CheckboxSelectMultiple, help_text="Заклад підписує їх разом"
    )
    field_order = ("title", "forms", "territory", "as_of", "opens_on", *leading.DUES)

    def __init__(self, territories: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["forms"].choices = [  # type: ignore[attr-defined]
            (code, definition.load(code).short) for code in definition.codes()
        ]
        self.fields["territory"].choices = territories  # type: ignore[attr-defined]


class DaysForm(_DuesForm):
    """Later last days, another title."""

    title = forms.CharField(label="Назва збору", max_length=leading.LONGEST_TITLE)
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("title", *leading.DUES, "version")


class WithdrawForm(Form):
    """Why a campaign is given up."""

    why = forms.CharField(
        label="Чому збір скасовано",
        max_length=leading.LONGEST_WHY,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _SaidForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class ExplainForm(_SaidForm):
    """Why a control does not hold."""

    text = forms.CharField(
        label="Пояснення невідповідностей",
        max_length=school.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Його підписують разом зі звітом. Якщо помилка в даних, виправте картку й "
        "сформуйте звіт знову",
    )


class ReturnForm(_SaidForm):
    """What is to be mended."""

    comment = forms.CharField(
        label="Що виправити", max_length=levels.LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )


class SettleForm(_SaidForm):
    """On which ground an unsigned report is taken."""

    ground = forms.CharField(
        label="Підстава",
        max_length=levels.LONGEST,
        help_text="рішення про припинення чи реорганізацію: чиє, дата, номер",
    )
