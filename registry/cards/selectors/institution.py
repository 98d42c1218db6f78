"""An institution in numbers, for its card."""

from __future__ import annotations

import dataclasses
import datetime

from django.db.models import Count

import kernel.lookups  # noqa: F401 - registers `holds`
from registry.classes.models import ClassGroup
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.staff.models import Post, lasting


@dataclasses.dataclass(frozen=True)
class Figures:
    """An institution in numbers."""

    pupils: int
    classes: int
    staff: int
    by_grade: list[tuple[int, int]]


def figures(institution: Institution, year: str, today: datetime.date) -> Figures:
    """Pupils (now), classes (of a school year), staff; pupils by grade. Three counts by index."""
    by_grade = list(
        Pupil.objects.filter(institution_id=institution.unit_id, grade__isnull=False)
        .order_by("grade")
        .values_list("grade")
        .annotate(Count("pk"))
    )
    return Figures(
        pupils=sum(count for _, count in by_grade),
        classes=ClassGroup.objects.filter(
            institution_id=institution.unit_id, school_year_id=year, closed_on=None
        ).count(),
        staff=Post.objects.filter(lasting(today), institution_id=institution.unit_id).count(),
        by_grade=by_grade,
    )
