"""What the rules of rows must know: the school year of the first day of study, and its classes."""

from __future__ import annotations

import datetime
from typing import Any

from kernel.kept import Kept
from kernel.tables import dates
from registry.classes.models import ClassGroup
from registry.classifiers.errors import NoSchoolYear
from registry.classifiers.models import SchoolYear
from registry.classifiers.selectors import classifiers
from registry.fields.labels import Classes, ClassRef


def year_for(day: datetime.date) -> SchoolYear:
    """The school year a day is in; between two years, the one to come.

    Raises:
        NoSchoolYear: the classifier ends before that day.
    """
    year = next((one for one in classifiers.years() if one.ends_on > day), None)
    if year is None:
        raise NoSchoolYear(f"Для {dates.show(day)} у довіднику немає навчального року.")
    return year


def first_day(effective_on: str | None, today: datetime.date) -> tuple[datetime.date, SchoolYear]:
    """The first day of study and its school year, by the day as typed in an order; unreadable or
    absent, it is today, or the first day of the coming year.

    Raises:
        NoSchoolYear: the classifier ends before that day.
    """
    typed = dates.parse("effective_on", effective_on or "", required=False).value
    year = year_for(typed or today)
    return typed or max(today, year.starts_on), year


_OPEN = Kept[tuple[Any, ...]](
    lambda institution, year: ClassGroup.objects.filter(
        institution_id=institution, school_year=year, closed_on=None
    ).values_list("id", "grade", "letter", "form", "language", "shift")
)


def classes_of(institution_id: int, year: SchoolYear) -> Classes:
    """Open classes of an institution in a school year."""
    return Classes((ClassRef(*row) for row in _OPEN.rows(institution_id, year.pk)), year.code)
