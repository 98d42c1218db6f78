"""The chain of acts: batches sealed into SHA-256 links, so that any later edit shows.

The chain runs over settled acts in the order of their numbers (kernel/audit/outbox.py), so it needs
no horizon of its own: what has a number is over. Sealing is not a command: it would have to seal
itself.
"""

from __future__ import annotations

import dataclasses
import hashlib

from django.db import connection, transaction

from kernel.db import writes_allowed

BATCH = 5_000  # acts in one link
GENESIS = b"\x00" * 32

# jsonb prints the same text for the same value whatever the session's settings; times as
# microseconds, because their text depends on the time zone.
_ROWS = """
    SELECT jsonb_build_array(
        s.seq, a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.command, a.user_id, a.grant_id,
        a.key_id, a.actor_label, a.ground, a.request_id, a.principal_kind, a.once_key, a.today,
        (extract(epoch FROM a.now) * 1000000)::bigint,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
             e.id, e.code, e.version, e.subject_type, e.subject_id, e.unit_id, e.payload
         ) ORDER BY e.id), '[]'::jsonb) FROM audit_event e WHERE e.act_id = a.id AND e.at = a.at)
    )::text
    FROM audit_settled s JOIN audit_act a ON a.id = s.act_id
    WHERE s.seq BETWEEN %s AND %s AND s.kind = 'A' ORDER BY s.seq
"""


@dataclasses.dataclass(frozen=True)
class Link:
    """One sealed batch."""

    first_seq: int
    last_seq: int
    acts: int
    digest: bytes


@dataclasses.dataclass(frozen=True)
class Break:
    """Where the chain does not hold: numbers from `first` to `last`, and what is wrong."""

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


def seal() -> list[Link]:
    """Seal every settled act; the links made, none when another job is sealing.

    Work is bounded: each link holds at most BATCH acts and is committed by itself.
    """
    made = []
    while (link := _seal_one()) is not None:
        made.append(link)
        if link.acts < BATCH:
            break
    return made


def _seal_one() -> Link | None:
    # The kernel's own machinery: no act may be opened for the sealing of acts.
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('audit.seal', 0))")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute("SELECT last_seq, digest FROM audit_seal ORDER BY last_seq DESC LIMIT 1")
        last, previous = cursor.fetchone() or (0, GENESIS)
        cursor.execute(
            """
            SELECT min(seq), max(seq), count(*) FROM (
                SELECT seq FROM audit_settled WHERE seq > %s AND kind = 'A' ORDER BY seq LIMIT %s
            ) a
            """,
            [last, BATCH],
        )
        _, last_seq, acts = cursor.fetchone()
        if not acts:
            return None
        digest, _ = _digest(bytes(previous), last + 1, last_seq)
        cursor.execute(
            """
            INSERT INTO audit_seal (first_seq, last_seq, previous, digest)
            VALUES (%s, %s, %s, %s)
            """,
            [last + 1, last_seq, bytes(previous), digest],
        )
        return Link(last + 1, last_seq, acts, digest)


def _digest(previous: bytes, first: int, last: int) -> tuple[bytes, int]:
    """SHA-256 of the previous digest and the batch's rows, a line each; and how many rows."""
    link = hashlib.sha256(previous)
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [first, last])
        while lines := cursor.fetchmany(2000):
            for (line,) in lines:
                link.update(line.encode() + b"\n")
            rows += len(lines)
    return link.digest(), rows


def verify() -> Verdict:
    """Walk the chain from its beginning and tell every break.

    Finds a changed, added or removed act or event in sealed batches, and a removed or changed
    link, and an act that never went through settling though it is over. Whoever could rewrite all
    later links as well is found by comparing `head` with a digest kept outside this database.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first_seq, last_seq, previous, digest FROM audit_seal ORDER BY last_seq"
        )
        seals = cursor.fetchall()
    breaks: list[Break] = []
    previous, reached, acts = GENESIS, 0, 0
    for first, last, said_previous, said_digest in seals:
        if bytes(said_previous) != previous or first != reached + 1:
            breaks.append(Break(reached + 1, first - 1, "a link is missing or was changed"))
        digest, rows = _digest(bytes(said_previous), first, last)
        if digest != bytes(said_digest):
            breaks.append(Break(first, last, "acts or events differ from what was sealed"))
        previous, reached = bytes(said_digest), last
        acts += rows
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM audit_act a, audit_outbox o
            WHERE pg_visible_in_snapshot(a.xid, o.snapshot) AND a.id > o.floor AND NOT EXISTS (
                SELECT FROM audit_settled s WHERE s.kind = 'A' AND s.act_id = a.id AND s.at = a.at)
            """
        )
        (strays,) = cursor.fetchone()
        if strays:
            breaks.append(Break(0, reached, f"{strays} acts outside every link"))
        cursor.execute(
            "SELECT count(*) FROM audit_settled WHERE kind = 'A' AND seq > %s", [reached]
        )
        (unsealed,) = cursor.fetchone()
    return Verdict(len(seals), acts, previous, tuple(breaks), int(unsealed))
