"""Settling: acts that are over get a dense sequence, and durable consumers read the log by it.

The sequencer (`settle`, one at a time under an advisory lock) takes every act that is visible now
and was not at its last snapshot. A snapshot agrees with the order of commits: who changed a row
after another waited for that other's end, so both come in the same or in the right turns, and
inside one turn the shared sequence of items tells the order. So nothing is left out, nothing comes
twice, nothing of one row comes out of order; and a long import holds nobody else back.

A consumer is told each settled item at least once, in order, in batches, outside any transaction:
it writes through commands or statements of its own and must bear to be told again. Its cursor moves
after it returned. A batch that fails is tried again, smaller and later, and stops nobody else.

`python manage.py spine` runs both in a process of their own: they need the database only, so a
lost broker or a sleeping beat delays nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from django.db import Error, connection, transaction

from kernel.audit.events import load
from kernel.db import writes_allowed

TURN = 0.5  # seconds between two looks of the sequencer
BATCH = 500  # items told to a consumer at once
CHANNEL = "aikom_settled"
LONGEST_PAUSE = 300.0  # seconds until a failing consumer is told again, at most
log = logging.getLogger(__name__)


class RestoredElsewhereError(Exception):
    """The log came with a dump from another cluster: `python -m aikom.deploy.migrate` adopts it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Settled:
    """One item of the settled log: an event (for people and rules) or a change (for machines).

    Of an event: `code`, `version`, `subject_type`, `subject_id`, `unit_id`, `payload`. Of a change:
    `code` is the resource, `subject_id` the row's key, `op` I, U, D or M, and `unit_old`, `unit_new`
    say whose view it left and entered.
    """

    seq: int
    at: datetime.datetime
    act_id: int
    item_id: int
    kind: str  # E event, C change
    code: str
    subject_id: str
    subject_type: str = ""
    version: int = 0
    unit_id: int | None = None
    payload: dict[str, Any] | None = None
    op: str = ""
    unit_old: int | None = None
    unit_new: int | None = None

    @property
    def event(self) -> Any:
        """The typed event; None for a change, and for a code that nobody declares."""
        if self.kind != "E":
            return None
        return load(self.code, self.version, self.subject_id, self.unit_id, self.payload or {})


class Consumer(Protocol):
    """Who is told of everything settled, from the first item on; wired in `aikom/wiring.py`."""

    name: str

    def take(self, batch: Sequence[Settled]) -> None:
        """Do what follows; idempotent, in transactions of its own; an exception means: again."""
        ...


consumers: dict[str, Consumer] = {}


def register(consumer: Consumer) -> None:
    """Add a consumer; its cursor begins at the first item of the log."""
    consumers[consumer.name] = consumer


# ── the sequencer ────────────────────────────────────────────────────────────
_SETTLE = """
    WITH fresh AS MATERIALIZED (
        SELECT id, at FROM audit_act
        WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot) AND id > %(floor)s
          AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)
    ), items AS (
        SELECT 'A' AS kind, id AS act_id, id AS item_id, at,
               coalesce((SELECT min(e.id) FROM audit_event e WHERE e.act_id = fresh.id AND e.at = fresh.at), 0) AS place
        FROM fresh
        UNION ALL
        SELECT 'E', e.act_id, e.id, e.at, e.id FROM fresh
        JOIN LATERAL (SELECT * FROM audit_event e WHERE e.act_id = fresh.id AND e.at = fresh.at OFFSET 0) e ON true
        UNION ALL
        SELECT 'C', c.act_id, c.id, c.at, c.id FROM fresh
        JOIN LATERAL (SELECT * FROM audit_change c WHERE c.act_id = fresh.id AND c.at = fresh.at OFFSET 0) c ON true
    ), put AS (
        INSERT INTO audit_settled (seq, at, kind, act_id, item_id)
        SELECT %(seq)s + row_number() OVER (ORDER BY place, kind, item_id), at, kind, act_id, item_id
        FROM items RETURNING 1
    )
    UPDATE audit_outbox SET snapshot = pg_current_snapshot(), touched_at = clock_timestamp(),
        seq = seq + (SELECT count(*) FROM put)
    WHERE (SELECT count(*) FROM put) > 0 OR touched_at < clock_timestamp() - interval '3 seconds'
    RETURNING seq
"""


def settle() -> int:
    """Number what is over since the last turn; how many items. 0 when another sequencer works.

    Raises:
        RestoredElsewhereError: the log was restored into another cluster and not yet adopted.
    """
    with transaction.atomic(durable=True), writes_allowed(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('audit.settle', 0))")
        if not cursor.fetchone()[0]:
            return 0
        # A turn may carry a whole import; small new partitions have no statistics to plan by.
        cursor.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
        )
        seq, seen, floor = _state(cursor)
        cursor.execute(_SETTLE, {"seen": seen, "floor": floor, "seq": seq})
        row = cursor.fetchone()
        made = int(row[0]) - seq if row else 0
        if made:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(seq + made)])
    return made


