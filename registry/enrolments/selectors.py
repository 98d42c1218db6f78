"""Where enrolments begin, end or change class these days; for the nightly job alone, hence no actor."""

from __future__ import annotations

import datetime

from django.db.models import Q

from registry.enrolments.models import ClassPlacement, Enrolment


def institutions_with_turns(since: datetime.date, day: datetime.date) -> list[int]:
    """Institutions with a main enrolment that begins, ends or changes class from `since` to `day`."""
    days = (since, day)
    moved = ClassPlacement.objects.filter(starts_on__range=days).values("enrolment_id")
    rows = Enrolment.objects.filter(kind="MAIN").filter(
        Q(starts_on__range=days) | Q(ends_on__range=days) | Q(pk__in=moved)
    )
    return sorted(rows.order_by().values_list("institution_id", flat=True).distinct())
