"""Forms of the operator's road."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.roles import WRITES, Dataset
from integrations.eis.states import (
    DISCONNECTION_GROUNDS,
    SUSPENSION_GROUNDS,
    Function,
    Paper,
    Shield,
)
from kernel.ui.forms import DateField, Form

FILE = "PDF, JPEG або PNG до 3 МБ"
ACCEPT = {"accept": ".pdf,.jpg,.jpeg,.png"}


class Versioned(Form):
    """A form about a system as it was when the page was made."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def seen(self, version: int) -> None:
        """The page is of this version now: whoever sends it once more, after a refusal, has seen it."""
        if self.is_bound:
            data = cast(QueryDict, self.data).copy()
            data["version"] = str(version)
            self.data = data


def _file(label: str, *, required: bool = False) -> forms.FileField:
    return forms.FileField(
        label=label, help_text=FILE, required=required, widget=forms.FileInput(attrs=ACCEPT)
    )


def _functions() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Що робить ОІС",
        choices=Function.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Це перевіряють під час тестування й оприлюднюють (п. 18, п. 21)",
    )


def _writes() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Що ОІС записуватиме до бази",
        choices=[(one, Dataset(one).label) for one in WRITES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Читання заявляти не треба: набори даних відкриває керівник кожного закладу",
    )


class DescribeForm(Versioned):
    """What a system is."""

    name = forms.CharField(label="Назва ОІС", max_length=200)
    site = forms.CharField(label="Вебсайт", max_length=300, required=False)
    about = forms.CharField(label="Про ОІС", widget=forms.Textarea, required=False, max_length=4000)
    functions = _functions()
    writes = _writes()
    email = forms.CharField(label="Електронна адреса оператора", max_length=254)
    phone = forms.CharField(label="Телефон оператора", max_length=20, required=False)


class ApplicationForm(Versioned):
    """An application for connecting."""

    ownership = _file("Документ про право власності чи користування ОІС", required=True)
    description = _file("Опис ОІС та захисту інформації")
    about = forms.CharField(
        label="Додаткові відомості", widget=forms.Textarea, required=False, max_length=4000
    )


class FunctionsForm(Versioned):
    """An application for a change of functions."""

    functions = _functions()
    writes = _writes()
    about = forms.CharField(label="Що змінюється", widget=forms.Textarea, max_length=4000)
    description = _file("Опис змін")


class JoinForm(Versioned):
    """Joining the contract: its text stands on the page."""


class TransferForm(Versioned):
    """An application of the new operator."""

    ownership = _file("Документ про передання права на ОІС", required=True)
    description = _file("Опис ОІС та захисту інформації")
    about = forms.CharField(
        label="Додаткові відомості", widget=forms.Textarea, required=False, max_length=4000
    )


class LeaveForm(Versioned):
    """An application to be disconnected."""

    about = forms.CharField(label="Причина", widget=forms.Textarea, required=False, max_length=4000)


FILING: dict[str, type[Versioned]] = {
    Paper.APPLICATION: ApplicationForm,
    Paper.FUNCTIONS: FunctionsForm,
    Paper.JOIN: JoinForm,
    Paper.TRANSFER: TransferForm,
    Paper.LEAVE: LeaveForm,
}


class AttestForm(Versioned):
    """What attests that a system is protected."""

    kind = forms.ChoiceField(label="Документ", choices=Shield.choices, widget=forms.RadioSelect)
    number = forms.CharField(label="Номер", max_length=100)
    issued_on = DateField(label="Видано")
    valid_to = DateField(label="Діє до")
    paper = _file("Копія документа", required=True)


# ── the administrator ────────────────────────────────────────────────────────
class StepForm(Versioned):
    """A step that asks nothing."""


FINDINGS = 5  # rows of the form; more are told in its last ones


