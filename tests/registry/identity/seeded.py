"""People with seeded duplicates: who is entered twice, with which fault, and who only looks so.

Everything is drawn from one seed and invented (handbook M.2). Two of a hundred have a second profile
with one fault of `FAULTS`, one in four of them with a second fault; hard cases that are not duplicates
are drawn as well: brothers and sisters, twins, namesakes of one day.
"""

from __future__ import annotations

import dataclasses
import datetime
import random
import uuid
from collections.abc import Callable, Iterator

from django.db import connection

from aikom.demo.synthetic import codes, names
from kernel.db import part_of_command

FIRST_BIRTH = datetime.date(2008, 9, 1)
DAYS = 12 * 365
_LATIN = {
    **dict(zip("абвгґдезийіклмнопрстуфь", [*"abvhgdezyiiklmnoprstuf", ""], strict=True)),
    "є": "ie", "ж": "zh", "ї": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ю": "iu", "я": "ia", "ʼ": "",
}  # fmt: skip
_AT_START = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_LOOK_ALIKE = str.maketrans("АВСЕНІКМОРТХасеікморху", "ABCEHIKMOPTXaceikmopxy")


@dataclasses.dataclass(frozen=True)
class Person:
    """A profile as it was entered."""

    id: uuid.UUID
    surname: str
    given_name: str
    patronymic: str
    sex: str
    born_on: datetime.date
    series: str
    number: str
    mother: tuple[str, str, str] | None
    phone: str


def latin(word: str) -> str:
    """As a passport writes it (постанова КМУ 55/2010)."""
    text = word.lower()
    text = text.replace("зг", "zgh")
    first = _AT_START.get(text[:1])
    rest = "".join(_LATIN.get(mark, mark) for mark in (text[1:] if first else text))
    return ((first or "") + rest).capitalize()


def _typo(chance: random.Random, word: str) -> str:
    if len(word) < 3:
        return word
    place = chance.randrange(1, len(word))
    other = chance.choice("абвгдежзиклмнопрстуя")
    before, mark, after = word[:place], word[place], word[place + 1 :]
    kind = chance.randrange(4)
    if kind == 3 and after:
        return f"{before}{after[0]}{mark}{after[1:]}"
    return [before + after, before + other + after, before + other + mark + after][kind % 3]


def _valid(year: int, month: int, day: int) -> datetime.date | None:
    try:
        found = datetime.date(year, month, day)
    except ValueError:
        return None
    return found if 2004 <= year <= 2024 else None


def _date_slip(chance: random.Random, born: datetime.date) -> datetime.date:
    """Day and month, two neighbouring digits, or one digit: the first that gives a date."""
    while True:
        digits = list(f"{born:%Y%m%d}")
        kind = chance.randrange(3)
        if kind == 0:
            digits = list(f"{born:%Y%d%m}")
        elif kind == 1:
            place = chance.choice((2, 4, 6))
            digits[place], digits[place + 1] = digits[place + 1], digits[place]
        else:
            digits[chance.choice((3, 5, 7))] = str(chance.randrange(10))
        text = "".join(digits)
        found = _valid(int(text[:4]), int(text[4:6]), int(text[6:]))
        if found is not None and found != born:
            return found


Fault = Callable[[random.Random, Person], Person]


def _with(**change: Callable[[random.Random, Person], object]) -> Fault:
    return lambda chance, one: dataclasses.replace(
        one, **{field: how(chance, one) for field, how in change.items()}
    )


