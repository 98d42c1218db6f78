"""Children with their families, and grown-ups who work in schools."""

from __future__ import annotations

import dataclasses
import datetime
import random

from aikom.demo.synthetic import codes, names

# Share of children in a category, in thousandths; people of the country's size, war included.
# Calibrated on handbook L (abroad 303 of 3,508 thousand) and otherwise plausible (own).
CATEGORY_SHARES = {
    "LARGE_FAMILY": 90,
    "COMBATANT_CHILD": 85,
    "ABROAD": 60,
    "IDP": 50,
    "LOW_INCOME": 30,
    "DISABILITY": 18,
    "SEN": 17,
    "HALF_ORPHAN": 13,
    "FALLEN_CHILD": 6,
    "NO_PARENTAL_CARE": 5,
    "ORPHAN": 4,
    "HARDSHIP": 4,
    "MISSING_CHILD": 2,
    "CHORNOBYL": 1,
    "REFUGEE": 1,
}
# Support levels 1-5 of children with special educational needs, per hundred.
SUPPORT_LEVELS = (30, 36, 22, 8, 4)
COUNTRIES = ("PL", "DE", "CZ", "RO", "IT", "ES", "GB", "CA", "MD", "PT")
_COUNTRY_WEIGHTS = (34, 25, 10, 8, 8, 5, 4, 3, 2, 1)
# Маріуполь, Бахмут, Мелітополь, Каховка.
DISPLACED_FROM = (
    *("UA14140050010029262", "UA14020010010059145"),
    *("UA23080070010092407", "UA65060110010021041"),
)
_FREE_MEALS = {"LOW_INCOME", "ORPHAN", "NO_PARENTAL_CARE", "SEN", "COMBATANT_CHILD", "IDP"}
_VERIFIED = ("CONFIRMED", "NOT_CHECKED", "MISMATCH", "NOT_FOUND")


@dataclasses.dataclass
class Document:
    """A child's document as the register keeps it."""

    type: str
    series: str
    number: str
    issued_by: str
    issued_on: datetime.date
    is_primary: bool
    verification: str = "NOT_CHECKED"
    valid_to: datetime.date | None = None


@dataclasses.dataclass
class Category:
    """A category from a day on; `level` for SEN, `country` for ABROAD."""

    code: str
    starts_on: datetime.date
    document: str = ""
    level: int | None = None
    country: str = ""
    issued_on: datetime.date | None = None
    origin_code: str = ""
    studies_there: bool | None = None


@dataclasses.dataclass
class Parent:
    """A lawful representative."""

    relation: str
    surname: str
    given_name: str
    patronymic: str
    phone: str
    email: str


@dataclasses.dataclass
class Child:
    """A child with papers, family and categories."""

    surname: str
    given_name: str
    patronymic: str
    sex: str
    born_on: datetime.date
    form: str = "FULL_TIME"
    citizenship: str = "UA"
    rnokpp: str | None = None
    contact_status: str = "OK"
    documents: list[Document] = dataclasses.field(default_factory=list)
    parents: list[Parent] = dataclasses.field(default_factory=list)
    categories: list[Category] = dataclasses.field(default_factory=list)
    abroad: str = ""

    def has(self, code: str) -> bool:
        """Whether the child is in the category."""
        return any(category.code == code for category in self.categories)


@dataclasses.dataclass
class Adult:
    """Somebody who works in a school or an authority."""

    surname: str
    given_name: str
    patronymic: str
    sex: str
    born_on: datetime.date


def born_for_grade(chance: random.Random, grade: int, starts: int) -> datetime.date:
    """A birth date of a pupil of `grade` in the school year that begins in September of `starts`.

    Most turn 6 + grade − 1 in the year before 1 September; one in eight is a few months older, one
    in fifteen a few months younger, one in fifty a whole year older.
    """
    first = datetime.date(starts - 7 - (grade - 1), 9, 1)
    born = first + datetime.timedelta(days=chance.randrange(365))
    shift = chance.random()
    if shift < 0.125:
        born -= datetime.timedelta(days=chance.randrange(1, 120))
    elif shift < 0.19:
        born += datetime.timedelta(days=chance.randrange(1, 60))
    elif shift < 0.21:
        born -= datetime.timedelta(days=365)
    return born


def child(
    chance: random.Random, index: int, grade: int, starts: int, registry_office: str
) -> Child:
    """Invent the `index`-th child, a pupil of `grade` in the year that begins in `starts`.

    `index` is unique in the world: certificate and telephones are made of it.
    """
    sex = "M" if chance.random() < 0.513 else "F"
    family = names.surname_pool().pick(chance)
    father = names.given_pool("men").pick(chance)
    born = born_for_grade(chance, grade, starts)
    made = Child(
        surname=family.of(sex),
        given_name=names.given_pool("boys" if sex == "M" else "girls").pick(chance),
        patronymic=names.patronymic(father, sex),
        sex=sex,
        born_on=born,
    )
    _put_in_categories(chance, made, index, starts)
    made.documents = _documents(chance, made, index, starts, registry_office)
    made.parents = _family(chance, made, family, father, index)
    if chance.random() < 0.01:
        made.rnokpp = codes.future_rnokpp(born, sex, index)
    return made


