"""The night's search for second profiles: what changed is compared with the whole register.

A portion is one command: its due rows go as its doubts come, so a night that was killed goes on
from the last whole portion, and asked again finds nothing new. It reads profiles and locks none.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from registry.identity import policies
from registry.identity.alike import STANDING
from registry.identity.events import DuplicatesPlaced, DuplicatesSought
from registry.identity.models import TraceDue

PORTION = 500
# Where a child is reached: where it learns, else where it learnt last (people.selectors.reach).
_PLACE = """
    coalesce(p.institution_id, (
        SELECT e.institution_id FROM registry_enrolment e
        WHERE e.pupil_id = p.id AND e.kind = 'MAIN' ORDER BY e.starts_on DESC, e.id DESC LIMIT 1))
"""
# A pair is kept once, whichever side was compared; a doubt that people have settled stays settled.
_KEEP = f"""
INSERT INTO registry_possibleduplicate AS d
    (one_id, other_id, institution_id, other_institution_id, points, evidence, found_at, state, said, reason)
SELECT x.one, x.other, a.place, b.place, x.points, x.evidence, %(now)s, 'NEW', '', ''
FROM (
    SELECT DISTINCT ON (one, other) least(own, pupil_id) AS one, greatest(own, pupil_id) AS other,
        points, evidence
    FROM ({STANDING}) AS found(place, own, pupil_id, points, evidence)
    ORDER BY one, other, points DESC
) x
JOIN LATERAL (SELECT {_PLACE} AS place FROM registry_pupil p WHERE p.id = x.one) a ON a.place IS NOT NULL
JOIN LATERAL (SELECT {_PLACE} AS place FROM registry_pupil p WHERE p.id = x.other) b ON b.place IS NOT NULL
ORDER BY x.one, x.other
ON CONFLICT (one_id, other_id) DO UPDATE SET points = excluded.points, evidence = excluded.evidence
WHERE d.state IN ('NEW', 'LOOKED') AND (d.points, d.evidence) <> (excluded.points, excluded.evidence)
RETURNING (old.id IS NULL)
"""


@command
def seek(*, actor: Actor, now: datetime.datetime, most: int = PORTION) -> int:
    """Compare a portion of the children whose data changed; returns how many rows that were due are
    done with, 0 when none is left.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.seek.require(actor)
    due = list(
        TraceDue.objects.order_by("id")
        .select_for_update(skip_locked=True)
        .values_list("id", "child")[:most]
    )
    found = keep_alike({child for _, child in due}, now) if due else 0
    TraceDue.objects.filter(id__in=[pk for pk, _ in due]).delete()
    audit.record(DuplicatesSought(children=len({child for _, child in due}), found=found))
    return len(due)


@part_of_command
def keep_alike(children: set[uuid.UUID] | Sequence[uuid.UUID], now: datetime.datetime) -> int:
    """Keep a doubt for each profile that may be one of these children; how many are new."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"own": sorted(children), "now": now})
        return sum(is_new for (is_new,) in cursor.fetchall())


@command
def place(*, actor: Actor) -> int:
    """Let open doubts stand where their children are reached today; returns how many moved.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.seek.require(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE registry_possibleduplicate d
            SET institution_id = x.place, other_institution_id = x.other_place
            FROM (
                SELECT d.id,
                    (SELECT {_PLACE} FROM registry_pupil p WHERE p.id = d.one_id) AS place,
                    (SELECT {_PLACE} FROM registry_pupil p WHERE p.id = d.other_id) AS other_place
                FROM registry_possibleduplicate d WHERE d.state IN ('NEW', 'LOOKED')
            ) x
            WHERE d.id = x.id AND x.place IS NOT NULL AND x.other_place IS NOT NULL
              AND (d.institution_id, d.other_institution_id) <> (x.place, x.other_place)
            """
        )
        moved = cursor.rowcount
    audit.record(DuplicatesPlaced(moved=moved))
    return moved
