"""What the demo world consists of: Чернівецька область in terms of КАТОТТГ, everything else invented.

Pure: territories come in as a table, the plan goes out as data; `aikom.demo.world` writes it.
Codes of the ministry, of the oblast department and of the city authority are those printed in
their letters (seed 0); every other ЄДРПОУ is synthetic, of the range 99….
"""

from __future__ import annotations

import dataclasses
import datetime
import random
from collections.abc import Iterator, Mapping

from aikom.demo.synthetic import codes, people, schools
from aikom.demo.synthetic.names import surnames
from kernel.text import clean

SEED = 20260901
# A day of the world that nobody dates; `make demo` lives in the school year of its own day.
TODAY = datetime.date(2026, 11, 30)

OBLAST = "UA73000000000044923"
CITY = "UA73060610000066784"
RAIONS = {
    "vyzhnytsia": "UA73020000000038148",
    "dnister": "UA73040000000031528",
    "chernivtsi-raion": "UA73060000000061247",
}
# hromada key: code, raion key, whether its centre is a town
HROMADAS = {
    "vyzhnytska": ("UA73020090000031499", "vyzhnytsia", True),
    "berehometska": ("UA73020030000022011", "vyzhnytsia", False),
    "khotynska": ("UA73040190000062796", "dnister", True),
    "klishkovetska": ("UA73040050000080963", "dnister", False),
    "storozhynetska": ("UA73060490000033679", "chernivtsi-raion", True),
    "kitsmanska": ("UA73060290000034305", "chernivtsi-raion", True),
    "novoselytska": ("UA73060410000077092", "chernivtsi-raion", True),
    "boianska": ("UA73060010000052133", "chernivtsi-raion", False),
    "mamaivska": ("UA73060370000059595", "chernivtsi-raion", False),
}
# A second oblast where nothing is done yet: for walking the cascade from its top by hand.
SPARE_OBLAST = "UA26000000000069363"
SPARE_CITY = "UA26080070000092582"

STREETS = (
    "вул. Шевченка",
    "вул. Головна",
    "вул. Лесі Українки",
    "вул. Івана Франка",
    "вул. Садова",
    "вул. Польова",
    "вул. Миру",
    "вул. Юрія Федьковича",
    "вул. Ольги Кобилянської",
    "вул. Незалежності",
    "вул. Набережна",
    "вул. Шкільна",
)


@dataclasses.dataclass(frozen=True)
class Territory:
    """The little of an object of КАТОТТГ that the plan needs."""

    code: str
    category: str
    name: str
    parent_code: str


@dataclasses.dataclass
class Unit:
    """A node of the tree of authorities, parents first."""

    key: str
    kind: str
    name: str
    parent: str | None
    edrpou: str | None
    territory_code: str | None = None


@dataclasses.dataclass
class Worker:
    """A post with the person who fills it."""

    person: people.Adult
    post: schools.Post
    index: int


@dataclasses.dataclass
class PlannedPupil:
    """A child in a class, with the enrolments before this one."""

    child: people.Child
    index: int
    # Key of the school the child came from during the autumn, and the day of the move.
    moved_from: str | None = None
    moved_on: datetime.date | None = None


@dataclasses.dataclass
class Class:
    """A class of this year with its pupils; `teacher` is the index of a worker or None."""

    school: str
    planned: schools.PlannedClass
    pupils: list[PlannedPupil]
    teacher: int | None
    type: str = "GENERAL"


@dataclasses.dataclass
class School:
    """An institution or a branch with its people."""

    key: str
    parent: str
    name: str
    full_name: str
    type: str
    edrpou: str
    territory_code: str
    address: str
    hub: str | None
    is_rural: bool
    ownership: str
    language: str
    has_head: bool
    diso: str
    workers: list[Worker]
    classes: list[Class]
    graduates: list[PlannedPupil]


