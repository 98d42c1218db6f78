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

    code: one of its codes · set: any of several held at once · number · flag: yes or no · unit: a
    node of the tree by its id.
    """

    sql: str
    kind: Literal["code", "set", "number", "flag", "unit"]
    codes: str | tuple[str, ...] = ()

    def known(self) -> frozenset[str]:
        """The codes it may have."""
        return _codes(self.codes) if isinstance(self.codes, str) else frozenset(self.codes)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """What is counted. `id_sql` names a row for the kept inputs and `id_format` how `struct` reads
    it; `who_sql` is whom a row is about, a UUID; `gathers` is the field whose codes cost a join: `wide` and `narrow` have it, `plain` not.
    The same rows, made the other way where many institutions are counted at once, are `whole` and `wide`."""

    name: str
    words: str
    plain: str
    whole: str = ""
    wide: str = ""
    narrow: str = ""
    fields: Mapping[str, Field]
    sums: Mapping[str, str] = dataclasses.field(default_factory=dict)  # → SQL of whole hundredths
    id_sql: str
    id_format: str
    gathers: str = ""
    who_sql: str = ""
    next_day: str = ""
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

# One row a pupil enrolled on the day, with the class and the categories of that day. Left joins by a key, which
# PostgreSQL leaves out where a form says nothing of what they bring.
_PUPILS = """
    SELECT e.institution_id, e.placement_id AS id, p.id AS who, $grade AS grade, p.sex, e.form,
           $type AS class_type, $form AS class_form, $language AS class_language,
           $shift AS class_shift, $age, $categories
    FROM registry_learning e
    JOIN $classes c ON c.id = e.class_group_id
    $past
    LEFT JOIN registry_pupil p ON p.id = e.pupil_id
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


# All classes as they were on the day. OFFSET 0: what a class was is sought once a class, not once more for each
# who learns there.
_CLASSES_AT_ONCE = _text(
    """(
        SELECT c.id, $grade AS grade, $type AS type, $form AS form, $language AS language,
               $shift AS shift
        FROM registry_classgroup c $past OFFSET 0
    )""",
    **_then(
        "registry_classpast", "registry_classgroup", "c", "grade type form language shift", "true"
    ),
)
_AT_ONCE = {"past": ""} | {
    fact: f"c.{fact}" for fact in ["grade", "type", "form", "language", "shift"]
}


def _pupils(joined: str, *, at_once: bool) -> str:
    categories = "k.categories" if joined else "NULL::text[] AS categories"
    parts = {"joined": joined, "categories": categories, "age": _age("p.born_on")}
    parts |= _AT_ONCE if at_once else _CLASS_THEN
    parts["classes"] = _CLASSES_AT_ONCE if at_once else "registry_classgroup"
    return _text(_PUPILS, portion=_portion("e.institution_id"), **parts)


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

# One row a pupil who finished a grade in the school year that ended last before the day: learned to its
# end, or had the certificate before it, and does not learn in the same grade or a lower one the year after. `step`
# is the grade; those of the eleventh who went on to the twelfth are told from those who finished school.
_FINISHED = """
    SELECT c.institution_id, e.placement_id AS id, p.sex,
           CASE WHEN $grade = 11 AND EXISTS (
               SELECT FROM registry_learning n JOIN registry_classgroup k ON k.id = n.class_group_id
               WHERE n.pupil_id = e.pupil_id AND n.kind = 'MAIN' AND n.starts_on >= y.ends_on
                 AND n.starts_on <= %(day)s AND k.grade = 12
           ) THEN '11-12' ELSE $grade::text END AS step
    FROM registry_schoolyear y
    JOIN registry_classgroup c ON c.school_year_id = y.code
    $past
    JOIN registry_learning e ON e.class_group_id = c.id AND e.kind = 'MAIN' AND e.starts_on < y.ends_on
    JOIN registry_enrolment r ON r.id = e.enrolment_id
    JOIN registry_pupil p ON p.id = e.pupil_id
    WHERE y.ends_on = (SELECT max(x.ends_on) FROM registry_schoolyear x WHERE x.ends_on <= %(day)s)
      AND (e.ends_on IS NULL OR e.ends_on >= y.ends_on
           OR (r.end_reason = 'COMPLETED' AND r.ends_on = e.ends_on))
      AND $portion
      AND NOT EXISTS (
          SELECT FROM registry_learning n JOIN registry_classgroup k ON k.id = n.class_group_id
          WHERE n.pupil_id = e.pupil_id AND n.kind = 'MAIN' AND n.starts_on >= y.ends_on
            AND n.starts_on <= %(day)s AND k.school_year_id <> y.code AND k.grade <= c.grade)
"""

