"""A country's institutions and classes on real КАТОТТГ, of the sizes that Ukraine has (handbook L).

Pure Python and quick: about 16,000 nodes and 200,000 classes in seconds; people are drawn by the
database itself (`aikom.demo.country`).
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from collections.abc import Iterable, Sequence

from aikom.demo.synthetic import codes, schools
from kernel.text import clean

PUPILS = 4_000_000
INSTITUTIONS = 14_000
STAFF = 440_000

# Thousands of pupils in 2025/26: the first five from the ministry (handbook L), others by own
# estimate; only proportions matter. АР Крим and Севастополь are not counted by AIKOM.
OBLASTS = {
    "80": 298.2,
    "12": 283.1,
    "46": 274.7,
    "51": 236.6,
    "32": 229.5,
    "63": 190.0,
    "05": 155.0,
    "26": 150.0,
    "21": 150.0,
    "56": 150.0,
    "68": 130.0,
    "18": 130.0,
    "07": 130.0,
    "53": 125.0,
    "71": 110.0,
    "61": 108.0,
    "73": 105.0,
    "23": 95.0,
    "35": 88.0,
    "48": 85.0,
    "59": 80.0,
    "74": 80.0,
    "14": 80.0,
    "65": 35.0,
    "44": 15.0,
}
# The community of the oblast's centre where it is not named as the oblast.
_CENTRES = {
    "07": "Луцька",
    "12": "Дніпровська",
    "21": "Ужгородська",
    "32": "Білоцерківська",
    "35": "Кропивницька",
    "14": "Краматорська",
    "44": "Сєвєродонецька",
}
_CENTRE_SHARE = 0.34
_WEIGHT = {"M": 7.0, "X": 2.2, "C": 1.2}
# Mean pupils of a school, and the most in a class, by what kind of place it is.
_SCHOOL = {"capital": 640, "city": 560, "town": 330, "settlement": 190, "village": 130}
_CLASS = {"capital": 31, "city": 31, "town": 30, "settlement": 26, "village": 24}
_LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФ"


@dataclasses.dataclass(frozen=True)
class Territory:
    """What the plan needs of an object of КАТОТТГ."""

    code: str
    parent_code: str
    category: str
    name: str


@dataclasses.dataclass
class Node:
    """A row of the tree of authorities with everything its triggers would compute."""

    id: int
    parent: Node | None
    kind: str
    name: str
    edrpou: str | None
    territory_code: str | None
    path: str = ""
    depth: int = 1
    oblast_id: int | None = None
    raion_id: int | None = None
    hromada_id: int | None = None
    district_id: int | None = None

    def __post_init__(self) -> None:
        up = self.parent
        self.path = f"{up.path if up else ''}{self.id}."
        self.depth = up.depth + 1 if up else 1
        if up:
            self.oblast_id, self.raion_id = up.oblast_id, up.raion_id
            self.hromada_id, self.district_id = up.hromada_id, up.district_id
        if self.kind == "OBLAST":
            self.oblast_id = self.id
        elif self.kind == "RAION":
            self.raion_id = self.id
        elif self.kind in {"HROMADA", "CITY"}:
            self.hromada_id = self.id
        elif self.kind == "CITY_DISTRICT":
            self.district_id = self.id


@dataclasses.dataclass
class School:
    """An institution with its node and how many learn and work there."""

    node: Node
    type: str
    place: str
    settlement: Territory
    pupils: int
    staff: int = 0
    classes: list[tuple[int, str, int]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Country:
    """All nodes, parents first, and all schools."""

    nodes: list[Node]
    schools: list[School]

    @property
    def pupils(self) -> int:
        """How many learn."""
        return sum(school.pupils for school in self.schools)


@dataclasses.dataclass
class _Owner:
    """An authority that owns schools: its node, place and settlements."""

    node: Node
    place: str
    settlements: list[Territory]
    weight: float


def make(
    territories: Iterable[Territory], *, pupils: int = PUPILS, seed: int = 20260901
) -> Country:
    """Plan a country of `pupils`; institutions and staff keep Ukraine's proportion to them."""
    chance = random.Random(seed)
    children: dict[str, list[Territory]] = {}
    for each in sorted(territories, key=lambda each: each.code):
        children.setdefault(each.parent_code, []).append(each)
    tree = _Tree(children, chance)
    for top in children[""]:
        if top.code[2:4] in OBLASTS:
            tree.oblast(top)
    owners = tree.owners
    share = pupils / PUPILS
    learning = _split(pupils, [owner.weight for owner in owners])
    wanted = max(1, round(INSTITUTIONS * share))
    counts = _split(
        wanted,
        [n / _SCHOOL[owner.place] for n, owner in zip(learning, owners, strict=True)],
    )
    made = []
    for owner, here, number in zip(owners, learning, counts, strict=True):
        if here and not number:  # a community without a school sends its children next door
            number = 1
        weights = [chance.lognormvariate(0, 0.55) for _ in range(number)]
        for ordinal, size in enumerate(_split(here, weights), start=1):
            made.append(tree.school(owner, ordinal, size))
    for school in made:
        school.classes = _classes(school, chance)
    load = [8 + 2.0 * len(school.classes) for school in made]
    for school, staff in zip(made, _split(round(STAFF * share), load), strict=True):
        school.staff = max(1, staff)
    return Country(tree.nodes, made)


