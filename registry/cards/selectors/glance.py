"""The actor's place in a few figures, for the home page."""

from __future__ import annotations

import dataclasses
import datetime

from django.db import connection

from accounts.actors import Actor
from kernel.statements import prepared

_FIGURES = """
    SELECT (SELECT count(*) FROM registry_classgroup
            WHERE institution_id = ANY(ARRAY(SELECT unnest(%(keys)s::int[])))
                AND school_year_id = %(year)s AND closed_on IS NULL),
           (SELECT count(*) FROM registry_post
            WHERE institution_id = ANY(ARRAY(SELECT unnest(%(keys)s::int[])))
                AND voided_by_id IS NULL AND (ends_on IS NULL OR ends_on > %(today)s)),
           grade, number
    FROM (SELECT) one LEFT JOIN (
        SELECT grade, count(*) AS number FROM registry_pupil
        WHERE institution_id = ANY(%(keys)s) GROUP BY grade
    ) pupils ON true ORDER BY grade
"""


@dataclasses.dataclass(frozen=True)
class Glance:
    """Figures of a school: pupils by grade, classes of the year, staff."""

    pupils: int
    classes: int
    staff: int
    by_grade: list[tuple[int, int]]


def of(actor: Actor, year_code: str, today: datetime.date) -> Glance:
    """Indexed counts of a school with its branches, by one statement."""
    with prepared(), connection.cursor() as cursor:
        cursor.execute(
            _FIGURES, {"keys": list(actor.scope.keys), "year": year_code, "today": today}
        )
        rows: list[tuple[int, int, int | None, int | None]] = cursor.fetchall()
    return Glance(
        pupils=sum(number or 0 for *_, number in rows),
        classes=rows[0][0],
        staff=rows[0][1],
        by_grade=[(grade, number) for *_, grade, number in rows if grade is not None and number],
    )
