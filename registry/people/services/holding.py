"""Holding children while something is decided and written of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import connection

from kernel.db import part_of_command


@part_of_command
def hold(ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Hold profiles until the command ends, and those they were merged into; the ids in order.

    Profiles are held before anything else of the same children (enrolments, places, facts), and in
    the order of keys: rivals wait for each other and never deadlock.
    """
    asked = sorted(set(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            # One list of keys: «these OR those of a subquery» walked over every child of the country.
            """
            SELECT FROM registry_pupil WHERE id IN (
                SELECT unnest(%(ids)s::uuid[])
                UNION SELECT merged_into_id FROM registry_pupil WHERE id = ANY(%(ids)s)
            ) ORDER BY id FOR NO KEY UPDATE
            """,
            {"ids": asked},
        )
    return asked
