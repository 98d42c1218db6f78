"""How many pupils each filter would leave, and what is wrong in their data: counted for a school only."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter

from django.db import connection

from accounts.actors import Actor
from kernel.statements import prepared
from kernel.text import sort_key
from registry.classes.frames import year_for
from registry.fields.labels import label
from registry.people.selectors.filters import Filters, chosen_institution, is_small, keys_of

FLAGS = {
    "no_rnokpp": "Немає РНОКПП",
    "no_documents": "Немає документа",
    "age": "Вік не відповідає класу",
    "twins": "Можливо, дублікат",
}

# The pupils of some institutions with what may be amiss in each. Documents are looked up by all
# ids at once (one walk along the index, where a search for each pupil took half of the time), and
# an age fits a class when the child was born between two first days of September.
_HERE = """
    WITH here AS MATERIALIZED (
        SELECT id, grade, class_group_id, sex, form, born_on, sort_key,
               rnokpp IS NULL AND rnokpp_state = 'NOT_ASSIGNED' AS no_rnokpp,
               born_on NOT BETWEEN make_date(%(year)s::int - 10 - grade, %(month)s, %(day)s) + 1
                   AND make_date(%(year)s::int - 4 - grade, %(month)s, %(day)s) AS age
        FROM registry_pupil WHERE institution_id = ANY(%(keys)s)
    ), judged AS (
        SELECT h.*,
               h.id NOT IN (
                   SELECT d.pupil_id FROM registry_pupildocument d
                   WHERE d.pupil_id = ANY(ARRAY(SELECT id FROM here))
               ) AS no_documents,
               (h.born_on, h.sort_key) IN (
                   SELECT born_on, sort_key FROM here GROUP BY 1, 2 HAVING count(*) > 1
               ) AS twins
        FROM here h
    )
"""

_FACETS = f"""
    {_HERE}
    SELECT j.*, c.uid::text, c.grade, c.letter FROM (
        SELECT grade, sex, form, no_rnokpp, no_documents, age, twins, count(*), class_group_id
        FROM judged GROUP BY 1, 2, 3, 4, 5, 6, 7, 9
    ) j LEFT JOIN registry_classgroup c
        ON c.id = j.class_group_id AND c.institution_id = ANY(%(keys)s)
"""  # noqa: S608 - put together of our own words

_NUMBER = 7  # where the count stands among the columns

_PROBLEMS = f"""
    {_HERE}
    SELECT {", ".join(f"count(*) FILTER (WHERE {flag})" for flag in FLAGS)} FROM judged
"""  # noqa: S608 - put together of our own words

_FLAGGED = f"""
    {_HERE}
    SELECT id FROM judged
    WHERE CASE %(flag)s WHEN 'no_rnokpp' THEN no_rnokpp WHEN 'no_documents' THEN no_documents
          WHEN 'age' THEN age WHEN 'twins' THEN twins END
"""  # noqa: S608 - put together of our own words


@dataclasses.dataclass(frozen=True)
class Facets:
    """How many pupils each filter would leave, the other filters staying; only for a school."""

    total: int
    shown: int
    grades: dict[int, int]
    classes: list[tuple[str, str, int]]  # public id, label, pupils
    sexes: dict[str, int]
    forms: dict[str, int]
    flags: dict[str, int]


def facets(actor: Actor, filters: Filters, *, today: datetime.date) -> Facets | None:
    """Counts for the filters of a list of one institution; None at larger levels, where counting
    millions would cost more than the list itself.

    Raises:
        NotFound: the institution of the filter is out of reach.
    """
    institution = chosen_institution(actor, filters)
    if not is_small(actor, institution):
        return None
    with prepared(), connection.cursor() as cursor:
        cursor.execute(_FACETS, {"keys": keys_of(actor, institution), **first_of_september(today)})
        groups = cursor.fetchall()
    chosen_class = filters.class_id.lower()

    # One pass: a group counts for a facet when every other filter lets it through. The grades
    # are counted whatever class is chosen, for choosing another grade leaves the class.
    grades: Counter[int] = Counter()
    by_class: Counter[tuple[str, int, str]] = Counter()  # public id, grade, letter
    sexes: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    shown = 0
    flag_at = list(FLAGS).index(filters.flag) if filters.flag in FLAGS else None
    for grade, sex, form, *marks, number, _, uid, class_grade, letter in groups:
        grade_off = bool(filters.grade) and str(grade) != filters.grade
        class_off = bool(chosen_class) and uid != chosen_class
        sex_off = bool(filters.sex) and sex != filters.sex
        form_off = bool(filters.form) and form != filters.form
        flag_off = flag_at is not None and not marks[flag_at]
        if not (sex_off or form_off or flag_off):
            if grade is not None:
                grades[grade] += number
            if not grade_off and uid is not None:
                by_class[uid, class_grade, letter] += number
        if grade_off or class_off:
            continue
        if not (form_off or flag_off):
            sexes[sex] += number
        if not (sex_off or flag_off):
            forms[form] += number
        if not (sex_off or form_off):
            if True in marks:
                for name, marked in zip(FLAGS, marks, strict=True):
                    if marked:
                        flags[name] += number
            if not flag_off:
                shown += number
    ordered = sorted(by_class.items(), key=lambda one: (one[0][1], sort_key(one[0][2])))
    return Facets(
        total=sum(group[_NUMBER] for group in groups),
        shown=shown,
        grades=dict(sorted(grades.items())),
        classes=[(uid, label(grade, letter), n) for (uid, grade, letter), n in ordered],
        sexes=dict(sexes),
        forms=dict(forms),
        flags=dict(flags),
    )


def flagged(keys: list[int], flag: str, today: datetime.date) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_FLAGGED, {"keys": keys, "flag": flag, **first_of_september(today)})
        return [row[0] for row in cursor.fetchall()]


def first_of_september(today: datetime.date) -> dict[str, int]:
    day = year_for(today).starts_on
    return {"year": day.year, "month": day.month, "day": day.day}


def about_how_many(actor: Actor) -> int | None:
    """The planner's idea of the number of pupils, for the whole country only."""
    if actor.scope.level != "all":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'registry_pupil'::regclass"
        )
        return int(cursor.fetchone()[0])


def problems_of(actor: Actor, today: datetime.date) -> dict[str, int]:
    """How many pupils of the actor's own institution have which problem; empty for authorities."""
    if actor.scope.level != "institution":
        return {}
    with prepared(), connection.cursor() as cursor:
        cursor.execute(_PROBLEMS, {"keys": list(actor.scope.keys), **first_of_september(today)})
        return {flag: n for flag, n in zip(FLAGS, cursor.fetchone(), strict=True) if n}
