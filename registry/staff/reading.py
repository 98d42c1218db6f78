"""A person and a post as typed, in a form or in a row of a table: one set of rules (handbook D.5)."""

from __future__ import annotations

import contextlib
import datetime
import decimal
from collections.abc import Mapping
from typing import Any

from kernel.tables import dates
from kernel.text import sort_key
from registry.classifiers.selectors import classifiers
from registry.fields import contacts, documents, names, numbers
from registry.fields.primitives import sex_of_patronymic
from registry.fields.reader import Reader
from registry.staff.models.posts import MOST_GRADE, MOST_RATE, Employee

NUMBERS = ("rnokpp", "unzr", "passport")
PERSON = (
    *("surname", "given_name", "patronymic", "born_on", "sex", "rnokpp", "rnokpp_state"),
    *("unzr", "passport", "teaching_since"),
)
_PASSPORTS = {"PASSPORT_BOOK", "ID_CARD"}


def person(read: Reader, today: datetime.date) -> dict[str, Any]:
    """The columns of `Employee` that a form or a row of a table says."""
    surname = read.keep(names.check("surname", read.text("surname"), required=True))
    given = read.keep(names.check("given_name", read.text("given_name"), required=True))
    patronymic = read.keep(names.check("patronymic", read.text("patronymic"), required=False))
    born_on = read.keep(dates.parse("born_on", read.text("born_on")))
    told = sex_of_patronymic(patronymic) if patronymic else None
    sex = read.keep(contacts.check_sex("sex", read.text("sex"), told_by_patronymic=told))
    if not sex and not any(one.field == "sex" for one in read.problems):
        read.say("sex", "required", "Вкажіть стать.")
    if born_on and born_on > today:
        read.say("born_on", "future", "Ця дата ще не настала.")
    number = read.keep(
        numbers.check_rnokpp("rnokpp", read.text("rnokpp"), born_on=born_on, sex=sex)
    ) or (None, "")
    unzr = read.keep(numbers.check_unzr("unzr", read.text("unzr"), born_on=born_on))
    since = read.keep(
        dates.parse("teaching_since", read.text("teaching_since"), required=False, today=today)
    )
    if since and (since > today or (born_on and since <= born_on)):
        read.say(
            "teaching_since", "wrong", "Стаж починається після народження і не пізніше за сьогодні."
        )
    return {
        "surname": surname,
        "given_name": given,
        "patronymic": patronymic or "",
        "born_on": born_on,
        "sex": sex,
        "rnokpp": number[0],
        "rnokpp_state": number[1],
        "unzr": unzr or None,
        "passport": passport(read),
        "teaching_since": since,
    }


def passport(read: Reader) -> str | None:
    """Series and number of the passport, or the number of the card, in one writing."""
    if not read.text("passport"):
        return None
    document = read.keep(documents.check("passport", read.text("passport"), kind=None))
    if document is None:
        return None
    if document.type not in _PASSPORTS:
        read.say(
            "passport",
            "type",
            "Тут потрібен паспорт: дві літери й шість цифр або девʼять цифр картки.",
        )
        return None
    return f"{document.series}{document.number}"


def post(read: Reader, today: datetime.date) -> dict[str, Any]:
    """The columns of `Post` that do not hang on a day."""
    position, category = read.text("position"), read.text("category")
    if position not in dict(classifiers.choices("position", today)):
        read.say("position", "unknown", "Виберіть посаду.")
    if category and category not in dict(classifiers.choices("staff_category", today)):
        read.say("category", "unknown", "Виберіть категорію зі списку.")
    rate = decimal.Decimal(0)
    with contextlib.suppress(decimal.InvalidOperation):
        rate = decimal.Decimal(read.text("rate").replace(",", ".") or "1")
    if not rate.is_finite() or not 0 < rate <= MOST_RATE or rate != round(rate, 2):
        read.say("rate", "wrong", f"Ставка — число від 0,01 до {MOST_RATE}, як-от 0,5.")
    said = read.text("grade").strip()
    grade = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0
    if said and not 1 <= grade <= MOST_GRADE:
        read.say("grade", "wrong", f"Тарифний розряд — число від 1 до {MOST_GRADE}.")
    return {
        "position": position,
        "is_main": read.ticked("is_main"),
        "rate": rate,
        "category": category,
        "is_full": read.ticked("is_full"),
        "grade": grade or None,
    }


def ground(read: Reader) -> None:
    """What a change rests on must be told."""
    if not read.text("ground"):
        read.say("ground", "required", "Вкажіть підставу: наказ, його номер і дату.")


def same_name(known: Employee, said: Mapping[str, Any]) -> bool:
    """Whether surname and given name are those of a known person."""
    return sort_key(f"{known.surname} {known.given_name}") == sort_key(
        f"{said['surname']} {said['given_name']}"
    )


def told(known: Employee, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a known person's row becomes: what is left out says nothing."""
    fresh = {name: said[name] or getattr(known, name) for name in PERSON}
    if not said["rnokpp"]:  # known by another number
        fresh |= {"rnokpp": known.rnokpp, "rnokpp_state": known.rnokpp_state}
    return fresh
