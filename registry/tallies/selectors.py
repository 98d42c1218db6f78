"""Reading kept figures within the actor's reach: sums, worst institutions, parts of the reach.

Nothing here walks over the register: the ministry adds up sums by oblast, others a few hundred rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from accounts import actors
from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel.errors import NotFound
from kernel.paging import Page, keyset
from kernel.scoping import ScopedQuerySet
from kernel.text import alphabetically, sort_key
from registry.institutions.models.institutions import Institution
from registry.tallies import policies
from registry.tallies.concerns import AGO, Concern, Figure, concerns, figures
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


def totals(actor: Actor) -> dict[str, Amount]:
    """Everything counted within reach, by code. One query."""
    rows, institutions = _rows(actor)
    told = rows.order_by().values_list("code").annotate(institutions, Sum("n"))
    return {code: Amount(there, n) for code, there, n in told if there}


def by_type(actor: Actor, code: str) -> dict[str, int]:
    """Institutions of each type that have some of it."""
    rows, institutions = _rows(actor)
    told = rows.filter(code=code).order_by().values_list("type").annotate(institutions)
    return {kind: there for kind, there in told if there}


def by_place(actor: Actor, code: str) -> list[Place]:
    """Parts of the reach, the largest first, each with the figure a year ago where there is one."""
    level = _BELOW.get(actor.scope.level)
    if level is None:
        return []
    rows, institutions = _rows(actor, below=level)
    told: dict[int | None, dict[str, Amount]] = {}
    for node, which, there, n in (
        rows.filter(code__in=[code, code + AGO])
        .order_by()
        .values_list(level, "code")
        .annotate(institutions, Sum("n"))
    ):
        told.setdefault(node, {})[which] = Amount(there, n)
    units = OrgUnit.objects.in_bulk([node for node in told if node is not None])
    places = [
        Place(units.get(node) if node else None, found.get(code, NONE), found.get(code + AGO))
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


def listing(
    actor: Actor,
    concern: Concern,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Listing:
    """Institutions within reach that have a concern, those with most of it first."""
    page = keyset(
        _having(actor, concern),
        order=("-n", "-institution_id"),
        size=size,
        after=after,
        before=before,
    )
    return Listing(page, totals(actor).get(concern.code, NONE))


def everyone(actor: Actor, concern: Concern) -> Iterable[Tally]:
    """The whole list, for a file."""
    return _having(actor, concern).order_by("-n", "-institution_id")


def _having(actor: Actor, concern: Concern) -> QuerySet[Tally]:
    rows = Tally.objects.visible_to(actor).filter(code=concern.code)
    found: QuerySet[Tally] = rows.select_related("institution__unit__parent")
    return found


def _rows(actor: Actor, below: str = "oblast_id") -> tuple[ScopedQuerySet, Any]:
    summed = actor.scope.level in _SUMMED and below == "oblast_id"
    rows = (TallySum if summed else Tally).objects.visible_to(actor)
    return rows, Sum("institutions") if summed else Count("pk")


MOST_AREAS = 80  # nodes offered at once; a longer list is narrowed by its upper level first


def areas(actor: Actor, area: OrgUnit | None) -> list[tuple[OrgUnit, int]]:
    """Nodes that the reach may be narrowed to, each with its depth: the way down to the chosen one
    and what stands right under it; institutions at the last level only."""
    whole = actor.scope.level == "all"
    if area is None:
        way: list[OrgUnit] = []
        # Who sees everything begins at the root, wherever the own node stands.
        under = int(actor.unit_path.split(".")[0]) if whole else actor.unit_id
    else:
        own = set() if whole else {actor.unit_id}
        ids = [int(part) for part in area.path.split(".") if part]
        way = list(
            OrgUnit.objects.visible_to(actor)
            .filter(pk__in=ids)
            .exclude(pk__in=own)
            .exclude(kind__in=[UnitKind.OWNER, UnitKind.TECH_ADMIN])
            .order_by("depth")
        )
        under = area.pk if area.kind != UnitKind.INSTITUTION else area.parent_id
    below = list(
        OrgUnit.objects.filter(parent_id=under, is_active=True)
        .exclude(kind=UnitKind.TECH_ADMIN)
        .order_by("kind", alphabetically("name"), "pk")[:MOST_AREAS]
    )
    known = {node.pk for node in way}
    last = len(way) - (area is not None and area.kind == UnitKind.INSTITUTION)
    return [(node, depth) for depth, node in enumerate(way)] + [
        (node, last) for node in below if node.pk not in known
    ]


def types(actor: Actor, area: OrgUnit | None) -> set[str]:
    """Types of the institutions that act within reach or within a part of it."""
    return set(by_type(actors.looking_at(actor, area), "institutions"))