# One row a post held on the day. Whoever holds several at one institution is one person there, counted by the main
# post (handbook F.3, 83-РВК: «person counted once by main position»).
_POSTS = """
    SELECT s.institution_id, s.id, w.id AS who, $position AS position, w.sex, $category AS category,
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

STEPS = (*(str(grade) for grade in range(14)), "11-12")
# One row a category of a pupil enrolled on the day.
_CATEGORIES = """
    SELECT e.institution_id, g.id, p.id AS who, g.code, $grade AS grade, p.sex, $age
    FROM registry_pupilcategory g
    JOIN registry_learning e ON e.pupil_id = g.pupil_id
    JOIN registry_classgroup c ON c.id = e.class_group_id
    $past
    JOIN registry_pupil p ON p.id = e.pupil_id
    WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s AND (e.ends_on IS NULL OR e.ends_on > %(day)s)
      AND g.starts_on <= %(day)s AND (g.ends_on IS NULL OR g.ends_on > %(day)s)
      AND g.voided_at IS NULL AND $portion
"""

# One row a class of the day with how many learn in it.
_SIZES = """
    SELECT c.*, coalesce(k.size, 0) AS size FROM ($classes) c LEFT JOIN (
        SELECT e.class_group_id, count(*)::int AS size FROM registry_learning e
        WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s
          AND (e.ends_on IS NULL OR e.ends_on > %(day)s) AND $portion
        GROUP BY e.class_group_id
    ) k ON k.class_group_id = c.id
"""

# One row a place to fill that was open on the day.
_VACANCIES = """
    SELECT v.institution_id, v.id, v.position, v.subject, v.reason, v.rate
    FROM registry_vacancy v
    WHERE v.opened_on <= %(day)s AND (v.closed_on IS NULL OR v.closed_on > %(day)s) AND $portion
"""

# One row a post with hours by the load of the day.
_LOAD = """
    SELECT s.institution_id, s.id, s.employee_id AS who, $position AS position, l.hours
    FROM (
        SELECT l.post_id, sum(l.hours) AS hours FROM registry_load l
        JOIN registry_schoolyear y ON y.code = l.school_year_id
        WHERE l.voided_by_id IS NULL AND y.starts_on <= %(day)s AND y.ends_on > %(day)s
          AND l.starts_on <= %(day)s AND (l.ends_on IS NULL OR l.ends_on > %(day)s)
        GROUP BY l.post_id
    ) l JOIN registry_post s ON s.id = l.post_id
    $past
    WHERE $portion
"""

# One row a line of the load: hours of a subject.
_LESSONS = """
    SELECT l.institution_id, l.id, s.employee_id AS who, l.subject, l.type, l.hours
    FROM registry_load l JOIN registry_schoolyear y ON y.code = l.school_year_id
    JOIN registry_post s ON s.id = l.post_id
    WHERE l.voided_by_id IS NULL AND y.starts_on <= %(day)s AND y.ends_on > %(day)s
      AND l.starts_on <= %(day)s AND (l.ends_on IS NULL OR l.ends_on > %(day)s) AND $portion
