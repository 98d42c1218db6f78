"""Many rows at once into one table: COPY, then one MERGE that tells of each row what became of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from django.db import connection

from kernel.errors import Problem

Result = Literal["new", "changed", "same", "refused"]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one row of a bulk write; refused rows tell every problem."""

    row: int
    result: Result
    id: Any = None
    version: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Target:
    """A table as bulk writes see it; names and types are constants of the code.

    `columns` is what a row brings (column → SQL type), `key` those of them that say which row it
    is. `fixed` columns are the same for all rows, `inserted` are expressions for new ones. `current` narrows the rows that may be met («t»).
    """

    table: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    fixed: Mapping[str, str]
    inserted: Mapping[str, str] = dataclasses.field(default_factory=dict)
    current: str = "TRUE"
    public_id: str = "uid"


def merge(
    target: Target, rows: Iterable[tuple[int, Sequence[Any]]], fixed: Mapping[str, Any]
) -> dict[int, tuple[str, Any, int]]:
    """Write rows (number, values in the order of `columns`) in three statements.

    Whoever calls has judged the rows and locked those that exist. Returns for each row that was
    written: INSERT or UPDATE, the public id, the new version. A row equal to what stands is not
    written and makes no version.
    """
    columns, values = list(target.columns), [c for c in target.columns if c not in target.key]
    staged = ", ".join(f"{name} {kind}" for name, kind in target.columns.items())
    met = " AND ".join(
        [target.current]
        + [f"t.{name} = %({name})s::{kind}" for name, kind in target.fixed.items()]
        + [f"t.{name} = s.{name}" for name in target.key]
    )
    sql = f"""
        MERGE INTO {target.table} t USING bulk_rows s ON {met}
        WHEN MATCHED AND ({", ".join(f"t.{c}" for c in values)})
            IS DISTINCT FROM ({", ".join(f"s.{c}" for c in values)}) THEN
            UPDATE SET {", ".join(f"{c} = s.{c}" for c in values)}, version = t.version + 1
        WHEN NOT MATCHED THEN
            INSERT ({", ".join([*target.fixed, *target.inserted, *columns, "version"])})
            VALUES ({", ".join([f"%({n})s::{k}" for n, k in target.fixed.items()] + [*target.inserted.values()] + [f"s.{c}" for c in columns])}, 1)
        RETURNING s.n, merge_action(), t.{target.public_id}, t.version
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bulk_rows (n int, {staged}) ON COMMIT DROP")
        with cursor.copy(f"COPY bulk_rows (n, {', '.join(columns)}) FROM STDIN") as copy:
            for number, row in rows:
                copy.write_row((number, *row))
        cursor.execute(sql, dict(fixed))
        written = {n: (action, public, version) for n, action, public, version in cursor.fetchall()}
        cursor.execute("DROP TABLE bulk_rows")
    return written
