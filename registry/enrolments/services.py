"""Turning enrolments: what a period's first or last day changes on the pupils' rows."""

from __future__ import annotations

import datetime

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.db import advisory_lock, command


@command
def turn(*, actor: Actor, institution_id: int, since: datetime.date, today: datetime.date) -> int:
    """Mirror anew the main enrolments of an institution that began or ended from `since` to `today`.

    Returns how many children were looked at. A row that agrees with its periods already is not
    written, so running twice changes nothing.
    """
    advisory_lock(f"registry.enrolments.turn.{institution_id}")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(registry_mirror_enrolment(pupil_id)::text) FROM (
                SELECT DISTINCT pupil_id FROM registry_enrolment
                WHERE institution_id = %s AND kind = 'MAIN'
                  AND (starts_on BETWEEN %s AND %s OR ends_on BETWEEN %s AND %s)
                ORDER BY pupil_id
            ) x
            """,
            [institution_id, since, today, since, today],
        )
        turned = int(cursor.fetchone()[0])
    audit.record(
        audit.Event(
            "registry.enrolments.turned",
            "registry.institution",
            str(institution_id),
            {"day": today.isoformat(), "pupils": turned},
            unit_id=institution_id,
        )
    )
    return turned
