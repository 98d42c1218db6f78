"""What a form may speak of: the sources it counts, their words, and how the register answers them.

The one place of this room that names tables of the register. A source is a base relation `b`, one
row for each thing counted as of %(day)s, for the institutions %(first)s to %(last)s by compact id
(%(ids)s: which of them, null for all: then a parallel scan serves the country three times as fast
as a list of 14,000 ids). Its fields are what conditions and axes of forms name.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from functools import cache
from string import Template
from typing import Literal

from registry.classifiers.services.classifiers import DATA


@dataclasses.dataclass(frozen=True)
class Field:
    """A word of a source. `sql` is over `b`; `codes` is a classifier's name, or the codes themselves.

    code: one of its codes · set: any of several held at once · number · flag: yes or no.
    """

    sql: str
    kind: Literal["code", "set", "number", "flag"]
    codes: str | tuple[str, ...] = ()

    def known(self) -> frozenset[str]:
        """The codes it may have."""
        return _codes(self.codes) if isinstance(self.codes, str) else frozenset(self.codes)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """What is counted. `id_sql` names a row for the kept inputs and `id_format` how `struct` reads
    it; `gathers` is the field whose codes cost a join: `wide` and `narrow` have it, `plain` not."""

    name: str
    words: str
    plain: str
    wide: str = ""
    narrow: str = ""
    fields: Mapping[str, Field]
    sums: Mapping[str, str] = dataclasses.field(default_factory=dict)  # → SQL of whole hundredths
    id_sql: str
    id_format: str
    gathers: str = ""
    next_day: str
    by_year: bool = True  # counted on days of school years alone


@cache
def _codes(classifier: str) -> frozenset[str]:
    """Codes of a classifier as its file has them: known before any database is."""
    file = DATA / "classifiers" / f"{classifier}.toml"
    items = tomllib.loads(file.read_text(encoding="utf-8"))["items"]
    return frozenset(item["code"] for item in items)


def _text(statement: str, **parts: str) -> str:
    """A statement with its named parts ($part), all of them texts of this module."""
    return Template(statement).substitute(parts)


def _portion(column: str) -> str:
    """Which institutions are asked for."""
    between = "$c BETWEEN %(first)s AND %(last)s"
    return _text(f"{between} AND (%(ids)s::int[] IS NULL OR $c = ANY(%(ids)s::int[]))", c=column)


def _age(born: str) -> str:
    """Whole years on the day."""
    return _text("extract(year FROM age(%(day)s::date, $born))::int AS age", born=born)


def _then(past: str, table: str, own: str, facts: str, portion: str) -> dict[str, str]:
    """What rows were on the day: as $past a join of what they were before they changed (kernel.past),
    and each fact by its name, of then if it changed since."""
    join = _text(
        """LEFT JOIN (
        SELECT DISTINCT ON (x.of_id) x.* FROM $past x JOIN $table i ON i.id = x.of_id
        WHERE x.until > %(day)s AND $portion ORDER BY x.of_id, x.until
    ) o ON o.of_id = $own.id""",
        past=past, table=table, own=own, portion=portion,
    )  # fmt: skip
    return {"past": join} | {fact: f"coalesce(o.{fact}, {own}.{fact})" for fact in facts.split()}


_CLASS_THEN = _then(
    "registry_classpast", "registry_classgroup", "c", "grade type form language shift",
    _portion("i.institution_id"),
)  # fmt: skip
_POST_THEN = _then(
    "registry_postpast", "registry_post", "s", "position is_main rate category",
    _portion("i.institution_id"),
)  # fmt: skip

# One row a pupil enrolled on the day, with the class and the categories of that day.
_PUPILS = """
    SELECT e.institution_id, e.placement_id AS id, $grade AS grade, p.sex, e.form,
           $type AS class_type, $form AS class_form, $language AS class_language,
           $shift AS class_shift, $age, $categories
    FROM registry_learning e
    JOIN registry_classgroup c ON c.id = e.class_group_id
    $past
    JOIN registry_pupil p ON p.id = e.pupil_id
    $joined
    WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
      AND $portion
"""
# Child by child for a school, in one pass for the country: the same rows either way.
_GATHERED = """
    LEFT JOIN LATERAL (
        SELECT array_agg(g.code) AS categories FROM registry_pupilcategory g
        WHERE g.starts_on <= %(day)s AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
          AND g.voided_at IS NULL AND g.code = ANY(%(gathered)s) AND g.pupil_id = p.id
    ) k ON true
