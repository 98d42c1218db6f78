"""The engine (`DATABASES["default"]["ENGINE"]`): how a kept connection is checked, and how many
prepared statements it holds."""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.postgresql import base

LONG_SILENCE = 10.0  # seconds; a network that died in them is found by the statement that meets it


# Statements that pages and commands prepare (`kernel.db.prepared`), each for some kinds of reach, are
# more than psycopg's hundred: beyond it the oldest is given up and prepared anew at its next turn.
MOST_PREPARED = 400


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that was well a moment ago is asked of its socket, not of the server.

    Django asks «SELECT 1» before the first statement of every request (CONN_HEALTH_CHECKS), a
    journey to another process and back. A server that ended the connection (restart, failover,
    `pg_terminate_backend`) has said so by then: its word lies in the socket, ready to be read. What
    says nothing and was well lately needs no question; everything else is asked as Django does.
    """

    _well_at = float("-inf")
    health_check_enabled: bool
    health_check_done: bool

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection that holds as many prepared statements as the house has."""
        opened = super().get_new_connection(conn_params)
        opened.prepared_max = MOST_PREPARED
        return opened

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
