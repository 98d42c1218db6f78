"""Reading institutions within the actor's reach."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

import kernel.lookups  # noqa: F401 - registers `holds`
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from accounts.roles import GrantState, Role, UnitKind
from kernel.errors import NotFound
from kernel.kept import Kept, found, key_of
from kernel.paging import Order, Page, keyset, ordered
from kernel.text import code, readings, sort_key
from registry.classifiers.models import Territory
from registry.institutions import ports
from registry.institutions.models.institutions import Institution, InstitutionStatus

PAGE = 50
FACETS = ("status", "type", "ownership", "is_rural")
_FEW = "14,000 rows in the country, counted for the filters anyhow"
_KEY = TextField(db_collation="C")
_PLACE = Coalesce(
    Subquery(
        Territory.objects.filter(code=OuterRef("territory_code"), valid_to=None).values("sort_key")[
            :1
        ],
        output_field=_KEY,
    ),
    Value(""),
    output_field=_KEY,
)
_PUPILS = Subquery(
    # `registry.tallies` stands above: its rows are named by the relation they made here.
    Institution.objects.filter(pk=OuterRef("pk"), tallies__code="pupils").values("tallies__n")[:1]
)
ORDERS = {
    "name": Order(("sort_key", "unit_id"), "inst_country inst_oblast inst_raion inst_hromada"),
    "place": Order(("place_of", "sort_key", "unit_id"), _FEW, {"place_of": _PLACE}),
    "type": Order(("type", "sort_key", "unit_id"), _FEW),
    "edrpou": Order(
        ("edrpou_of", "sort_key", "unit_id"), _FEW, {"edrpou_of": Coalesce("edrpou", Value(""))}
    ),
    # As tallied: the number shown is of this moment, the tally of a moment ago.
    "pupils": Order(
        ("pupils_of", "sort_key", "unit_id"), _FEW, {"pupils_of": Coalesce(_PUPILS, Value(0))}
    ),
    "status": Order(("status", "sort_key", "unit_id"), _FEW),
}


@dataclasses.dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; an empty value narrows nothing. `is_rural` is "1" or "0"."""

    q: str = ""
    status: str = ""
    type: str = ""
    ownership: str = ""
    is_rural: str = ""
    unconfirmed: str = ""  # "1": the authority right above has yet to confirm the card
    order: str = "name"

    def chosen(self) -> dict[str, str]:
        """The filters that are on, without the search text."""
        return {facet: getattr(self, facet) for facet in FACETS if getattr(self, facet)}


@dataclasses.dataclass(frozen=True)
class Listing:
    """A page of institutions, how many there are by each filter, and pupils of those shown."""

    page: Page[Institution]
    total: int
    every: int  # under no filter
    facets: dict[str, dict[str, int]]
    pupils: dict[int, int]


def find(actor: Actor, uid: uuid.UUID | str) -> Institution:
    """One institution with its node and hub.

    Raises:
        NotFound: absent or out of reach: the two read the same.
    """
    return found(_CARD.first(actor, key_of(Institution, uid, "uid")))


_CARD = Kept[Institution](
    lambda actor, uid: (
        Institution.objects.visible_to(actor).select_related("unit", "hub").filter(uid=uid)
    )
)


def own(actor: Actor) -> Institution:
    """The institution the actor heads or serves.

    Raises:
        NotFound: the actor acts for an authority.
    """
    if actor.unit_id is None:
        raise NotFound
    return found(_OWN.first(actor, actor.unit_id))


_OWN = Kept[Institution](
    lambda actor, pk: (
        Institution.objects.visible_to(actor).select_related("unit", "hub").filter(unit_id=pk)
    )
)
_AT = Kept[Institution](lambda pk: Institution.objects.select_related("unit").filter(pk=pk))


def own_or_none(actor: Actor) -> Institution | None:
    """The institution the actor heads or serves; None for authorities."""
    if not actor.holds(Role.HEAD, Role.DEPUTY) or actor.unit_id is None:
        return None
    return _AT.first(actor.unit_id)


def own_with_branches(actor: Actor) -> list[Institution]:
    """The institution the actor heads or serves and its branches; none for authorities."""
    if not actor.holds(Role.HEAD, Role.DEPUTY):
        return []
    return list(
        Institution.objects.visible_to(actor).select_related("unit").order_by("hub_id", "sort_key")
    )


