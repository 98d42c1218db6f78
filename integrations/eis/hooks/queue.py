"""What waits to be sent: put down in the transaction of the change itself, taken by lease, settled.

    put      notes, beside the items of a feed, whom they concern; a second note of one school is the first
    claim    takes addresses whose time has come, each with the message to send, for `LEASE`
    settle   keeps what came of it; of a lease that was lost meanwhile, nothing

A change that is committed is told: a note waits for whoever is just taking the one before it (the upsert
locks the row), and a note that a writer still holds is left for the next turn. What is told may be told
twice, never not at all: a message keeps its id, and its receiver asks for changes after its own cursor.
"""

from __future__ import annotations

import dataclasses
import datetime
import random
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from integrations.eis.states import WORKING
from kernel import clock
from kernel.db import writes_allowed

LEASE = datetime.timedelta(seconds=60)  # more than one exchange may take (`hooks.sending`)
MOST_SCHOOLS = 500  # told of in one message
# After the first failure, the second and so on; each a fifth more or less, so that a receiver that rose
# is not met by all at once.
DELAYS = tuple(
    datetime.timedelta(seconds=one) for one in (5, 30, 120, 600, 3600, 10_800, 21_600, 43_200)
)
MOST_ATTEMPTS = len(DELAYS) + 1
KEPT = datetime.timedelta(days=30)

_STANDS = """
    m.state = 'SIGNED' AND m.ended_at IS NULL AND m.valid_from <= %(today)s AND %(today)s < m.valid_to
"""


def put(cursor: Any, changed: Mapping[int, set[str]]) -> None:
    """Note whom changes concern: school → datasets that moved. In the caller's transaction."""
    pairs = [(unit, one) for unit in sorted(changed) for one in sorted(changed[unit])]
    cursor.execute(
        f"""
        INSERT INTO eis_hook_pending (hook_id, institution_id, at)
        SELECT DISTINCT h.id, m.institution_id, clock_timestamp()
        FROM unnest(%(units)s::int[], %(datasets)s::text[]) AS c(unit, dataset)
        JOIN eis_mandate m ON m.institution_id = c.unit AND c.dataset = ANY(m.datasets) AND {_STANDS}
        JOIN eis_eissystem s ON s.id = m.system_id AND s.state = ANY(%(working)s)
        JOIN eis_hook h ON h.system_id = m.system_id AND h.removed_at IS NULL AND h.disabled_at IS NULL
            AND (h.institution_id IS NULL OR h.institution_id = m.institution_id)
        ORDER BY 1, 2
        ON CONFLICT (hook_id, institution_id) DO UPDATE SET at = excluded.at
        """,  # noqa: S608 - a constant of ours
        {
            "units": [unit for unit, _ in pairs],
            "datasets": [one for _, one in pairs],
            "today": clock.today(),
            "working": list(WORKING),
        },
    )


@dataclasses.dataclass(frozen=True)
class Taken:
    """A message to send now, and the lease under which it is."""

    hook_id: uuid.UUID
    lease: uuid.UUID
    url: str
    message_id: uuid.UUID
    body: bytes
    salts: tuple[bytes, ...]


_DUE = """
SELECT q.hook_id, h.url FROM eis_hook_queue q JOIN eis_hook h ON h.id = q.hook_id
WHERE q.next_at <= %(now)s AND q.is_slow = %(slow)s AND (q.leased_until IS NULL OR q.leased_until <= %(now)s)
  AND h.removed_at IS NULL AND h.disabled_at IS NULL
  AND (EXISTS (SELECT FROM eis_hook_message o WHERE o.hook_id = q.hook_id AND o.state = 'OPEN')
       OR EXISTS (SELECT FROM eis_hook_pending p WHERE p.hook_id = q.hook_id))
ORDER BY q.next_at, q.hook_id LIMIT %(limit)s
FOR UPDATE OF q SKIP LOCKED
"""
# The oldest message that is open; else one is made of what is noted, but for schools that ended the access.
_OPEN = """
SELECT id, is_trial, institutions, made_at FROM eis_hook_message
WHERE hook_id = %(hook)s AND state = 'OPEN' ORDER BY made_at, id LIMIT 1
"""
_MAKE = f"""
WITH few AS (
    SELECT id FROM eis_hook_pending WHERE hook_id = %(hook)s ORDER BY at, id LIMIT {MOST_SCHOOLS}
    FOR UPDATE SKIP LOCKED
), noted AS (
    DELETE FROM eis_hook_pending p USING few WHERE p.id = few.id RETURNING p.institution_id
), standing AS (
    SELECT array_agg(n.institution_id ORDER BY n.institution_id) AS ids FROM noted n
    JOIN eis_hook h ON h.id = %(hook)s
    WHERE EXISTS (SELECT FROM eis_mandate m WHERE m.institution_id = n.institution_id
                  AND m.system_id = h.system_id AND {_STANDS})
)
INSERT INTO eis_hook_message (id, hook_id, is_trial, institutions, made_at, state, attempts, status, trouble)
SELECT %(id)s, %(hook)s, false, ids, %(now)s, 'OPEN', 0, 0, '' FROM standing WHERE ids IS NOT NULL
RETURNING id, is_trial, institutions, made_at
"""  # noqa: S608 - constants of ours


