"""Forms of the room: what is typed, in the words of documents. Rules live in services."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import identifiers
from accounts.roles import Duty, UnitKind
from accounts.services.people import Person
from accounts.services.units import NewUnit
from kernel.text import clean
from kernel.ui.forms import DateField, Form


class PersonForm(Form):
    """A person to be invited: the name as in documents, the code as in the certificate."""

    surname = forms.CharField(label="Прізвище", max_length=128)
    given_name = forms.CharField(label="Імʼя", max_length=128)
    patronymic = forms.CharField(label="По батькові", max_length=128, required=False)
    person_code = forms.CharField(
        label="РНОКПП",
        max_length=20,
        help_text="Десять цифр, як у сертифікаті підпису. Замість РНОКПП — номер паспорта, "
        "якщо людина від нього відмовилася.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="Електронна пошта", help_text="Сюди прийде запрошення. Діє сім днів."
    )
    ground = forms.CharField(
        label="Підстава",
        max_length=200,
        required=False,
        help_text="Наказ про призначення: № 203-к від 13.10.2026",
    )

    def clean(self) -> dict[str, Any]:
        """Put every part into its normal form and tell what is wrong with each."""
        data = super().clean() or {}
        person = self.person_of(data).normal()
        for problem in person.problems():
            if problem.field in self.fields and problem.field not in self.errors:
                self.add_error(
                    problem.field, forms.ValidationError(problem.detail, code=problem.code)
                )
        for field in ("surname", "given_name", "patronymic", "person_code", "email"):
            if field in data:
                data[field] = getattr(person, field)
        return data

    @staticmethod
    def person_of(data: dict[str, Any]) -> Person:
        """The person of these values, as typed."""
        return Person(
            surname=data.get("surname") or "",
            given_name=data.get("given_name") or "",
            patronymic=data.get("patronymic") or "",
            person_code=data.get("person_code") or "",
            email=data.get("email") or "",
        )

    @property
    def person(self) -> Person:
        return self.person_of(self.cleaned_data)

    @property
    def ground_text(self) -> str:
        return str(self.cleaned_data.get("ground", ""))


def _acting() -> forms.Field:
    return DateField(
        label="Виконує обовʼязки до",
        required=False,
        help_text="Лише для в. о. керівника: останній день за наказом. Порожньо — призначено.",
    )


class HeadForm(PersonForm):
    """A head, or an acting one."""

    acting_until = _acting()


class DeputyForm(PersonForm):
    """A responsible person with named duties."""

    position = forms.CharField(
        label="Посада", max_length=200, required=False, help_text="Заступник директора, секретар"
    )
    duties = forms.MultipleChoiceField(
        label="Обовʼязки",
        choices=Duty.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Накази підписує лише керівник: це право не передається.",
        error_messages={"required": "Позначте хоча б один обовʼязок"},
    )
    field_order = [
        "surname", "given_name", "patronymic", "person_code", "email", "position", "duties",
    ]  # fmt: skip


class DutiesForm(Form):
    """Duties of a responsible person."""

    duties = forms.MultipleChoiceField(
        label="Обовʼязки",
        choices=Duty.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Позначте хоча б один обовʼязок"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NewUnitForm(Form):
    """An authority that is not in the tree yet."""

    kind = forms.ChoiceField(label="Рівень", choices=(), widget=forms.RadioSelect)
    parent = forms.ChoiceField(label="Кому підпорядковується", choices=())
    name = forms.CharField(
        label="Повна назва", max_length=400, help_text="Відділ освіти Мамаївської сільської ради"
    )
    edrpou = forms.CharField(label="Код ЄДРПОУ", max_length=12, help_text="Вісім цифр")
    territory_code = forms.CharField(
        label="Код території за КАТОТТГ",
        max_length=24,
        required=False,
        help_text="Якщо знаєте: UA і 17 цифр",
    )

    def __init__(self, *args: Any, kinds: list[str], parents: list[tuple[str, str]], **kw: Any):
        super().__init__(*args, **kw)
        self.fields["kind"].choices = [(k, UnitKind(k).label) for k in kinds]  # type: ignore[attr-defined]
        self.fields["parent"].choices = [("", "Виберіть зі списку"), *parents]  # type: ignore[attr-defined]

    def clean_edrpou(self) -> str:
        code = identifiers.bare(self.cleaned_data["edrpou"])
        if told := identifiers.edrpou_problem(code):
            raise forms.ValidationError(told, code="bad_edrpou")
        return code

    def clean_territory_code(self) -> str:
        code = identifiers.territory(self.cleaned_data["territory_code"])
        if code and (told := identifiers.territory_problem(code)):
            raise forms.ValidationError(told, code="bad_territory_code")
        return code

    @property
    def unit(self) -> NewUnit:
        data = self.cleaned_data
        return NewUnit(
            kind=data["kind"],
            parent=data["parent"],
            name=clean(data["name"]),
            edrpou=data["edrpou"],
            territory_code=data["territory_code"],
        )


class MoveUnitForm(Form):
    """Under whom an authority stands from today on, by what act."""

    parent = forms.ChoiceField(label="Кому підпорядковується", choices=())
    ground = forms.CharField(
        label="Підстава",
        max_length=300,
        help_text="Акт, яким змінено підпорядкування: номер, дата, хто видав",
    )
    seen = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, parents: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["parent"].choices = [("", "Виберіть зі списку"), *parents]  # type: ignore[attr-defined]


class ReasonForm(Form):
    """Why a state changes; the words stay in the history."""

    reason = forms.CharField(
        label="Підстава",
        max_length=200,
        help_text="Наприклад: звільнено, наказ № 7-к від 20.11.2026",
    )


class SuccessorForm(PersonForm):
    """The reason why the head leaves, then who comes."""

    reason = forms.CharField(
        label="Чому змінюється керівник",
        max_length=200,
        help_text="Наприклад: звільнено, наказ № 7-к від 20.11.2026",
    )
    acting_until = _acting()
    field_order = ["reason", "surname", "given_name", "patronymic", "person_code", "email"]


class ResendForm(Form):
    """Where the invitation goes this time."""

    email = forms.EmailField(label="Електронна пошта")
