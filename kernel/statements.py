"""How statements are asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection

_ASKED_BEFORE = 2  # times; then a statement is worth its place among a connection's prepared ones


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """Let PostgreSQL keep the plans of what is asked here, from the third time on a connection.

    For looking up by key and for writes, where planning costs more than doing: a third of the
    database's time of a command. Lists and searches stay outside: their best plan hangs on what
    is looked for (a search by a part of a name became ten times slower with a kept plan). A
    transaction pooler between must know prepared statements, as PgBouncer does since 1.21.
    """
    connection.ensure_connection()
    session = connection.connection
    before = session.prepare_threshold
    session.prepare_threshold = _ASKED_BEFORE
    try:
        yield
    finally:
        session.prepare_threshold = before
