"""Timelines: what happened to a subject, for the presenters that make words of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet

from kernel.audit.events import Event, load, type_of
from kernel.audit.models import EventRow


@dataclasses.dataclass(frozen=True)
class Happened:
    """One line of a timeline; `ground` is the act's: an order, a document.

    `event` is the typed event, None when nobody declares its code and version any more.
    """

    at: datetime.datetime
    who: str
    ground: str
    code: str
    event: Any


def newest(
    rows: QuerySet[EventRow], limit: int, kinds: Collection[type[Event]] | None = None
) -> list[Happened]:
    """The newest of the events, newest first; only of these kinds, when they are named."""
    if kinds is not None:
        rows = rows.filter(code__in=[type_of(kind).code for kind in kinds])
    return told(rows.select_related("act").order_by("-id")[:limit])


def told(rows: Iterable[EventRow]) -> list[Happened]:
    """Events with their acts, as they are read."""
    return [
        Happened(
            row.act.at,
            row.act.actor_label,
            row.act.ground,
            row.code,
            load(row.code, row.version, row.subject_id, row.unit_id, row.payload),
        )
        for row in rows
    ]
