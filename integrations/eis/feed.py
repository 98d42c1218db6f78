"""The feed of changes of one school: what a copy must do to be what a full read gives (design.md §3.8).

A copy is not told what happened but what its rows are now. For each followed school the feed keeps the
digest of every row as the API shows it (`eis_feed_row`). When the settled log says that a school was
touched, its rows are read again in one statement a resource and compared; what differs becomes items with
the school's next numbers. So nothing that a row is made of (a class's label in its pupils, a count, a day
that has come) can be forgotten, and a second telling finds nothing to say.

    follow    begins to keep a school's rows; whoever reads everything after it and then the items from
              the number it gave has missed nothing: each later commit settles later and is compared then
    compare   makes items of what differs
    page      the items after a number, each with its row as it stands now
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import hmac
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from accounts.actors import Actor
from accounts.roles import Dataset
from integrations.eis import errors
from integrations.eis.bell import wake
from integrations.eis.hooks import queue
from kernel import clock, projections
from kernel.audit.outbox import Settled
from kernel.db import writes_allowed
from kernel.paging import BadCursor
from kernel.projections import Projection
from registry.classes.projections import CLASS
from registry.groups.projections import GROUP
from registry.institutions.projections import INSTITUTION
from registry.people.projections import PUPIL
from registry.staff.projections import LOAD, STAFF

KEPT = datetime.timedelta(days=30)
PORTION = 100  # schools compared in one transaction


@dataclasses.dataclass(frozen=True)
class Followed:
    """A resource in the feed: whose dataset it is, and what names its row when its id does not."""

    name: str
    dataset: Dataset
    projection: Projection
    key: str = ""

    @property
    def row(self) -> str:
        """SQL of what names the row."""
        return self.key or self.projection.id


FOLLOWED = {
    one.name: one
    for one in (
        Followed("institution", Dataset.INSTITUTION, INSTITUTION, key="i.uid"),
        Followed("classes", Dataset.CLASSES, CLASS),
        Followed("groups", Dataset.CLASSES, GROUP),
        Followed("staff", Dataset.STAFF, STAFF),
        Followed("load", Dataset.STAFF, LOAD, key="l.id"),
        Followed("pupils", Dataset.PUPILS, PUPIL),
    )
}


# ── keeping ──────────────────────────────────────────────────────────────────
# What a row is now (`seen`) beside what the feed told last; items take the school's next numbers.
_COMPARE = """
WITH seen AS MATERIALIZED (
    SELECT {unit} AS unit, {key} AS id, md5({row})::uuid AS digest
    FROM {table} {join} WHERE {unit} = ANY(%(units)s) AND {current}
), told AS MATERIALIZED (
    SELECT institution_id AS unit, row_id AS id, digest FROM eis_feed_row
    WHERE resource = %(resource)s AND institution_id = ANY(%(units)s)
), differs AS MATERIALIZED (
    SELECT coalesce(seen.unit, told.unit) AS unit, coalesce(seen.id, told.id) AS id, seen.digest,
           CASE WHEN told.id IS NULL THEN 'I' WHEN seen.id IS NULL THEN 'D' ELSE 'U' END AS op
    FROM seen FULL JOIN told ON told.unit = seen.unit AND told.id = seen.id
    WHERE seen.digest IS DISTINCT FROM told.digest
), dropped AS (
    DELETE FROM eis_feed_row r USING differs d WHERE d.op = 'D' AND r.institution_id = d.unit
        AND r.resource = %(resource)s AND r.row_id = d.id
), kept AS (
    INSERT INTO eis_feed_row (institution_id, resource, row_id, digest)
    SELECT unit, %(resource)s, id, digest FROM differs WHERE op <> 'D'
    ON CONFLICT (institution_id, resource, row_id) DO UPDATE SET digest = excluded.digest
), numbered AS (
    SELECT d.*, f.seq + row_number() OVER (PARTITION BY d.unit ORDER BY d.op, d.id) AS seq
    FROM differs d JOIN eis_feed f ON f.institution_id = d.unit
), said AS (
    INSERT INTO eis_feed_item (institution_id, seq, at, resource, row_id, op, into_id)
    SELECT n.unit, n.seq, clock_timestamp(), %(resource)s, n.id, {op}, {into}
    FROM numbered n {gone}
)
UPDATE eis_feed f SET seq = n.last FROM (SELECT unit, max(seq) AS last FROM numbered GROUP BY unit) n
WHERE f.institution_id = n.unit
RETURNING f.institution_id
"""
# Why a pupil is no longer among the school's: merged into another, closed, or learning elsewhere.
_OF_PUPILS = {
    "gone": "LEFT JOIN registry_pupil gone ON n.op = 'D' AND gone.id = n.id",
    "op": """CASE WHEN n.op <> 'D' THEN n.op WHEN gone.merged_into_id IS NOT NULL THEN 'M'
        WHEN gone.closed_on IS NULL AND gone.id IS NOT NULL THEN 'L' ELSE 'D' END""",
    "into": "gone.merged_into_id",
}
_PLAIN = {"gone": "", "op": "n.op", "into": "NULL::uuid"}


def _compare_sql(one: Followed) -> str:
    projection = one.projection
    shown = ", ".join(f"'{name}', {sql}" for name, sql in projection.fields.items())
    return _COMPARE.format(
        unit=projection.unit,
        key=one.row,
        row=f"json_build_object({shown})::text",
        table=projection.table,
        join=projection.join,
        current=projection.current,
        **(_OF_PUPILS if one.name == "pupils" else _PLAIN),
    )


_SQL = {name: _compare_sql(one) for name, one in FOLLOWED.items()}


def follow(institution_id: int) -> int:
    """Keep a school's rows from now on, unless they are kept; the number of its last item."""
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - no command: derived rows
        cursor.execute(
            "INSERT INTO eis_feed (institution_id, seq, floor) VALUES (%s, 0, 0) ON CONFLICT DO NOTHING",
            [institution_id],
        )
        begun = bool(cursor.rowcount)
        cursor.execute(
            "SELECT seq FROM eis_feed WHERE institution_id = %s FOR UPDATE", [institution_id]
        )
        if begun:
            _compared(cursor, [institution_id])
            # Nobody was promised what made the beginning.
            cursor.execute("DELETE FROM eis_feed_item WHERE institution_id = %s", [institution_id])
            cursor.execute(
                "UPDATE eis_feed SET floor = seq WHERE institution_id = %s", [institution_id]
            )
        cursor.execute("SELECT seq FROM eis_feed WHERE institution_id = %s", [institution_id])
        return int(cursor.fetchone()[0])


