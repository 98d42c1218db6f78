"""Members of staff who may be one person although no number says so: the evidence, the weights and
the keys of `registry.identity.alike`, over `registry_employee`: a table being entered, and the night.

The keys are a column of the table itself: whoever works is rewritten rarely.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from registry.identity import alike

_FIELDS = ("surname", "given_name", "patronymic", "born_on", "sex", "rnokpp", "unzr")


_EVIDENCE = ("surname", "given_name", "patronymic", "order", "born_on", "sex", "rnokpp", "unzr")
# `asked`: place, own, s, g, p, born_on, sex, rnokpp, unzr, keys.
_FOUND = f"""
, named AS MATERIALIZED (
    SELECT a.place, a.own, p.id AS employee, w.*,
           {alike.case(("sex_differs", "a.sex <> p.sex"))} AS sex,
           {alike.number("rnokpp")} AS rnokpp, {alike.number("unzr")} AS unzr
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT e.id, e.sex, e.rnokpp, e.unzr, e.born_on, name_code(e.surname) AS surname,
               name_code(e.given_name) AS given_name, name_code(e.patronymic) AS patronymic
        FROM registry_employee e
        WHERE e.keys && a.keys AND e.merged_into_id IS NULL OFFSET 0
    ) p
    CROSS JOIN LATERAL (VALUES
        (NULL, p.surname, p.given_name, p.patronymic),
        ('order_differs', p.given_name, p.surname, p.patronymic)
    ) AS x("order", s, g, p)
    CROSS JOIN LATERAL (SELECT p.born_on) AS t
    CROSS JOIN LATERAL (
        SELECT {alike.SURNAME} AS surname, {alike.GIVEN} AS given_name,
               CASE WHEN a.p <> '' AND x.p <> '' THEN {alike.PATRONYMIC} END AS patronymic,
               x."order" AS "order", {alike.BORN} AS born_on
    ) w
    WHERE p.id IS DISTINCT FROM a.own AND (x."order" IS NULL OR a.s = x.s OR a.g = x.g)
), weighed AS (
    SELECT *, {alike.points_of(*_EVIDENCE)} AS points FROM named
)
SELECT DISTINCT ON (place, employee) place, own, employee, points,
       array_remove(ARRAY[surname, given_name, patronymic, "order", born_on, sex, rnokpp, unzr], NULL)
FROM weighed WHERE points >= {alike.POSSIBLE} ORDER BY place, employee, points DESC
"""
_ENTERED = (
    """
WITH typed AS (
    SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[],
                         %s::text[], %s::text[])
        AS x(place, surname, given_name, patronymic, born_on, sex, rnokpp, unzr)
), coded AS MATERIALIZED (
    SELECT *, name_code(surname) AS s, name_code(given_name) AS g, name_code(patronymic) AS p
    FROM typed
), asked AS MATERIALIZED (
    SELECT place, NULL::uuid AS own, s, g, p, born_on, sex, rnokpp, unzr,
           child_keys(s, g, p, born_on) AS keys
    FROM coded
)
"""
    + _FOUND
)
# The members of staff of `own` themselves.
STANDING = (
    """
WITH own AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY e.id)::int AS place, e.*
    FROM registry_employee e WHERE e.id = ANY(%(own)s) AND e.merged_into_id IS NULL
), asked AS MATERIALIZED (
    SELECT place, id AS own, name_code(surname) AS s, name_code(given_name) AS g,
           name_code(patronymic) AS p, born_on, sex, rnokpp, unzr, keys
    FROM own
)
"""
    + _FOUND
)


def alike_to(people: Sequence[Mapping[str, Any]]) -> list[tuple[uuid.UUID, ...]]:
    """For each person being entered, the likeliest of the register. Reads past anybody's reach, as
    `matches.find` does: who they are is told to nobody."""
    found: list[tuple[uuid.UUID, ...]] = [()] * len(people)
    asked = [place for place, one in enumerate(people) if one["surname"] and one["born_on"]]
    if not asked:
        return found
    columns = [asked, *([people[place][field] for place in asked] for field in _FIELDS)]
    with connection.cursor() as cursor:
        cursor.execute(_ENTERED, columns)
        rows = sorted(cursor.fetchall(), key=lambda row: (row[0], -row[3], row[2]))
    for place, _, employee, _, _ in rows:
        if len(found[place]) < alike.NEAREST:
            found[place] = (*found[place], employee)
    return found
