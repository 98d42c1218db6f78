"""The closed vocabulary of rules: facts, what follows from facts, conditions.

Everything here has two faces that must agree, Python's and SQL's; a new word gets both, a line of
explanation for whoever runs the rules elsewhere, and its values in tests/registry/fields/test_packs.py.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any, Literal

from kernel.tables.dates import show, years
from registry.fields import primitives

Type = Literal["text", "date", "int"]


@dataclasses.dataclass(frozen=True)
class Fact:
    """Something known of a child as it stands in the register."""

    type: Type
    means: str


@dataclasses.dataclass(frozen=True)
class Derived:
    """Something that follows from facts; absent when any of them is."""

    type: Type
    of: tuple[str, ...]
    means: str
    python: Callable[..., Any]
    sql: str
    total: bool = False  # there whenever what it follows from is there


FACTS: dict[str, Fact] = {
    "surname": Fact("text", "Прізвище"),
    "given_name": Fact("text", "Імʼя"),
    "patronymic": Fact("text", "По батькові"),
    "sex": Fact("text", "Стать: M або F"),
    "born_on": Fact("date", "Дата народження"),
    "rnokpp": Fact("text", "РНОКПП"),
    "rnokpp_state": Fact("text", "Стан РНОКПП: VALUE, REFUSED, NOT_ASSIGNED"),
    "unzr": Fact("text", "УНЗР, РРРРММДД-NNNNN"),
    "citizenship": Fact("text", "Громадянство, код країни"),
    "contact_status": Fact("text", "Стан звʼязку (довідник contact_status)"),
    "contact_attempts": Fact("text", "Як шукали втрачений звʼязок"),
    "contact_actions": Fact("text", "Куди звернулися (довідник contact_action)"),
    "grade": Fact("int", "Паралель класу, у якому дитина навчається"),
    "class_year_starts_on": Fact("date", "Перший день навчального року цього класу"),
    "class_closed_on": Fact("date", "День, відколи цього класу немає"),
    "document_type": Fact("text", "Вид основного документа (довідник document_type)"),
    "document_series": Fact("text", "Серія основного документа"),
    "document_number": Fact("text", "Номер основного документа"),
    "document_issued_on": Fact("date", "Дата видачі основного документа"),
    "document_valid_to": Fact("date", "Строк дії основного документа"),
    "certificate_type": Fact("text", "BIRTH_UA або BIRTH_FOREIGN, якщо свідоцтво внесено"),
    "certificate_series": Fact("text", "Серія свідоцтва про народження"),
    "certificate_number": Fact("text", "Номер свідоцтва про народження"),
    "displaced": Fact("text", "IDP, якщо діє категорія внутрішньо переміщеної особи"),
    "displaced_document": Fact("text", "Документ категорії внутрішньо переміщеної особи"),
    "displaced_certificate": Fact("text", "Номер довідки про взяття на облік ВПО серед документів"),
    "displaced_issued_on": Fact("date", "Дата цього документа"),
    "displaced_from": Fact("text", "Звідки переміщено, код КАТОТТГ"),
    "abroad": Fact("text", "ABROAD, якщо діє категорія перебування за кордоном"),
    "abroad_country": Fact("text", "Країна перебування за цією категорією"),
    "abroad_studies": Fact("text", "YES або NO, якщо сказано, чи навчається там"),
    "lives_in": Fact("text", "Країна фактичного місця проживання"),
    "representative": Fact("text", "Прізвище будь-кого з представників"),
    "representative_phone": Fact("text", "Телефон будь-кого з представників"),
    "today": Fact("date", "День перевірки за київським часом"),
    "year_starts_on": Fact("date", "Перший день навчального року"),
}

DERIVED: dict[str, Derived] = {
    "rnokpp_born_on": Derived(
        "date",
        ("rnokpp",),
        "31.12.1899 і стільки днів, скільки кажуть перші пʼять цифр",
        primitives.rnokpp_born_on,
        "registry_rnokpp_born_on({0})",
    ),
    "rnokpp_sex": Derived(
        "text",
        ("rnokpp",),
        "M, якщо девʼята цифра непарна, інакше F",
        primitives.rnokpp_sex,
        "registry_rnokpp_sex({0})",
    ),
    "unzr_born_on": Derived(
        "date",
        ("unzr",),
        "дата з перших восьми цифр; немає, якщо такої дати не буває",
        primitives.unzr_born_on,
        "registry_unzr_born_on({0})",
    ),
    "patronymic_sex": Derived(
        "text",
        ("patronymic",),
        "M за закінченнями -ович, -йович…, F за -івна, -ївна…; інакше немає",
        primitives.sex_of_patronymic,
        "registry_sex_of_patronymic({0})",
    ),
    "age": Derived(
        "int",
        ("born_on", "year_starts_on"),
        "повних років у перший день навчального року, до народження 0",
        primitives.full_years,
        "registry_full_years({0}, {1})",
        total=True,
    ),
    "usual_age": Derived(
        "int",
        ("grade",),
        "клас і пʼять років",
        primitives.usual_age,
        "registry_usual_age({0})",
        total=True,
    ),
    "usual_age_more": Derived(
        "int",
        ("grade",),
        "на рік більше за usual_age",
        lambda grade: primitives.usual_age(grade) + 1,
        "(registry_usual_age({0}) + 1)",
        total=True,
    ),
}


@dataclasses.dataclass(frozen=True)
class Word:
    """A condition over values. `takes` are types of its arguments, «same» two facts of one type,
    «number» a whole number, «codes» at least one constant; `spare` of the facts may be absent and
    then read as «». It does not hold when any other fact is absent.
    """

    takes: tuple[str, ...]
    means: str
    python: Callable[..., bool]
    sql: str
    spare: tuple[int, ...] = ()


WORDS: dict[str, Word] = {
    "equal": Word(("same", "same"), "перше дорівнює другому", lambda a, b: a == b, "{0} = {1}"),
    "before": Word(("same", "same"), "перше раніше за друге", lambda a, b: a < b, "{0} < {1}"),
    "not_after": Word(
        ("same", "same"), "перше не пізніше за друге", lambda a, b: a <= b, "{0} <= {1}"
    ),
    "at_most": Word(("int", "number"), "не більше за число", lambda a, b: a <= b, "{0} <= {1}"),
    "among": Word(
        ("text", "codes"), "одне з названого", lambda a, codes: a in codes, "{0} = ANY({1})"
    ),
    "rnokpp_checksum": Word(
        ("text",),
        "десять цифр, не всі нулі; остання = сума перших девʼяти з вагами -1 5 7 9 4 6 10 5 7, "
        "за модулем 11, потім 10",
        primitives.rnokpp_is_valid,
        "registry_rnokpp_is_valid({0})",
    ),
    "unzr_checksum": Word(
        ("text",),
        "остання цифра = сума дванадцяти попередніх з вагами 7 3 1 за модулем 10",
        primitives.unzr_is_valid,
        "registry_unzr_is_valid({0})",
    ),
    "unzr_date": Word(
        ("text",),
        "перші вісім цифр — дата, яка буває",
        lambda unzr: primitives.unzr_born_on(unzr) is not None,
        "(registry_unzr_born_on({0}) IS NOT NULL)",
    ),
    "document_shape": Word(
        ("text", "text", "text"),
        "вид, серія та номер відповідають взірцям із document_shapes",
        primitives.document_shape,
        "registry_document_shape({0}, {1}, {2})",
        spare=(1,),
    ),
    "phone_shape": Word(
        ("text",),
        "+380 і девʼять цифр або інший міжнародний номер",
        primitives.phone_shape,
        "registry_phone_shape({0})",
    ),
    "age_fits_grade": Word(
        ("date", "int", "date"),
        "повних років у цей день від «клас + 4» до «клас + 9»",
        primitives.age_fits_grade,
        "registry_age_fits_grade({0}, {1}, {2})",
    ),
}

# How a fact is written into a message: {born_on}, {age:years}.
FORMATS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "": ("дата як дд.мм.рррр, інше як є", lambda v: show(v) if isinstance(v, datetime.date) else str(v)),
    "years": ("«1 рік», «3 роки», «11 років»", years),
    "whose": ("M — «хлопця», F — «дівчини»", lambda v: "хлопця" if v == "M" else "дівчини"),
    "letter": ("M — «Ч», F — «Ж»", lambda v: "Ч" if v == "M" else "Ж"),
}  # fmt: skip


def type_of(name: str) -> Type | None:
    """The type of a fact or of what follows from facts; None for an unknown name."""
    found = FACTS.get(name) or DERIVED.get(name)
    return found.type if found is not None else None
