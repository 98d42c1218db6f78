"""Partitions of journals: one for a school year."""

from __future__ import annotations

import datetime

from django.db import connection

# Until the end of July it is still the school year of the year before.
_INTO_THE_YEAR = datetime.timedelta(days=212)
_AHEAD = 3


def make_ahead(today: datetime.date) -> int:
    """Make the tables of this school year and of those to come; how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT journals_make_years(%s, %s)", [(today - _INTO_THE_YEAR).year, _AHEAD]
        )
        return int(cursor.fetchone()[0])
