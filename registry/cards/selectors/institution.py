"""An institution in numbers, for its card."""

from __future__ import annotations

import dataclasses
import datetime

from django.db.models import Count

from kernel.kept import Kept
from registry.classes.models import ClassGroup
from registry.institutions.models.institutions import Institution
from registry.people.models.pupils import Pupil
from registry.staff.models.posts import Post, lasting


@dataclasses.dataclass(frozen=True)
class Figures:
    """An institution in numbers."""

    pupils: int
    classes: int
    staff: int
    by_grade: list[tuple[int, int]]


def figures(institution: Institution, year: str, today: datetime.date) -> Figures:
    """Pupils (now), classes (of a school year), staff; pupils by grade. Three counts by index."""
    by_grade = _BY_GRADE.rows(institution.unit_id)
    return Figures(
        pupils=sum(count for _, count in by_grade),
        classes=_CLASSES.count(institution.unit_id, year),
        staff=_STAFF.count(institution.unit_id, today),
        by_grade=by_grade,
    )


_BY_GRADE = Kept[tuple[int, int]](
    lambda pk: (
        Pupil.objects.filter(institution_id=pk, grade__isnull=False)
        .order_by("grade")
        .values_list("grade")
        .annotate(Count("pk"))
    )
)
_CLASSES = Kept[ClassGroup](
    lambda pk, year: ClassGroup.objects.filter(
        institution_id=pk, school_year_id=year, closed_on=None
    )
)
_STAFF = Kept[Post](lambda pk, today: Post.objects.filter(lasting(today), institution_id=pk))
