"""The chain of acts: batches sealed into SHA-256 links, so that any later edit shows.

An act may be invisible for a while after its id was taken, so a batch takes only acts whose
transactions are surely over: their xid lies before that of every writer. An id drawn before the
transaction had an xid is covered by holding back the newest seconds. Sealing is not a command: it
would have to seal itself.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib

from django.db import connection, transaction

from kernel.db import writes_allowed

HOLD_BACK = datetime.timedelta(seconds=2)
BATCH = 5_000  # acts in one link
GENESIS = b"\x00" * 32

# jsonb prints the same text for the same value whatever the session's settings; times as
# microseconds, because their text depends on the time zone.
_ROWS = """
    SELECT jsonb_build_array(
        a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.command, a.user_id, a.grant_id,
        a.key_id, a.actor_label, a.ground, a.request_id, a.principal_kind, a.once_key, a.today,
        (extract(epoch FROM a.now) * 1000000)::bigint,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
             e.id, e.code, e.version, e.subject_type, e.subject_id, e.unit_id, e.payload
         ) ORDER BY e.id), '[]'::jsonb) FROM audit_event e WHERE e.act_id = a.id)
    )::text
    FROM audit_act a WHERE a.id BETWEEN %s AND %s ORDER BY a.id
"""


@dataclasses.dataclass(frozen=True)
class Link:
    """One sealed batch."""

    first_act_id: int
    last_act_id: int
    acts: int
    digest: bytes


@dataclasses.dataclass(frozen=True)
class Break:
    """Where the chain does not hold: acts from `first` to `last`, and what is wrong."""

    first: int
    last: int
    what: str


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The chain as it is now; `head` is the last digest, to compare with one kept elsewhere."""

    links: int
    acts: int
    head: bytes
    breaks: tuple[Break, ...]
    unsealed: int


def seal(hold_back: datetime.timedelta = HOLD_BACK) -> list[Link]:
    """Seal every act that is surely over; the links made, none when another job is sealing.

    Work is bounded: each link holds at most BATCH acts and is committed by itself.
    """
    made = []
    while (link := _seal_one(hold_back)) is not None:
        made.append(link)
        if link.acts < BATCH:
            break
    return made


def _seal_one(hold_back: datetime.timedelta) -> Link | None:
    # The kernel's own machinery: no act may be opened for the sealing of acts.
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('audit.seal', 0))")
        if not cursor.fetchone()[0]:
            return None
        # Asked before the acts are read, in a statement of its own: whoever was running then is in
        # the horizon, whoever had finished is visible below.
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        (horizon,) = cursor.fetchone()
        cursor.execute(
            "SELECT last_act_id, digest FROM audit_seal ORDER BY last_act_id DESC LIMIT 1"
        )
        last, previous = cursor.fetchone() or (0, GENESIS)
        cursor.execute(
            """
            SELECT min(id), max(id), count(*) FROM (
                SELECT id FROM audit_act WHERE id > %s ORDER BY id LIMIT %s
            ) a WHERE id < coalesce((
                SELECT min(id) FROM (
                    SELECT id, xid, at FROM audit_act WHERE id > %s ORDER BY id LIMIT %s
                ) b WHERE b.xid >= %s::xid8
                    OR b.at > clock_timestamp() - %s
            ), 9223372036854775807)
            """,
            [last, BATCH, last, BATCH, horizon, hold_back],  # type: ignore[list-item]  # psycopg takes timedelta
        )
        first_id, last_id, acts = cursor.fetchone()
        if not acts:
            return None
        digest, _ = _digest(bytes(previous), first_id, last_id)
        cursor.execute(
            """
            INSERT INTO audit_seal (first_act_id, last_act_id, previous, digest)
            VALUES (%s, %s, %s, %s)
            """,
            [first_id, last_id, bytes(previous), digest],
        )
        return Link(first_id, last_id, acts, digest)


def _digest(previous: bytes, first_id: int, last_id: int) -> tuple[bytes, int]:
    """SHA-256 of the previous digest and the batch's rows, a line each; and how many rows."""
    link = hashlib.sha256(previous)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [first_id, last_id])
        while lines := cursor.fetchmany(2000):
            for (line,) in lines:
                link.update(line.encode() + b"\n")
            rows += len(lines)
    return link.digest(), rows


def verify() -> Verdict:
    """Walk the chain from its beginning and tell every break.

    Finds a changed, added or removed act or event in sealed batches, and a removed or changed
    link. Whoever could rewrite all later links as well is found by comparing `head` with a digest
    kept outside this database.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first_act_id, last_act_id, previous, digest FROM audit_seal ORDER BY last_act_id"
        )
        seals = cursor.fetchall()
    breaks: list[Break] = []
    previous, reached, acts = GENESIS, 0, 0
    for first_id, last_id, said_previous, said_digest in seals:
        if bytes(said_previous) != previous:
            breaks.append(Break(reached + 1, first_id - 1, "a link is missing or was changed"))
        between = _count(reached + 1, first_id - 1)
        if between:
            breaks.append(Break(reached + 1, first_id - 1, f"{between} acts outside every link"))
        digest, rows = _digest(bytes(said_previous), first_id, last_id)
        if digest != bytes(said_digest):
            breaks.append(Break(first_id, last_id, "acts or events differ from what was sealed"))
        previous, reached = bytes(said_digest), last_id
        acts += rows
    return Verdict(len(seals), acts, previous, tuple(breaks), _count(reached + 1, 2**63 - 1))


def _count(first_id: int, last_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_act WHERE id BETWEEN %s AND %s", [first_id, last_id]
        )
        return int(cursor.fetchone()[0])