class ConcludeForm(Versioned):
    """A conclusion: its verdict and, when it is negative, mismatches with proposals (п.19)."""

    positive = forms.ChoiceField(
        label="Висновок",
        choices=[
            ("yes", "ОІС відповідає технічним вимогам"),
            ("no", "ОІС не відповідає технічним вимогам"),
        ],
        widget=forms.RadioSelect,
    )
    findings = forms.CharField(required=False, widget=forms.HiddenInput)
    about = forms.CharField(
        label="Що перевірено", widget=forms.Textarea, required=False, max_length=4000
    )
    needs_contract = forms.BooleanField(
        label="Зміни потребують нового договору",
        required=False,
        help_text="Лише для зміни функцій: тоді вони діють із дня укладення договору (п. 22)",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for number in range(1, FINDINGS + 1):
            self.fields[f"mismatch_{number}"] = forms.CharField(
                label=f"Невідповідність {number}", required=False, max_length=2000
            )
            self.fields[f"proposal_{number}"] = forms.CharField(
                label=f"Як усунути {number}", required=False, max_length=2000
            )

    @property
    def told(self) -> list[tuple[str, str]]:
        """Mismatch and proposal of each row that says anything."""
        rows = (
            (self.cleaned_data[f"mismatch_{n}"], self.cleaned_data[f"proposal_{n}"])
            for n in range(1, FINDINGS + 1)
        )
        return [pair for pair in rows if any(pair)]

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """Fields of each row, for the page."""
        for number in range(1, FINDINGS + 1):
            yield self[f"mismatch_{number}"], self[f"proposal_{number}"]


class GroundForm(Versioned):
    """Why a system is tested once more."""

    ground = forms.CharField(label="Підстава", widget=forms.Textarea, max_length=2000)


class TransferStepForm(Versioned):
    """Who has a system now."""

    to_name = forms.CharField(label="Новий оператор", max_length=300)
    to_code = forms.CharField(
        label="Код ЄДРПОУ або РНОКПП",
        max_length=10,
        help_text="Ним новий оператор увійде до кабінету",
    )
    transferred_on = DateField(label="Право передано")
    ground = forms.CharField(label="Документ про передання", max_length=500)


class NameForm(Versioned):
    """By which code the operator is known."""

    name = forms.CharField(label="Назва оператора", max_length=300)
    code = forms.CharField(
        label="Код ЄДРПОУ або РНОКПП",
        max_length=10,
        help_text="Ключ із цим кодом відкриє кабінет цієї ОІС",
    )


class JudgeForm(Versioned):
    """Whether an attestation is taken."""

    attestation = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label="Рішення",
        choices=[("yes", "Прийняти"), ("no", "Не приймати")],
        widget=forms.RadioSelect,
    )
    refusal = forms.CharField(
        label="Чому не прийнято", widget=forms.Textarea, required=False, max_length=2000
    )


class _MeasureForm(Versioned):
    explanation = forms.CharField(
        label="Пояснення", widget=forms.Textarea, required=False, max_length=2000
    )
    document = forms.CharField(
        label="Документ: номер і дата",
        required=False,
        max_length=300,
        help_text="Обовʼязково, коли порушення встановив інший орган",
    )


def _grounds(known: dict[str, str]) -> list[tuple[str, str]]:
    return [(code, f"{code.split('.')[1]}) {words}") for code, words in known.items()]


class SuspendForm(_MeasureForm):
    """On which ground of п.28 a system is suspended."""

    ground = forms.ChoiceField(
        label="Підстава (пункт 28 Положення)",
        choices=_grounds(SUSPENSION_GROUNDS),
        widget=forms.RadioSelect,
    )
    field_order = ("ground", "explanation", "document")


class DisconnectForm(_MeasureForm):
    """On which ground of п.29 a system is disconnected."""

    ground = forms.ChoiceField(
        label="Підстава (пункт 29 Положення)",
        choices=_grounds(DISCONNECTION_GROUNDS),
        widget=forms.RadioSelect,
    )
    field_order = ("ground", "explanation", "document")


class RestoreForm(Versioned):
    """How the violations were removed."""

    explanation = forms.CharField(
        label="Чим підтверджено усунення порушень",
        widget=forms.Textarea,
        help_text="Пункт 30 Положення",
    )


# ── texts ────────────────────────────────────────────────────────────────────
class TextForm(Form):
    """A version of the contract or of the requirements."""

    title = forms.CharField(label="Назва", max_length=300)
    body = forms.CharField(label="Текст", widget=forms.Textarea(attrs={"rows": "16"}))
    effective_on = DateField(label="Діє з")


class ApproveForm(Form):
    """The owner's decision."""

    approval = forms.CharField(
        label="Рішення володільця",
        max_length=300,
        help_text="Номер і дата, наприклад «№ 15 від 02.09.2026»",
    )
