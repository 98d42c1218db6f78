"""Old keys go: whoever repeats a request does it within two days."""

from __future__ import annotations

import datetime

from django.db import connection

from kernel.db import writes_allowed

KEPT = datetime.timedelta(days=2)
PORTION = 10_000
MOST = 100  # portions in one run: bounded work, the next run goes on


def forget(now: datetime.datetime) -> int:
    """Drop keys older than two days, a portion a transaction; how many went."""
    gone = 0
    for _ in range(MOST):
        with writes_allowed(), connection.cursor() as cursor:
            cursor.execute(
                """
                DELETE FROM once_request WHERE (principal, key) IN (
                    SELECT principal, key FROM once_request WHERE at < %s
                    ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED
                )
                """,
                [now - KEPT, PORTION],
            )
            gone += cursor.rowcount
            if cursor.rowcount < PORTION:
                break
    return gone
