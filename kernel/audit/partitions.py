"""Tables partitioned by month of their column `at`, from the first migration.

Months are made ahead by `audit_make_partitions` (kernel/audit/functions.sql), run by migrations and
by a job of beat; a row of a month nobody made lies in the default partition until then.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.migrations import CreateModel

MONTHS_AHEAD = 3


class CreatePartitioned(CreateModel):
    """CreateModel of a table partitioned by range of `at`.

    key: columns of the primary key in the database; PostgreSQL wants `at` among them.
    """

    def __init__(self, *args: Any, key: tuple[str, ...], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.key = key

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Create the table, partitioned, with its months."""
        execute = schema_editor.execute

        def partitioned(sql: Any, params: Any = ()) -> Any:
            text = str(sql)
            if text.startswith("CREATE TABLE"):
                columns = text.replace(" PRIMARY KEY", "").rstrip().removesuffix(")").rstrip()
                sql = f"{columns}, PRIMARY KEY ({', '.join(self.key)})) PARTITION BY RANGE (at)"
            return execute(sql, params)

        schema_editor.execute = partitioned
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.execute = execute
        execute("SELECT audit_make_partitions(%s)", [MONTHS_AHEAD])


def make_ahead() -> int:
    """Make the months to come of every partitioned table; how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s)", [MONTHS_AHEAD])
        return int(cursor.fetchone()[0])