def _compared(cursor: Any, units: Sequence[int]) -> dict[int, set[str]]:
    """Schools that changed, and the datasets of what did."""
    changed: dict[int, set[str]] = {}
    for name, sql in _SQL.items():
        cursor.execute(sql, {"units": list(units), "resource": name, "today": clock.today()})
        for (unit,) in cursor.fetchall():
            changed.setdefault(unit, set()).add(FOLLOWED[name].dataset.value)
    return changed


def compare(units: Iterable[int] | None = None) -> int:
    """Make items of what differs at these schools (all that are followed unless told); how many
    schools changed. Whoever waits for them is woken as the transaction ends, and who has webhooks is
    to be told (`integrations.eis.hooks`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT institution_id FROM eis_feed WHERE %(all)s OR institution_id = ANY(%(units)s) ORDER BY 1",
            {"all": units is None, "units": list(units or ())},
        )
        followed = [row[0] for row in cursor.fetchall()]
    total = 0
    for at in range(0, len(followed), PORTION):
        with transaction.atomic(durable=True), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - the same
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL jit = off")
            portion = followed[at : at + PORTION]
            cursor.execute(
                "SELECT 1 FROM eis_feed WHERE institution_id = ANY(%s) ORDER BY institution_id FOR UPDATE",
                [portion],
            )
            changed = _compared(cursor, portion)
            for unit in sorted(changed):
                wake(unit)
            if changed:
                queue.put(cursor, changed)
            total += len(changed)
    return total


def forget(now: datetime.datetime) -> int:
    """Drop items older than KEPT; a cursor before them is told to begin anew. How many."""
    with transaction.atomic(), writes_allowed(), connection.cursor() as cursor:  # noqa: TID251 - the same
        cursor.execute(
            """
            WITH old AS (DELETE FROM eis_feed_item WHERE at < %s RETURNING institution_id, seq),
            moved AS (
                UPDATE eis_feed f SET floor = greatest(f.floor, o.last)
                FROM (SELECT institution_id, max(seq) AS last FROM old GROUP BY 1) o
                WHERE f.institution_id = o.institution_id
            )
            SELECT count(*) FROM old
            """,
            [now - KEPT],
        )
        return int(cursor.fetchone()[0])


# Rows that name no school of their own → the schools whose answers show them.
_ELSEWHERE = {
    "registry.employee": "SELECT institution_id FROM registry_post WHERE employee_id::text = ANY(%s)",
    "registry.groupplacement": """SELECT g.institution_id FROM registry_groupplacement m
        JOIN registry_studygroup g ON g.id = m.group_id WHERE m.id::text = ANY(%s)""",
    "registry.groupclass": """SELECT g.institution_id FROM registry_groupclass x
        JOIN registry_studygroup g ON g.id = x.group_id WHERE x.id::text = ANY(%s)""",
    "registry.loadclass": """SELECT l.institution_id FROM registry_loadclass x
        JOIN registry_load l ON l.id = x.load_id WHERE x.id::text = ANY(%s)""",
    "registry.institution": """SELECT institution_id FROM registry_institution
        WHERE hub_id::text = ANY(%s)""",
}


class FollowSchools:
    """Consumer of the log: schools that were touched are compared. Told again, nothing differs."""

    name = "eis.feed"

    def take(self, batch: Sequence[Settled]) -> None:
        """Compare the schools of these items: whose rows changed, by themselves or by a part."""
        units = {
            unit for one in batch for unit in (one.unit_id, one.unit_old, one.unit_new) if unit
        }
        for resource, sql in _ELSEWHERE.items():
            rows = sorted({one.subject_id for one in batch if one.code == resource})
            if rows:
                with connection.cursor() as cursor:
                    cursor.execute(sql, [rows])
                    units |= {row[0] for row in cursor.fetchall()}
        if units:
            compare(units)


# ── reading ──────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Cursor:
    """A place in a school's feed, for a copy of what a key opened then (`scope_of`)."""

    seq: int
    scope: str

    def __str__(self) -> str:
        place = f"{self.seq}.{self.scope}"
        return f"{place}.{_mark(place)}"


