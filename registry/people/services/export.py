"""Taking the list out as a file: each node whose children are in it can see who took how many."""

from __future__ import annotations

import datetime
from collections import Counter

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.db import command
from registry.people.events import PupilsExported
from registry.people.selectors import lists
from registry.people.selectors.filters import Filters


def export(*, actor: Actor, filters: Filters, today: datetime.date) -> list[lists.Line]:
    """The filtered list by name, for a file; that it was taken stands in the log.

    Raises:
        NotAllowed, NotFound: as `lists.named`.
    """
    # Read outside the command, which keeps the plans of its statements (kernel.db.prepared).
    lines = lists.named(actor, filters, today=today)
    if lines:
        taken = Counter(line.node for line in lines if line.node)
        _taken(actor=actor, today=today, filters=tuple(filters.chosen()), taken=taken)
    return lines


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