def listing(
    actor: Actor,
    filters: Filters,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
) -> Listing:
    """A page of the institutions in reach, or of those chosen among them (`only`, by uid); four
    queries however many there are.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = _within(actor, filters)
    counts = _counts(rows, filters)
    shown, fields = ordered(rows.filter(**_conditions(filters)), ORDERS, filters.order, "name")
    if only is not None:
        shown = shown.filter(uid__in=only)
    page = keyset(shown, order=fields, size=size, after=after, before=before)
    narrowed = filters.q or filters.unconfirmed
    return Listing(
        page,
        counts.total,
        Institution.objects.visible_to(actor).count() if narrowed else counts.every,
        counts.facets,
        ports.pupils_of([institution.unit_id for institution in page.rows]),
    )


def keys(actor: Actor, filters: Filters) -> list[uuid.UUID]:
    """Public ids of every institution that matches."""
    rows = _within(actor, filters).filter(**_conditions(filters))
    return list(rows.values_list("uid", flat=True))


def _within(actor: Actor, filters: Filters) -> QuerySet[Institution]:
    rows = sought(Institution.objects.visible_to(actor), filters.q)
    return rows.filter(**_waits_for(actor)) if filters.unconfirmed else rows


def unconfirmed(actor: Actor) -> tuple[int, int]:
    """(all, unconfirmed): cards of institutions right below the actor's authority."""
    counted = dict(_CONFIRMED.rows(actor, actor.unit_id))
    return sum(counted.values()), counted.get(False, 0)


_CONFIRMED = Kept[tuple[bool, int]](
    lambda actor, unit: (
        Institution.objects.visible_to(actor)
        .filter(unit__parent_id=unit)
        .order_by()
        .values_list("is_confirmed")
        .annotate(Count("pk"))
    )
)


def _waits_for(actor: Actor) -> dict[str, Any]:
    return {"unit__parent_id": actor.unit_id, "is_confirmed": False}


@dataclasses.dataclass(frozen=True)
class _Counts:
    total: int
    every: int
    facets: dict[str, dict[str, int]]


def _counts(rows: QuerySet[Institution], filters: Filters) -> _Counts:
    # One grouped pass; each filter is counted under all the others, as a person expects it.
    chosen = {
        facet: (value == "1" if facet == "is_rural" else value)
        for facet, value in filters.chosen().items()
    }
    total = every = 0
    facets: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for *values, number in rows.order_by().values_list(*FACETS).annotate(Count("pk")):
        misses = [
            facet
            for facet, value in zip(FACETS, values, strict=True)
            if facet in chosen and chosen[facet] != value
        ]
        every += number
        if not misses:
            total += number
        for facet, value in zip(FACETS, values, strict=True):
            if not misses or misses == [facet]:
                key = ("1" if value else "0") if facet == "is_rural" else value
                facets[facet][key] = facets[facet].get(key, 0) + number
    return _Counts(total, every, facets)


def _conditions(filters: Filters) -> dict[str, Any]:
    return {
        facet: (value == "1" if facet == "is_rural" else value)
        for facet, value in filters.chosen().items()
    }


def sought(rows: QuerySet[Institution], text: str) -> QuerySet[Institution]:
    """Which of these institutions a text means: by ЄДРПОУ, ДІСО or ЄДЕБО exactly, by words of the
    name, in either layout of the keyboard, else by a name alike. All of them for no text."""
    for query in readings(text):
        if not query:
            return rows
        if number := code(query):
            found = rows.filter(Q(edrpou=number) | Q(diso_id=number) | Q(edebo_id=number))
            if len(number) > _SHORT_CODE or found.exists():
                return found
        found = rows
        for word in query.split():
            found = found.filter(Q(short_name__holds=word) | Q(full_name__holds=word))
        if found.exists():
            return found
    for query in readings(text):
        alike = _alike(rows, query)
        if alike is not None and alike.exists():
            return alike
    return rows.none()


_SHORT_CODE = 4  # «ліцей № 12» is sought by its number, too
_ALIKE = "0.4"


def _alike(rows: QuerySet[Institution], query: str) -> QuerySet[Institution] | None:
    words = [word for word in query.split() if len(word) > 2]
    if len(query) < 4 or not words:
        return None
    with connection.cursor() as cursor:
        # 0.6, the default, misses a wrong vowel in a word of ten letters. Nobody else asks `%>`.
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [_ALIKE]
        )
    for word in words:
        rows = rows.filter(short_name__trigram_word_similar=word)
    return rows


# ── the card ─────────────────────────────────────────────────────────────────
_ABOVE = Kept[OrgUnit](
    lambda ids: OrgUnit.objects.filter(pk__among=ids).exclude(
        kind__in=[UnitKind.OWNER, UnitKind.TECH_ADMIN, UnitKind.INSTITUTION]
    )
)


