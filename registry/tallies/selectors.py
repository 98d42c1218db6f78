"""Reading kept figures within the actor's reach: sums, worst institutions, parts of the reach.

Nothing here walks over the register: the ministry adds up sums by oblast, others a few hundred rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Collate

import kernel.lookups  # noqa: F401 - registers `among`
from accounts import actors
from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from accounts.selectors import units
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order, Page, keyset, ordered
from kernel.scoping import ScopedQuerySet
from kernel.text import alphabetically, sort_key
from registry.institutions.models.institutions import Institution
from registry.tallies import policies
from registry.tallies.concerns import AGO, CHECKED, FINDING, Concern, Figure, concerns, figures
from registry.tallies.models import Tally, TallySum

PAGE = 50
WORST = 3
_BELOW = {"all": "oblast_id", "oblast": "hromada_id", "raion": "hromada_id"}
_SUMMED = {"all", "oblast"}  # levels whose sums are kept


@dataclasses.dataclass(frozen=True)
class Amount:
    """How many institutions have some of it, and how much in all."""

    institutions: int
    n: int


NONE = Amount(0, 0)


@dataclasses.dataclass(frozen=True)
class Place:
    """A part of the reach: a node of the tree (None: institutions right under the actor), its figure
    now and a year ago (None: no data)."""

    unit: OrgUnit | None
    now: Amount
    ago: Amount | None


def shown_figures(actor: Actor) -> list[Figure]:
    """Figures that the actor sees, in their order."""
    return [one for one in figures.values() if one.visible(actor)]


def shown_concerns(actor: Actor) -> list[Concern]:
    """Concerns that the actor sees, in their order; none for whoever oversees nothing."""
    if not policies.oversee.allows(actor):
        return []
    return [one for one in concerns.values() if one.visible(actor)]


def concern_of(actor: Actor, code: str) -> Concern:
    """One concern.

    Raises:
        NotAllowed: the actor oversees no institutions.
        NotFound: none such, or not for this actor to see.
    """
    policies.oversee.require(actor)
    concern = concerns.get(code)
    if concern is None or not concern.visible(actor):
        raise NotFound
    return concern


def _added(reach: Any, *by: str, below: str = "oblast_id", **where: Any) -> QuerySet[Any]:
    rows, institutions = _rows(reach, below)
    added: QuerySet[Any] = rows.filter(**where).order_by().values_list(*by)
    return added.annotate(institutions, Sum("n"))


def _added_below(reach: Any, codes: Any) -> QuerySet[Any]:
    level = _BELOW[reach.scope.level]
    return _added(reach, level, "code", below=level, code__among=codes)


_TOTALS = Kept[tuple[str, int, int]](lambda actor: _added(actor, "code"))
_BY_TYPE = Kept[tuple[str, int, int]](lambda actor, code: _added(actor, "type", code=code))
_BY_PLACE = Kept[tuple[int | None, str, int, int]](_added_below)
_UNITS = Kept[OrgUnit](lambda ids: OrgUnit.objects.filter(pk__among=ids))


def totals(actor: Actor) -> dict[str, Amount]:
    """Everything counted within reach, by code. One query."""
    return {code: Amount(there, n) for code, there, n in _TOTALS.rows(actor) if there}


def findings_ago(told: Mapping[str, Amount]) -> dict[str, int] | None:
    """How many children broke each rule a year ago, of what `totals` told; None where nobody
    checked then."""
    if CHECKED + AGO not in told:
        return None
    return {
        code.removeprefix(FINDING).removesuffix(AGO): amount.n
        for code, amount in told.items()
        if code.startswith(FINDING) and code.endswith(AGO)
    }


def by_type(actor: Actor, code: str) -> dict[str, int]:
    """Institutions of each type that have some of it."""
    return {kind: there for kind, there, _ in _BY_TYPE.rows(actor, code) if there}


def by_place(actor: Actor, code: str) -> list[Place]:
    """Parts of the reach, the largest first, each with the figure a year ago where there is one."""
    if actor.scope.level not in _BELOW:
        return []
    told: dict[int | None, dict[str, Amount]] = {}
    for node, which, there, n in _BY_PLACE.rows(actor, [code, code + AGO]):
        told.setdefault(node, {})[which] = Amount(there, n)
    units_there = _UNITS.rows([node for node in told if node is not None])
    nodes = {unit.pk: unit for unit in units_there}
    places = [
        Place(nodes.get(node) if node else None, found.get(code, NONE), found.get(code + AGO))
        for node, found in told.items()
    ]
    return sorted(
        (place for place in places if place.now.institutions or place.ago),
        key=lambda place: (-place.now.n, place.unit.name if place.unit else ""),
    )


def worst(
    actor: Actor, codes: Sequence[str], limit: int = WORST
) -> Mapping[str, list[tuple[Institution, int]]]:
    """The institutions that have most of each of these. Two queries."""
    scope = actor.scope
    where: str = "t.code = c.code"
    asked: list[Any] = [list(codes)]
    if scope.level != "all":
        column = Tally.SCOPE[scope.level]
        where += f" AND t.{column} = ANY(%s)"
        asked.append(list(scope.keys))
    if scope.kind:
        where += " AND t.type = %s"
        asked.append(scope.kind)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT c.code, t.institution_id, t.n FROM unnest(%s::text[]) AS c(code)
            CROSS JOIN LATERAL (
                SELECT institution_id, n FROM registry_tally t WHERE {where}
                ORDER BY t.n DESC, t.institution_id DESC LIMIT {limit}
            ) t
            """,  # noqa: S608 - a column of our own
            asked,
        )
        told = cursor.fetchall()
    there = Institution.objects.in_bulk({pk for _, pk, _ in told})
    found: dict[str, list[tuple[Institution, int]]] = {}
    for code, pk, n in told:
        found.setdefault(code, []).append((there[pk], n))
    for rows in found.values():
        rows.sort(key=lambda row: (-row[1], sort_key(row[0].short_name)))
    return found


