"""What of a child's card parents may ask to correct, and how each field is read, judged and written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from kernel.tables import dates
from kernel.tables.cells import tidy
from kernel.tables.findings import Checked, error
from kernel.text import phones
from registry.fields import contacts, names, numbers
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil

Check = Callable[[str], Checked[Any]]


@dataclasses.dataclass(frozen=True)
class Field:
    """One field: of the child (`child`), an address of it (`address`), the person who asks (`person`),
    or anything else that the school corrects by itself (`other`)."""

    label: str
    of: str
    name: str
    check: Check
    masked: bool = False


def _name(what: str, *, required: bool) -> Check:
    return lambda text: names.check(what, text, required=required)


def _line(text: str) -> Checked[str]:
    said = tidy(text)[:300]
    if not said:
        return Checked(None, (error("wanted", "required", "Напишіть, як має бути."),))
    return Checked(said)


def _email(text: str) -> Checked[str]:
    if not tidy(text):
        return _line(text)
    return contacts.check_email("email", text)


FIELDS: Mapping[str, Field] = {
    "surname": Field("Прізвище дитини", "child", "surname", _name("surname", required=True)),
    "given_name": Field("Імʼя дитини", "child", "given_name", _name("given_name", required=True)),
    "patronymic": Field(
        "По батькові дитини", "child", "patronymic", _name("patronymic", required=True)
    ),
    "born_on": Field(
        "Дата народження дитини",
        "child",
        "born_on",
        lambda text: dates.parse("born_on", text, required=True),
    ),
    "rnokpp": Field(
        "РНОКПП дитини",
        "child",
        "rnokpp",
        lambda text: numbers.check_rnokpp("rnokpp", text, born_on=None, sex=None),
        masked=True,
    ),
    "unzr": Field(
        "УНЗР дитини",
        "child",
        "unzr",
        lambda text: numbers.check_unzr("unzr", text, born_on=None),
        masked=True,
    ),
    "address_actual": Field("Адреса, де дитина живе", "address", "ACTUAL", _line),
    "address_registered": Field("Адреса реєстрації дитини", "address", "REGISTERED", _line),
    "my_surname": Field("Моє прізвище", "person", "surname", _name("surname", required=True)),
    "my_given_name": Field("Моє імʼя", "person", "given_name", _name("given_name", required=True)),
    "my_patronymic": Field(
        "Моє по батькові", "person", "patronymic", _name("patronymic", required=True)
    ),
    "my_phone": Field(
        "Мій телефон",
        "person",
        "phone",
        lambda text: contacts.check_phone("phone", text, required=True),
    ),
    "my_email": Field("Моя електронна пошта", "person", "email", _email),
    "other": Field("Інше", "other", "", _line),
}


def now(field: Field, pupil: Pupil, tie: Guardianship | None) -> str:
    """What stands in the card, in plain words; '' nothing."""
    if field.of == "child":
        value = getattr(pupil, field.name)
        return dates.show(value) if field.name == "born_on" else str(value or "")
    if field.of == "address":
        row = pupil.addresses.filter(kind=field.name).first()
        return row.line if row else ""
    if field.of == "person" and tie is not None:
        value = str(getattr(tie.guardian, field.name) or "")
        return phones(value) if field.name == "phone" and value else value
    return ""