@dataclasses.dataclass
class Plan:
    """The whole world, ready to be written."""

    units: list[Unit]
    schools: list[School]
    starts: int  # the calendar year in which the school year began

    @property
    def year(self) -> str:
        """«2026-2027»."""
        return f"{self.starts}-{self.starts + 1}"

    @property
    def last_year(self) -> str:
        """The school year before."""
        return f"{self.starts - 1}-{self.starts}"

    @property
    def first_day(self) -> datetime.date:
        """The first of September."""
        return datetime.date(self.starts, 9, 1)

    @property
    def last_first_day(self) -> datetime.date:
        """The first of September a year before."""
        return datetime.date(self.starts - 1, 9, 1)

    def school(self, key: str) -> School:
        """The school of that key."""
        return next(each for each in self.schools if each.key == key)

    def pupils(self) -> Iterator[tuple[School, Class, PlannedPupil]]:
        """Everyone who learns now."""
        for school in self.schools:
            for group in school.classes:
                for pupil in group.pupils:
                    yield school, group, pupil


@dataclasses.dataclass(frozen=True)
class _Wish:
    """What kind of school to make."""

    key: str
    parent: str
    name: str
    type: str
    grades: range
    parallels: int
    mean: float
    settlement: Territory
    owner: str
    hub: str | None = None
    language: str = "uk"
    ownership: str = "COMMUNAL"
    has_head: bool = True


def begun(day: datetime.date) -> int:
    """In which year the school year under way began: in July and August the one that has ended."""
    return day.year if day.month >= 9 else day.year - 1


def make(
    territories: Mapping[str, Territory],
    *,
    seed: int = SEED,
    scale: float = 1.0,
    today: datetime.date = TODAY,
) -> Plan:
    """Plan the world as it stands on a day.

    `territories`: КАТОТТГ of the two oblasts by code. `scale` shrinks every class (tests).
    """
    maker = _Maker(territories, seed, scale, begun(today))
    units = maker.units()
    made = [maker.school(wish) for wish in maker.wishes()]
    plan = Plan(units, made, maker.starts)
    _spoil(plan, random.Random(f"{seed}/problems"))
    _move_some(plan, random.Random(f"{seed}/moves"), today)
    return plan