def _state(cursor: Any) -> tuple[int, str, int]:
    """How far the log is settled; begun when it was not.

    Raises:
        RestoredElsewhereError: the snapshot speaks of another cluster's transactions.
    """
    cursor.execute(
        "SELECT seq, snapshot::text, floor, cluster,"
        " (SELECT system_identifier::text FROM pg_control_system()) FROM audit_outbox"
    )
    row = cursor.fetchone()
    if row is None:
        cursor.execute(
            """
            INSERT INTO audit_outbox (seq, snapshot, cluster, floor, touched_at)
            SELECT 0, '1:1:'::pg_snapshot, system_identifier::text, 0, clock_timestamp()
            FROM pg_control_system()
            """
        )
        return 0, "1:1:", 0
    seq, seen, floor, cluster, here = row
    if cluster != here:
        raise RestoredElsewhereError(
            "The log was restored from another cluster: run `python -m aikom.deploy.migrate`"
        )
    return int(seq), str(seen), int(floor)


def adopt() -> bool:
    """Take over a log restored from another cluster's dump, as the owner, before anybody writes.

    What the dump holds is over by nature; its transactions' numbers mean nothing here. Whether
    there was anything to take over.
    """
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('audit.settle', 0))")
        try:
            _state(cursor)
            return False
        except RestoredElsewhereError:
            pass
        cursor.execute("LOCK TABLE audit_act IN SHARE MODE")
        cursor.execute(
            """
            WITH late AS (
                SELECT id, at FROM audit_act a WHERE NOT EXISTS (
                    SELECT FROM audit_settled s WHERE s.act_id = a.id AND s.kind = 'A')
            ), items AS (
                SELECT 'A' AS kind, id AS act_id, id AS item_id, at, 0::bigint AS place FROM late
                UNION ALL SELECT 'E', e.act_id, e.id, e.at, e.id FROM late JOIN audit_event e
                    ON e.act_id = late.id AND e.at = late.at
                UNION ALL SELECT 'C', c.act_id, c.id, c.at, c.id FROM late JOIN audit_change c
                    ON c.act_id = late.id AND c.at = late.at
            ), put AS (
                INSERT INTO audit_settled (seq, at, kind, act_id, item_id)
                SELECT (SELECT seq FROM audit_outbox) + row_number() OVER (ORDER BY place, kind, item_id),
                       at, kind, act_id, item_id FROM items RETURNING 1
            )
            UPDATE audit_outbox SET snapshot = pg_current_snapshot(), touched_at = clock_timestamp(),
                seq = seq + (SELECT count(*) FROM put),
                floor = (SELECT coalesce(max(id), 0) FROM audit_act),
                cluster = (SELECT system_identifier::text FROM pg_control_system())
            """
        )
    return True


# ── consumers ────────────────────────────────────────────────────────────────
_READ = """
    SELECT s.seq, s.at, s.act_id, s.item_id, s.kind, coalesce(e.code, c.resource),
           coalesce(e.subject_id, c.row_pk), coalesce(e.subject_type, ''), coalesce(e.version, 0),
           e.unit_id, e.payload::text, coalesce(c.op, ''), c.unit_old, c.unit_new
    FROM (SELECT * FROM audit_settled WHERE seq > %s ORDER BY seq LIMIT %s) s
    LEFT JOIN LATERAL (SELECT * FROM audit_event e WHERE s.kind = 'E'
        AND e.act_id = s.act_id AND e.id = s.item_id AND e.at = s.at) e ON true
    LEFT JOIN LATERAL (SELECT * FROM audit_change c WHERE s.kind = 'C'
        AND c.act_id = s.act_id AND c.id = s.item_id AND c.at = s.at) c ON true
    ORDER BY s.seq
"""