"""

# One row a main enrolment that ended in the school year up to the day, with the pupil's next one, if
# it began by the day. `$at` is whose movement it is: of the institution left, or of the one come to.
_MOVES = """
    SELECT $at AS institution_id, e.id, e.pupil_id AS who, e.end_reason AS reason, p.sex, c.grade,
           CASE WHEN n.institution_id IS NOT NULL AND n.institution_id = e.institution_id THEN 'SAME'
                WHEN n.institution_id IS NOT NULL AND t.hromada_id = f.hromada_id THEN 'HROMADA'
                WHEN n.institution_id IS NOT NULL AND t.oblast_id = f.oblast_id THEN 'OBLAST'
                WHEN n.institution_id IS NOT NULL THEN 'COUNTRY'
                WHEN e.end_reason IN ('ABROAD', 'COMPLETED', 'DEATH') THEN e.end_reason
                ELSE 'NOWHERE' END AS direction,
           $other.oblast_id AS other_oblast, $other.hromada_id AS other_hromada
    FROM registry_enrolment e JOIN registry_pupil p ON p.id = e.pupil_id
    LEFT JOIN LATERAL (
        SELECT x.institution_id FROM registry_enrolment x
        WHERE x.pupil_id = e.pupil_id AND x.kind = 'MAIN' AND x.voided_by_id IS NULL
          AND x.starts_on >= e.ends_on AND x.starts_on <= %(day)s ORDER BY x.starts_on LIMIT 1
    ) n ON true
    LEFT JOIN LATERAL (
        SELECT g.grade FROM registry_classplacement x
        JOIN registry_classgroup g ON g.id = x.class_group_id
        WHERE x.enrolment_id = e.id AND x.voided_by_id IS NULL ORDER BY x.starts_on DESC LIMIT 1
    ) c ON true
    LEFT JOIN accounts_unit_on(%(day)s) f ON f.id = e.institution_id
    LEFT JOIN accounts_unit_on(%(day)s) t ON t.id = n.institution_id
    WHERE e.kind = 'MAIN' AND e.voided_by_id IS NULL AND e.ends_on <= %(day)s
      AND e.ends_on > (SELECT max(y.starts_on) FROM registry_schoolyear y WHERE y.starts_on <= %(day)s)
      AND $portion
"""
DIRECTIONS = (
    "HROMADA", "OBLAST", "COUNTRY", "ABROAD", "NOWHERE", "COMPLETED", "SAME", "DEATH",
)  # fmt: skip

# One row a community and how its children of school age learn: the latest month counted by the day.
# `size` says how many children the row stands for.
_COVERAGE = """
    SELECT m.unit_id AS institution_id, m.id, k.state, k.size FROM (
        SELECT DISTINCT ON (c.unit_id) c.* FROM registry_coveragemonth c
        WHERE c.month <= %(day)s AND $portion ORDER BY c.unit_id, c.month DESC
    ) m CROSS JOIN LATERAL (VALUES
        ('HERE', m.learning - m.elsewhere), ('ELSEWHERE', m.elsewhere),
        ('RECORDED', least(m.recorded, m.children - m.learning)),
        ('UNKNOWN', greatest(m.children - m.learning - m.recorded, 0))
    ) k (state, size) WHERE k.size > 0
