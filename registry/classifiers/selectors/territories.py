"""Reading КАТОТТГ as of a date. Public reference data: the same for everybody, hence no actor."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from django.db import connection
from django.db.models import (
    Case,
    F,
    FloatField,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)

import kernel.lookups  # noqa: F401 - registers `prefixed` and `among`
from accounts import identifiers
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.text import clean, readings
from registry.classifiers.models import Territory

# How an object is called in a line of an address, before or after its name.
_BEFORE = {"K": "м.", "M": "м.", "T": "смт", "X": "с-ще", "C": "с."}
_AFTER = {"O": "область", "P": "район", "H": "громада", "B": "район"}
SHORTEST_SEARCH = 2
CODE = re.compile(r"UA[0-9]{17}")


def as_of(on: datetime.date | None = None) -> QuerySet[Territory]:
    """Objects as they were on a date; before the first edition loaded, as that edition says."""
    if on is None:
        return Territory.objects.filter(valid_to=None)
    first = Territory.objects.order_by("valid_from").values_list("valid_from", flat=True).first()
    day = max(on, first) if first else on
    return Territory.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


def find(code: str, on: datetime.date | None = None) -> Territory:
    """One object.

    Raises:
        NotFound: no such code on that date.
    """
    found = as_of(on).filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def known(codes: Iterable[str]) -> frozenset[str]:
    """Which of these codes are objects of today's КАТОТТГ; one query for them all."""
    wanted = {code for code in codes if code}
    return frozenset(one.code for one in _among(wanted, None)) if wanted else frozenset()


def children(code: str = "", on: datetime.date | None = None) -> list[Territory]:
    """Objects right below one, in Ukrainian order; oblasts and the two cities for ''."""
    return list(as_of(on).filter(parent_code=code).order_by("sort_key", "code"))


def path(code: str, on: datetime.date | None = None) -> list[Territory]:
    """The object with all above it, oblast first; empty when the code is unknown."""
    return paths([code], on).get(code, [])


def paths(codes: Iterable[str], on: datetime.date | None = None) -> dict[str, list[Territory]]:
    """Paths of many objects in two queries."""
    own = {one.code: one for one in _among(codes, on)}
    wanted = {
        up
        for one in own.values()
        for up in (one.oblast_code, one.raion_code, one.hromada_code, one.parent_code)
        if up and up not in own
    }
    above = {one.code: one for one in _among(wanted, on)} if wanted else {}
    known = {**above, **own}
    found = {}
    for code, one in own.items():
        chain = [one]
        while chain[0].parent_code in known and len(chain) < 6:
            chain.insert(0, known[chain[0].parent_code])
        found[code] = chain
    return found


_NOW = Kept[Territory](lambda codes: as_of().filter(code__among=codes))


def _among(codes: Iterable[str], on: datetime.date | None) -> Iterable[Territory]:
    wanted = list(set(codes))
    return _NOW.rows(wanted) if on is None else as_of(on).filter(code__among=wanted)


def short_label(one: Territory) -> str:
    """«м. Чернівці», «Мамаївська громада»."""
    if one.category in _BEFORE:
        return f"{_BEFORE[one.category]} {one.name}"
    if one.category == "O" and " " in one.name:  # Автономна Республіка Крим
        return one.name
    return f"{one.name} {_AFTER[one.category]}"


def labels(codes: Iterable[str], on: datetime.date | None = None) -> dict[str, str]:
    """Full names by code: «с. Мамаївці, Мамаївська громада, Чернівецький район, Чернівецька
    область». A code closed since keeps the name it had last."""
    wanted = {code for code in codes if code}
    found = paths(wanted, on)
    missing = wanted - found.keys()
    told = {
        code: ", ".join(short_label(one) for one in reversed(way)) for code, way in found.items()
    }
    if missing:
        past = Territory.objects.filter(code__in=missing).order_by("valid_from")
        told |= {one.code: f"{short_label(one)} (закрито)" for one in past}
    return told


def label(code: str, on: datetime.date | None = None) -> str:
    """The full name of one object; the code itself when it is unknown."""
    return labels([code], on).get(code, code)


