"""COPY into tables of the register: fast, and every trigger of the table still fires."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import NOT_PROVIDED, JSONField, Model
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

# Public ids of invented rows: version 7 with a fixed day, so the same seed gives the same ids.
FIRST_MILLISECOND = 1_788_220_800_000  # 2026-09-01T00:00Z


def copy_rows(
    cursor: Any, table: str | type[Model], columns: str, rows: Iterable[Sequence[Any]]
) -> int:
    """Write rows by one COPY; the number written.

    `cursor`: of psycopg or of Django; `table`: a model, whose defaults fill the columns not
    named, or a name, with a schema or without; `columns` are divided by spaces.
    """
    written = 0
    constant: list[Any] = []
    if not isinstance(table, str):
        columns, constant = with_defaults(table, columns)
        table = table._meta.db_table
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns.split())),
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((*row, *constant))
            written += 1
    return written


def with_defaults(model: type[Model], columns: str) -> tuple[str, list[Any]]:
    """`columns` and those that the model fills by itself, with the values it fills them with.

    COPY and INSERT … SELECT bypass Django, so its defaults for columns that may not be null must
    be said; a column added later is then filled as any other writer fills it.
    """
    named, values = columns.split(), []
    for field in model._meta.concrete_fields:
        if (
            field.column is None
            or field.column in named
            or field.null
            or field.primary_key
            or field.generated
            or field.db_default is not NOT_PROVIDED
        ):
            continue
        automatic = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
        value = timezone.now() if automatic else field.get_default()
        named.append(field.column)
        values.append(Jsonb(value) if isinstance(field, JSONField) else value)
    return " ".join(named), values


def reserve_ids(table: str, count: int) -> list[int]:
    """Take `count` numbers from the sequence behind a table's `id`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def uid(kind: int, index: int) -> uuid.UUID:
    """The `index`-th public id of a kind (0-4095): a UUIDv7 that sorts as the index does."""
    high = (FIRST_MILLISECOND + (index >> 8)) << 16 | 0x7000 | kind
    low = 0x8000_0000_0000_0000 | (index & 0xFF) << 48 | index & 0xFFFF_FFFF_FFFF
    return uuid.UUID(int=high << 64 | low)
