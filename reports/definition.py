"""A statistical form as data: its columns, rows, conditions and controls; and its SQL.

A definition names facts of the register only through the small vocabulary below, so a new form
needs a new file and no code, and no text of a file ever becomes SQL.
"""

from __future__ import annotations

import dataclasses
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).resolve().parent / "definitions"

# What a condition may speak of → SQL over the base relation (one row a pupil or a class).
_VOCABULARY: dict[str, dict[str, str]] = {
    "pupils": {
        "sex": "b.sex = ANY({codes})",
        "form": "b.form = ANY({codes})",
        "class_type": "b.class_type = ANY({codes})",
        "class_form": "b.class_form = ANY({codes})",
        "class_language_not": "b.class_language <> ALL({codes})",
        "category": "b.categories && {codes}",
    },
    "classes": {
        "class_type": "b.class_type = ANY({codes})",
        "class_form": "b.class_form = ANY({codes})",
        "class_language_not": "b.class_language <> ALL({codes})",
    },
}


@dataclasses.dataclass(frozen=True)
class Column:
    """A column: a grade, or the total."""

    code: str
    title: str
    grade: int | None


@dataclasses.dataclass(frozen=True)
class Row:
    """A row: counts classes or pupils that meet every condition."""

    code: str
    title: str
    counts: Literal["classes", "pupils"]
    part_of: str | None
    where: dict[str, tuple[str, ...]]
    anchored: bool


@dataclasses.dataclass(frozen=True)
class Control:
    """A relation that must hold in every column."""

    code: str
    title: str
    sum: tuple[str, ...] = ()
    equals: str = ""
    if_positive: str = ""
    less: tuple[str, ...] = ()
    then_positive: str = ""


@dataclasses.dataclass(frozen=True)
class Form:
    """One section of a form, in one version."""

    code: str
    cell_prefix: str
    title: str
    section: str
    version: int
    act: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    controls: tuple[Control, ...]

    def row(self, code: str) -> Row:
        """A row by its code.

        Raises:
            KeyError: none such.
        """
        return {row.code: row for row in self.rows}[code]

    def column(self, code: str) -> Column:
        """A column by its code.

        Raises:
            KeyError: none such.
        """
        return {column.code: column for column in self.columns}[code]

    def position(self, code: str) -> int:
        """Where a row stands among the counts of a grade."""
        return [row.code for row in self.rows].index(code)

    def key(self, row: Row, column: Column) -> str:
        """The cell's name as in open data: «ЗНЗ1 1.12.1»."""
        return f"{self.cell_prefix.rsplit(' ', 1)[0]} {row.code}.{column.code}"


