"""The engine (`DATABASES["default"]["ENGINE"]`): how a kept connection is checked, how many prepared
statements it holds, and with what it asks a statement once more."""

from __future__ import annotations

import collections
import select
import time
from collections.abc import Iterator
from typing import Any

from django.db.backends.postgresql import base

LONG_SILENCE = 10.0  # seconds; a network that died in them is found by the statement that meets it


# Statements that pages and commands prepare (`kernel.db.prepared`), each for some kinds of reach, are
# more than psycopg's hundred: beyond it the oldest is given up and prepared anew at its next turn.
MOST_PREPARED = 400

# What the driver learnt of so many statements a connection keeps, the last asked; a longer one is of
# many rows composed for once, and is not asked again.
MOST_LEARNT = 400
LONGEST_LEARNT = 20_000


class _Driver(base.ServerBindingCursor):
    """The driver's cursor, which may rest between two turns of a statement."""

    _tx: Any
    _reset: Any

    def rest(self) -> None:
        """Let go of the rows; keep how values of this statement are written and its answer read."""
        self._reset()
        self._tx.set_pgresult(None)


_Learnt = collections.OrderedDict[str, tuple[Any, str]]


class _Cursor:
    """A cursor that asks each statement with the driver's cursor that asked it last.

    The driver learns by a statement how its values are written and its answer is read, keeps that
    for the next turn of the same statement, and forgets it with the cursor; Django takes a new
    cursor each time. One driver's cursor serves one of these at a time.
    """

    def __init__(self, connection: Any, resting: _Learnt):
        self._connection, self._resting = connection, resting
        self._driver: Any = None
        self._sql = ""

    def execute(self, sql: Any, params: Any = None) -> Any:
        """Ask, by whoever knows the statement."""
        self.close()
        if type(sql) is str:
            # The driver knows a statement again by its object, not by its words.
            self._driver, sql = self._resting.pop(sql, (None, sql))
            self._sql = sql
        return self._at_work().execute(sql, params)

    def close(self) -> None:
        """Be done with the rows; the driver's cursor rests until its statement comes again."""
        driver, sql = self._driver, self._sql
        self._driver, self._sql = None, ""
        if driver is None:
            return
        if not sql or len(sql) > LONGEST_LEARNT or driver.closed:
            driver.close()
            return
        driver.rest()
        self._resting[sql] = driver, sql
        if len(self._resting) > MOST_LEARNT:
            self._resting.popitem(last=False)

    def _at_work(self) -> Any:
        if self._driver is None:
            self._driver = self._connection.cursor()
        return self._driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._at_work(), name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._at_work())


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that was well a moment ago is asked of its socket, not of the server, and that
    learns how its statements are asked.

    Django asks «SELECT 1» before the first statement of every request (CONN_HEALTH_CHECKS), a
    journey to another process and back. A server that ended the connection (restart, failover,
    `pg_terminate_backend`) has said so by then: its word lies in the socket, ready to be read. What
    says nothing and was well lately needs no question; everything else is asked as Django does.
    """

    _well_at = float("-inf")
    health_check_enabled: bool
    health_check_done: bool
    _resting: _Learnt

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection that holds as many prepared statements as the house has."""
        opened = super().get_new_connection(conn_params)
        opened.prepared_max = MOST_PREPARED
        opened.cursor_factory = _Driver
        self._resting = collections.OrderedDict()
        return opened

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that remembers; one with a name is read in portions and used once."""
        return super().create_cursor(name) if name else _Cursor(self.connection, self._resting)

    def close_if_health_check_failed(self) -> None:
        """Close the connection when it is no longer alive."""
        if self.connection is None or not self.health_check_enabled or self.health_check_done:
            return
        if time.monotonic() - self._well_at < LONG_SILENCE and self._silent():
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        if self.connection is not None:
            self._well_at = time.monotonic()

    def _silent(self) -> bool:
        if self.connection.closed:
            return False
        ear = select.poll()
        ear.register(self.connection.fileno(), select.POLLIN)
        return not ear.poll(0)