"""
_GATHERED_AT_ONCE = """
    LEFT JOIN (
        SELECT g.pupil_id, array_agg(g.code) AS categories FROM registry_pupilcategory g
        WHERE g.starts_on <= %(day)s AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
          AND g.voided_at IS NULL AND g.code = ANY(%(gathered)s) GROUP BY g.pupil_id
    ) k ON k.pupil_id = p.id
"""


def _pupils(joined: str) -> str:
    categories = "k.categories" if joined else "NULL::text[] AS categories"
    parts = {"joined": joined, "categories": categories, "age": _age("p.born_on")}
    return _text(_PUPILS, portion=_portion("e.institution_id"), **_CLASS_THEN, **parts)


_CLASS = {
    "grade": Field("b.grade", "number"),
    "class_type": Field("b.class_type", "code", "class_type"),
    "class_form": Field("b.class_form", "code", "education_form"),
    "class_language": Field("b.class_language", "code", "language"),
    "class_shift": Field("b.class_shift", "number"),
}

# One row a class that stood on the day.
_CLASSES = """
    SELECT c.institution_id, c.id, $grade AS grade, $type AS class_type, $form AS class_form,
           $language AS class_language, $shift AS class_shift
    FROM registry_classgroup c JOIN registry_schoolyear y ON y.code = c.school_year_id
    $past
    WHERE y.starts_on <= %(day)s AND y.ends_on > %(day)s
      AND c.opened_on <= %(day)s AND (c.closed_on IS NULL OR c.closed_on > %(day)s)
      AND $portion
"""

# One row a post held on the day. Whoever holds several at one institution is one person there, counted by the main
# post (handbook F.3, 83-РВК: «person counted once by main position»).
_POSTS = """
    SELECT s.institution_id, s.id, $position AS position, w.sex, $category AS category,
           $is_main AS main, $rate AS rate, $age,
           row_number() OVER (
               PARTITION BY s.institution_id, s.employee_id
               ORDER BY $is_main DESC, $rate DESC, s.id
           ) = 1 AS person
    FROM registry_post s JOIN registry_employee w ON w.id = s.employee_id
    $past
    WHERE s.starts_on <= %(day)s AND (s.ends_on IS NULL OR s.ends_on > %(day)s)
      AND $portion
"""

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            name="pupils",
            words="здобувачі освіти",
            plain=_pupils(""),
            wide=_pupils(_GATHERED_AT_ONCE),
            narrow=_pupils(_GATHERED),
            fields={
                **_CLASS,
                "sex": Field("b.sex", "code", ("M", "F")),
                "form": Field("b.form", "code", "education_form"),
                "category": Field("b.categories", "set", "pupil_category"),
                "age": Field("b.age", "number"),
            },
            id_sql="int8send(b.id)",
            id_format="q",
            gathers="category",
            next_day="""
                SELECT min(e.starts_on) FROM registry_enrolment e
                WHERE e.kind = 'MAIN' AND e.voided_by_id IS NULL AND e.starts_on > %(day)s
                  AND e.institution_id = ANY(%(ids)s)""",
        ),
        Source(
            name="classes",
            words="класи",
            plain=_text(_CLASSES, portion=_portion("c.institution_id"), **_CLASS_THEN),
            fields=_CLASS,
            id_sql="int8send(b.id)",
            id_format="q",
            next_day="""
                SELECT min(y.starts_on) FROM registry_classgroup c
                JOIN registry_schoolyear y ON y.code = c.school_year_id
                WHERE y.starts_on > %(day)s AND c.institution_id = ANY(%(ids)s)""",
        ),
        Source(
            name="posts",
            words="працівники",
            plain=_text(
                _POSTS,
                age=_age("w.born_on"),
                portion=_portion("s.institution_id"),
                **_POST_THEN,
            ),
            fields={
                "position": Field("b.position", "code", "position"),
                "sex": Field("b.sex", "code", ("M", "F")),
                "category": Field("b.category", "code", "staff_category"),
                "age": Field("b.age", "number"),
                "main": Field("b.main", "flag"),
                "person": Field("b.person", "flag"),
            },
            sums={"rate": "(b.rate * 100)::int"},
            by_year=False,
            id_sql="uuid_send(b.id)",
            id_format="16s",
            next_day="""
                SELECT min(s.starts_on) FROM registry_post s
                WHERE s.starts_on > %(day)s AND s.institution_id = ANY(%(ids)s)""",
        ),
    )
}