FAULTS: dict[str, Fault] = {
    "apostrophe": _with(
        surname=lambda _, p: p.surname.replace("ʼ", "") if "ʼ" in p.surname else p.surname + "’"
    ),
    "look-alikes": _with(
        surname=lambda _, p: p.surname.translate(_LOOK_ALIKE),
        given_name=lambda _, p: p.given_name.translate(_LOOK_ALIKE),
    ),
    "transliterated": _with(
        surname=lambda _, p: latin(p.surname),
        given_name=lambda _, p: latin(p.given_name),
        patronymic=lambda _, p: latin(p.patronymic),
    ),
    "patronymic and name swapped": _with(
        given_name=lambda _, p: p.patronymic, patronymic=lambda _, p: p.given_name
    ),
    "no patronymic": _with(patronymic=lambda _, p: ""),
    "name and surname swapped": _with(
        surname=lambda _, p: p.given_name, given_name=lambda _, p: p.surname
    ),
    "typo in surname": _with(surname=lambda chance, p: _typo(chance, p.surname)),
    "typo in name": _with(given_name=lambda chance, p: _typo(chance, p.given_name)),
    "typo in patronymic": _with(patronymic=lambda chance, p: _typo(chance, p.patronymic)),
    "date": _with(born_on=lambda chance, p: _date_slip(chance, p.born_on)),
    "mother's surname": _with(surname=lambda chance, p: _surname(chance).of(p.sex)),
    "re-issued certificate": _with(),
}


_ALONE = {"look-alikes", "transliterated"}  # a word is in one alphabet


def _surname(chance: random.Random) -> names.Surname:
    found: names.Surname = names.surname_pool().pick(chance)
    return found


def people(count: int, seed: int) -> tuple[list[Person], dict[frozenset[uuid.UUID], str]]:
    """Profiles, and the pairs that are one child with the faults of the second profile."""
    chance = random.Random(seed)
    ids = _ids(chance)
    made: list[Person] = []
    serial = twins = 0

    def certificate() -> tuple[str, str]:
        nonlocal serial
        serial += 1
        return codes.birth_certificate(10_000_000 + serial)  # a country has the first ones

    def born() -> datetime.date:
        return FIRST_BIRTH + datetime.timedelta(days=chance.randrange(DAYS))

    def child(
        family: names.Surname,
        father: str,
        mother: tuple[str, str, str],
        phone: str,
        day: datetime.date,
    ) -> Person:
        sex = "MF"[chance.random() < 0.487]
        series, number = certificate()
        return Person(
            next(ids), family.of(sex),
            names.given_pool("boys" if sex == "M" else "girls").pick(chance),
            names.patronymic(father, sex), sex, day, series, number, mother, phone,
        )  # fmt: skip

    doubles = count * 2 // 100
    while len(made) < count - doubles:
        family, father = _surname(chance), names.given_pool("men").pick(chance)
        mother = (
            family.of("F"),
            names.given_pool("women").pick(chance),
            names.patronymic(names.given_pool("men").pick(chance), "F"),
        )
        phone = codes.phone(len(made))
        day = born()
        made.append(child(family, father, mother, phone, day))
        drawn = chance.random()
        if drawn < 0.012:  # twins, of one day and with neighbouring certificates
            twin = child(family, father, mother, phone, day)
            if twin.given_name != made[-1].given_name:
                twins += 2
                made[-1] = dataclasses.replace(made[-1], series="I-ДВ", number=f"{twins:06d}")
                made.append(dataclasses.replace(twin, series="I-ДВ", number=f"{twins + 1:06d}"))
        elif drawn < 0.25:  # a brother or sister
            made.append(child(family, father, mother, phone, born()))
        elif drawn < 0.253:  # a namesake of the same day, of other parents
            one = made[-1]
            other = _surname(chance), names.given_pool("women").pick(chance)
            stranger = (other[0].of("F"), other[1], names.patronymic("Назар", "F"))
            patronymic = names.patronymic(names.given_pool("men").pick(chance), one.sex)
            series, number = certificate()
            if patronymic != one.patronymic:
                made.append(
                    dataclasses.replace(
                        one, id=next(ids), patronymic=patronymic, series=series, number=number,
                        mother=stranger, phone=codes.phone(7_000_000 + len(made)),
                    )
                )  # fmt: skip
    truth: dict[frozenset[uuid.UUID], str] = {}
    kinds = list(FAULTS)
    for number, one in enumerate(chance.sample(made, doubles)):
        faults = [kinds[number % len(kinds)]]
        if chance.random() < 0.25:
            faults.append(
                chance.choice([kind for kind in kinds if kind not in {faults[0], *_ALONE}])
            )
        series, paper = certificate()
        second = dataclasses.replace(one, id=next(ids), series=series, number=paper)
        for fault in reversed(faults):  # what was typed wrong, then in which alphabet
            second = FAULTS[fault](chance, second)
        drawn = chance.random()
        if drawn < 0.3:  # another telephone of the same mother
            second = dataclasses.replace(second, phone=codes.phone(8_000_000 + number))
        elif drawn < 0.36 and faults[0] != "mother's surname":
            second = dataclasses.replace(second, mother=None)
        made.append(second)
        truth[frozenset((one.id, second.id))] = " + ".join(faults)
    chance.shuffle(made)
    return made, truth


