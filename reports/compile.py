"""Forms compiled to SQL: the one module of this room that puts statements together.

Only texts of `reports.vocabulary` and positions of the form's lines get into a statement; whatever
a definition says is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.definition import Form, split
from reports.vocabulary import SOURCES

Statement = tuple[str, dict[str, Any]]


def _conditions(source: str, where: Any, params: dict[str, Any]) -> str:
    parts = []
    for word, value in sorted(where.items()):
        field, ending = split(source, word)
        if field is None:
            raise ValueError(f"{word} is not a word of {source}")
        holder = f"p{len(params)}"
        if field.kind == "flag":
            parts.append(field.sql if value else f"NOT {field.sql}")
            continue
        params[holder] = value
        numbers = field.kind == "number"
        if ending == "_from":
            parts.append(f"{field.sql} >= %({holder})s")
        elif ending == "_to":
            parts.append(f"{field.sql} <= %({holder})s")
        elif field.kind == "set":
            parts.append(f"{field.sql} && %({holder})s::text[]")
        else:
            sign = "<> ALL" if ending == "_not" else "= ANY"
            parts.append(f"{field.sql} {sign}(%({holder})s::{'int' if numbers else 'text'}[])")
    return " AND ".join(parts) or "true"


def record_format(form: Form, source: str) -> str:
    """How `struct` reads one counted row of a kept input: its id, mask of measures, amount."""
    lines = form.bits(source)
    mask = "i" if len(lines) <= 31 else "q"
    return f">{SOURCES[source].id_format}{mask}{'i' if any(line.sum for _, line in lines) else ''}"


def _gathered(form: Form, source: str) -> list[str]:
    """Codes of the field that costs a join which any line speaks of: only these are gathered."""
    word = SOURCES[source].gathers
    wheres = [form.only.get(source, {}), *(line.where for _, line in form.bits(source))]
    return sorted({code for where in wheres for code in where.get(word, ())})


def _counted(form: Form, source: str, *, narrow: bool) -> Statement:
    """One row a counted thing: institution_id, key of the axis, id, mask of measures, amount."""
    params: dict[str, Any] = {}
    it, lines = SOURCES[source], form.bits(source)
    relation = it.plain
    if it.gathers and (codes := _gathered(form, source)):
        params["gathered"] = codes
        relation = it.narrow if narrow else it.wide
    mask = " | ".join(
        f"CASE WHEN {_conditions(source, line.where, params)} THEN {1 << bit} ELSE 0 END"
        for bit, (_, line) in enumerate(lines)
    )
    sums = [it.sums[line.sum] for _, line in lines if line.sum]
    only = _conditions(source, form.only.get(source, {}), params)
    # OFFSET 0: the mask is computed once a row, not once in each count.
    return (
        f"""
        SELECT b.institution_id, {it.fields[form.axis.field].sql}::text AS key, b.id,
               ({mask})::{"int" if len(lines) <= 31 else "bigint"} AS mask,
               {sums[0] if sums else "0"} AS amount
        FROM ({relation}) b WHERE {only} OFFSET 0
        """,
        params,
    )


def portion_sql(form: Form, source: str, *, narrow: bool) -> Statement:
    """Counts and inputs of one source by institution and key: institution_id, key, size, the
    measures m0, m1, … and the packed rows. Still to give: first, last, ids, day."""
    counted, params = _counted(form, source, narrow=narrow)
    measures = ", ".join(
        f"{'sum(b.amount)' if line.sum else 'count(*)'} FILTER (WHERE b.mask & {1 << bit} <> 0)"
        f" AS m{place}"
        for bit, (place, line) in enumerate(form.bits(source))
    )
    mask = "int4send(b.mask)" if len(form.bits(source)) <= 31 else "int8send(b.mask)"
    amount = " || int4send(b.amount)" if any(line.sum for _, line in form.bits(source)) else ""
    return (
        f"""
        SELECT b.institution_id, b.key, count(*)::int AS size, {measures},
               string_agg({SOURCES[source].id_sql} || {mask}{amount}, ''::bytea) AS rows
        FROM ({counted}) b WHERE b.mask <> 0 GROUP BY b.institution_id, b.key
        """,
        params,
    )


def totals_sql(form: Form, source: str) -> Statement:
    """Counts of one source by key over all the institutions asked for: nothing is kept. Still to give:
    first, last, ids, day."""
    text, params = portion_sql(form, source, narrow=False)
    sums = ", ".join(f"sum(p.m{place})::int" for place, _ in form.bits(source))
    return f"SELECT p.key, {sums} FROM ({text}) p GROUP BY p.key", params


def counts_sql(form: Form, tables: dict[str, str]) -> str:
    """From the portions of all sources (`tables` by source) to counts by institution and key."""
    places = range(len(form.measures))
    parts = []
    for source, table in tables.items():
        own = {place for place, _ in form.bits(source)}
        columns = ", ".join(f"m{p}::int" if p in own else f"NULL::int AS m{p}" for p in places)
        parts.append(f"SELECT institution_id, key, {columns} FROM {table}")
    counts = ", ".join(f"coalesce(max(m{place}), 0)" for place in places)
    return f"""
        INSERT INTO reports_reportcount (run_id, institution_id, key, counts)
        SELECT %(run)s, institution_id, key, ARRAY[{counts}]
        FROM ({" UNION ALL ".join(parts)}) u GROUP BY institution_id, key
        """


def inputs_sql(table: str) -> str:
    """From a portion of a source to one kept row an institution."""
    return f"""
        INSERT INTO reports_reportinput (run_id, source, institution_id, keys, sizes, rows)
        SELECT %(run)s, %(source)s, institution_id, array_agg(key ORDER BY key),
               array_agg(size ORDER BY key), string_agg(rows, ''::bytea ORDER BY key)
        FROM {table} GROUP BY institution_id
        """


def kept_for_now(table: str, select: str) -> str:
    """A table of the transaction made of a statement."""
    return f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS {select}"


def forgotten(tables: Iterable[str]) -> str:
    """Away with such tables: the next portion may be of the same transaction in tests."""
    return f"DROP TABLE {', '.join(tables)}"


def now_sql(form: Form, source: str) -> Statement:
    """What an institution's cells would count now: id, key, mask, amount. Still to give: first,
    last, ids, day."""
    counted, params = _counted(form, source, narrow=True)
    return f"SELECT b.id, b.key, b.mask, b.amount FROM ({counted}) b WHERE b.mask <> 0", params


def sums_sql(measures: int) -> str:
    """Sum the counts for every node from the run's own down to its institutions' nearest, by the
    tree of the day. Still to give: run, root, below (its path then), day."""
    sums = ", ".join(f"sum(c.counts[{place}])::int" for place in range(1, measures + 1))
    return f"""
        INSERT INTO reports_reportsum (run_id, unit_id, key, counts)
        SELECT %(run)s, n.unit_id, n.key, n.counts
        FROM (
            SELECT CASE
                WHEN grouping(i.district_id) = 0 THEN i.district_id
                WHEN grouping(i.hromada_id) = 0 THEN i.hromada_id
                WHEN grouping(i.raion_id) = 0 THEN i.raion_id
                WHEN grouping(i.oblast_id) = 0 THEN i.oblast_id
                ELSE %(root)s END AS unit_id,
                c.key, ARRAY[{sums}] AS counts
            FROM reports_reportcount c
            JOIN accounts_unit_on(%(day)s) i ON i.id = c.institution_id
            WHERE c.run_id = %(run)s
            GROUP BY GROUPING SETS (
                (i.district_id, c.key), (i.hromada_id, c.key), (i.raion_id, c.key),
                (i.oblast_id, c.key), (c.key)
            )
        ) n
        JOIN accounts_unit_on(%(day)s) u ON u.id = n.unit_id
        WHERE n.unit_id IS NOT NULL AND (n.unit_id = %(root)s OR u.path LIKE %(below)s)
        ON CONFLICT DO NOTHING
        """
