"""Children's facts with every kind of fault, the same for the same seed: for the runners of packs."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from accounts.identifiers import rnokpp_check_digit, unzr_check_digit
from registry.fields.documents import NAMES
from registry.fields.rules.vocabulary import FACTS

_FIRST = datetime.date(2008, 1, 1)
_TYPED = [
    "", "0", "7", "12345", "123456", "1234567890", "0000000000", "7146712358", "1234-5000123456",
    "I-СГ", "I-CE", "ХII-АБ", "IIII-АБ", "СТ", "FE", "№ 12/34-A", "A\\B", "ё1", "\n123456", "123456\n",
    "20951301-00011", "20950229-00011", "00000101-00011", "+380671234567", "+38067123456",
    "380671234567", "+48123456789", "+0123456789", "І" * 30, "😀", "Гасан ОГЛИ", "Ілліч", "петрівна",
]  # fmt: skip


def rows(number: int, seed: int = 20260901) -> Iterator[dict[str, Any]]:
    """So many children: right ones, each spoilt in none, one or several facts."""
    chance = random.Random(seed)
    for _ in range(number):
        row = _right(chance)
        for name in chance.sample(sorted(FACTS), chance.choice((0, 1, 1, 2, 4, 9))):
            row[name] = _spoilt(name, row, chance)
        yield row


def _day(chance: random.Random, first: datetime.date = _FIRST, days: int = 4000) -> datetime.date:
    return first + datetime.timedelta(days=chance.randrange(days))


def _right(chance: random.Random) -> dict[str, Any]:
    sex, born_on = chance.choice("MF"), _day(chance)
    year = chance.choice((2025, 2026))
    serial = f"{chance.randrange(1000):03d}{chance.randrange(5) * 2 + (sex == 'M')}"
    nine = f"{(born_on - datetime.date(1899, 12, 31)).days:05d}{serial}"
    twelve = f"{born_on:%Y%m%d}{chance.randrange(10_000):04d}"
    number = f"{chance.randrange(10**6):06d}"
    return {
        "surname": "Коваль",
        "given_name": "Саша",
        "patronymic": "Іванович" if sex == "M" else "Іванівна",
        "sex": sex,
        "born_on": born_on,
        "rnokpp": nine + str(rnokpp_check_digit(nine)),
        "rnokpp_state": "VALUE",
        "unzr": f"{twelve[:8]}-{twelve[8:]}{unzr_check_digit(twelve)}",
        "citizenship": "UA",
        "contact_status": "OK",
        "contact_attempts": None,
        "contact_actions": None,
        "grade": min(max(year - born_on.year - 6, 0), 13),
        "class_year_starts_on": datetime.date(year, 9, 1),
        "class_closed_on": None,
        "document_type": "BIRTH_UA",
        "document_series": "I-СГ",
        "document_number": number,
        "document_issued_on": born_on + datetime.timedelta(days=chance.randrange(60)),
        "document_valid_to": None,
        "certificate_type": "BIRTH_UA",
        "certificate_series": "I-СГ",
        "certificate_number": number,
        "displaced": None,
        "displaced_document": None,
        "displaced_issued_on": None,
        "displaced_from": None,
        "displaced_certificate": None,
        "abroad": None,
        "abroad_country": None,
        "abroad_studies": None,
        "lives_in": "UA",
        "representative": "Коваль",
        "representative_phone": "+380671234567",
        "today": _day(chance, datetime.date(year, 7, 1), 360),
        "year_starts_on": datetime.date(year, 9, 1),
    }


_CODES = {
    "sex": "MF",
    "document_type": (*NAMES, "OTHER"),
    "certificate_type": (*NAMES, "OTHER"),
    "contact_status": ("LOST_PUPIL", "LOST_REPRESENTATIVES", "LOST_BOTH", "RESTORED"),
    "displaced": ("IDP",),
    "abroad": ("ABROAD",),
    "abroad_studies": ("YES", "NO"),
    "lives_in": ("PL", "UA", "DE"),
    "abroad_country": ("PL", "DE"),
}


def _spoilt(name: str, row: dict[str, Any], chance: random.Random) -> Any:
    must_stand = name in ("today", "year_starts_on")
    if not must_stand and chance.random() < 0.3:
        return chance.choice((None, "")) if FACTS[name].type == "text" else None
    if name in _CODES:
        return chance.choice(_CODES[name])
    if FACTS[name].type == "date":
        far = datetime.date(chance.choice((1, 999, 1890, 2040, 9999)), 2, 28)
        leap = datetime.date(chance.choice((2000, 2012, 2096)), 2, 29)
        return chance.choice((far, leap, _day(chance), _day(chance, days=9000)))
    if FACTS[name].type == "int":
        return chance.randrange(14)
    typed, value = chance.choice(_TYPED), row[name] or ""
    at = chance.randrange(len(value) + 1)
    return chance.choice((typed, value[:at] + chance.choice("0579-АA я") + value[at + 1 :]))
