"""Ending enrolments by an order, and taking that back: the same for withdrawal and transfer.

Places in classes that were to begin after the day of leaving never begin (ADR 0049); the place of
that day lasts as long as the enrolment.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping

from django.db import connection

from kernel.db import part_of_command
from registry.enrolments.models import ClassPlacement


@part_of_command
def end(order: uuid.UUID, day: datetime.date, reasons: Mapping[int, str]) -> None:
    """End these enrolments, open and held by the caller, each for its reason."""
    places = ClassPlacement.objects.filter(enrolment__in=list(reasons), voided_by=None)
    if places.filter(starts_on__gte=day).update(voided_by=order):
        places.filter(ends_on__gt=day).update(ends_on=None, closed_by=None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_enrolment e SET ends_on = %s, closed_by_id = %s, end_reason = x.reason
            FROM unnest(%s::bigint[], %s::text[]) AS x(id, reason) WHERE e.id = x.id
            """,
            [day, order, list(reasons), list(reasons.values())],
        )


@part_of_command
def go_on(order: uuid.UUID) -> None:
    """The reverse: whoever left by an order goes on learning as if nothing had been said, and what
    was to come comes: the place before each of them ends when it begins, by the order that said so.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_enrolment SET ends_on = NULL, closed_by_id = NULL, end_reason = ''
            WHERE closed_by_id = %s RETURNING id
            """,
            [order],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            """
            UPDATE registry_classplacement p SET ends_on = x.starts_on, closed_by_id = x.opened_by_id
            FROM (
                SELECT DISTINCT ON (enrolment_id) enrolment_id, starts_on, opened_by_id
                FROM registry_classplacement
                WHERE enrolment_id = ANY(%(enrolments)s) AND voided_by_id = %(order)s
                ORDER BY enrolment_id, starts_on
            ) x
            WHERE p.enrolment_id = x.enrolment_id AND p.voided_by_id IS NULL AND p.ends_on IS NULL
            """,
            {"order": order, "enrolments": ids},
        )
    ClassPlacement.objects.filter(enrolment_id__in=ids, voided_by=order).update(voided_by=None)


def in_closed_classes(enrolments: Collection[int]) -> set[int]:
    """Which of these enrolments lead back to a class that is closed by now."""
    return set(
        ClassPlacement.objects.filter(
            enrolment_id__in=enrolments,
            voided_by=None,
            ends_on=None,
            class_group__closed_on__isnull=False,
        ).values_list("enrolment_id", flat=True)
    )
