"""Members of staff who may be one person although no number says so: the evidence, the weights and
the keys of `registry.identity.alike`, over `registry_employee`.

The keys are a column of the table itself: whoever works is rewritten rarely.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from registry.identity import alike

_FIELDS = ("surname", "given_name", "patronymic", "born_on", "sex", "rnokpp", "unzr")


def _same_or_other(field: str, same: int, differs: int) -> str:
    return (
        f"CASE WHEN a.{field} = t.{field} THEN {same} WHEN a.{field} <> t.{field} THEN {differs}"
        " ELSE 0 END"
    )


def _weight(group: str, code: str) -> int:
    return alike.WEIGHTS[group][code].points


_NAMES = alike.points_of("surname", "given_name", "patronymic", "born_on")
_BESIDE = " + ".join(
    (
        f"CASE WHEN a.sex <> t.sex THEN {_weight('sex', 'sex_differs')} ELSE 0 END",
        *(
            _same_or_other(
                field, _weight(group, f"{group}_same"), _weight("rnokpp", "rnokpp_differs")
            )
            for field, group in (("rnokpp", "rnokpp"), ("unzr", "unzr"))
        ),
    )
)
# `asked`: place, own, s, g, p, born_on, sex, rnokpp, unzr, keys.
_FOUND = f"""
, named AS MATERIALIZED (
    SELECT a.place, a.own, t.id AS employee, {_BESIDE} AS beside, w.*
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT e.id, e.sex, e.rnokpp, e.unzr, e.born_on, name_code(e.surname) AS surname,
               name_code(e.given_name) AS given_name, name_code(e.patronymic) AS patronymic
        FROM registry_employee e
        WHERE e.keys && a.keys OFFSET 0
    ) t
    CROSS JOIN LATERAL (VALUES
        (NULL, t.surname, t.given_name, t.patronymic),
        ('order_differs', t.given_name, t.surname, t.patronymic)
    ) AS x("order", s, g, p)
    CROSS JOIN LATERAL (
        SELECT {alike.SURNAME} AS surname, {alike.GIVEN} AS given_name,
               CASE WHEN a.p <> '' AND x.p <> '' THEN {alike.PATRONYMIC} END AS patronymic,
               {alike.BORN} AS born_on
    ) w
    WHERE t.id IS DISTINCT FROM a.own AND (x."order" IS NULL OR a.s = x.s OR a.g = x.g)
), weighed AS (
    SELECT *, {_NAMES} + beside AS points FROM named
)
SELECT place, own, employee, max(points) FROM weighed WHERE points >= {alike.POSSIBLE}
GROUP BY place, own, employee ORDER BY place, max(points) DESC, employee
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
        for place, _, employee, _ in cursor.fetchall():
            if len(found[place]) < alike.NEAREST:
                found[place] = (*found[place], employee)
    return found