def adult(chance: random.Random, index: int, starts: int, women: float = 0.86) -> Adult:
    """Invent a grown-up of working age."""
    sex = "F" if chance.random() < women else "M"
    age = min(max(round(chance.gauss(46, 11)), 22), 71)
    return Adult(
        surname=names.surname_pool().pick(chance).of(sex),
        given_name=names.given_pool("women" if sex == "F" else "men").pick(chance),
        patronymic=names.patronymic(names.given_pool("men").pick(chance), sex),
        sex=sex,
        born_on=datetime.date(starts - age, 1, 1) + datetime.timedelta(days=index * 97 % 365),
    )


def _put_in_categories(chance: random.Random, made: Child, index: int, starts: int) -> None:
    since = datetime.date(starts, 9, 1)
    for code, share in CATEGORY_SHARES.items():
        if chance.random() * 1000 >= share:
            continue
        category = Category(code, since, document=f"№ {index % 9000 + 1000} від 01.09.{starts}")
        if code == "SEN":
            category.level = chance.choices((1, 2, 3, 4, 5), SUPPORT_LEVELS)[0]
            if category.level > 1:
                category.document = f"ІРЦ-{index % 9000 + 1000}/1"
                category.issued_on = since - datetime.timedelta(days=index % 300)
            else:
                category.document = ""
        elif code == "ABROAD":
            category.country = made.abroad = chance.choices(COUNTRIES, _COUNTRY_WEIGHTS)[0]
            category.document = ""
            category.studies_there = index % 3 > 0
            made.form = "DISTANCE" if chance.random() < 0.8 else "EXTERNAL"
        elif code == "IDP":
            category.document = codes.certificate_idp(index)
            category.issued_on = since - datetime.timedelta(days=index % 400)
            category.origin_code = DISPLACED_FROM[index % len(DISPLACED_FROM)]
        made.categories.append(category)
    if _FREE_MEALS & {category.code for category in made.categories} and not made.abroad:
        ground = f"заява батьків від 01.09.{starts}"
        made.categories.append(Category("FREE_MEALS", since, document=ground))
    if not made.abroad:
        home = chance.random()
        if home < 0.010:
            made.form = "FAMILY"
        elif home < 0.014:
            made.form = "PATRONAGE"


def _documents(
    chance: random.Random, made: Child, index: int, starts: int, registry_office: str
) -> list[Document]:
    series, number = codes.birth_certificate(index)
    verified = chance.choices(_VERIFIED, (92, 6, 1, 1))[0]
    issued = made.born_on + datetime.timedelta(days=chance.randrange(5, 30))
    papers = [
        Document(
            "BIRTH_UA",
            series,
            number,
            registry_office,
            issued,
            is_primary=True,
            verification=verified,
        )
    ]
    fourteen = made.born_on.replace(year=made.born_on.year + 14, day=min(made.born_on.day, 28))
    if fourteen < datetime.date(starts, 9, 1) and chance.random() < 0.5:
        papers.append(
            Document(
                "ID_CARD",
                "",
                f"99{index % 10_000_000:07d}",
                "7399",
                fourteen + datetime.timedelta(days=20),
                is_primary=False,
                valid_to=fourteen.replace(year=fourteen.year + 4),
            )
        )
    return papers


def _family(
    chance: random.Random, made: Child, family: names.Surname, father: str, index: int
) -> list[Parent]:
    def parent(relation: str, sex: str, given: str, number: int, *, own_surname: bool) -> Parent:
        surname = names.surname_pool().pick(chance) if own_surname else family
        return Parent(
            relation=relation,
            surname=surname.of(sex),
            given_name=given,
            patronymic=names.patronymic(names.given_pool("men").pick(chance), sex),
            phone=codes.phone(index * 2 + number),
            email=f"batky{index * 2 + number}@example.com" if chance.random() < 0.4 else "",
        )

    if made.has("ORPHAN") or made.has("NO_PARENTAL_CARE"):
        given = names.given_pool("women").pick(chance)
        return [parent("GUARDIAN", "F", given, 0, own_surname=True)]
    people = []
    if chance.random() < 0.95:
        given = names.given_pool("women").pick(chance)
        people.append(parent("MOTHER", "F", given, 0, own_surname=chance.random() < 0.2))
    if not people or (chance.random() < 0.62 and not made.has("FALLEN_CHILD")):
        people.append(parent("FATHER", "M", father, 1, own_surname=False))
    return people