def authorities(institution: Institution) -> list[OrgUnit]:
    """Who manages it, nearest first: the chain of nodes above, without the owner."""
    ids = [int(part) for part in institution.unit.path.rstrip(".").split(".")[:-1]]
    return sorted(_ABOVE.rows(ids), key=lambda unit: -unit.depth)


def branches(actor: Actor, institution: Institution) -> list[Institution]:
    """Its branches within reach, in Ukrainian order."""
    return _BRANCHES.rows(actor, institution.unit_id)


_BRANCHES = Kept[Institution](
    lambda actor, hub: (
        Institution.objects.visible_to(actor).filter(hub_id=hub).order_by("sort_key", "unit_id")
    )
)
_STATUSES = Kept[InstitutionStatus](
    lambda pk: InstitutionStatus.objects.filter(institution_id=pk).order_by("-since", "-id")
)


def statuses(institution: Institution) -> list[InstitutionStatus]:
    """Its states with their orders, newest first."""
    return _STATUSES.rows(institution.unit_id)


_WORKERS = Kept[Grant](
    lambda unit: (
        Grant.objects.filter(unit_id=unit).exclude(state=GrantState.INACTIVE).select_related("user")
    )
)


def workers(institution: Institution) -> list[Grant]:
    """Who works in the cabinet for it: head first, then deputies; not the former ones."""
    grants = _WORKERS.rows(institution.unit_id)
    return sorted(grants, key=lambda one: (one.role != "HEAD", sort_key(one.user.full_name)))


def authorities_to_choose(actor: Actor) -> list[OrgUnit]:
    """Authorities a new card may stand under, as a tree; those of one authority by name."""
    kinds = [
        UnitKind.OBLAST,
        UnitKind.RAION,
        UnitKind.HROMADA,
        UnitKind.CITY,
        UnitKind.CITY_DISTRICT,
    ]
    rows = list(OrgUnit.objects.visible_to(actor).filter(kind__in=kinds))
    names = {str(unit.pk): sort_key(unit.name) for unit in rows}

    def branch(unit: OrgUnit) -> list[tuple[str, str]]:
        return [(names.get(part, ""), part) for part in unit.path.rstrip(".").split(".")]

    return sorted(rows, key=branch)


def of_code(edrpou: str) -> Institution | None:
    """The institution of a ЄДРПОУ, the hub before its branches; for whoever was asked to make it."""
    rows = Institution.objects.filter(edrpou=edrpou)
    return rows.order_by(F("hub").asc(nulls_first=True), "unit_id").first()


def successors_to_choose(
    actor: Actor, source: Institution, text: str, limit: int
) -> list[Institution]:
    """Institutions that work, to which another may pass: not itself, nor a branch of its own."""
    rows = sought(Institution.objects.visible_to(actor), text).filter(status="ACTIVE")
    # A hub of NULL is nobody's branch, and NULL <> x is not true.
    rows = rows.exclude(unit_id=source.unit_id).filter(~Q(hub_id=source.unit_id) | Q(hub=None))
    return list(rows.order_by("sort_key", "unit_id")[:limit])


PLACES = 200


def places_to_choose(actor: Actor, institution: Institution, text: str) -> list[tuple[str, str]]:
    """Where an institution may be put: authorities within reach as a tree, then hubs that work; those
    that a text means, when there is one."""
    wanted = text.strip().lower()
    units = [
        (str(unit.uid), "\u2003" * max(unit.depth - 2, 0) + unit.name)
        for unit in authorities_to_choose(actor)
        if unit.pk != institution.unit.parent_id
        and (not wanted or wanted in unit.name.lower() or wanted == unit.edrpou)
    ]
    hubs = sought(Institution.objects.visible_to(actor), text).filter(hub=None, status="ACTIVE")
    if not text:
        hubs = hubs.filter(is_hub=True)
    hubs = hubs.exclude(pk=institution.pk).select_related("unit").order_by("sort_key", "unit_id")
    return [
        *units[:PLACES],
        *((str(one.unit.uid), f"Філія закладу: {one.short_name}") for one in hubs[:PLACES]),
    ]


def by_short_name(actor: Actor, text: str, limit: int) -> list[Institution]:
    """Institutions whose name holds every word of a text; for pickers."""
    return list(
        sought(Institution.objects.visible_to(actor), text).order_by("sort_key", "unit_id")[:limit]
    )
