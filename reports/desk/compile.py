"""The desk's SQL: one statement counts a cube of a day, one adds it up the tree, one answers a
question. Only texts of `reports.vocabulary` and names of columns get into a statement."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.desk.measures import MOST, Cube, codes_of
from reports.desk.models import WHOLE
from reports.vocabulary import Field

Statement = tuple[str, dict[str, Any]]
COLUMNS = ", ".join(f"d{place}" for place in range(1, MOST + 1))
LEVELS = {"C": "", "O": "oblast_id", "R": "raion_id", "H": "hromada_id"}
PAIR = 2  # sums are kept by so many fields at once as well: most questions name no more
SEAL = (1 << 30) - 1  # marks are this wide: sums of four million of them stay within a bigint


def _mark(cube: Cube) -> str:
    """A number that stands for whom a row is about, unknown without the seed."""
    if cube.of.who_sql:
        return f"(uuid_hash_extended({cube.of.who_sql}, %(seed)s::bigint) & {SEAL})"
    return f"(hashtextextended(b.id::text, %(seed)s::bigint) & {SEAL})"


def _kept(field: Field, place: int, params: dict[str, Any]) -> str:
    """A code of a field as the number it is kept by."""
    if field.kind in {"number", "unit"}:
        return f"x.f{place}"
    if field.kind == "flag":
        return f"x.f{place}::int"
    params[f"codes{place}"] = codes_of(field)
    return f"array_position(%(codes{place})s::text[], x.f{place})"


def cells_sql(cube: Cube) -> Statement:
    """A table of the transaction with every cell of a cube; still to give: day, seed, first, last,
    ids. Not straight into the kept table: an INSERT … SELECT never runs in parallel."""
    params: dict[str, Any] = {}
    it = cube.of
    fields = [it.fields[name] for name in cube.by]
    names = ", ".join(f"{field.sql} AS f{place}" for place, field in enumerate(fields, 1))
    where = " AND ".join(it.fields[name].sql for name in cube.flags) or "true"
    count = f"sum({it.sums[cube.weight]}) / 100" if cube.weight else "count(*)"
    amount = f"sum({it.sums[cube.amount]})" if cube.amount else "0"
    kept = ", ".join(
        f"{_kept(fields[place], place + 1, params) if place < len(fields) else 'NULL::int'} AS d{place + 1}"
        for place in range(MOST)
    )
    return (
        f"""
        CREATE TEMPORARY TABLE desk_cells ON COMMIT DROP AS
        SELECT x.unit_id, {kept}, x.n::int AS n, x.seal, x.amount
        FROM (
            SELECT b.institution_id AS unit_id, {names}, {count} AS n,
                   sum({_mark(cube)})::bigint AS seal, {amount}::bigint AS amount
            FROM ({it.whole or it.plain}) b WHERE {where}
            GROUP BY b.institution_id, {", ".join(str(2 + place) for place in range(len(fields)))}
        ) x WHERE x.unit_id IS NOT NULL
        """,
        params,
    )


KEEP_CELLS = f"""
    INSERT INTO reports_deskcell (slice_id, cube, unit_id, {COLUMNS}, n, seal, amount)
    SELECT %(slice)s, %(cube)s, c.* FROM desk_cells c ORDER BY unit_id
"""
# Sums by territory of the day, every level from the cells at once.
KEEP_SUMS = f"""
    INSERT INTO reports_desksum
        (slice_id, cube, level, split, oblast_id, raion_id, hromada_id, {COLUMNS}, n, seal, amount)
    SELECT %(slice)s, %(cube)s,
           CASE WHEN grouping(u.hromada_id) = 0 THEN 'H' WHEN grouping(u.raion_id) = 0 THEN 'R'
                WHEN grouping(u.oblast_id) = 0 THEN 'O' ELSE 'C' END, {WHOLE},
           u.oblast_id, u.raion_id, u.hromada_id, {COLUMNS}, sum(n), sum(seal), sum(amount)
    FROM (SELECT * FROM reports_deskcell WHERE slice_id = %(slice)s AND cube = %(cube)s) c
    JOIN accounts_unit_on(%(day)s) u ON u.id = c.unit_id
    GROUP BY GROUPING SETS (
        (u.oblast_id, u.raion_id, u.hromada_id, {COLUMNS}), (u.oblast_id, u.raion_id, {COLUMNS}),
        (u.oblast_id, {COLUMNS}), ({COLUMNS})
    )
