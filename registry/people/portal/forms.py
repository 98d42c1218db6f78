"""Forms of a child's profile. Fields hold words as typed; the commands' own rules judge them, so
that all mistakes of a form are told at once and in the same words as in a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django import forms

from kernel import clock
from kernel.ui.forms import DateField, Form
from registry.classifiers.portal.territory_field import TerritoryField
from registry.classifiers.selectors import classifiers
from registry.people.models.pupils import ABROAD, CLOSED, DISPLACED, MEALS, SEN


def _text(label: str, help_text: str = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs=attributes)
    )


def _day(label: str, help_text: str = "дд.мм.рррр") -> forms.CharField:
    return _text(
        label, help_text, **{"data-ak-date": "", "inputmode": "numeric", "autocomplete": "off"}
    )


def _confirmed() -> forms.BooleanField:
    return forms.BooleanField(label="Дані звірено з документами", required=False)


class _Typed(Form):
    """A form whose values go to a command as typed."""

    def offer(
        self, name: str, classifier: str, *, nothing: str = "", but: Collection[str] = ()
    ) -> None:
        """Give a field the items of a dictionary that may be chosen today, but for some; `nothing`
        names none."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - of this very class
        none = [("", nothing)] if nothing else []
        items = classifiers.choices(classifier, clock.today())
        field.choices = [*none, *(item for item in items if item[0] not in but)]

    def values(self) -> dict[str, str]:
        """Every field as text."""
        return {
            name: ("on" if value is True else "" if value in (None, False) else str(value))
            for name, value in self.cleaned_data.items()
        }


class ProfileForm(_Typed):
    """«Оновлення освітнього профілю дитини»: what identifies a child."""

    expected = frozenset({"surname", "given_name", "born_on", "sex", "ground"})

    version = forms.IntegerField(widget=forms.HiddenInput)
    surname = _text("Прізвище", autocomplete="off")
    given_name = _text("Імʼя", autocomplete="off")
    patronymic = _text("По батькові (за наявності)", autocomplete="off")
    born_on = _day("Дата народження")
    sex = forms.ChoiceField(
        label="Стать", choices=[("M", "Чоловіча"), ("F", "Жіноча")], required=False
    )
    citizenship = forms.ChoiceField(label="Громадянство", required=False)
    rnokpp = _text(
        "РНОКПП",
        "10 цифр; якщо від номера відмовилися через релігійні переконання, напишіть «відмова»; якщо не присвоєно, лишіть порожнім",
    )
    unzr = _text("УНЗР", "РРРРММДД-NNNNN")
    ground = _text("Підстава виправлення", "Документ, за яким виправляєте: вид, номер, дата")
    confirmed = _confirmed()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("citizenship", "country")


class DocumentForm(_Typed):
    """A document of a child; earlier ones stay."""

    expected = frozenset({"type", "document"})

    type = forms.ChoiceField(label="Тип документа", required=False)
    document = _text("Серія та номер", "Наприклад: I-СГ 123456")
    issued_by = _text("Ким видано")
    issued_on = _day("Дата видачі")
    valid_to = _day("Дійсний до", "Якщо документ має строк дії")
    is_primary = forms.BooleanField(label="Основний документ дитини", required=False)
    confirmed = _confirmed()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("type", "document_type")


class GuardianForm(_Typed):
    """A lawful representative."""

    expected = frozenset({"relation", "surname", "given_name"})

    relation = forms.ChoiceField(label="Тип відносин з дитиною", required=False)
    surname = _text("Прізвище", autocomplete="off")
    given_name = _text("Імʼя", autocomplete="off")
    patronymic = _text("По батькові (за наявності)", autocomplete="off")
    phone = _text("Контактний телефон", inputmode="tel")
    email = _text("Електронна пошта", inputmode="email")
    rnokpp = _text("РНОКПП", "За цим номером реєстр упізнає особу, яка представляє кількох дітей")
    passport = _text(
        "Номер паспорта, якщо від РНОКПП відмовилися",
        "Девʼять цифр або дві літери й шість цифр; за ним людину впізнають у вікні батьків",
    )
    identity_shown = forms.BooleanField(
        label="Предʼявлено документ, що посвідчує особу", required=False
    )
    ground = _text("Документ, що підтверджує", "Наприклад: рішення органу опіки, номер, дата")
    starts_on = _day("Представляє з")
    confirmed = _confirmed()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("relation", "relation", nothing="Виберіть")


