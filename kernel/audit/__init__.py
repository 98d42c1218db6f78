"""Acts and events (who, why), changes of rows (what), access log (who looked).

Three layers, all append-only: an act is opened by `kernel.db.command`, events are added by
`record()`, rows are kept by the `History` trigger, looks by `looked_at()`.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from django.db import connection

from kernel.audit import events
from kernel.clock import Moment, moment_of
from kernel.statements import prepared

if TYPE_CHECKING:
    from kernel.scoping import Actor


@dataclasses.dataclass
class OpenAct:
    """The act under way in this transaction, and the moment it is of."""

    id: int
    command: str
    at: datetime.datetime
    moment: Moment
    recorded: int = 0

    @property
    def now(self) -> datetime.datetime:
        """The instant the command was given."""
        return self.moment.now

    @property
    def today(self) -> datetime.date:
        """The legal day the command was given for; `aikom_today()` in SQL."""
        return self.moment.today


class Look(NamedTuple):
    """Subjects of one kind that an actor saw in one place."""

    actor: Actor
    subject_type: str
    subject_ids: list[str]
    what: str


_act: contextvars.ContextVar[OpenAct | None] = contextvars.ContextVar("act", default=None)
_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_looks: contextvars.ContextVar[list[Look] | None] = contextvars.ContextVar("looks", default=None)


def current_act() -> OpenAct | None:
    """The act of the command under way, or None outside commands."""
    return _act.get()


def now() -> datetime.datetime:
    """The instant the command under way was given.

    Raises:
        RuntimeError: no command is under way.
    """
    opened = _act.get()
    if opened is None:
        raise RuntimeError("No act is open: the instant is not known")
    return opened.now


def today() -> datetime.date:
    """The legal day of the act under way.

    Raises:
        RuntimeError: no command is under way: a read takes its day as a parameter.
    """
    opened = _act.get()
    if opened is None:
        raise RuntimeError("No act is open: the day is not known")
    return opened.today


@contextlib.contextmanager
def act(
    actor: Actor,
    command: str,
    *,
    ground: str = "",
    moment: Moment | None = None,
    once_key: str = "",
    by_keys: bool = False,
) -> Iterator[OpenAct]:
    """Open an act in the current transaction and tell the triggers of it (one statement).

    by_keys: one plan of a statement serves all its values till the end of the transaction.

    Raises:
        RuntimeError: an act is open already: commands do not nest. Or rows with history were
            changed and no event was recorded: somebody forgot to say what happened.
    """
    if (outer := _act.get()) is not None:
        raise RuntimeError(f"{command} was called inside {outer.command}: commands do not nest")
    moment = moment or moment_of({})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH opened AS (
                INSERT INTO audit_act (at, now, today, command, principal_kind, user_id, grant_id,
                                       key_id, actor_label, ground, once_key, request_id)
                VALUES (clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                RETURNING id, at, today
            ) SELECT id, at, set_config('aikom.act', id::text, true),
                     set_config('aikom.today', today::text, true),
                     set_config('plan_cache_mode',
                                coalesce(%s, current_setting('plan_cache_mode')), true)
            FROM opened
            """,
            [
                moment.now,
                moment.today,
                command,
                principal_kind(actor),
                actor.user_id,
                actor.grant_id,
                actor.key_id or "",
                actor.label,
                ground,
                once_key,
                _request_id.get(),
                "force_generic_plan" if by_keys else None,
            ],
        )
        row = cursor.fetchone()
    opened = OpenAct(row[0], command, row[1], moment)
    token = _act.set(opened)
    try:
        yield opened
        if not opened.recorded and _changed(opened.id):
            raise RuntimeError(f"{command} changed rows and recorded no event: say what happened")
        # In production the transaction ends with the command and the settings with it. Inside a
        # test's outer transaction they would linger and let unanswered writes pass.
        if connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('aikom.act', '', true), set_config('aikom.today', '', true),"
                    " set_config('plan_cache_mode', 'auto', true)"
                )
    finally:
        _act.reset(token)