"""
COVERAGE = ("HERE", "ELSEWHERE", "RECORDED", "UNKNOWN")


def _moves(at: str, other: str) -> Source:
    return Source(
        name="departures" if at == "e.institution_id" else "arrivals",
        words="вибули" if at == "e.institution_id" else "прибули",
        plain=_text(_MOVES, at=at, other=other, portion=_portion(at)),
        fields={
            "direction": Field("b.direction", "code", DIRECTIONS),
            "reason": Field("b.reason", "code", "withdrawal_ground"),
            "sex": Field("b.sex", "code", ("M", "F")),
            "grade": Field("b.grade", "number"),
            "other_oblast": Field("b.other_oblast", "unit"),
            "other_hromada": Field("b.other_hromada", "unit"),
        },
        id_sql="int8send(b.id)",
        id_format="q",
        who_sql="b.who",
        by_year=False,
    )


_PLAIN_CLASSES = _text(_CLASSES, portion=_portion("c.institution_id"), **_CLASS_THEN)

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            name="pupils",
            words="здобувачі освіти",
            plain=_pupils("", at_once=False),
            whole=_pupils("", at_once=True),
            wide=_pupils(_GATHERED_AT_ONCE, at_once=True),
            narrow=_pupils(_GATHERED, at_once=False),
            fields={
                **_CLASS,
                "sex": Field("b.sex", "code", ("M", "F")),
                "form": Field("b.form", "code", "education_form"),
                "category": Field("b.categories", "set", "pupil_category"),
                "age": Field("b.age", "number"),
            },
            id_sql="int8send(b.id)",
            id_format="q",
            who_sql="b.who",
            gathers="category",
            next_day="""
                SELECT min(e.starts_on) FROM registry_enrolment e
                WHERE e.kind = 'MAIN' AND e.voided_by_id IS NULL AND e.starts_on > %(day)s
                  AND e.institution_id = ANY(%(ids)s)""",
        ),
        Source(
            name="classes",
            words="класи",
            plain=_PLAIN_CLASSES,
            fields=_CLASS,
            id_sql="int8send(b.id)",
            id_format="q",
            next_day="""
                SELECT min(y.starts_on) FROM registry_classgroup c
                JOIN registry_schoolyear y ON y.code = c.school_year_id
                WHERE y.starts_on > %(day)s AND c.institution_id = ANY(%(ids)s)""",
        ),
        Source(
            name="finished",
            words="здобувачі освіти, які закінчили клас у минулому навчальному році",
            plain=_text(_FINISHED, portion=_portion("c.institution_id"), **_CLASS_THEN),
            fields={
                "step": Field("b.step", "code", STEPS),
                "sex": Field("b.sex", "code", ("M", "F")),
            },
            by_year=False,
            id_sql="int8send(b.id)",
            id_format="q",
            next_day="""
                SELECT min(y.ends_on) FROM registry_schoolyear y
                JOIN registry_classgroup c ON c.school_year_id = y.code
                WHERE y.ends_on > %(day)s AND c.institution_id = ANY(%(ids)s)""",
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
                "age_band": Field("b.age / 5 * 5", "number"),
                "main": Field("b.main", "flag"),
                "person": Field("b.person", "flag"),
            },
            sums={"rate": "(b.rate * 100)::int", "age": "b.age * 100"},
            who_sql="b.who",
            by_year=False,
            id_sql="uuid_send(b.id)",
            id_format="16s",
            next_day="""
                SELECT min(s.starts_on) FROM registry_post s
                WHERE s.starts_on > %(day)s AND s.institution_id = ANY(%(ids)s)""",
        ),
    )
}
# What the analyst's desk counts besides (reports.desk): forms do not speak of these.
COUNTED: dict[str, Source] = SOURCES | {
    source.name: source
    for source in (
        Source(
            name="categories",
            words="категорії здобувачів",
            plain=_text(
                _CATEGORIES,
                age=_age("p.born_on"),
                portion=_portion("e.institution_id"),
                **_CLASS_THEN,
            ),
            fields={
                "category": Field("b.code", "code", "pupil_category"),
                "grade": Field("b.grade", "number"),
                "sex": Field("b.sex", "code", ("M", "F")),
                "age": Field("b.age", "number"),
            },
            id_sql="int8send(b.id)",
            id_format="q",
            who_sql="b.who",
        ),
        Source(
            name="class_sizes",
            words="класи та їх наповнюваність",
            plain=_text(_SIZES, classes=_PLAIN_CLASSES, portion=_portion("e.institution_id")),
            fields={
                **_CLASS,
                "size": Field("b.size", "number"),
                "size_band": Field("b.size / 5 * 5", "number"),
            },
            sums={"pupils": "b.size * 100"},
            id_sql="int8send(b.id)",
            id_format="q",
        ),
        Source(
            name="vacancies",
            words="вакансії",
            plain=_text(_VACANCIES, portion=_portion("v.institution_id")),
            fields={
                "position": Field("b.position", "code", "position"),
                "subject": Field("b.subject", "code", "subject"),
                "reason": Field("b.reason", "code", ("LEFT", "LEAVE", "NEW", "NOBODY")),
            },
            sums={"rate": "(b.rate * 100)::int"},
            by_year=False,
            id_sql="uuid_send(b.id)",
            id_format="16s",
        ),
        Source(
            name="load",
            words="посади з навантаженням",
            plain=_text(_LOAD, portion=_portion("s.institution_id"), **_POST_THEN),
            fields={
                "position": Field("b.position", "code", "position"),
                "hours_band": Field("floor(b.hours)::int / 6 * 6", "number"),
            },
            sums={"hours": "(b.hours * 100)::int"},
            id_sql="uuid_send(b.id)",
            id_format="16s",
            who_sql="b.who",
        ),
        Source(
            name="lessons",
            words="рядки навантаження",
            plain=_text(_LESSONS, portion=_portion("l.institution_id")),
            fields={
                "subject": Field("b.subject", "code", "subject"),
                "load_type": Field("b.type", "code", "load_type"),
            },
            sums={"hours": "(b.hours * 100)::int"},
            id_sql="uuid_send(b.id)",
            id_format="16s",
            who_sql="b.who",
        ),
        _moves("e.institution_id", "t"),
        _moves("n.institution_id", "f"),
        Source(
            name="coverage",
            words="діти шкільного віку за місцем проживання",
            plain=_text(_COVERAGE, portion=_portion("c.unit_id")),
            fields={"state": Field("b.state", "code", COVERAGE)},
            sums={"children": "b.size * 100"},
            by_year=False,
            id_sql="int8send(b.id)",
            id_format="q",
        ),
    )
}