PATTERN = r"[0-9]{1,18}\.[0-9a-f]{32}\.[0-9a-f]{24}"
_CURSOR = re.compile(PATTERN, re.ASCII)


def scope_of(datasets: Iterable[str], opened: Iterable[str]) -> str:
    """What a key opens, in short: a copy of something else cannot go on."""
    followed = {one.dataset.value for one in FOLLOWED.values()}
    said = "|".join([*sorted(followed & set(datasets)), *sorted(opened)])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _mark(place: str) -> str:
    return salted_hmac("eis.feed", place, secret=settings.SECRET_KEY).hexdigest()[:24]


def cursor_of(text: str) -> Cursor:
    """Read a cursor back.

    Raises:
        BadCursor: not one of ours.
    """
    place, _, mark = text.rpartition(".")
    if not _CURSOR.fullmatch(text) or not hmac.compare_digest(mark, _mark(place)):
        raise BadCursor
    seq, scope = place.split(".")
    return Cursor(int(seq), scope)


_OPS = {"I": "insert", "U": "update", "D": "delete", "M": "merge", "L": "leave"}


@dataclasses.dataclass(frozen=True)
class Page:
    """Items after a place: ready JSON, the place behind them, and whether more wait."""

    body: str
    count: int
    next: Cursor
    more: bool
    looks: str  # ids of pupils shown, with commas between