def principal_kind(actor: Actor) -> str:
    """Who acts, as the act keeps it: KEY (a partner's), PERSON, SYSTEM or STRANGER (at the door)."""
    if actor.key_id:
        return "KEY"
    if actor.user_id is not None:
        return "PERSON"
    return "SYSTEM" if getattr(actor, "role", "") == "SYSTEM" else "STRANGER"


def _changed(act_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM audit_change WHERE act_id = %s)", [act_id])
        return bool(cursor.fetchone()[0])


def record(*happened: events.Event) -> None:
    """Add events to the open act; consumers of the log are told once it is settled.

    Raises:
        RuntimeError: no command is under way (a bug).
        TypeError: what nobody declared (kernel/audit/events.py).
    """
    opened = _act.get()
    if opened is None:
        raise RuntimeError("audit.record outside a command: nobody would be named as the actor")
    told = []
    for one in happened:
        kind = events.type_of(one)
        told.append(
            {
                "code": kind.code,
                "version": kind.version,
                "subject_type": kind.subject_type,
                "subject_id": str(one.subject),  # type: ignore[attr-defined]
                "unit_id": one.unit,
                "payload": events.payload_of(one),
            }
        )
    with connection.cursor() as cursor:
        # One document: in an array each of its quotation marks would be escaped once more.
        cursor.execute(
            """
            INSERT INTO audit_event (act_id, at, code, version, subject_type, subject_id, unit_id, payload)
            SELECT %s, %s, x.* FROM jsonb_to_recordset(%s::jsonb) AS x(code text, version smallint,
                subject_type text, subject_id text, unit_id int, payload jsonb)
            """,
            [opened.id, opened.at, msgspec.json.encode(told).decode()],
        )
    opened.recorded += len(happened)


def set_request_id(value: str) -> None:
    """Remember the request's id for acts and looks of this context."""
    _request_id.set(value)


def request_id() -> str:
    """The id of the request under way, or ''."""
    return _request_id.get()


def looked_at(actor: Actor, subject_type: str, subject_ids: Iterable[Any], what: str) -> None:
    """Note that the actor saw personal data of these subjects (law 2297-VI: who looked, and why).

    `what` names the page or dataset and the group of fields. Written after the response, in one
    statement, outside the read guard.
    """
    look = Look(actor, subject_type, [str(subject_id) for subject_id in subject_ids], what)
    pending = _looks.get()
    if pending is None:
        write_looks([look])
    else:
        pending.append(look)


@contextlib.contextmanager
def collecting_looks() -> Iterator[None]:
    """Collect the looks of one request and write them when it ends."""
    pending: list[Look] = []
    token = _looks.set(pending)
    try:
        yield
    finally:
        _looks.reset(token)
        if pending:
            write_looks(pending)


def write_looks(looks: Iterable[Look]) -> None:
    """Write looks, one statement for each kind of look: as a rule one for the whole page.

    Outside a command the commit does not wait for the disk (0.9 ms instead of 3.4 for a hundred), as
    the ledger of keys does not: the last moments' looks may be lost with the power, never the data
    they tell of.
    """
    kinds: dict[tuple[Actor, str, str], list[str]] = {}
    for one in looks:
        kinds.setdefault((one.actor, one.subject_type, one.what), []).extend(one.subject_ids)
    for (actor, subject_type, what), subject_ids in kinds.items():
        if not subject_ids:
            continue
        with prepared(), connection.cursor() as cursor:
            cursor.execute(
                # One text: an array of a hundred is put together by Python for half a millisecond.
                """
                WITH quick AS MATERIALIZED (
                    SELECT CASE WHEN %s THEN set_config('synchronous_commit', 'off', true) END
                )
                INSERT INTO audit_look (at, user_id, grant_id, key_id, actor_label, subject_type,
                                        subject_id, what, request_id)
                SELECT clock_timestamp(), %s::bigint, %s::bigint, %s, %s, %s, seen, %s, %s
                FROM quick, unnest(string_to_array(%s, E'\\x1f')) AS seen
                """,
                [
                    not connection.in_atomic_block,
                    actor.user_id,
                    actor.grant_id,
                    actor.key_id or "",
                    actor.label,
                    subject_type,
                    what,
                    _request_id.get(),
                    "\x1f".join(subject_ids),
                ],
            )
