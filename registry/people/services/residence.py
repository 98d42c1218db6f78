"""Whose register of children by residence a child stands in (handbook D.7, J.3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection

from kernel import audit
from kernel.db import part_of_command
from registry.people.events import ResidenceMoved

# The first nine signs of a code of КАТОТТГ name the hromada (handbook C.5). A city district with an
# authority of its own, and Kyiv and Sevastopol, which stand for oblasts, are named by the whole code.
UNIT_OF = """
    SELECT x.id FROM accounts_orgunit x
    WHERE left(x.territory_code, 9) = left(CODE, 9) AND x.is_active
      AND x.kind IN ('HROMADA', 'CITY', 'CITY_DISTRICT', 'OBLAST')
      AND (x.kind IN ('HROMADA', 'CITY') OR x.territory_code = CODE)
    ORDER BY x.kind = 'CITY_DISTRICT' DESC, x.id LIMIT 1
"""
_SETTLE = f"""
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (a.pupil_id) a.pupil_id, u.id AS unit_id
        FROM registry_pupiladdress a
        CROSS JOIN LATERAL ({UNIT_OF.replace("CODE", "a.territory_code")}) u
        WHERE a.pupil_id = ANY(%(pupils)s::uuid[]) AND a.voided_at IS NULL
          AND a.country = 'UA' AND a.territory_code <> ''
        ORDER BY a.pupil_id, a.kind
    ), moved AS MATERIALIZED (
        SELECT t.*, r.id AS stood, r.unit_id AS stood_in, r.valid_from AS since,
            (SELECT max(c.valid_to) FROM registry_residencescope c WHERE c.pupil_id = t.pupil_id)
                AS closed_on
        FROM told t
        LEFT JOIN registry_residencescope r ON r.pupil_id = t.pupil_id AND r.valid_to IS NULL
        WHERE r.unit_id IS DISTINCT FROM t.unit_id
    ), rewritten AS (
        UPDATE registry_residencescope r SET unit_id = m.unit_id
        FROM moved m WHERE r.id = m.stood AND m.since >= %(today)s
    ), ended AS (
        UPDATE registry_residencescope r SET valid_to = %(today)s
        FROM moved m WHERE r.id = m.stood AND m.since < %(today)s
        RETURNING r.pupil_id
    ), begun AS (
        INSERT INTO registry_residencescope (pupil_id, unit_id, valid_from)
        SELECT m.pupil_id, m.unit_id, greatest(%(today)s, m.closed_on) FROM moved m
        LEFT JOIN ended e ON e.pupil_id = m.pupil_id
        WHERE m.stood IS NULL OR e.pupil_id IS NOT NULL
    )
    SELECT m.pupil_id, p.institution_id, m.stood_in, m.unit_id FROM moved m
    JOIN registry_pupil p ON p.id = m.pupil_id ORDER BY 1
"""  # noqa: S608 - put together of our own words


@part_of_command
def settle(pupils: Sequence[uuid.UUID]) -> int:
    """Bring the residence scopes of these children to what their addresses say; how many moved.

    The actual address goes before the registered one. A child abroad, or whose new address names no
    community of Ukraine, stays in the register of the last one known: somebody must still ask about
    the child (J.3). The children's rows are held by the caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"pupils": list(pupils), "today": audit.today()})
        moved = cursor.fetchall()
    for pupil, _, left, entered in moved:
        if left is not None:
            audit.record(ResidenceMoved(subject=pupil, unit=entered, left=left, entered=entered))
    return len(moved)


# Grounds on which the record of a child is closed (D.7): school is over, the child lives abroad or
# is no more. Adulthood needs no act: lists leave adults out.
CLOSING = frozenset({"COMPLETED", "ABROAD", "DEATH"})


@part_of_command
def close(pupils: Sequence[uuid.UUID]) -> None:
    """The community asks about these children no longer. What opens the record again is `settle`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE registry_residencescope SET valid_to = greatest(%s::date, valid_from + 1)
            WHERE pupil_id = ANY(%s::uuid[]) AND valid_to IS NULL
            """,
            [audit.today(), list(pupils)],
        )