class GuardianEditForm(GuardianForm):
    """A representative as read: the tie to the child and the person have a version each."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    guardian_version = forms.IntegerField(widget=forms.HiddenInput)


class ConfirmGuardianForm(Form):
    """By which document the person represents the child."""

    sends, leaves = "Підтвердити", "Не підтверджувати"

    version = forms.IntegerField(widget=forms.HiddenInput)
    guardian_version = forms.IntegerField(widget=forms.HiddenInput)
    ground = forms.CharField(
        label="Документ, який ви бачили",
        required=False,
        help_text="Свідоцтво про народження, рішення суду чи органу опіки: вид, номер, дата",
    )


class UnconfirmForm(Form):
    """Why a representative is confirmed no longer."""

    sends, leaves, takes_away = "Скасувати підтвердження", "Не скасовувати", True

    version = forms.IntegerField(widget=forms.HiddenInput)
    ground = forms.CharField(label="Чому підтвердження скасовують", required=False)


class AddressForm(_Typed):
    """Where the child is registered, or really lives."""

    expected = frozenset({"line"})

    version = forms.IntegerField(widget=forms.HiddenInput)
    country = forms.ChoiceField(label="Країна", required=False, initial="UA")
    territory_code = TerritoryField(label="Населений пункт (в Україні)", required=False)
    line = _text("Вулиця, будинок, квартира; за кордоном — повна адреса")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("country", "country")


class CategoryForm(_Typed):
    """A benefit of a child from a day. What has a card of its own has a form of its own."""

    expected = frozenset({"code", "starts_on"})

    code = forms.ChoiceField(label="Категорія", required=False)
    document = _text("Документ, що підтверджує", "Вид, номер, ким видано")
    issued_on = _day("Дата документа")
    starts_on = _day("Діє з")
    ends_on = _day("Не діє з", "Якщо відомо: перший день, коли вже не діє")
    confirmed = _confirmed()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("code", "pupil_category", nothing="Виберіть", but=OWN_CARDS)


class _OneCategory(_Typed):
    """A category that is told by the address of the page."""

    code: ClassVar[str]

    def values(self) -> dict[str, str]:
        """Every field as text, and the category."""
        return {**super().values(), "code": self.code}


class NeedsForm(_OneCategory):
    """Special educational needs: the level of support and what sets it."""

    code = SEN
    expected = frozenset({"level", "starts_on"})

    level = forms.ChoiceField(
        label="Необхідний рівень підтримки",
        required=False,
        choices=[("", "Виберіть"), *((str(n), f"{n}-й рівень") for n in range(1, 6))],
        help_text="1-й рівень визначає заклад; 2–5-й — інклюзивно-ресурсний центр",
    )
    document = _text("Номер висновку ІРЦ", "Для 2–5-го рівня; для 1-го можна не вказувати")
    issued_on = _day("Дата висновку")
    starts_on = _day("Підтримку надають з")
    ends_on = _day("Підтримку надають до", "Якщо строк відомо")


class MealsForm(_OneCategory):
    """«Забезпечується безкоштовним харчуванням»."""

    code = MEALS
    expected = frozenset({"document", "starts_on"})

    document = _text("Підстава", "Чому харчування безкоштовне: документ, номер, дата")
    starts_on = _day("Харчується з")
    ends_on = _day("Харчується до", "Якщо строк відомо")


class DisplacedForm(_OneCategory):
    """Displacement within the country."""

    code = DISPLACED
    expected = frozenset({"document", "issued_on", "starts_on"})

    document = _text("Номер довідки ВПО", "Наприклад: 1234-5000123456", inputmode="numeric")
    issued_on = _day("Дата довідки")
    origin_code = TerritoryField(label="Звідки переміщено", required=False)
    starts_on = _day("Переміщено з")
    ends_on = _day("До", "Якщо дитина повернулася")


class AbroadForm(_OneCategory):
    """Displacement abroad."""

    code = ABROAD
    expected = frozenset({"country", "starts_on"})

    country = forms.ChoiceField(label="Країна перебування", required=False)
    starts_on = _day("Дата виїзду")
    studies_there = forms.ChoiceField(
        label="Чи навчається там у закладі освіти",
        required=False,
        choices=[("", "Невідомо"), ("так", "Так, навчається"), ("ні", "Ні")],
    )
    ends_on = _day("Дата повернення", "Якщо дитина повернулася")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("country", "country", nothing="Виберіть")


class ContactForm(_Typed):
    """Contact with the child and its representatives: lost, or restored, from a day."""

    expected = frozenset({"status", "starts_on"})

    status = forms.ChoiceField(label="Стан звʼязку", required=False)
    starts_on = _day("З якого дня")
    attempts = _text("Як шукали звʼязок", "Кому й коли телефонували, писали, ходили")
    actions = forms.MultipleChoiceField(
        label="Куди звернулися", required=False, widget=forms.CheckboxSelectMultiple
    )
    occupied = forms.BooleanField(
        label="Дитина востаннє перебувала на тимчасово окупованій території", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("status", "contact_status", nothing="Виберіть", but=("OK",))
        self.offer("actions", "contact_action")

    def values(self) -> dict[str, str]:
        """Every field as text, those told parted by commas."""
        return {**super().values(), "actions": ", ".join(self.cleaned_data["actions"])}


class VoidForm(Form):
    """Why a record was written by mistake."""

    sends, leaves, takes_away = "Вилучити", "Не вилучати", True

    version = forms.IntegerField(widget=forms.HiddenInput)
    ground = forms.CharField(label="Чому запис помилковий", help_text="Документ або пояснення")


OWN_FORMS: Mapping[str, tuple[type[_OneCategory], str]] = {
    "needs": (NeedsForm, "Особливі освітні потреби"),
    "meals": (MealsForm, "Безкоштовне харчування"),
    "displaced": (DisplacedForm, "Внутрішнє переміщення"),
    "abroad": (AbroadForm, "Виїзд за кордон"),
}
OWN_CARDS = frozenset(form.code for form, _ in OWN_FORMS.values())


class CloseForm(Form):
    """Why, from when and by which document a profile is closed."""

    sends, leaves, takes_away = "Закрити профіль", "Не закривати", True

    reason = forms.ChoiceField(label="Причина", choices=[("", "Виберіть"), *CLOSED.items()])
    closed_on = DateField(label="Дата", help_text="Смерті або повноліття; дд.мм.рррр")
    ground = forms.CharField(
        label="Документ", help_text="Вид, номер, дата; наприклад, свідоцтво про смерть"
    )


class ReopenForm(Form):
    """Why a profile was closed by mistake."""

    sends, leaves = "Відкрити профіль", "Не відкривати"

    ground = forms.CharField(
        label="Підстава", help_text="Чому профіль закрито помилково: документ, номер, дата"
    )


class EndForm(Form):
    """The day a category or a guardianship ends."""

    sends, leaves = "Завершити", "Не завершувати"

    version = forms.IntegerField(widget=forms.HiddenInput)
    ends_on = DateField(label="Не діє з", help_text="дд.мм.рррр: перший день, коли вже не діє")
