"""Forms compiled to SQL: the one module of this room that puts statements together.

Only texts of `reports.vocabulary` and positions of the form's lines get into a statement; whatever
a definition says is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reports.definition import Form, split
from reports.vocabulary import SOURCES, Field

Statement = tuple[str, dict[str, Any]]
MASK_BITS = 31


def _condition(field: Field, ending: str, value: Any, params: dict[str, Any]) -> str:
    """One word of a line as SQL."""
    if field.kind == "flag":
        return field.sql if value else f"NOT {field.sql}"
    holder = f"p{len(params)}"
    params[holder] = value
    if ending == "_from":
        return f"{field.sql} >= %({holder})s"
    if ending == "_to":
        return f"{field.sql} <= %({holder})s"
    if field.kind == "set":
        return f"{field.sql} && %({holder})s::text[]"
    sign = "<> ALL" if ending == "_not" else "= ANY"
    return f"{field.sql} {sign}(%({holder})s::{'int' if field.kind == 'number' else 'text'}[])"


def _words(source: str, where: Any) -> Iterator[tuple[Field, str, Any]]:
    for word, value in sorted(where.items()):
        field, ending = split(source, word)
        if field is None:
            raise ValueError(f"{word} is not a word of {source}")
        yield field, ending, value


def _conditions(source: str, where: Any, params: dict[str, Any]) -> str:
    parts = [_condition(*word, params) for word in _words(source, where)]
    return " AND ".join(parts) or "true"


def mask_sql(source: str, wheres: Sequence[Any], params: dict[str, Any]) -> str:
    """A mask with a bit for each of the lines whose conditions hold. Each field is looked at once, not
    once for every line that speaks of it: it gives the lines that it lets through, and a row is of
    those that all fields let through."""
    whole, kind = (1 << len(wheres)) - 1, "int" if len(wheres) <= 31 else "bigint"
    spoken: dict[str, tuple[Field, dict[tuple[tuple[str, str], ...], list[Any]]]] = {}
    for bit, where in enumerate(wheres):
        of_field: dict[str, list[tuple[Field, str, Any]]] = {}
        for word in _words(source, where):
            of_field.setdefault(word[0].sql, []).append(word)
        for text, words in of_field.items():
            _, same = spoken.setdefault(text, (words[0][0], {}))
            asked = tuple((ending, repr(value)) for _, ending, value in words)
            same.setdefault(asked, [0, words])[0] |= 1 << bit
    masks = []
    for text, (field, same) in spoken.items():
        silent = whole & ~sum(bits for bits, _ in same.values())  # lines that say nothing of it
        told = _of_codes(text, field, list(same.values()), silent, params)
        masks.append(f"({told})::{kind}")
    return " & ".join(masks) or f"{whole}::{kind}"


def _of_codes(
    text: str, field: Field, same: list[list[Any]], silent: int, params: dict[str, Any]
) -> str:
    """Lines that a field lets through: `same` are bits of lines with what they say of it."""
    listed = all(ending in {"", "_not"} for _, words in same for _, ending, _ in words)
    if field.kind not in {"code", "number"} or not listed:
        parts = []
        for bits, words in same:
            holds = " AND ".join(
                _condition(field, ending, value, params) for _, ending, value in words
            )
            parts.append(f"CASE WHEN {holds} THEN {bits} ELSE 0 END")
        told = " | ".join([*parts, str(silent)])
        # Most have no code of a set at all.
        return (
            f"CASE WHEN {text} IS NULL THEN {silent} ELSE {told} END"
            if field.kind == "set"
            else told
        )

    def through(code: Any) -> int:
        """By whom a code is let through; None stands for any other."""
        return silent | sum(
            bits
            for bits, words in same
            if all((code in value) == (ending == "") for _, ending, value in words)
        )

    codes = dict.fromkeys(code for _, words in same for _, _, value in words for code in value)
    parts = [f"WHEN {text} IS NULL THEN {silent}"]
    for code in codes:
        holder = f"p{len(params)}"
        params[holder] = code
        parts.append(f"WHEN {text} = %({holder})s THEN {through(code)}")
    return f"CASE {' '.join(parts)} ELSE {through(None)} END"


def _gathered(form: Form, source: str) -> list[str]:
    """Codes of the field that costs a join which any line speaks of: only these are gathered."""
    word = SOURCES[source].gathers
    wheres = [form.only.get(source, {}), *(line.where for _, line in form.bits(source))]
    return sorted({code for where in wheres for code in where.get(word, ())})


def _counted(form: Form, source: str, *, narrow: bool) -> Statement:
    """One row a counted thing: institution_id, key of the axis as the register has it, id, mask of
    measures, amount."""
    params: dict[str, Any] = {}
    it, lines = SOURCES[source], form.bits(source)
    relation = it.plain if narrow else it.whole or it.plain
    if it.gathers and (codes := _gathered(form, source)):
        params["gathered"] = codes
        relation = it.narrow if narrow else it.wide
    mask = mask_sql(source, [line.where for _, line in lines], params)
    sums = [it.sums[line.sum] for _, line in lines if line.sum]
    only = _conditions(source, form.only.get(source, {}), params)
    if all(line.where for _, line in lines):
        # Nothing counts everybody: whom no line counts is left out before the masks are made.
        any_line = " OR ".join(_conditions(source, line.where, params) for _, line in lines)
        only = f"{only} AND ({any_line})"
    # OFFSET 0: the mask is computed once a row, not once in each count.
    return (
        f"""
        SELECT b.institution_id, {it.fields[form.axis.field].sql} AS key, b.id, {mask} AS mask,
               {sums[0] if sums else "0"} AS amount
        FROM ({relation}) b WHERE {only} OFFSET 0
        """,
        params,
    )


def is_short(form: Form, source: str) -> bool:
    """Whether a mask fits beside an id into one number: then a kept row is eight bytes, made by one
    call. An id too large for that is an error of the statement, never another figure."""
    lines = form.bits(source)
    return (
        SOURCES[source].id_format == "q"
        and len(lines) <= MASK_BITS
        and not any(line.sum for _, line in lines)
    )


def _packed(form: Form, source: str) -> str:
    """How a counted row is kept (`reports.inputs`)."""
    if is_short(form, source):
        return f"int8send(b.id::bigint * {1 << MASK_BITS} + b.mask)"
    mask = "int4send(b.mask)" if len(form.bits(source)) <= 31 else "int8send(b.mask)"
    summed = any(line.sum for _, line in form.bits(source))
    return f"{SOURCES[source].id_sql} || {mask}{' || int4send(b.amount)' if summed else ''}"


def portion_sql(form: Form, source: str, *, narrow: bool) -> Statement:
    """Counts and inputs of one source by institution and key: institution_id, key, size, the
    measures m0, m1, … and the packed rows. Still to give: first, last, ids, day."""
    counted, params = _counted(form, source, narrow=narrow)
    measures = ", ".join(
        f"{'sum(b.amount)' if line.sum else 'count(*)'} FILTER (WHERE b.mask & {1 << bit} <> 0)"
        f" AS m{place}"
        for bit, (place, line) in enumerate(form.bits(source))
    )
    return (
        f"""
        SELECT b.institution_id, b.key::text, count(*)::int AS size, {measures},
               string_agg({_packed(form, source)}, ''::bytea) AS rows
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
    several = len(parts) > 1  # of one source each key stands once
    counts = ", ".join(f"coalesce({'max' if several else ''}(m{place}), 0)" for place in places)
    return f"""
        INSERT INTO reports_reportcount (run_id, institution_id, key, counts)
        SELECT %(run)s, institution_id, key, ARRAY[{counts}]
        FROM ({" UNION ALL ".join(parts)}) u {"GROUP BY institution_id, key" if several else ""}
        ORDER BY institution_id, key
        """


def inputs_sql(table: str) -> str:
    """From a portion of a source to one kept row an institution."""
    return f"""
        INSERT INTO reports_reportinput (run_id, source, institution_id, keys, sizes, rows)
        SELECT %(run)s, %(source)s, institution_id, array_agg(key ORDER BY key),
               array_agg(size ORDER BY key), string_agg(rows, ''::bytea ORDER BY key)
        FROM {table} GROUP BY institution_id ORDER BY institution_id
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
    return (
        f"SELECT b.id, b.key::text, b.mask, b.amount FROM ({counted}) b WHERE b.mask <> 0",
        params,
    )


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
                grouping(i.district_id, i.hromada_id, i.raion_id, i.oblast_id) = 15 AS whole,
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
        WHERE n.whole OR (n.unit_id <> %(root)s AND u.path LIKE %(below)s)
        ORDER BY n.unit_id, n.key
        """
