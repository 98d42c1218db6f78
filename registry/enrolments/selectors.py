"""Where enrolments begin or end these days; for the nightly job alone, hence no actor."""

from __future__ import annotations

import datetime

from django.db.models import Q

from registry.enrolments.models import Enrolment


def institutions_with_turns(since: datetime.date, day: datetime.date) -> list[int]:
    """Institutions with a main enrolment that begins or ends from `since` to `day`."""
    rows = Enrolment.objects.filter(kind="MAIN").filter(
        Q(starts_on__range=(since, day)) | Q(ends_on__range=(since, day))
    )
    return sorted(rows.order_by().values_list("institution_id", flat=True).distinct())