def page(
    actor: Actor,
    institution_id: int,
    after: Cursor,
    scope: str,
    *,
    limit: int,
    shown: Callable[[str], tuple[str, ...]],
) -> Page:
    """Items of a school after a place, of the datasets the actor may read, each with its row as it
    stands now (null: it changed again, a later item says how).

    shown: tells the fields of a resource for this caller.

    Raises:
        CursorExpired: the items after it are kept no longer, or it is of another scope: the copy is to
            be made anew.
    """
    datasets = set(actor.datasets)
    names = [name for name, one in FOLLOWED.items() if one.dataset in datasets]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, floor FROM eis_feed WHERE institution_id = %s", [institution_id]
        )
        last, floor = cursor.fetchone() or (-1, 0)
        if after.scope != scope:
            raise errors.CursorExpired(
                "Керівник закладу підписав новий доступ: те, що ви бачите, змінилося. Зробіть повне "
                "читання заново від /api/v1/changes/start."
            )
        if not floor <= after.seq <= last:
            raise errors.CursorExpired(
                "Зміни після цього курсора вже не зберігаються (30 днів). Зробіть повне читання "
                "заново від /api/v1/changes/start."
            )
        cursor.execute(
            """
            SELECT seq, at, resource, row_id, op, into_id FROM eis_feed_item
            WHERE institution_id = %s AND seq > %s AND seq <= %s AND resource = ANY(%s)
            ORDER BY seq LIMIT %s
            """,
            [institution_id, after.seq, last, names, limit + 1],
        )
        found = cursor.fetchall()
    more = len(found) > limit
    found = found[:limit]
    rows: dict[tuple[str, uuid.UUID], str] = {}
    for name in {one[2] for one in found}:
        ids = [one[3] for one in found if one[2] == name and one[4] in "IU"]
        if ids:
            kind = FOLLOWED[name]
            read = projections.several(
                kind.projection, actor, ids, fields=shown(name), key=kind.row
            )
            rows |= {(name, row_id): row for row_id, row in read.items()}
    items = []
    for _, at, name, row_id, op, into in found:
        head = {"at": at, "resource": name, "op": _OPS[op], "id": str(row_id)}
        if op == "M" and into is not None:
            head["into"] = str(into)
        text = orjson.dumps(head).decode()
        if op in "IU":
            text = f'{text[:-1]},"row":{rows.get((name, row_id), "null")}}}'
        items.append(text)
    pupils = sorted({str(row_id) for name, row_id in rows if name == "pupils"})
    place = Cursor(found[-1][0] if more else last, scope)
    return Page(f"[{','.join(items)}]", len(items), place, more, ",".join(pupils))


def remembered(system_id: int, institution_id: int, name: str) -> Cursor | None:
    """How far a consumer with a name of its own has asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, scope FROM eis_feed_consumer WHERE system_id = %s AND institution_id = %s AND name = %s",
            [system_id, institution_id, name],
        )
        row = cursor.fetchone()
    return Cursor(int(row[0]), row[1]) if row else None


def remember(system_id: int, institution_id: int, name: str, place: Cursor) -> None:
    """Keep how far a consumer has come: whoever asks for what is after a place has dealt with it."""
    with writes_allowed(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO eis_feed_consumer (system_id, institution_id, name, seq, scope, asked_at)
            VALUES (%s, %s, %s, %s, %s, clock_timestamp())
            ON CONFLICT (system_id, institution_id, name) DO UPDATE
                SET seq = excluded.seq, scope = excluded.scope, asked_at = excluded.asked_at
            """,
            [system_id, institution_id, name, place.seq, place.scope],
        )
