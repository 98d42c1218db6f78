"""Writing enrolments for movements and for filling the register; turning them when a day turns."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.db import advisory_lock, command, part_of_command
from registry.enrolments.events import EnrolmentsTurned


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A pupil enrolled from a day into a class of the institution; an open end is None."""

    pupil: uuid.UUID
    class_group: int
    starts_on: datetime.date
    form: str = "FULL_TIME"
    kind: str = "MAIN"
    ends_on: datetime.date | None = None
    end_reason: str = ""


# One statement, so that both tables' triggers see the whole and write each pupil's row once.
_ENROL = """
    WITH place AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('registry_enrolment', 'id')) AS id, x.*
        FROM unnest(%(pupil)s::uuid[], %(class_group)s::int[], %(starts_on)s::date[],
                    %(form)s::text[], %(kind)s::text[], %(ends_on)s::date[], %(end_reason)s::text[])
            AS x(pupil_id, class_group_id, starts_on, form, kind, ends_on, end_reason)
    ), enrolled AS (
        INSERT INTO registry_enrolment (id, pupil_id, institution_id, kind, starts_on, ends_on,
            end_reason, origin, opened_by_id)
        SELECT id, pupil_id, %(institution)s, kind, starts_on, ends_on, end_reason,
               %(origin)s, %(order)s
        FROM place
    )
    INSERT INTO registry_classplacement (enrolment_id, class_group_id, form, starts_on, origin,
        opened_by_id)
    SELECT id, class_group_id, form, starts_on, %(origin)s, %(order)s FROM place
    RETURNING enrolment_id
"""


@part_of_command
def enrol(institution_id: int, places: Sequence[Place], *, order: uuid.UUID | None) -> list[int]:
    """Enrol pupils into classes of an institution by an order; the ids of the enrolments.

    Without an order, for what comes with the data the register is filled from. Pupils are taken
    in the order of their ids, so that rivals wait for each other and never deadlock.
    """
    rows = sorted(places, key=lambda place: place.pupil)
    columns = {
        field.name: [getattr(row, field.name) for row in rows]
        for field in dataclasses.fields(Place)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _ENROL,
            {
                **columns,
                "institution": institution_id,
                "order": order,
                "origin": "MIGRATED" if order is None else "ORDER",
            },
        )
        return [row[0] for row in cursor.fetchall()]


@command
def turn(*, actor: Actor, institution_id: int, since: datetime.date, today: datetime.date) -> int:
    """Mirror anew the main enrolments of an institution that began or ended from `since` to `today`,
    or whose class changed then.

    Returns how many children were looked at. A row that agrees with its periods already is not
    written, so running twice changes nothing.
    """
    advisory_lock(f"registry.enrolments.turn.{institution_id}")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH turned AS MATERIALIZED (
                SELECT DISTINCT e.pupil_id FROM registry_enrolment e
                JOIN registry_classplacement p ON p.enrolment_id = e.id
                WHERE e.institution_id = %(institution)s AND e.kind = 'MAIN'
                  AND (e.starts_on BETWEEN %(since)s AND %(day)s
                       OR e.ends_on BETWEEN %(since)s AND %(day)s
                       OR p.starts_on BETWEEN %(since)s AND %(day)s)
                ORDER BY e.pupil_id
            )
            SELECT (SELECT count(*) FROM turned),
                   registry_mirror(ARRAY(SELECT pupil_id FROM turned), %(day)s)
            """,
            {"institution": institution_id, "since": since, "day": today},
        )
        turned = int(cursor.fetchone()[0])
    audit.record(
        EnrolmentsTurned(subject=institution_id, unit=institution_id, day=today, pupils=turned)
    )
    return turned