def search(
    text: str,
    *,
    within: str = "",
    categories: str = "",
    on: datetime.date | None = None,
    limit: int = 20,
) -> list[Territory]:
    """Find objects by name, misspelt ones too; the same name repeats up to 110 times.

    What follows a comma narrows by what stands above: «Іванівка, Чернівецька». `within` is the
    code of an oblast, raion or hromada; `categories` letters, «MXC» for settlements. A whole code
    is found as it is. Typed in the other layout of the keyboard, a name is found all the same.
    """
    for said in readings(text):
        if found := _search(said, within, categories, on, limit):
            return found
    return []


def _search(
    text: str, within: str, categories: str, on: datetime.date | None, limit: int
) -> list[Territory]:
    name, *above = [part.strip() for part in clean(text).split(",")]
    if CODE.fullmatch(code := identifiers.territory(name)):
        return list(as_of(on).filter(code=code))
    name = _bare(name)
    if len(name) < SHORTEST_SEARCH:
        return []
    found = as_of(on)
    if within:
        found = found.filter(Q(oblast_code=within) | Q(raion_code=within) | Q(hromada_code=within))
    if categories:
        found = found.filter(category__in=list(categories))
    for part in filter(None, above):
        up = as_of(on).filter(name__istartswith=part.split()[0], level__lt=4)
        codes = up.values("code")
        found = found.filter(
            Q(oblast_code__in=codes) | Q(raion_code__in=codes) | Q(hromada_code__in=codes)
        )
    return _by_likeness(found, name, limit)


def beginning(read: list[str], *, limit: int) -> list[Territory]:
    """Objects whose names begin with the first of these readings that any does: cities first."""
    for text in read:
        name = _bare(text)
        if len(name) >= SHORTEST_SEARCH and any(mark.isalpha() for mark in name):
            rows = as_of().filter(name__prefixed=name).order_by(_SIZE, "sort_key", "code")
            if found := list(rows[:limit]):
                return found
    return []


def _bare(text: str) -> str:
    """A name without what kind of place it is."""
    for prefix in ("село ", "селище ", "місто ", "с. ", "м. ", "смт ", "с-ще "):
        text = text.removeprefix(prefix)
    return text


_SIZE = Case(
    *(When(category=letter, then=place) for place, letter in enumerate("OKPHMTXCB")), default=9
)


def _by_likeness(found: QuerySet[Territory], name: str, limit: int) -> list[Territory]:
    # Exact first, then those that begin so, then the alike; cities before villages.
    likeness = Func(F("name"), Value(name), function="similarity", output_field=FloatField())
    lowered = Func(F("name"), function="lower", output_field=TextField())
    whole, begins = Q(lowered=name.lower()), Q(lowered__startswith=name.lower())
    return list(
        found.filter(Q(name__trigram_similar=name) | Q(name__prefixed=name))
        .annotate(lowered=lowered)
        .annotate(
            rank=Case(When(whole, then=2.0), When(begins, then=1.0), default=likeness),
            size=_SIZE,
        )
        .order_by("-rank", "size", "sort_key", "code")[:limit]
    )


def history(code: str) -> list[Territory]:
    """Every edition of one object, newest first."""
    return list(Territory.objects.filter(code=code).order_by("-valid_from"))


def editions() -> list[datetime.date]:
    """Dates on which something changed, newest first."""
    with connection.cursor() as cursor:
        # One step down the index a date; DISTINCT would walk over all 31,744 rows.
        cursor.execute(
            """
            WITH RECURSIVE since AS (
                SELECT max(valid_from) AS day FROM registry_territory
                UNION ALL SELECT (SELECT max(valid_from) FROM registry_territory
                                  WHERE valid_from < day) FROM since WHERE day IS NOT NULL
            ), until AS (
                SELECT max(valid_to) AS day FROM registry_territory
                UNION ALL SELECT (SELECT max(valid_to) FROM registry_territory
                                  WHERE valid_to < day) FROM until WHERE day IS NOT NULL
            )
            SELECT day FROM since WHERE day IS NOT NULL
            UNION SELECT day FROM until WHERE day IS NOT NULL ORDER BY day DESC
            """
        )
        return [row[0] for row in cursor.fetchall()]