@dataclasses.dataclass(frozen=True)
class Listing:
    """A page of institutions that have a concern, how many there are and how much in all."""

    page: Page[Tally]
    total: Amount


_FEW = "institutions of one concern: 14,000 in the country at most, sorted as they are found"
ORDERS = {
    # Equal ones by the id downwards, as the indexes are.
    "n": Order(("n", "institution_id"), "tally_country tally_oblast tally_raion tally_hromada"),
    "name": Order(
        ("name_of", "institution_id"), _FEW, {"name_of": Collate("institution__sort_key", "C")}
    ),
    "type": Order(
        ("type", "name_of", "institution_id"),
        _FEW,
        {"name_of": Collate("institution__sort_key", "C")},
    ),
    "unit": Order(
        ("unit_of", "name_of", "institution_id"),
        _FEW,
        {
            "unit_of": alphabetically("institution__unit__parent__name"),
            "name_of": Collate("institution__sort_key", "C"),
        },
    ),
}
MOST_FIRST = "-n"


def listing(
    actor: Actor,
    concern: Concern,
    *,
    order: str = MOST_FIRST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Listing:
    """Institutions within reach that have a concern, those with most of it first unless told
    otherwise.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = Tally.objects.visible_to(actor).filter(code=concern.code)
    rows, fields = ordered(
        rows.select_related("institution__unit__parent"), ORDERS, order, MOST_FIRST
    )
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    return Listing(page, totals(actor).get(concern.code, NONE))


def _rows(actor: Actor, below: str = "oblast_id") -> tuple[ScopedQuerySet, Any]:
    summed = actor.scope.level in _SUMMED and below == "oblast_id"
    rows = (TallySum if summed else Tally).objects.visible_to(actor)
    return rows, Sum("institutions") if summed else Count("pk")


_TOPS = (UnitKind.OWNER, UnitKind.TECH_ADMIN, UnitKind.OPERATOR)
_TERRITORIES = [kind.value for kind in UnitKind if kind not in (*_TOPS, UnitKind.INSTITUTION)]


@dataclasses.dataclass(frozen=True)
class Places:
    """Nodes that the reach may be narrowed to."""

    areas: list[OrgUnit]
    institutions: list[OrgUnit]


def places_called(actor: Actor, text: str, limit: int) -> Places:
    """Territories and institutions within reach whose name holds a text or whose ЄДРПОУ it is; with
    no text, those right under the actor: under the root for who sees everything."""
    if text:
        found = [
            units.search(actor, kinds=kinds, words=text, limit=limit)[:limit]
            for kinds in (_TERRITORIES, [UnitKind.INSTITUTION])
        ]
        return Places(*found)
    under = int(actor.unit_path.split(".")[0]) if actor.scope.level == "all" else actor.unit_id
    below = list(
        OrgUnit.objects.filter(parent_id=under, is_active=True)
        .exclude(kind__in=_TOPS)
        .select_related("parent")
        .order_by("kind", alphabetically("name"), "pk")[:MOST_BELOW]
    )
    return Places(
        [one for one in below if one.kind != UnitKind.INSTITUTION],
        [one for one in below if one.kind == UnitKind.INSTITUTION],
    )


MOST_BELOW = 80


def types(actor: Actor, area: OrgUnit | None) -> set[str] | None:
    """Types of the institutions that act within a part of the reach; None where it is as large as an
    oblast: every type is there."""
    looking = actors.looking_at(actor, area)
    return None if looking.scope.level in _SUMMED else set(by_type(looking, "institutions"))
