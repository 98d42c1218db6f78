"""Taking the list out as a file: each node whose children are in it can see who took how many."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.db import command
from kernel.paging import Page, every
from registry.people.events import PupilsExported
from registry.people.selectors import lists
from registry.people.selectors.filters import Filters

CHUNK = 1_000  # rows read at a time, so that a long list takes the memory of few


def export(
    *,
    actor: Actor,
    filters: Filters,
    today: datetime.date,
    order: str = "name",
    only: Sequence[str] | None = None,
) -> Iterator[lists.Line]:
    """The filtered list by name, for a file; when it was read to the end, that it was taken stands
    in the log.

    Raises:
        NotAllowed: the actor sees no names there.
        NotFound: the institution or class of a filter is out of reach.
    """
    lists.may_take(actor, filters)
    taken: Counter[int] = Counter()

    def read(mark: str | None) -> Page[lists.Line]:
        found = lists.listing(
            actor,
            filters,
            today=today,
            order=order,
            after=mark,
            size=CHUNK,
            only=only,
            what="файл зі списком",
        )
        return Page(found.rows, found.next, found.previous)

    # Read outside the command, which keeps the plans of its statements (kernel.db.prepared).
    for line in every(read):
        if line.node:
            taken[line.node] += 1
        yield line
    if taken:
        _taken(actor=actor, today=today, filters=tuple(filters.chosen()), taken=taken)


@command
def _taken(
    *, actor: Actor, today: datetime.date, filters: tuple[str, ...], taken: Counter[int]
) -> None:
    """Tell each node how many of its children are in the file. Refuses nothing. What was
    sought stays out of the log: it may be a name or a number of a child."""
    audit.record(
        *(
            PupilsExported(subject=uid, unit=pk, filters=filters, rows=taken[pk])
            for pk, uid in OrgUnit.objects.filter(pk__in=taken).values_list("pk", "uid")
        )
    )
