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
from registry.identity.children import CHILDREN
from registry.identity.events import DuplicatesPlaced, DuplicatesSought
from registry.identity.kind import Kind

PORTION = 500
# A pair is kept once, whichever side was compared; a doubt that people have settled stays settled.
_KEEP = """
INSERT INTO {doubts} AS d
    (one_id, other_id, institution_id, other_institution_id, points, evidence, found_at, state, said, reason)
SELECT x.one, x.other, a.place, b.place, x.points, x.evidence, %(now)s, 'NEW', '', ''
FROM (
    SELECT DISTINCT ON (one, other) least(own, twin) AS one, greatest(own, twin) AS other,
        points, evidence
    FROM ({standing}) AS found(place, own, twin, points, evidence)
    ORDER BY one, other, points DESC
) x
JOIN LATERAL (SELECT {place} AS place FROM {table} p WHERE p.id = x.one) a ON a.place IS NOT NULL
JOIN LATERAL (SELECT {place} AS place FROM {table} p WHERE p.id = x.other) b ON b.place IS NOT NULL
ORDER BY x.one, x.other
ON CONFLICT (one_id, other_id) DO UPDATE SET points = excluded.points, evidence = excluded.evidence
WHERE d.state IN ('NEW', 'LOOKED') AND (d.points, d.evidence) <> (excluded.points, excluded.evidence)
RETURNING (old.id IS NULL)
"""
_MOVE = """
UPDATE {doubts} d
SET institution_id = x.place, other_institution_id = x.other_place
FROM (
    SELECT d.id,
        (SELECT {place} FROM {table} p WHERE p.id = d.one_id) AS place,
        (SELECT {place} FROM {table} p WHERE p.id = d.other_id) AS other_place
    FROM {doubts} d WHERE d.state IN ('NEW', 'LOOKED')
) x
WHERE d.id = x.id AND x.place IS NOT NULL AND x.other_place IS NOT NULL
  AND (d.institution_id, d.other_institution_id) <> (x.place, x.other_place)
"""


def _sql(text: str, kind: Kind) -> str:
    return text.format(
        doubts=kind.doubts._meta.db_table,
        table=kind.model._meta.db_table,
        place=kind.place,
        standing=kind.standing,
    )


@command
def seek(
    *, actor: Actor, now: datetime.datetime, most: int = PORTION, kind: Kind = CHILDREN
) -> int:
    """Compare a portion of those whose data changed; returns how many rows that were due are
    done with, 0 when none is left.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.seek.require(actor)
    due = list(
        kind.due.objects.order_by("id")
        .select_for_update(skip_locked=True)
        .values_list("id", kind.due_column)[:most]
    )
    asked = {one for _, one in due}
    found = keep_alike(asked, now, kind) if due else 0
    kind.due.objects.filter(id__in=[pk for pk, _ in due]).delete()
    audit.record(DuplicatesSought(children=len(asked), found=found))
    return len(due)


@part_of_command
def keep_alike(
    ids: set[uuid.UUID] | Sequence[uuid.UUID], now: datetime.datetime, kind: Kind = CHILDREN
) -> int:
    """Keep a doubt for each profile that may be one of these; how many are new."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_KEEP, kind), {"own": sorted(ids), "now": now})
        return sum(is_new for (is_new,) in cursor.fetchall())


@command
def place(*, actor: Actor, kind: Kind = CHILDREN) -> int:
    """Let open doubts stand where those they are about are reached today; returns how many moved.

    Raises:
        NotAllowed: only the system does this.
    """
    policies.seek.require(actor)
    with connection.cursor() as cursor:
        cursor.execute(_sql(_MOVE, kind))
        moved = cursor.rowcount
    audit.record(DuplicatesPlaced(moved=moved))
    return moved