def _ids(chance: random.Random) -> Iterator[uuid.UUID]:
    while True:
        yield uuid.UUID(int=chance.getrandbits(128), version=4)


@part_of_command
def enter(made: list[Person], class_id: int, institution_id: int) -> None:
    """Write the profiles with their certificates and mothers, enrolled last year."""
    columns = list(zip(*(dataclasses.astuple(one)[:8] for one in made), strict=True))
    mothers = [one for one in made if one.mother is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_pupil (id, surname, given_name, patronymic, sex, born_on, citizenship,
                rnokpp_state, contact_status, version, created_at, closed_reason, form)
            SELECT x.*, 'UA', 'NOT_ASSIGNED', 'OK', 1, now(), '', ''
            FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[]) x
            """,
            [list(column) for column in columns[:6]],
        )
        cursor.execute(
            """
            INSERT INTO registry_pupildocument (pupil_id, type, series, number, issued_by, is_primary,
                verification)
            SELECT x.*, '', true, 'NOT_CHECKED' FROM unnest(%s::uuid[], array_fill('BIRTH_UA'::text,
                ARRAY[%s]), %s::text[], %s::text[]) x
            """,
            [list(columns[0]), len(made), list(columns[6]), list(columns[7])],
        )
        cursor.execute(
            """
            WITH who AS (
                SELECT *, nextval(pg_get_serial_sequence('registry_guardian', 'id')) AS id
                FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
                    AS x(child, surname, given_name, patronymic, phone)
            ), people AS (
                INSERT INTO registry_guardian (id, surname, given_name, patronymic, phone, email, version)
                SELECT id, surname, given_name, patronymic, phone, '', 1 FROM who
            )
            INSERT INTO registry_guardianship (pupil_id, guardian_id, relation, starts_on, ground,
                identity_shown, version)
            SELECT child, id, 'MOTHER', date '2025-09-01', '', true, 1 FROM who
            """,
            [
                [one.id for one in mothers],
                *([one.mother[part] for one in mothers] for part in range(3)),  # type: ignore[index]
                [one.phone for one in mothers],
            ],
        )
        cursor.execute(
            """
            INSERT INTO registry_enrolment (pupil_id, institution_id, kind, starts_on, ends_on, origin,
                end_reason)
            SELECT x, %s, 'MAIN', date '2024-09-01', date '2025-06-01', 'MIGRATED', ''
            FROM unnest(%s::uuid[]) x
            """,
            [institution_id, list(columns[0])],
        )


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a search found of what there was to find: shares, and the pairs it erred in."""

    recall: float
    precision: float
    missed: dict[frozenset[uuid.UUID], str]
    wrong: list[frozenset[uuid.UUID]]


def measured(found: set[frozenset[uuid.UUID]], truth: dict[frozenset[uuid.UUID], str]) -> Measured:
    """How well the pairs found are those there were to find."""
    right = found & truth.keys()
    missed = {pair: faults for pair, faults in truth.items() if pair not in found}
    return Measured(
        len(right) / len(truth),
        len(right) / max(1, len(found)),
        missed,
        sorted(found - right, key=str),
    )