"""


def pairs_sql(cube: Cube) -> str:
    """From the sums of a cube to those by no field, by each and by each two, of every territory. Still
    to give: slice, cube."""
    columns = [f"d{place}" for place in range(1, len(cube.by) + 1)]
    sets = [few for n in range(PAIR + 1) for few in itertools.combinations(columns, n)]
    named = ", ".join(f"({', '.join(few)})" for few in sets)
    kept = ", ".join(columns + ["NULL::int"] * (MOST - len(columns)))
    # GROUPING has a bit for what is not grouped by, its last argument's the lowest.
    split = f"{(1 << len(columns)) - 1} - grouping({', '.join(reversed(columns))})"
    return f"""
        INSERT INTO reports_desksum
            (slice_id, cube, level, split, oblast_id, raion_id, hromada_id, {COLUMNS}, n, seal, amount)
        SELECT %(slice)s, %(cube)s, level, {split}, oblast_id, raion_id, hromada_id, {kept},
               sum(n), sum(seal), sum(amount)
        FROM reports_desksum
        WHERE slice_id = %(slice)s AND cube = %(cube)s AND split = {WHOLE}
        GROUP BY level, oblast_id, raion_id, hromada_id, GROUPING SETS ({named})
        """


def split_of(cube: Cube, fields: Iterable[str]) -> int:
    """Which kept sums have these fields: those by them alone, where there are two at most, else the
    sums by all."""
    named = {cube.by.index(field) for field in fields}
    return sum(1 << place for place in named) if len(named) <= PAIR else WHOLE


FORGET_CELLS = "DROP TABLE desk_cells"


def answer_sql(
    cube: Cube,
    *,
    level: str,
    area: tuple[str, int] | None,
    rows: str,
    cols: str,
    where: Mapping[str, Sequence[int]],
    forecast: bool,
    of: Mapping[str, Sequence[int]],
) -> Statement:
    """One question over a slice, with its totals: row, column, whether each is a total, n, seal,
    amount, and of a share n and seal of its part.

    level: whose sums are read, or "U" for institutions. area: the column that narrows (a level's) and
    the node; of institutions, `units` is given with the rest. rows: "area", "time" or a field; cols:
    "" or a field. forecast: columns are grades. Still to give: slices, units.
    """
    params: dict[str, Any] = {"cube": cube.code}
    source, unit = ("reports_deskcell", "c.unit_id") if level == "U" else ("reports_desksum", "")
    conditions = ["c.slice_id = ANY(%(slices)s)", "c.cube = %(cube)s"]
    if level == "U":
        conditions.append("c.unit_id = ANY(%(units)s)")
    else:
        conditions += ["c.level = %(level)s", "c.split = %(split)s"]
        columns = ["grade" if forecast else cols, rows, *where, *of]
        params["level"] = level
        params["split"] = split_of(cube, {name for name in columns if name in cube.by})
        unit = f"c.{LEVELS[level]}" if LEVELS[level] else "0"
        if area is not None:
            conditions.append(f"c.{area[0]} = %(area)s")
            params["area"] = area[1]
    for number, (name, codes) in enumerate(sorted(where.items())):
        conditions.append(f"c.{cube.column(name)} = ANY(%(w{number})s)")
        params[f"w{number}"] = list(codes)
    row = {"area": unit, "time": "c.slice_id"}.get(rows) or f"c.{cube.column(rows)}"
    col = f"c.{cube.column('grade')}" if forecast else f"c.{cube.column(cols)}" if cols else "0"
    part = " AND ".join(
        f"c.{cube.column(name)} = ANY(%(o{number})s)" for number, name in enumerate(sorted(of))
    )
    for number, name in enumerate(sorted(of)):
        params[f"o{number}"] = list(of[name])
    share = f"FILTER (WHERE {part})" if part else "FILTER (WHERE false)"
    return (
        f"""
        SELECT x.r, x.k, grouping(x.r), grouping(x.k), sum(x.n)::bigint, sum(x.seal)::bigint,
               sum(x.amount)::bigint, sum(x.part)::bigint, sum(x.part_seal)::bigint
        FROM (
            SELECT {row} AS r, {col} AS k, sum(c.n) AS n, sum(c.seal) AS seal, sum(c.amount) AS amount,
                   coalesce(sum(c.n) {share}, 0) AS part, coalesce(sum(c.seal) {share}, 0) AS part_seal
            FROM {source} c WHERE {" AND ".join(conditions)} GROUP BY 1, 2
        ) x GROUP BY GROUPING SETS ((x.r, x.k), (x.r), (x.k), ())
        """,
        params,
    )
