"""Forms of institutions and classes. Rules live in the services; here are labels and controls."""

from __future__ import annotations

from typing import Any

from django import forms

from kernel import clock
from kernel.ui.forms import DateField, Form
from registry.classifiers.portal.territory_field import TerritoryField
from registry.classifiers.selectors import classifiers

_HINTS = {
    "edrpou": "8 цифр; у філії може не бути",
    "phone": "Кілька номерів через кому",
    "capacity": "Скільки учнів вміщає будівля за проєктом",
}


_SECTIONS = (
    ("Назва і підпорядкування", ("under", "full_name", "short_name", "managing_body")),
    ("Вид", ("kind", "type", "ownership", "is_hub", "is_rural", "is_mountain", "is_boarding")),
    ("Коди", ("edrpou", "founder_edrpou", "diso_id", "edebo_id")),
    ("Місце", ("territory_code", "city_district_code", "address", "postal_code")),
    ("Як звʼязатися", ("phone", "email", "site", "director")),
    ("Навчання", ("languages", "shifts", "capacity", "licensed_volume")),
)
# Fields of a whole line: long ones, look-ups, and ticks, which stand one under another.
_WIDE = frozenset(
    {"under", "full_name", "territory_code", "city_district_code", "languages"}
    | {"is_hub", "is_rural", "is_mountain", "is_boarding"}
)


def _text(
    label: str, *, required: bool = False, long: bool = False, most: int = 500
) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 2}) if long else None
    return forms.CharField(label=label, required=required, max_length=most, widget=widget)


def _choice(label: str, classifier: str) -> forms.Field:
    return forms.ChoiceField(
        label=label,
        choices=[("", "Виберіть"), *classifiers.choices(classifier, clock.today())],
    )


def _fields() -> dict[str, forms.Field]:
    return {
        "full_name": _text("Повна назва", required=True, long=True),
        "short_name": _text("Скорочена назва", most=255),
        "kind": _choice("Вид закладу", "institution_kind"),
        "type": _choice("Тип закладу", "institution_type"),
        "ownership": _choice("Форма власності", "ownership"),
        "edrpou": _text("Код ЄДРПОУ", most=16),
        "diso_id": _text("ID у ДІСО", most=16),
        "edebo_id": _text("ID у ЄДЕБО", most=16),
        "founder_edrpou": _text("Код ЄДРПОУ засновника", most=16),
        "managing_body": _text("Орган управління за даними ЄДЕБО"),
        "territory_code": TerritoryField(label="Населений пункт"),
        "city_district_code": TerritoryField(
            label="Район у місті", categories="B", required=False, help_text="Якщо місто має райони"
        ),
        "postal_code": _text("Поштовий індекс", most=10),
        "address": _text("Адреса"),
        "phone": _text("Телефон", most=200),
        "email": _text("Електронна пошта", most=200),
        "site": _text("Сайт", most=250),
        "director": _text("Керівник (як у ЄДЕБО)", most=255),
        "languages": forms.MultipleChoiceField(
            label="Мови навчання",
            required=False,
            choices=classifiers.choices("language", clock.today()),
            widget=forms.CheckboxSelectMultiple,
        ),
        "shifts": forms.IntegerField(label="Кількість змін", required=False),
        "capacity": forms.IntegerField(label="Проєктна потужність", required=False),
        "licensed_volume": forms.IntegerField(label="Ліцензований обсяг", required=False),
        "is_hub": forms.BooleanField(label="Опорний заклад", required=False),
        "is_rural": forms.BooleanField(label="Сільський", required=False),
        "is_mountain": forms.BooleanField(label="Гірський", required=False),
        "is_boarding": forms.BooleanField(label="Інтернат", required=False),
    }


