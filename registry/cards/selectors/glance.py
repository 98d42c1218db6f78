"""The actor's place in a few figures, for the home page."""

from __future__ import annotations

import dataclasses
import datetime

from django.db import connection

from accounts.actors import Actor
from kernel.counts import Count, asked
from kernel.statements import prepared

_PUPILS = """
    SELECT grade, count(*) FROM registry_pupil
    WHERE institution_id = ANY(%s) GROUP BY grade ORDER BY grade
"""
_CLASSES = """
    SELECT count(*) FROM registry_classgroup
    WHERE institution_id = ANY(ARRAY(SELECT unnest(%s::int[]))) AND school_year_id = %s AND closed_on IS NULL
"""
_STAFF = """
    SELECT count(*) FROM registry_post
    WHERE institution_id = ANY(ARRAY(SELECT unnest(%s::int[]))) AND (ends_on IS NULL OR ends_on > %s)
      AND voided_by_id IS NULL
"""


@dataclasses.dataclass(frozen=True)
class Glance:
    """Figures of a school: pupils by grade, classes of the year, staff."""

    pupils: int
    classes: int
    staff: int
    by_grade: list[tuple[int, int]]


def of(actor: Actor, year_code: str, today: datetime.date) -> Glance:
    """Indexed counts of a school with its branches, by two statements."""
    keys = list(actor.scope.keys)
    with prepared(), connection.cursor() as cursor:
        cursor.execute(_PUPILS, [keys])
        pupils: list[tuple[int | None, int]] = cursor.fetchall()
    classes, staff = asked([Count(_CLASSES, (keys, year_code)), Count(_STAFF, (keys, today))])
    return Glance(
        pupils=sum(number for _, number in pupils),
        classes=classes,
        staff=staff,
        by_grade=[(grade, number) for grade, number in pupils if grade is not None],
    )
