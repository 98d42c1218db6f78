"""Where nodes stood on a past day: figures of that day are summed and walked by the tree of then."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import OrgUnit, UnitPlacement


def _covering(day: datetime.date) -> QuerySet[UnitPlacement]:
    return UnitPlacement.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day), valid_to__gt=day
    )


def paths_on(day: datetime.date, *units: OrgUnit) -> dict[int, str]:
    """The path of each node as it was on a day, by its id. One query."""
    moved = _covering(day).filter(unit__in=units).values_list("unit_id", "path")
    return {unit.pk: unit.path for unit in units} | dict(moved)


def _then(day: datetime.date, now: Q, then: Q) -> QuerySet[OrgUnit]:
    covering = _covering(day)
    stand = OrgUnit.objects.filter(now).exclude(pk__in=covering.values("unit_id")).values("pk")
    stood = covering.filter(then).values("unit_id")
    # A union: an OR of the two would be asked of every node of the tree.
    return OrgUnit.objects.filter(pk__in=stand.union(stood, all=True))


def children_on(day: datetime.date, unit: OrgUnit) -> QuerySet[OrgUnit]:
    """Nodes that stood right under a node on a day."""
    path = paths_on(day, unit)[unit.pk].replace(".", "[.]")
    return _then(day, Q(parent=unit), Q(path__regex=f"^{path}[0-9]+[.]$"))


def below_on(day: datetime.date, unit: OrgUnit) -> QuerySet[OrgUnit]:
    """A node and all that stood below it on a day."""
    path = paths_on(day, unit)[unit.pk]
    return _then(day, Q(path__startswith=unit.path), Q(path__startswith=path))


def ancestors(path: str) -> list[int]:
    """Ids of the nodes of a path, from the root down."""
    return [int(part) for part in path.split(".") if part]


def stood_at(actor: Actor) -> Iterable[tuple[datetime.date | None, datetime.date | None, str]]:
    """Periods of the actor's node with its path in each: (from, until, path), the last one open."""
    last = None
    for placed in UnitPlacement.objects.filter(unit_id=actor.unit_id).order_by("valid_to"):
        yield placed.valid_from, placed.valid_to, placed.path
        last = placed.valid_to
    yield last, None, actor.unit_path
