"""What identifies a child: names, birth date, sex, numbers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel.db import command, part_of_command, violation
from kernel.tables import dates
from kernel.tables.cells import storable
from kernel.text import latin
from registry.fields import contacts, names, numbers
from registry.fields.primitives import sex_of_patronymic
from registry.fields.reader import Reader
from registry.people.errors import NumberTaken
from registry.people.events import PupilCorrected
from registry.people.models.pupils import (
    Pupil,
)
from registry.people.services.steps import kept, require_version, tell


@command
def correct(
    *,
    actor: Actor,
    pupil_id: Any,
    version: int,
    values: Mapping[str, str],
    ground: str,
    today: datetime.date,
) -> Pupil:
    """Correct what identifies a child: names, birth date, sex, numbers; with the ground for it.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
        StaleVersion: somebody saved the profile after it was read.
        Invalid: every wrong field; doubts until `confirmed` is set among the values.
        NumberTaken: РНОКПП or УНЗР is another child's.
    """
    return corrected(kept(actor, pupil_id), version, values, ground, today)


@part_of_command
def corrected(
    pupil: Pupil, version: int, values: Mapping[str, str], ground: str, today: datetime.date
) -> Pupil:
    """`correct`, of a child in hand."""
    require_version(pupil, version)
    read = Reader(values)
    surname = read.keep(names.check("surname", read.text("surname"), required=False))
    given = read.keep(names.check("given_name", read.text("given_name"), required=False))
    patronymic = read.keep(names.check("patronymic", read.text("patronymic"), required=False))
    born_on = read.keep(dates.parse("born_on", read.text("born_on"), required=False))
    told = sex_of_patronymic(patronymic) if patronymic else None
    sex = read.keep(contacts.check_sex("sex", read.text("sex"), told_by_patronymic=told))
    read.judge(
        {
            "surname": surname,
            "given_name": given,
            "patronymic": patronymic,
            "born_on": born_on,
            "sex": sex,
            "today": today,
        },
        "surname",
        "given_name",
        "sex",
        "born_on",
    )
    number = read.keep(
        numbers.check_rnokpp("rnokpp", read.text("rnokpp"), born_on=born_on, sex=sex)
    )
    unzr = read.keep(numbers.check_unzr("unzr", read.text("unzr"), born_on=born_on))
    citizenship = latin(read.text("citizenship").upper()) or pupil.citizenship
    if not (len(citizenship) == 2 and citizenship.isascii() and citizenship.isalpha()):
        read.say("citizenship", "shape", "Код країни з двох латинських літер: UA, PL, DE.")
    ground = storable(ground)
    if not ground:
        read.say("ground", "required", "Вкажіть підставу: документ, за яким виправляєте.")
    read.stop_if_wrong()
    fresh = {
        "surname": surname,
        "given_name": given,
        "patronymic": patronymic,
        "born_on": born_on,
        "sex": sex,
        "rnokpp": number[0],
        "rnokpp_state": number[1],
        "unzr": unzr or None,
        "citizenship": citizenship,
    }
    changed = {
        name: (getattr(pupil, name), value)
        for name, value in fresh.items()
        if getattr(pupil, name) != value
    }
    if not changed:
        return pupil
    for name, (_, value) in changed.items():
        setattr(pupil, name, value)
    pupil.version += 1
    with (
        violation("one_pupil_per_rnokpp", lambda: NumberTaken(field="rnokpp")),
        violation("one_pupil_per_unzr", lambda: NumberTaken(field="unzr")),
    ):
        pupil.save(update_fields=[*changed, "version"])
    tell(
        PupilCorrected,
        pupil,
        changed={
            name: (_kept(was), _kept(now))
            for name, (was, now) in changed.items()
            if name != "rnokpp_state"
        },
        ground=ground,
    )
    return pupil


def values_of(pupil: Pupil) -> dict[str, str]:
    """What identifies a child as its form has it: what is to be corrected is put over it."""
    return {
        "surname": pupil.surname,
        "given_name": pupil.given_name,
        "patronymic": pupil.patronymic,
        "born_on": f"{pupil.born_on:%d.%m.%Y}",
        "sex": pupil.sex,
        "citizenship": pupil.citizenship,
        "rnokpp": pupil.rnokpp or ("відмова" if pupil.rnokpp_state == "REFUSED" else ""),
        "unzr": pupil.unzr or "",
    }


def _kept(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value or "")