def claim(now: datetime.datetime, *, limit: int, slow: bool) -> list[Taken]:
    """Take up to `limit` addresses whose time has come, of those that answer or (`slow`) of the others."""
    taken = []
    with transaction.atomic(durable=True), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - no command: a queue
        cursor.execute(_DUE, {"now": now, "slow": slow, "limit": limit})
        for hook_id, url in cursor.fetchall():
            told = {"hook": hook_id, "id": uuid7(), "now": now, "today": clock.day_of(now)}
            cursor.execute(_OPEN, told)
            row = cursor.fetchone()
            if row is None:
                cursor.execute(_MAKE, told)
                row = cursor.fetchone()
            if row is None:
                continue
            message_id, is_trial, institutions, made_at = row
            lease = uuid.uuid4()
            cursor.execute(
                "UPDATE eis_hook_queue SET lease = %s, leased_until = %s WHERE hook_id = %s",
                [lease, now + LEASE, hook_id],
            )
            cursor.execute(
                """
                SELECT salt FROM eis_hook_secret WHERE hook_id = %s AND (stops_at IS NULL OR stops_at > %s)
                ORDER BY made_at DESC
                """,
                [hook_id, now],
            )
            salts = tuple(bytes(one) for (one,) in cursor.fetchall())
            cursor.execute(
                "SELECT uid FROM registry_institution WHERE institution_id = ANY(%s) ORDER BY uid",
                [institutions],
            )
            schools = [str(one) for (one,) in cursor.fetchall()]
            body = orjson.dumps(
                {
                    "type": "test" if is_trial else "changes.available",
                    "timestamp": made_at,
                    "data": {"institutions": schools},
                }
            )
            taken.append(Taken(hook_id, lease, url, message_id, body, salts))
    return taken


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of sending: the status, 0 when there was none, and why not; how long it took."""

    status: int
    trouble: str = ""
    seconds: float = 0.0

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


SLOW = 2.0  # seconds


@dataclasses.dataclass(frozen=True)
class Standing:
    """How an address stands after an answer; None of it when the lease was lost."""

    failing_since: datetime.datetime | None
    failures: int


def settle(
    taken: Taken, answer: Answer, now: datetime.datetime, dice: random.Random | None = None
) -> Standing | None:
    """Keep what came of a message, if the lease is still ours; how the address stands then."""
    draw = (dice or random).uniform(0.8, 1.2)
    with transaction.atomic(durable=True), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - the same
        cursor.execute(
            "SELECT failures FROM eis_hook_queue WHERE hook_id = %s AND lease = %s FOR UPDATE",
            [taken.hook_id, taken.lease],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        failures = 0 if answer.is_taken else row[0] + 1
        wait = datetime.timedelta() if answer.is_taken else DELAYS[min(failures, len(DELAYS)) - 1]
        cursor.execute(
            """
            UPDATE eis_hook_queue SET lease = NULL, leased_until = NULL, next_at = %(next)s,
                failures = %(failures)s, is_slow = %(slow)s,
                failing_since = CASE WHEN %(failures)s > 0 THEN coalesce(failing_since, %(now)s) END,
                answered_at = CASE WHEN %(failures)s > 0 THEN answered_at ELSE %(now)s END
            WHERE hook_id = %(hook)s RETURNING failing_since
            """,
            {
                "hook": taken.hook_id,
                "next": now + wait * draw,
                "failures": failures,
                "slow": failures > 0 or answer.seconds > SLOW,
                "now": now,
            },
        )
        since = cursor.fetchone()[0]
        cursor.execute(
            """
            UPDATE eis_hook_message SET attempts = attempts + 1, tried_at = %(now)s, status = %(status)s,
                trouble = %(trouble)s,
                state = CASE WHEN %(taken)s THEN 'SENT' WHEN attempts + 1 >= %(most)s THEN 'DEAD' ELSE 'OPEN' END,
                settled_at = CASE WHEN %(taken)s OR attempts + 1 >= %(most)s THEN %(now)s::timestamptz END
            WHERE id = %(id)s AND state = 'OPEN'
            """,
            {
                "id": taken.message_id,
                "now": now,
                "status": answer.status,
                "trouble": answer.trouble[:300],
                "taken": answer.is_taken,
                "most": MOST_ATTEMPTS,
            },
        )
    return Standing(since, failures)


def forget(now: datetime.datetime) -> int:
    """Drop messages past their time; how many."""
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - the same
        cursor.execute(
            "DELETE FROM eis_hook_message WHERE made_at < %s AND state <> 'OPEN'", [now - KEPT]
        )
        return cursor.rowcount
