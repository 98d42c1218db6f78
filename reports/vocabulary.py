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
    it; `gathers` is the field whose codes cost a join: `wide` and `narrow` have it, `plain` not.
    `now_only` says why the source cannot be asked of a past day, when it cannot."""

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
    now_only: str = ""


@cache
def _codes(classifier: str) -> frozenset[str]:
    """Codes of a classifier as its file has them: known before any database is."""
    file = DATA / "classifiers" / f"{classifier}.toml"
    items = tomllib.loads(file.read_text(encoding="utf-8"))["items"]
    return frozenset(item["code"] for item in items)


_PORTION = """
      AND {institution} BETWEEN %(first)s AND %(last)s
      AND (%(ids)s::int[] IS NULL OR {institution} = ANY(%(ids)s::int[]))
"""
_AGE = "extract(year FROM age(%(day)s::date, {born}))::int AS age"

# One row a pupil enrolled on the day, with the class and the categories of that day.
_PUPILS = f"""
    SELECT e.institution_id, e.id, c.grade, p.sex, e.form, c.type AS class_type,
           c.form AS class_form, c.language AS class_language, c.shift AS class_shift,
           {_AGE.format(born="p.born_on")}, {{categories}}
    FROM registry_enrolment e
    JOIN registry_classgroup c ON c.id = e.class_group_id
    JOIN registry_pupil p ON p.id = e.pupil_id
    {{joined}}
    WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
    {_PORTION.format(institution="e.institution_id")}
"""
_GATHERED = """
        SELECT {key} array_agg(g.code) AS categories FROM registry_pupilcategory g
        WHERE g.starts_on <= %(day)s AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
          AND g.code = ANY(%(gathered)s) {rest}
"""
# Child by child for a school, in one pass for the country: the same rows either way.
_PUPILS_PLAIN = _PUPILS.format(categories="NULL::text[] AS categories", joined="")
_PUPILS_NARROW = _PUPILS.format(
    categories="k.categories",
    joined="LEFT JOIN LATERAL ("
    + _GATHERED.format(key="", rest="AND g.pupil_id = p.id")
    + ") k ON true",
)
_PUPILS_WIDE = _PUPILS.format(
    categories="k.categories",
    joined="LEFT JOIN ("
    + _GATHERED.format(key="g.pupil_id,", rest="GROUP BY g.pupil_id")
    + ") k ON k.pupil_id = p.id",
)

_CLASS = {
    "grade": Field("b.grade", "number"),
    "class_type": Field("b.class_type", "code", "class_type"),
    "class_form": Field("b.class_form", "code", "education_form"),
    "class_language": Field("b.class_language", "code", "language"),
    "class_shift": Field("b.class_shift", "number"),
}

# One row a class that stood on the day.
_CLASSES = f"""
    SELECT c.institution_id, c.id, c.grade, c.type AS class_type, c.form AS class_form,
           c.language AS class_language, c.shift AS class_shift
    FROM registry_classgroup c JOIN registry_schoolyear y ON y.code = c.school_year_id
    WHERE y.starts_on <= %(day)s AND y.ends_on > %(day)s AND NOT c.is_closed
    {_PORTION.format(institution="c.institution_id")}
"""

# One row a post. Whoever holds several at one institution is one person there, counted by the main
# post (handbook F.3, 83-РВК: «person counted once by main position»).
_POSTS = f"""
    SELECT s.institution_id, s.id, s.position, s.sex, s.category, s.is_main AS main, s.rate,
           {_AGE.format(born="s.born_on")},
           row_number() OVER (
               PARTITION BY s.institution_id, coalesce(s.rnokpp, s.id::text)
               ORDER BY s.is_main DESC, s.rate DESC, s.id
           ) = 1 AS person
    FROM registry_staffmember s
    WHERE s.is_active
    {_PORTION.format(institution="s.institution_id")}
"""

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            name="pupils",
            words="здобувачі освіти",
            plain=_PUPILS_PLAIN,
            wide=_PUPILS_WIDE,
            narrow=_PUPILS_NARROW,
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
                WHERE e.kind = 'MAIN' AND e.starts_on > %(day)s
                  AND e.institution_id = ANY(%(ids)s)""",
        ),
        Source(
            name="classes",
            words="класи",
            plain=_CLASSES,
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
            plain=_POSTS,
            fields={
                "position": Field("b.position", "code", "position"),
                "sex": Field("b.sex", "code", ("M", "F")),
                "category": Field("b.category", "code", "staff_category"),
                "age": Field("b.age", "number"),
                "main": Field("b.main", "flag"),
                "person": Field("b.person", "flag"),
            },
            sums={"rate": "(b.rate * 100)::int"},
            id_sql="uuid_send(b.id)",
            id_format="16s",
            next_day="SELECT NULL::date",
            now_only="Посади в реєстрі ще без періодів, тож склад працівників відомий лише на сьогодні.",
        ),
    )
}