class _Tree:
    def __init__(self, children: dict[str, list[Territory]], chance: random.Random):
        self.children = children
        self.chance = chance
        self.nodes: list[Node] = []
        self.owners: list[_Owner] = []
        self.bodies = 10_000
        root = self.node(None, "OWNER", "Міністерство освіти і науки України", "38621185", None)
        self.node(root, "TECH_ADMIN", "ДНУ «Інститут освітньої аналітики»", codes.edrpou(1), None)
        self.root = root

    def node(
        self, parent: Node | None, kind: str, name: str, edrpou: str | None, code: str | None
    ) -> Node:
        made = Node(len(self.nodes) + 1, parent, kind, name, edrpou, code)
        self.nodes.append(made)
        return made

    def body(self) -> str:
        self.bodies += 1
        return codes.edrpou(self.bodies)

    def oblast(self, top: Territory) -> None:
        prefix = top.code[2:4]
        name = schools.genitive(top.name)
        if top.category == "K":
            node = self.node(
                self.root, "OBLAST", "Департамент освіти і науки КМДА", self.body(), top.code
            )
            districts = self.children[top.code]
            each = OBLASTS[prefix] / len(districts)
            for district in districts:
                below = self.node(
                    node,
                    "CITY_DISTRICT",
                    f"Управління освіти {schools.genitive(district.name)} РДА",
                    self.body(),
                    district.code,
                )
                weight = each * self.chance.uniform(0.6, 1.4)
                self.owners.append(_Owner(below, "capital", [top], weight))
            return
        edrpou = "39301337" if prefix == "73" else self.body()
        node = self.node(
            self.root, "OBLAST", f"Департамент освіти і науки {name} ОДА", edrpou, top.code
        )
        first = len(self.owners)
        centre = _CENTRES.get(prefix, clean(top.name))
        for raion in self.children[top.code]:
            below = self.node(
                node,
                "RAION",
                f"Відділ освіти {schools.genitive(raion.name)} РДА",
                self.body(),
                raion.code,
            )
            for hromada in self.children.get(raion.code, []):
                self.hromada(below, hromada, is_centre=clean(hromada.name) == centre)
        self._weigh(self.owners[first:], OBLASTS[prefix])

    def hromada(self, raion: Node, hromada: Territory, *, is_centre: bool) -> None:
        below = self.children.get(hromada.code, [])
        settlements = [each for each in below if each.category in {"M", "X", "C", "T"}]
        districts = [
            each
            for settlement in settlements
            for each in self.children.get(settlement.code, [])
            if each.category == "B"
        ]
        big = is_centre or bool(districts)
        category = settlements[0].category
        node = self.node(
            raion,
            "CITY" if big else "HROMADA",
            f"Управління освіти {schools.council(hromada.name, category)}",
            "02147345" if hromada.code == "UA73060610000066784" else self.body(),
            hromada.code,
        )
        weight = _WEIGHT.get(category, 2.2) * self.chance.lognormvariate(0, 0.5)
        if is_centre:
            weight = -1.0  # its share of the oblast is set when all are known
        if not districts:
            place = "city" if big else {"M": "town", "X": "settlement"}.get(category, "village")
            self.owners.append(_Owner(node, place, settlements, weight))
            return
        for district in districts:
            below_city = self.node(
                node,
                "CITY_DISTRICT",
                f"Відділ освіти {schools.genitive(district.name)} району",
                self.body(),
                district.code,
            )
            share = weight / len(districts) if weight > 0 else -1.0 / len(districts)
            self.owners.append(_Owner(below_city, "city", settlements[:1], share))

    @staticmethod
    def _weigh(owners: Sequence[_Owner], thousands: float) -> None:
        """Turn weights into thousands of pupils; a centre (negative) takes its share first."""
        centre = -sum(owner.weight for owner in owners if owner.weight < 0)
        rest = sum(owner.weight for owner in owners if owner.weight > 0)
        taken = _CENTRE_SHARE if centre else 0.0
        for owner in owners:
            if owner.weight < 0:
                owner.weight = thousands * taken * -owner.weight / centre
            else:
                owner.weight = thousands * (1 - taken) * owner.weight / rest

    def school(self, owner: _Owner, ordinal: int, size: int) -> School:
        chance = self.chance
        small = chance.random()
        if size < 45:
            kind = "PRIMARY" if small < 0.5 else "GYMNASIUM"
        elif size < 140:
            kind = "GYMNASIUM" if small < 0.85 else "LYCEUM"
        else:
            kind = "LYCEUM" if small < 0.65 else "GYMNASIUM"
        settlement = owner.settlements[(ordinal - 1) % len(owner.settlements)]
        words = {"PRIMARY": "Початкова школа", "GYMNASIUM": "Гімназія", "LYCEUM": "Ліцей"}
        where = clean(settlement.name)
        if owner.place in {"capital", "city"}:
            name = f"{words[kind]} № {self.bodies % 900 + 100} міста {where}"
        elif ordinal > len(owner.settlements):
            name = f"{words[kind]} № {ordinal} ({where})"
        else:
            name = f"{words[kind]} ({where})"
        node = self.node(owner.node, "INSTITUTION", name, self.body(), settlement.code)
        return School(node, kind, owner.place, settlement, size)


def _classes(school: School, chance: random.Random) -> list[tuple[int, str, int]]:
    """Classes of a school as (grade, letter, size), all its pupils placed."""
    last = {"PRIMARY": 4, "GYMNASIUM": 9, "LYCEUM": 11}[school.type]
    most = _CLASS[school.place]
    weights = [
        chance.uniform(0.85, 1.15) * (0.72 if grade > 9 else 1.0) for grade in range(1, last + 1)
    ]
    made = []
    for grade, size in enumerate(_split(school.pupils, weights), start=1):
        if size:
            number = math.ceil(size / most)
            for letter, part in zip(_LETTERS, _split(size, [1.0] * number), strict=False):
                made.append((grade, letter, part))
    return made


def _split(total: int, weights: Sequence[float]) -> list[int]:
    """Divide a whole number in proportion to weights, exactly (rounded running totals)."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    edges = [round(total * edge / whole) for edge in itertools.accumulate(weights)]
    return [after - before for before, after in itertools.pairwise([0, *edges])]
