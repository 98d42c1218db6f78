"""Waking whoever waits for a school's changes (`integrations.eis.stream`)."""

from __future__ import annotations

from django.db import connection

CHANNEL = "aikom_feed"


def wake(institution_id: int | None) -> None:
    """Let whoever waits for a school's items (None: of any school) look again, once this transaction
    has ended: for new items, and for a right that is no longer there."""
    with connection.cursor() as cursor:
        told = "*" if institution_id is None else str(institution_id)
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, told])
