"""Reading from a streaming replica, when one is configured and knows enough.

    done = ReportRun.objects.filter(pk=run.pk, state="DONE")
    found, told = replica.ask(lambda: figures(run, unit), knows=done.exists)

`told` is for the page: words when the replica is too far behind to be asked, else "". What is read so must
never change once `knows` is true, and must have been committed with what `knows` asks: then a replica that
knows gives the same as the primary however far it is behind, and one that does not is left aside. So a
lagging replica costs speed and never truth; /metrics tells how far it is. No write may stand
inside: a replica refuses it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connections
from django.db.utils import ConnectionHandler

log = structlog.get_logger(__name__)
R = TypeVar("R")

KNOWN_FOR = 1.0  # seconds for which an answer about the replica is believed
ANEW_AFTER = 10.0  # seconds after which one that did not answer is asked again


@dataclasses.dataclass(frozen=True)
class State:
    """How far a replica is: seconds behind the primary, nought when it has all; or it does not answer."""

    answers: bool
    behind: float = 0.0


_local = threading.local()


def configured() -> bool:
    """Whether this installation has a replica to read from."""
    return settings.REPLICA is not None


def _own() -> Any:
    """This thread's connection to the replica, under the alias of the primary: what is read asks `connections["default"]` and knows of no other."""
    handler = getattr(_local, "handler", None)
    if handler is None or _local.asks != settings.REPLICA:
        _local.asks = settings.REPLICA
        handler = _local.handler = ConnectionHandler(
            {DEFAULT_DB_ALIAS: dict(settings.REPLICA or {})}
        )
    return handler[DEFAULT_DB_ALIAS]


def state() -> State:
    """How far the replica is, asked of both servers at most once a second by a thread.

    A replica has all that the primary had at the moment it was asked, if it has replayed up to that
    place of the log; else what it replayed last says how old it is. So an idle primary is no lag, and
    a broken stream is one.
    """
    found: tuple[float, State] | None = getattr(_local, "state", None)
    if found is not None:
        asked_at, known = found
        if time.monotonic() - asked_at < (KNOWN_FOR if known.answers else ANEW_AFTER):
            return known
    try:
        known = _asked()
    except Error as trouble:
        log.warning("replica_does_not_answer", error=type(trouble).__name__)
        with contextlib.suppress(Error):
            _own().close()
        known = State(answers=False)
    _local.state = time.monotonic(), known
    return known


def _asked() -> State:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()::text, clock_timestamp()")
        place, at = cursor.fetchone()
    with _own().cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn,"
            " pg_last_xact_replay_timestamp()",
            [place],
        )
        is_replica, whole, replayed = cursor.fetchone()
    if not is_replica:
        log.error("replica_is_no_replica")
        return State(answers=False)
    if whole:
        return State(answers=True)
    behind = (at - replayed).total_seconds() if replayed else float("inf")  # else nothing yet
    return State(answers=True, behind=max(0.0, behind))


def forget() -> None:
    """Ask anew at the next look; the connection is closed."""
    _local.state = None
    handler = getattr(_local, "handler", None)
    if handler is not None:
        handler.close_all()
        _local.handler = None


def ask(read: Callable[[], R], *, knows: Callable[[], bool]) -> tuple[R, str]:
    """What `read` gives, asked of the replica if `knows`, asked there, is true, else of the primary; and
    words for the page when the replica is left aside for its lag.

    Within a transaction nothing is sent elsewhere: it must see its own writes.
    """
    told = _why_not()
    if told is None:
        try:
            with _sent_there():
                if knows():
                    return read(), ""
        except OperationalError as trouble:  # it fell, or a cleaning of the primary was in its way
            log.warning("replica_gave_up", error=str(trouble))
    return read(), told or ""


@contextlib.contextmanager
def _sent_there() -> Iterator[None]:
    primary, own = connections[DEFAULT_DB_ALIAS], _own()
    own.execute_wrappers = primary.execute_wrappers
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield
    finally:
        own.execute_wrappers = []
        connections[DEFAULT_DB_ALIAS] = primary


def _why_not() -> str | None:
    """Why the replica is not asked, in words where people should know; None when it is."""
    if not configured() or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return ""
    found = state()
    if not found.answers:
        return "Копія бази для звітності не відповідає: показано з основної бази."
    if found.behind > settings.REPORTS_REPLICA_LAG:
        return f"Копія бази для звітності відстає {_by(found.behind)}: показано з основної бази."
    return None


def _by(seconds: float) -> str:
    if seconds == float("inf"):
        return "на невідомий час"
    return f"на {int(seconds)} с" if seconds < 120 else f"на {int(seconds // 60)} хв"


def _tidy(**_: Any) -> None:
    handler = getattr(_local, "handler", None)
    if handler is not None:
        handler[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()


request_finished.connect(_tidy)
