"""Numbers that a page's frame shows, whatever rooms they are of, asked in one statement."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.db import connection

from kernel.statements import prepared


@dataclasses.dataclass(frozen=True)
class Count:
    """`SELECT count(*) …` of one number, with its parameters. It runs on every page of somebody,
    so it must cost one short range of an index."""

    sql: str
    params: tuple[Any, ...]


def asked(wanted: Sequence[Count | int | None]) -> list[int]:
    """Each number, in order: counts are asked together, what is known already stands as it is."""
    counts = [one for one in wanted if isinstance(one, Count)]
    told: list[int] = []
    if counts:
        sql = ", ".join(f"({one.sql})" for one in counts)
        with prepared(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {sql}", [value for one in counts for value in one.params])
            told = list(cursor.fetchone())
    numbers = iter(told)
    return [next(numbers) if isinstance(one, Count) else one or 0 for one in wanted]
