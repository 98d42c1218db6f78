"""Facts that change from a day on: the row holds what is so now, its past what was so before.

Only the past is kept, so whatever never changed costs nothing. A past row ends with `until`, the
first day on which its facts no longer held; on a day, what ends first after it was so, else what
the row itself says. So a figure of an earlier day stays (docs/adr/0046-facts-from-a-day.md).

A mistake is corrected from the first day on: then it never was, and every past row is mended too.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models


class Past(models.Model):
    """What a row was before a change. A subclass names the row (`of`) and has its facts, alike."""

    id = models.BigAutoField(primary_key=True)
    until = models.DateField()

    class Meta:
        abstract = True

    @classmethod
    def facts(cls) -> tuple[str, ...]:
        """Fields whose values of earlier days are kept."""
        own = {"id", "of", "until"}
        return tuple(field.name for field in cls._meta.local_fields if field.name not in own)


def keep(past: type[Past], rows: Iterable[Any], *, until: datetime.date) -> None:
    """Remember the facts of rows as they stand, before they are changed from `until` on.

    Whoever changed on that very day keeps what was before it.
    """
    _keep(past, [(row.pk, row) for row in rows], until)


def change(
    past: type[Past],
    row: Any,
    values: Mapping[str, Any],
    *,
    since: datetime.date,
    first_day: datetime.date,
) -> None:
    """Let facts of a row be other from a day on, its first one or earlier: from the beginning.

    The row is locked by who asks, is given as it was, and takes the new values after.
    """
    told = {name: value for name, value in values.items() if name in past.facts()}
    if not told:
        return
    later = past.objects.filter(of=row, until__gt=since)  # type: ignore[attr-defined]
    if since > first_day:
        _keep(past, [(row.pk, later.order_by("until").first() or row)], since)
    later.update(**told)


def _keep(past: type[Past], rows: list[tuple[Any, Any]], until: datetime.date) -> None:
    kept = [
        past(of_id=pk, until=until, **{name: getattr(was, name) for name in past.facts()})  # type: ignore[misc]
        for pk, was in rows
    ]
    past.objects.bulk_create(kept, ignore_conflicts=True)  # type: ignore[attr-defined]