class _Maker:
    def __init__(self, territories: Mapping[str, Territory], seed: int, scale: float, starts: int):
        self.territories = territories
        self.seed = seed
        self.scale = scale
        self.starts = starts
        self.children = 0
        self.adults = 0
        self.bodies = 100
        self.edrpou: dict[str, str] = {}

    def next_edrpou(self) -> str:
        self.bodies += 1
        return codes.edrpou(self.bodies)

    def units(self) -> list[Unit]:
        named = self.territories
        oblast = clean(named[OBLAST].name)
        of_oblast = schools.genitive(oblast)
        units = [
            Unit("owner", "OWNER", "Міністерство освіти і науки України", None, "38621185"),
            Unit(
                "tech-admin",
                "TECH_ADMIN",
                "ДНУ «Інститут освітньої аналітики»",
                "owner",
                self.next_edrpou(),
            ),
            Unit(
                "oblast",
                "OBLAST",
                f"Департамент освіти і науки {of_oblast} ОДА (ОВА)",
                "owner",
                "39301337",
                OBLAST,
            ),
        ]
        for key, code in RAIONS.items():
            raion = schools.genitive(named[code].name)
            units.append(
                Unit(
                    key,
                    "RAION",
                    f"Відділ освіти {raion} РДА (РВА)",
                    "oblast",
                    self.next_edrpou(),
                    code,
                )
            )
        units.append(
            Unit(
                "city",
                "CITY",
                "Управління освіти Чернівецької міської ради",
                "chernivtsi-raion",
                "02147345",
                CITY,
            )
        )
        for key, (code, raion_key, _) in HROMADAS.items():
            council = schools.council(named[code].name, self.settlements(code)[0].category)
            units.append(
                Unit(
                    key, "HROMADA", f"Відділ освіти {council}", raion_key, self.next_edrpou(), code
                )
            )
        spare = schools.genitive(named[SPARE_OBLAST].name)
        council = schools.council(named[SPARE_CITY].name, "M")
        units += [
            Unit(
                "spare-oblast",
                "OBLAST",
                f"Департамент освіти і науки {spare} ОДА (ОВА)",
                "owner",
                self.next_edrpou(),
                SPARE_OBLAST,
            ),
            Unit(
                "spare-city",
                "CITY",
                f"Управління освіти {council}",
                "spare-oblast",
                self.next_edrpou(),
                SPARE_CITY,
            ),
        ]
        return units

    def settlements(self, hromada: str) -> list[Territory]:
        """Settlements of a community, its centre first (the lowest code)."""
        return sorted(
            (
                each
                for each in self.territories.values()
                if each.parent_code == hromada and each.category in {"M", "X", "C"}
            ),
            key=lambda each: each.code,
        )

    def wishes(self) -> Iterator[_Wish]:
        city = self.settlements(CITY)[0]

        def urban(
            key: str, name: str, type_: str, grades: range, parallels: int, mean: float, **more
        ):
            return _Wish(
                key,
                more.pop("parent", "city"),
                name,
                type_,
                grades,
                parallels,
                mean,
                city,
                more.pop("owner", "Чернівецької міської ради"),
                **more,
            )

        yield urban("lyceum-101", "Чернівецький ліцей № 101", "LYCEUM", range(1, 12), 2, 27.0)
        yield urban("lyceum-102", "Чернівецький ліцей № 102", "LYCEUM", range(1, 12), 2, 26.5)
        yield urban("lyceum-103", "Чернівецький ліцей № 103", "LYCEUM", range(1, 12), 2, 26.0)
        yield urban("lyceum-104", "Чернівецький ліцей № 104", "LYCEUM", range(1, 12), 2, 24.0)
        yield urban(
            "gymnasium-105", "Чернівецька гімназія № 105", "GYMNASIUM", range(1, 10), 2, 25.5
        )
        yield urban(
            "gymnasium-106", "Чернівецька гімназія № 106", "GYMNASIUM", range(1, 10), 2, 24.0
        )
        yield urban(
            "gymnasium-107", "Чернівецька гімназія № 107", "GYMNASIUM", range(1, 10), 1, 25.0
        )
        yield urban(
            "primary-108", "Чернівецька початкова школа № 108", "PRIMARY", range(1, 5), 2, 24.0
        )
        yield urban(
            "private-109",
            "Приватний ліцей «Буковинський обрій»",
            "LYCEUM",
            range(1, 12),
            1,
            13.0,
            ownership="PRIVATE",
            owner="",
        )
        # Nobody heads it yet and nobody learns there: the walk of docs begins here.
        yield urban(
            "new-110",
            "Чернівецький ліцей № 110",
            "LYCEUM",
            range(0),
            0,
            0.0,
            has_head=False,
        )
        yield urban(
            "special-111",
            "Чернівецька обласна спеціальна школа № 111",
            "SPECIAL",
            range(11),
            1,
            8.0,
            parent="oblast",
            owner="Чернівецької обласної ради",
        )
        for key, (code, _, is_town) in HROMADAS.items():
            yield from self.of_hromada(key, code, is_town=is_town)
        yield _Wish(
            "spare-lyceum",
            "spare-city",
            f"{schools.masculine(self.territories[SPARE_CITY].name)} ліцей № 201",
            "LYCEUM",
            range(0),
            0,
            0.0,
            self.settlements(SPARE_CITY)[0],
            schools.council(self.territories[SPARE_CITY].name, "M"),
            has_head=False,
        )

    def of_hromada(self, key: str, code: str, *, is_town: bool) -> Iterator[_Wish]:
        """A hub lyceum with its branches, and a gymnasium of its own."""
        hromada = self.territories[code]
        centre, *villages = self.settlements(code)
        owner = schools.council(hromada.name, centre.category)
        hub = f"{key}-hub"
        hub_name = f"{schools.masculine(hromada.name)} опорний ліцей"
        language = "ro" if key == "novoselytska" else "uk"
        yield _Wish(
            hub, key, hub_name, "LYCEUM", range(1, 12), 1, 24.0 if is_town else 17.0, centre, owner
        )
        yield _Wish(
            f"{key}-branch-1",
            hub,
            f"Гімназія {_place(villages[0])}, філія",
            "GYMNASIUM",
            range(1, 10),
            1,
            9.0,
            villages[0],
            owner,
            hub=hub,
        )
        if is_town:
            yield _Wish(
                f"{key}-branch-2",
                hub,
                f"Початкова школа {_place(villages[1])}, філія",
                "PRIMARY",
                range(1, 5),
                1,
                8.0,
                villages[1],
                owner,
                hub=hub,
            )
        village = villages[2]
        yield _Wish(
            f"{key}-gymnasium",
            key,
            f"Гімназія {_place(village)}",
            "GYMNASIUM",
            range(1, 10),
            1,
            13.0,
            village,
            owner,
            language=language,
        )

    def school(self, wish: _Wish) -> School:
        chance = random.Random(f"{self.seed}/{wish.key}")
        planned = schools.classes(chance, wish.grades, wish.parallels, wish.mean, scale=self.scale)
        posts = schools.posts(chance, planned, branch=wish.hub is not None)
        if not wish.has_head:
            posts = [schools.Post("TEACHER_PRIMARY", "1.00", "FIRST")] * 3
            posts += [schools.Post("TEACHER", "1.00", "HIGHEST")] * 3
        workers = []
        for post in posts:
            self.adults += 1
            workers.append(
                Worker(people.adult(chance, self.adults, self.starts), post, self.adults)
            )
        # A branch has no code of its own: it stands under its hub's (handbook C.1).
        self.edrpou[wish.key] = self.edrpou[wish.hub] if wish.hub else self.next_edrpou()
        place = clean(wish.settlement.name)
        school = School(
            key=wish.key,
            parent=wish.parent,
            name=wish.name,
            full_name=f"{wish.name} {wish.owner}".strip(),
            type=wish.type,
            edrpou=self.edrpou[wish.key],
            territory_code=wish.settlement.code,
            address=f"{place}, {chance.choice(STREETS)}, {chance.randrange(1, 120)}",
            hub=wish.hub,
            is_rural=wish.settlement.category != "M",
            ownership=wish.ownership,
            language=wish.language,
            has_head=wish.has_head,
            diso=str(990_000 + len(self.edrpou)),
            workers=workers,
            classes=[],
            graduates=[],
        )
        school.classes = self.classes(chance, school, planned)
        school.graduates = self.graduates(chance, school)
        return school

    def classes(
        self, chance: random.Random, school: School, planned: list[schools.PlannedClass]
    ) -> list[Class]:
        primary = [w.index for w in school.workers if w.post.position == "TEACHER_PRIMARY"]
        upper = [w.index for w in school.workers if w.post.position == "TEACHER" and w.post.is_main]
        groups = []
        for each in planned:
            free = primary if each.grade <= 4 else upper
            teacher = free.pop(0) if free and chance.random() > 0.01 else None
            pupils = [self.pupil(chance, each.grade) for _ in range(each.size)]
            supported = sum(
                1
                for pupil in pupils
                for category in pupil.child.categories
                if category.code == "SEN" and (category.level or 0) >= 2
            )
            kind = (
                "SPECIAL" if school.type == "SPECIAL" else "INCLUSIVE" if supported else "GENERAL"
            )
            groups.append(Class(school.key, each, pupils, teacher, kind))
        return groups

    def pupil(self, chance: random.Random, grade: int, years_ago: int = 0) -> PlannedPupil:
        self.children += 1
        starts = self.starts - years_ago
        office = "Чернівецький відділ ДРАЦС"
        return PlannedPupil(
            people.child(chance, self.children, grade, starts, office), self.children
        )

    def graduates(self, chance: random.Random, school: School) -> list[PlannedPupil]:
        """Who finished grade 11 last summer: profiles without a school now."""
        last = [each.planned.size for each in school.classes if each.planned.grade == 11]
        return [self.pupil(chance, 11, years_ago=1) for size in last for _ in range(size)]