@cache
def load(code: str) -> Form:
    """Read and check the definition of a form.

    Raises:
        KeyError: no such form.
        ValueError: the file speaks of what does not exist; the message names the place.
    """
    for path in sorted(FOLDER.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        if raw["code"] == code:
            return parse(raw, path.name)
    raise KeyError(code)


@cache
def codes() -> tuple[str, ...]:
    """Codes of all forms there are."""
    return tuple(
        tomllib.loads(path.read_text(encoding="utf-8"))["code"]
        for path in sorted(FOLDER.glob("*.toml"))
    )


def parse(raw: dict[str, Any], name: str = "") -> Form:
    """Turn a definition's raw data into a form, checking every reference.

    Raises:
        ValueError: an unknown condition, a row or column named twice or nowhere.
    """
    rows = tuple(
        Row(
            code=row["code"],
            title=row["title"],
            counts=row["counts"],
            part_of=row.get("part_of"),
            where={key: tuple(values) for key, values in row.get("where", {}).items()},
            anchored=row.get("anchored", False),
        )
        for row in raw["rows"]
    )
    known = {row.code for row in rows}
    if len(known) != len(rows):
        raise ValueError(f"{name}: a row code stands twice")
    for row in rows:
        if row.counts not in _VOCABULARY:
            raise ValueError(
                f"{name}: row {row.code} counts {row.counts!r}; expected classes or pupils"
            )
        if unknown := set(row.where) - set(_VOCABULARY[row.counts]):
            raise ValueError(
                f"{name}: row {row.code}: conditions {sorted(unknown)} are not in the vocabulary"
            )
        if row.part_of is not None and row.part_of not in known:
            raise ValueError(f"{name}: row {row.code} is part of {row.part_of}, which is not a row")
    controls = tuple(
        Control(
            code=c["code"],
            title=c["title"],
            sum=tuple(c.get("sum", ())),
            equals=c.get("equals", ""),
            if_positive=c.get("if_positive", ""),
            less=tuple(c.get("less", ())),
            then_positive=c.get("then_positive", ""),
        )
        for c in raw.get("controls", ())
    )
    for control in controls:
        named = {
            *control.sum,
            *control.less,
            control.equals,
            control.if_positive,
            control.then_positive,
        } - {""}
        if named - known:
            raise ValueError(f"{name}: control {control.code} names rows {sorted(named - known)}")
    columns = tuple(Column(c["code"], c["title"], c.get("grade")) for c in raw["columns"])
    if [c.grade for c in columns].count(None) != 1:
        raise ValueError(f"{name}: exactly one column is the total")
    return Form(
        raw["code"],
        raw["cell_prefix"],
        raw["title"],
        raw["section"],
        raw["version"],
        raw["act"],
        columns,
        rows,
        controls,
    )


# One row a pupil enrolled on the day, with the class and the categories of that day. The class's
# row stands once more for counting classes. %(first)s to %(last)s: the portion of institutions by
# compact id; %(ids)s: which of them, null for all (then a parallel scan serves the country three
# times as fast as a list of 14,000 ids); %(day)s: the day.
_PUPILS = """
    SELECT e.institution_id, c.grade, p.id AS pupil_id, p.sex, e.form, c.type AS class_type,
           c.form AS class_form, c.language AS class_language, k.categories
    FROM registry_learning e
    JOIN registry_classgroup c ON c.id = e.class_group_id
    JOIN registry_pupil p ON p.id = e.pupil_id
    LEFT JOIN {categories} k ON {joined}
    WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
      AND e.institution_id BETWEEN %(first)s AND %(last)s
      AND (%(ids)s::int[] IS NULL OR e.institution_id = ANY(%(ids)s::int[]))
"""
_GATHERED = """
        SELECT {key} array_agg(g.code) AS categories FROM registry_pupilcategory g
        WHERE g.starts_on <= %(day)s AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
          AND g.code = ANY(%(categories)s) {rest}
"""
# Child by child for a school, in one pass for the country: the same rows either way.
_PUPILS_NARROW = _PUPILS.format(
    categories=f"LATERAL ({_GATHERED.format(key='', rest='AND g.pupil_id = p.id')})", joined="true"
)
_PUPILS_WIDE = _PUPILS.format(
    categories=f"({_GATHERED.format(key='g.pupil_id,', rest='GROUP BY g.pupil_id')})",
    joined="k.pupil_id = p.id",
)
_CLASSES = """
    SELECT c.institution_id, c.grade, c.id AS class_id, c.type AS class_type, c.form AS class_form,
           c.language AS class_language
    FROM registry_classgroup c JOIN registry_schoolyear y ON y.code = c.school_year_id
    WHERE y.starts_on <= %(day)s AND y.ends_on > %(day)s AND c.opened_on <= %(day)s AND (c.closed_on IS NULL OR c.closed_on > %(day)s)
      AND c.institution_id BETWEEN %(first)s AND %(last)s
      AND (%(ids)s::int[] IS NULL OR c.institution_id = ANY(%(ids)s::int[]))
"""


def condition(row: Row) -> tuple[str, dict[str, list[str]]]:
    """SQL of a row's condition over its base relation `b`, and its parameters."""
    parts, params = [], {}
    for position, (key, values) in enumerate(sorted(row.where.items())):
        holder = f"c{row.code.replace('.', '_')}_{position}"
        parts.append(_VOCABULARY[row.counts][key].format(codes=f"%({holder})s::text[]"))
        params[holder] = list(values)
    return " AND ".join(parts) or "true", params


def categories(form: Form) -> list[str]:
    """Category codes any row speaks of: only these are gathered."""
    return sorted({code for row in form.rows for code in row.where.get("category", ())})


def counting_sql(form: Form, *, narrow: bool) -> tuple[str, dict[str, Any]]:
    """One statement that counts every row of the form by institution and grade.

    Yields (institution_id, grade, counts int[] in the order of the rows). Parameters still to
    give: first, last, ids, day.
    """
    params: dict[str, Any] = {"categories": categories(form)}
    columns = {"pupils": [], "classes": []}  # type: dict[str, list[str]]
    order: list[str] = []
    for row in form.rows:
        sql, extra = condition(row)
        params |= extra
        name = f"v{len(order)}"
        columns[row.counts].append(f"count(*) FILTER (WHERE {sql}) AS {name}")
        order.append(f"coalesce({name}, 0)::int")
    return (
        f"""
        SELECT coalesce(p.institution_id, c.institution_id) AS institution_id, coalesce(p.grade, c.grade) AS grade, ARRAY[{", ".join(order)}] AS counts
        FROM (SELECT b.institution_id, b.grade, {", ".join(columns["pupils"])}
              FROM ({_PUPILS_NARROW if narrow else _PUPILS_WIDE}) b GROUP BY b.institution_id, b.grade) p
        FULL JOIN (SELECT b.institution_id, b.grade, {", ".join(columns["classes"])}
              FROM ({_CLASSES}) b GROUP BY b.institution_id, b.grade) c
        ON c.institution_id = p.institution_id AND c.grade = p.grade
        """,
        params,
    )


def behind_sql(form: Form, row: Row, column: Column) -> tuple[str, dict[str, Any]]:
    """The ids of the rows behind one cell (pupils or classes). Still to give: first, last, ids, day."""
    sql, params = condition(row)
    base, key = (_PUPILS_NARROW, "pupil_id") if row.counts == "pupils" else (_CLASSES, "class_id")
    if column.grade is not None:
        sql = f"b.grade = %(grade)s AND {sql}"
        params["grade"] = column.grade  # type: ignore[assignment]
    return f"SELECT b.{key} FROM ({base}) b WHERE {sql}", {**params, "categories": categories(form)}
