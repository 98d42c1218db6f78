"""What a card of an institution may say: every field's rule, all problems told at once (D.1)."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from accounts import identifiers
from kernel.errors import Problem
from kernel.text import clean, plural
from registry.classifiers.models import Territory
from registry.classifiers.selectors import classifiers, territories
from registry.fields import contacts
from registry.institutions.models.institutions import Institution

Rule = Callable[[str, Any, datetime.date], tuple[Any, str]]  # field, value, the day
"""A field and its raw value to (clean value, what is wrong or '')."""

_SITE = re.compile(r"https?://[^\s<>\"']{3,250}")
_DIGITS = re.compile(r"[0-9]{1,10}")
_POSTAL = re.compile(r"[0-9]{5}")
_KOATUU = re.compile(r"[0-9]{10}")


@dataclasses.dataclass
class Checked:
    """Clean values by field name and everything wrong with the raw ones."""

    values: dict[str, Any]
    problems: list[Problem]


def check(
    raw: Mapping[str, Any], *, whole: bool, on: datetime.date, known: Territories | None = None
) -> Checked:
    """Check the fields given as of a day; with `whole`, those a new card cannot do without must be
    there.

    `known` holds territories read in advance, for checking many cards at once.
    """
    known = known or Territories()
    checked = Checked({}, [])
    for field, value in raw.items():
        rule = RULES.get(field)
        if rule is None:
            checked.problems.append(Problem(field, "unknown_field", "Такого поля в картці немає"))
            continue
        cleaned, wrong = rule(field, value, on)
        if wrong:
            checked.problems.append(Problem(field, "invalid", wrong))
        else:
            checked.values[field] = cleaned
    if whole:
        told = {problem.field for problem in checked.problems}
        for field, name in REQUIRED.items():
            if not checked.values.get(field) and field not in told:
                checked.problems.append(Problem(field, "required", f"Не вказано: {name}"))
        if not checked.values.get("short_name") and "full_name" in checked.values:
            checked.values["short_name"] = checked.values["full_name"]
            checked.problems = [p for p in checked.problems if p.field != "short_name"]
    checked.problems.extend(_of_place(checked.values, known))
    return checked


class Territories:
    """Current objects of КАТОТТГ by code, read one by one or all that a file names at once."""

    def __init__(self, codes_in_advance: set[str] | None = None):
        self._known: dict[str, Territory | None] = {}
        if codes_in_advance:
            found = territories.as_of().filter(code__in=codes_in_advance)
            self._known = dict.fromkeys(codes_in_advance) | {t.code: t for t in found}

    def get(self, code: str) -> Territory | None:
        """The object, or None when no current one has this code."""
        if code not in self._known:
            self._known[code] = territories.as_of().filter(code=code).first()
        return self._known[code]


def _of_place(values: Mapping[str, Any], known: Territories) -> list[Problem]:
    problems = []
    settlement = None
    if code := values.get("territory_code"):
        settlement = known.get(code)
        if settlement is None:
            problems.append(
                Problem(
                    "territory_code", "unknown_territory", f"КАТОТТГ не має чинного коду {code}"
                )
            )
        elif settlement.category not in "MTXCK":
            problems.append(
                Problem(
                    "territory_code",
                    "not_a_settlement",
                    f"{territories.short_label(settlement)} не населений пункт; "
                    "виберіть місто, селище чи село",
                )
            )
    if code := values.get("city_district_code"):
        district = known.get(code)
        if district is None or district.category != "B":
            problems.append(
                Problem("city_district_code", "not_a_district", "Це не район у місті за КАТОТТГ")
            )
        elif settlement is not None and settlement.code not in {
            district.parent_code,
            district.oblast_code,
        }:
            problems.append(
                Problem("city_district_code", "other_city", "Цей район належить іншому місту")
            )
    return problems


# ── rules ────────────────────────────────────────────────────────────────────
def _text(longest: int, *, required: bool = False) -> Rule:
    def rule(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
        text = clean(str(value or "").replace("\x00", ""))
        if required and not text:
            return "", f"Не вказано: {REQUIRED.get(field, field)}"
        if len(text) > longest:
            signs = plural(len(text), "знак", "знаки", "знаків")
            return "", f"Задовгий текст: {len(text)} {signs}, можна {longest}"
        return text, ""

    return rule


def _shape(pattern: re.Pattern[str], wrong: str, *, empty: Any) -> Rule:
    def rule(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
        text = str(value or "").strip()
        if not text:
            return empty, ""
        return (text, "") if pattern.fullmatch(text) else (empty, wrong)

    return rule


def _edrpou(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    text = identifiers.bare(str(value or ""))
    if not text:
        return None, ""  # branches often have none (handbook C.1)
    if not re.fullmatch(r"[0-9]{8}", text):
        return None, "Код ЄДРПОУ має 8 цифр, нулі на початку теж"
    if not identifiers.edrpou_is_valid(text):
        return None, "Такого коду ЄДРПОУ не буває: контрольна цифра не сходиться"
    return text, ""


def _item(classifier: str) -> Rule:
    def rule(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
        code = str(value or "")
        if not code:
            return "", f"Не вказано: {REQUIRED.get(field, field)}"
        if code not in classifiers.codes(classifier, on):
            return "", f"«{code}» немає серед значень довідника"
        return code, ""

    return rule


def _territory(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    text = identifiers.territory(str(value or ""))
    if not text:
        return "", "" if field == "city_district_code" else "Не вказано: населений пункт"
    return (text, "") if territories.CODE.fullmatch(text) else ("", "Код КАТОТТГ має UA і 17 цифр")


def _phones(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    numbers = []
    for part in re.split(r"[;,]", str(value or "")):
        if not part.strip():
            continue
        checked = contacts.check_phone(field, part.strip())
        if checked.value is None:
            return "", f"{part.strip()}: {checked.problems[0].detail}"
        numbers.append(checked.value)
    return ", ".join(dict.fromkeys(numbers)), ""


def _email(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    checked = contacts.check_email(field, str(value or "").strip())
    if checked.value is None:
        return "", checked.problems[0].detail
    return checked.value, ""


def _site(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    text = str(value or "").strip()
    if text and "://" not in text and "." in text:
        text = f"https://{text}"
    if text and not _SITE.fullmatch(text):
        return "", "Зразок адреси сайту: https://liceum.example.com"
    return text, ""


def _number(least: int, most: int, *, empty: Any) -> Rule:
    def rule(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
        if value in (None, ""):
            return empty, ""
        try:
            number = int(str(value).strip())
        except ValueError:
            return None, "Напишіть ціле число"
        if not least <= number <= most:
            return None, f"Число має бути від {least} до {most}"
        return number, ""

    return rule


def _flag(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    return bool(value), ""


def _languages(field: str, value: Any, on: datetime.date) -> tuple[Any, str]:
    chosen = [str(code) for code in value or []]
    strange = set(chosen) - classifiers.codes("language", on)
    if strange:
        return [], f"«{', '.join(sorted(strange))}» немає в довіднику мов"
    return list(dict.fromkeys(chosen)), ""


REQUIRED = {
    "full_name": "повна назва",
    "short_name": "скорочена назва",
    "type": "тип закладу",
    "ownership": "форма власності",
    "territory_code": "населений пункт",
}
RULES: dict[str, Rule] = {
    "full_name": _text(500, required=True),
    "short_name": _text(255),
    "kind": _item("institution_kind"),
    "type": _item("institution_type"),
    "ownership": _item("ownership"),
    "edrpou": _edrpou,
    "founder_edrpou": _edrpou,
    "diso_id": _shape(_DIGITS, "ID у ДІСО складається з цифр", empty=None),
    "edebo_id": _shape(_DIGITS, "ID у ЄДЕБО складається з цифр", empty=None),
    "territory_code": _territory,
    "city_district_code": _territory,
    "koatuu": _shape(_KOATUU, "Код КОАТУУ має 10 цифр", empty=""),
    "postal_code": _shape(_POSTAL, "Поштовий індекс має 5 цифр", empty=""),
    "address": _text(500),
    "phone": _phones,
    "email": _email,
    "site": _site,
    "director": _text(255),
    "managing_body": _text(500),
    "languages": _languages,
    "shifts": _number(1, 3, empty=1),
    "capacity": _number(1, 20_000, empty=None),
    "licensed_volume": _number(0, 20_000, empty=None),
    "is_hub": _flag,
    "is_rural": _flag,
    "is_mountain": _flag,
    "is_boarding": _flag,
}
# The head answers for these; the rest is told by the authority or the state registers.
OWN_FIELDS = frozenset(
    {
        "postal_code",
        "address",
        "phone",
        "email",
        "site",
        "director",
        "languages",
        "shifts",
        "capacity",
    }
)
# Keys to other registers: only the technical administrator corrects them (F089).
CODE_FIELDS = frozenset({"edrpou", "diso_id", "edebo_id", "founder_edrpou"})


def as_told(institution: Institution) -> dict[str, Any]:
    """The card's present values by field name, to compare with or to fill a form."""
    return {field: getattr(institution, field) for field in RULES}
