"""What enrolments say to packages below by ports and to the nightly job: numbers and nodes alone,
hence no actor."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Sequence

from django.db import connection
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


def learning_on(institution_id: int, day: datetime.date) -> int:
    """How many children an institution has on a day."""
    rows = Enrolment.objects.filter(
        institution_id=institution_id, kind="MAIN", starts_on__lte=day, voided_by=None
    )
    return rows.exclude(ends_on__lte=day).count()


def anybody_stays(institution_id: int) -> bool:
    """Whether anybody is enrolled there without a last day, whatever the kind."""
    rows = Enrolment.objects.filter(institution_id=institution_id, ends_on=None, voided_by=None)
    return rows.exists()


def placed_in(classes: Sequence[int], day: datetime.date) -> dict[int, int]:
    """How many learn in each of these classes on a day or will: an order may enrol from the first
    of September."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT class_group_id, count(*) FROM registry_learning
            WHERE class_group_id = ANY(%s) AND (ends_on IS NULL OR ends_on > %s) GROUP BY 1
            """,
            [list(classes), day],
        )
        return dict(cursor.fetchall())


def learning_beside(
    institution_id: int, pupil_ids: Collection[uuid.UUID], day: datetime.date
) -> set[uuid.UUID]:
    """Who of these learns at an institution beside a main school on a day or will."""
    if not pupil_ids:
        return set()
    rows = Enrolment.objects.filter(
        institution_id=institution_id,
        pupil_id__in=pupil_ids,
        kind="SUPPLEMENTARY",
        voided_by=None,
    )
    return set(rows.exclude(ends_on__lte=day).values_list("pupil_id", flat=True))


def last_institution(pupil_id: uuid.UUID) -> int | None:
    """Where the child was enrolled last; an enrolment that was annulled counts."""
    rows = Enrolment.objects.filter(pupil_id=pupil_id, kind="MAIN")
    return rows.order_by("-starts_on", "-id").values_list("institution_id", flat=True).first()