def read(after: int, limit: int = BATCH) -> list[tuple[Any, ...]]:
    """Rows of the settled log after `after`, acts' own marks included."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [after, limit])
        return cursor.fetchall()


def _settled(row: tuple[Any, ...]) -> Settled:
    payload = json.loads(row[10]) if row[10] else None
    return Settled(*row[:10], payload, *row[11:])  # type: ignore[call-arg]


def advance(consumer: Consumer) -> int:
    """Tell one consumer its next batch; how many items its cursor moved by.

    0: nothing new, it rests after a failure, or another process tells it now. A failure is kept on
    the cursor with the time of the next try (doubling to LONGEST_PAUSE), and halves the next batch,
    so that what is good before the item it stumbles on goes through.
    """
    with _sole(f"audit.consumer.{consumer.name}") as held:
        if not held:
            return 0
        seq, failures = _cursor(consumer.name)
        if seq is None:
            return 0
        rows = read(seq, max(1, BATCH >> failures))
        if not rows:
            return 0
        batch = [_settled(row) for row in rows if row[4] != "A"]
        try:
            if batch:
                consumer.take(batch)
        except Exception as trouble:
            log.exception("consumer %s failed after item %s", consumer.name, seq)
            connection.close_if_unusable_or_obsolete()
            _failed(consumer.name, failures + 1, f"{type(trouble).__name__}: {trouble}")
            return 0
        _moved(consumer.name, rows[-1][0])
        return len(rows)


@contextlib.contextmanager
def _sole(name: str) -> Iterator[bool]:
    """Hold a named lock of the session while inside, across transactions; False: another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _cursor(name: str) -> tuple[int | None, int]:
    with writes_allowed(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, failures, coalesce(retry_at > clock_timestamp(), false) FROM audit_cursor WHERE name = %s",
            [name],
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "INSERT INTO audit_cursor (name, seq, failures, error) VALUES (%s, 0, 0, '') ON CONFLICT DO NOTHING",
                [name],
            )
            return 0, 0
        return (None if row[2] else int(row[0])), int(row[1])


def _moved(name: str, seq: int) -> None:
    with writes_allowed(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_cursor SET seq = %s, moved_at = clock_timestamp(), failures = 0,"
            " retry_at = NULL, error = '' WHERE name = %s",
            [seq, name],
        )


def _failed(name: str, failures: int, error: str) -> None:
    pause = min(2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
    with writes_allowed(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_cursor SET failures = %s, error = %s, retry_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE name = %s",
            [failures, error[:500], pause, name],
        )


def replay(name: str) -> None:
    """Set a consumer's cursor to the beginning: it is told everything again."""
    _moved(name, 0)


# ── figures ──────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Lag:
    """How far one consumer is behind, and what stops it ('' nothing)."""

    name: str
    behind: int  # settled items it was not told yet
    seconds: float  # age of the first of them
    failures: int
    error: str


def lags(names: Mapping[str, Any] | None = None) -> list[Lag]:
    """The lag of each registered consumer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.name, o.seq - coalesce(c.seq, 0),
                coalesce(extract(epoch FROM clock_timestamp() - (
                    SELECT s.at FROM audit_settled s WHERE s.seq > coalesce(c.seq, 0)
                    ORDER BY s.seq LIMIT 1)), 0)::float8,
                coalesce(c.failures, 0), coalesce(c.error, '')
            FROM unnest(%s::text[]) AS n(name)
            CROSS JOIN (SELECT coalesce(max(seq), 0) AS seq FROM audit_outbox) o
            LEFT JOIN audit_cursor c ON c.name = n.name ORDER BY n.name
            """,
            [list(consumers if names is None else names)],
        )
        return [Lag(*row) for row in cursor.fetchall()]


def silence() -> float | None:
    """Seconds since the sequencer's last turn; None when it never ran."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - touched_at)::float8 FROM audit_outbox"
        )
        row = cursor.fetchone()
        return float(row[0]) if row else None


# ── the process ──────────────────────────────────────────────────────────────
def run(stop: threading.Event) -> None:
    """Settle every TURN seconds and tell every consumer, each in a thread, until told to stop."""
    threads = [
        threading.Thread(
            target=_forever, args=(stop, name, _telling(consumer)), name=f"spine {name}"
        )
        for name, consumer in consumers.items()
    ]
    for thread in threads:
        thread.start()
    _forever(stop, "settling", settle)
    for thread in threads:
        thread.join()


def _telling(consumer: Consumer) -> Callable[[], int]:
    return lambda: advance(consumer)


def _forever(stop: threading.Event, what: str, step: Callable[[], int]) -> None:
    """Repeat a step: at once while there is more, else after TURN; a failure is told and outlived."""
    while not stop.is_set():
        began = time.monotonic()
        pause = TURN
        try:
            if step() >= BATCH:
                continue
        except Error as trouble:
            log.warning("%s: the database failed: %s", what, trouble)
            connection.close()
            pause = 2.0
        except RestoredElsewhereError as trouble:
            log.error("%s: %s", what, trouble)
            pause = 10.0
        stop.wait(max(0.0, pause - (time.monotonic() - began)))
    connection.close()


def drain() -> int:
    """Settle and tell every consumer until nothing is left; for tests and after a restore."""
    told = settle()
    while moved := sum(advance(consumer) for consumer in consumers.values()):
        told += moved
        settle()
    return told
