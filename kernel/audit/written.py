"""What one act wrote, read from the log, and whether anybody changed it since.

Events and changes are numbered by one sequence, so what stands between two events of an act was
written by it, but for what others wrote in the same moment.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Collection
from typing import Any

from django.db import connection


@dataclasses.dataclass(frozen=True, slots=True)
class Wrote:
    """One row that the act wrote: how (I, U, D) first, and what it was before."""

    key: str
    op: str
    old: dict[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """Where the changes of an act stand in the log."""

    act_id: int
    at: datetime.datetime
    first: int
    last: int

    def rows(self, resource: str) -> list[Wrote]:
        """The rows of a resource, each as it was before the act, in the order they were written."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT row_pk, op, old FROM (
                    SELECT DISTINCT ON (row_pk) row_pk, op, old, id FROM audit_change
                    WHERE at = %s AND id BETWEEN %s AND %s AND act_id = %s AND resource = %s
                      AND op <> 'M'
                    ORDER BY row_pk, id
                ) x ORDER BY id
                """,
                [self.at, self.first, self.last, self.act_id, resource],
            )
            return [
                Wrote(key, op, json.loads(old) if old else None)
                for key, op, old in cursor.fetchall()
            ]

    def changed_since(self, resource: str, keys: Collection[str]) -> set[str]:
        """Which of these rows anybody changed after the act."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT x.key FROM unnest(%s::text[]) AS x(key) WHERE EXISTS (
                    SELECT FROM audit_change c WHERE c.resource = %s AND c.row_pk = x.key
                      AND c.id > %s AND c.at >= %s AND c.op <> 'M')
                """,
                [list(keys), resource, self.last, self.at],
            )
            return {row[0] for row in cursor.fetchall()}


def between(resource: str, subject: object, begins: str, ends: str) -> Written | None:
    """What stands between two events of one act about a subject, by their codes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.act_id, e.at, b.id, e.id FROM audit_event e
            JOIN audit_event b ON b.subject_type = e.subject_type AND b.subject_id = e.subject_id
                AND b.act_id = e.act_id AND b.at = e.at AND b.code = %(begins)s
            WHERE e.subject_type = %(resource)s AND e.subject_id = %(subject)s AND e.code = %(ends)s
            ORDER BY e.id DESC LIMIT 1
            """,
            {"resource": resource, "subject": str(subject), "begins": begins, "ends": ends},
        )
        found = cursor.fetchone()
    return Written(*found) if found else None