def _place(settlement: Territory) -> str:
    """«с. Рідківці», «с-ще Лужани»."""
    kinds = {"M": "м.", "X": "с-ще", "T": "смт"}
    return f"{kinds.get(settlement.category, 'с.')} {clean(settlement.name)}"


def _spoil(plan: Plan, chance: random.Random) -> None:
    """Put in the mistakes that people make, so that checks have something to find.

    Listed in docs/how-to/demo-world.md; keep the two together.
    """
    everyone = [pupil for _, _, pupil in plan.pupils() if not pupil.child.abroad]
    unlucky = iter(chance.sample(everyone, min(len(everyone), 60)))
    for _, pupil in zip(range(12), unlucky, strict=False):  # no document at all
        pupil.child.documents = []
    for years, pupil in zip((-4, 4, -3, 3, 5), unlucky, strict=False):  # wrong age for the grade
        born = pupil.child.born_on
        pupil.child.born_on = born.replace(year=born.year + years, day=min(born.day, 28))
    for letters, pupil in zip((("о", "o"), ("е", "e"), ("а", "a")), unlucky, strict=False):
        pupil.child.surname = pupil.child.surname.replace(*letters)  # a Latin look-alike
    for _, pupil in zip(range(8), unlucky, strict=False):  # nobody to call
        pupil.child.parents = []
    for status, pupil in zip(
        ("LOST_PUPIL", "LOST_PUPIL", "LOST_REPRESENTATIVES", "LOST_BOTH", "RESTORED"),
        unlucky,
        strict=False,
    ):
        pupil.child.contact_status = status
    # Twins of one class whose names are easily taken for one another.
    names = (("Анна", "Ганна"), ("Софія", "Соломія"), ("Данило", "Давид"))
    for (first, second), school in zip(names, plan.schools, strict=False):
        pair = school.classes[0].pupils[:2] if school.classes else []
        if len(pair) == 2:
            one, other = (each.child for each in pair)
            sex = "M" if first == "Данило" else "F"
            family = next(each for each in surnames() if each.masculine != each.feminine)
            for child, given in ((one, first), (other, second)):
                child.surname, child.given_name, child.sex = family.of(sex), given, sex
                child.patronymic = "Андрійович" if sex == "M" else "Андріївна"
                child.born_on, child.rnokpp = one.born_on, None
            other.parents = one.parents
    # The same child entered twice with an older and a newer certificate, in two schools.
    lyceum, gymnasium = plan.school("lyceum-101"), plan.school("gymnasium-105")
    for number in range(3):
        one = lyceum.classes[number + 1].pupils[0].child
        other = gymnasium.classes[number + 1].pupils[0].child
        for field in ("surname", "given_name", "patronymic", "sex", "born_on"):
            setattr(other, field, getattr(one, field))


def _move_some(plan: Plan, chance: random.Random, today: datetime.date) -> None:
    """A few children changed schools in October, once it is over: a closed enrolment stands before
    this one."""
    if today < datetime.date(plan.starts, 10, 28):
        return
    by_grade: dict[int, list[str]] = {}
    for school in plan.schools:
        for group in school.classes:
            by_grade.setdefault(group.planned.grade, []).append(school.key)
    for school, group, pupil in plan.pupils():
        if chance.random() < 0.006:
            others = [key for key in by_grade[group.planned.grade] if key != school.key]
            if others:
                pupil.moved_from = chance.choice(others)
                pupil.moved_on = datetime.date(plan.starts, 10, chance.randrange(5, 29))