class InstitutionForm(Form):
    """The card, of only those fields the actor answers for."""

    def __init__(self, *args: Any, allowed: frozenset[str], **options: Any):
        super().__init__(*args, **options)
        for name, field in _fields().items():
            if name in allowed:
                field.help_text = field.help_text or _HINTS.get(name, "")
                self.fields[name] = field
        if options.get("initial", {}).get("version") is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def sections(self) -> list[tuple[str, list[tuple[Any, bool]]]]:
        """Fields in sections for the page, each with whether it spans both columns."""
        shown = []
        for title, names in _SECTIONS:
            fields = [(self[name], name in _WIDE) for name in names if name in self.fields]
            if fields:
                shown.append((title, fields))
        return shown

    @property
    def changes(self) -> dict[str, Any]:
        """What the services take: raw values by field name."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"version", "under"}
        }


class NewInstitutionForm(InstitutionForm):
    """A new card, with the authority it stands under."""

    def __init__(self, *args: Any, authorities: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        under = forms.ChoiceField(
            label="Підпорядкований", choices=[("", "Виберіть орган управління"), *authorities]
        )
        self.fields = {"under": under, **self.fields}


class ImportForm(Form):
    """The file of the open register."""

    file = forms.FileField(
        label="Файл реєстру ЄДЕБО",
        help_text="JSON до 40 МБ, як його віддає registry.edbo.gov.ua, або таблиця XLSX, XLS, ODS, CSV "
        "до 5 МБ",
    )


# ── classes ──────────────────────────────────────────────────────────────────
def class_fields() -> dict[str, forms.Field]:
    """What every new class is asked: type, form, language and shift, as the classifiers have them."""
    today = clock.today()
    return {
        "type": forms.ChoiceField(
            label="Тип класу", choices=classifiers.choices("class_type", today), initial="GENERAL"
        ),
        "form": forms.ChoiceField(
            label="Форма здобуття освіти",
            choices=classifiers.choices("education_form", today),
            initial="FULL_TIME",
        ),
        "language": forms.ChoiceField(
            label="Мова навчання", choices=classifiers.choices("language", today), initial="uk"
        ),
        "shift": forms.TypedChoiceField(
            label="Зміна", coerce=int, choices=[(1, "Перша"), (2, "Друга"), (3, "Третя")], initial=1
        ),
    }


class ClassesForm(Form):
    """Many classes at once by their names, all of one kind."""

    labels = forms.CharField(
        label="Назви класів",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="Через кому або з нового рядка: 1-А, 1-Б, 2-А. Можна скорочено: 5-АБВ або 5-А…В",
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields |= class_fields()
        self.fields["opened_on"] = DateField(
            label="Утворено з",
            required=False,
            help_text="Якщо клас утворено посеред року, — день за наказом: звіти за попередні дні "
            "його не рахують.",
        )


class ClassForm(Form):
    """One class."""

    grade = forms.IntegerField(label="Паралель", min_value=0, max_value=13)
    letter = forms.CharField(label="Літера", required=False, max_length=8)

    def __init__(self, *args: Any, teachers: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["teacher"] = forms.ChoiceField(
            label="Класний керівник", required=False, choices=[("", "Не призначено"), *teachers]
        )
        self.fields["type"] = forms.ChoiceField(
            label="Тип класу", choices=classifiers.choices("class_type", clock.today())
        )
        self.fields["form"] = forms.ChoiceField(
            label="Форма здобуття освіти",
            choices=classifiers.choices("education_form", clock.today()),
        )
        self.fields["language"] = forms.ChoiceField(
            label="Мова навчання", choices=classifiers.choices("language", clock.today())
        )
        self.fields["shift"] = forms.TypedChoiceField(
            label="Зміна", coerce=int, choices=[(1, "Перша"), (2, "Друга"), (3, "Третя")]
        )
        self.fields["profile"] = forms.CharField(label="Профіль", required=False, max_length=200)
        self.fields["capacity"] = forms.IntegerField(
            label="Гранична наповнюваність",
            required=False,
            help_text="Порожньо: 24 для 1–4, 30 для інших",
        )
        self.fields["since"] = DateField(
            label="Діє з",
            required=False,
            help_text="Тип, форма, мова, зміна, профіль і паралель стануть такими з цього дня: "
            "звіти за попередні дні не зміняться. Помилку, яка була від початку, виправляють із "
            "дня утворення класу.",
        )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)


class CopyForm(Form):
    """Which classes of the coming year to open from those of the last."""

    chosen = forms.MultipleChoiceField(
        label="Класи нового року", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, proposals: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        self.fields["chosen"].choices = proposals  # type: ignore[attr-defined]
        self.fields["first"] = forms.CharField(
            label="Перші класи",
            required=False,
            max_length=200,
            help_text="Їх немає звідки скопіювати: напишіть назви, як-от 1-А, 1-Б",
        )
