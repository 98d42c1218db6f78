"""The actor's place in a few figures, for the home page."""

from __future__ import annotations

import dataclasses
import datetime

from django.db import connection

from accounts.actors import Actor
from registry.people.models.pupils import Pupil
from registry.staff.models import Post, lasting

_BY_GRADE = """
    SELECT grade, count(*) FROM registry_pupil
    WHERE institution_id = ANY(%s) AND grade IS NOT NULL GROUP BY grade ORDER BY grade
"""
_CLASSES = """
    SELECT count(*) FROM registry_classgroup
    WHERE institution_id = ANY(%s) AND school_year_id = %s AND closed_on IS NULL
"""


@dataclasses.dataclass(frozen=True)
class Glance:
    """Figures of a school: pupils by grade, classes of the year, staff."""

    pupils: int
    classes: int
    staff: int
    by_grade: list[tuple[int, int]]


def of(actor: Actor, year_code: str, today: datetime.date) -> Glance:
    """Four indexed counts of a school with its branches."""
    keys = list(actor.scope.keys)
    with connection.cursor() as cursor:
        cursor.execute(_BY_GRADE, [keys])
        by_grade = [(int(grade), int(number)) for grade, number in cursor.fetchall()]
        cursor.execute(_CLASSES, [keys, year_code])
        classes = int(cursor.fetchone()[0])
    return Glance(
        pupils=Pupil.objects.visible_to(actor).count(),
        classes=classes,
        staff=Post.objects.visible_to(actor).filter(lasting(today)).count(),
        by_grade=by_grade,
    )
