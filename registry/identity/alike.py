"""Children who may be one child although nothing exact says so: candidates by the keys of
`registry_pupiltrace`, weighed by one table.

`WEIGHTS` is the whole rule: what speaks for one child and what against, in points, after Fellegi and
Sunter (1969) — about the logarithm to base two of how much oftener it is met among two profiles of one
child than among two children. Pairs of `POSSIBLE` points and more are asked about; nobody is merged by
points. docs/adr/0055 tells how it was measured (`make bench ONLY=identity`).

The same statement serves a table being entered and the night: they differ in where `asked` comes from.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

import msgspec
from django.db import connection

from kernel.statements import prepared


@dataclasses.dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence: its points and the words for whoever may see both children."""

    points: int
    words: str


# {what is compared: {what was found, in the order it is looked for: weight}}; nothing found, no points.
WEIGHTS: dict[str, dict[str, Weight]] = {
    "surname": {
        "surname_same": Weight(6, "прізвище однакове"),
        "surname_slip": Weight(4, "прізвище відрізняється літерою"),
        "surname_differs": Weight(-4, "прізвища різні"),  # a mother's, an adopter's
    },
    "given_name": {
        "given_same": Weight(4, "імʼя однакове"),
        "given_slip": Weight(2, "імʼя відрізняється літерою"),
        "given_differs": Weight(-12, "імена різні"),  # twins
    },
    "patronymic": {
        "patronymic_same": Weight(4, "по батькові однакове"),
        "patronymic_slip": Weight(3, "по батькові відрізняється літерою"),
        "patronymic_differs": Weight(-6, "по батькові різні"),
    },
    "order": {"order_differs": Weight(-1, "слова імені стоять в іншому порядку")},
    "born_on": {
        "born_same": Weight(9, "дата народження однакова"),
        "born_slip": Weight(5, "у даті народження переплутано цифри"),
        "born_differs": Weight(-9, "дати народження різні"),
    },
    "sex": {"sex_differs": Weight(-4, "стать різна")},
    "rnokpp": {
        "rnokpp_same": Weight(14, "РНОКПП однаковий"),
        "rnokpp_slip": Weight(3, "РНОКПП відрізняється цифрою"),
        "rnokpp_differs": Weight(-12, "РНОКПП різні"),
    },
    "unzr": {
        "unzr_same": Weight(14, "УНЗР однаковий"),
        "unzr_slip": Weight(3, "УНЗР відрізняється цифрою"),
        "unzr_differs": Weight(-12, "УНЗР різні"),
    },
    "document": {
        "document_same": Weight(8, "номер документа однаковий"),
        # Certificates of twins are written one after another.
        "document_next": Weight(-14, "свідоцтва видано одне за одним"),
        "document_slip": Weight(4, "номер документа відрізняється цифрою"),
    },
    "parent": {
        # Their number, telephone or very record; and only their names.
        "parent_same": Weight(7, "представник той самий"),
        "parent_named": Weight(5, "представника звуть так само"),
        "parent_differs": Weight(-9, "мати або батько інші"),
    },
}
POSSIBLE = 15
# What beside names and date may speak for a pair; the numbers themselves are asked about exactly.
_MOST_OF_PARENT = WEIGHTS["parent"]["parent_same"].points
_MOST_BESIDE = _MOST_OF_PARENT + WEIGHTS["document"]["document_same"].points
NEAREST = 5  # told of one row of a table; more is a name many bear, and no help

WORDS = {code: weight.words for found in WEIGHTS.values() for code, weight in found.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Child:
    """What is known of a child that is being entered."""

    surname: str
    given_name: str
    patronymic: str
    born_on: datetime.date
    sex: str = ""
    rnokpp: str = ""
    unzr: str = ""
    series: str = ""
    number: str = ""
    relation: str = ""
    parent_surname: str = ""
    parent_name: str = ""
    parent_patronymic: str = ""
    parent_phone: str = ""
    parent_rnokpp: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Alike:
    """A row of what was asked and a child it may be: points, and the codes they come of."""

    place: int
    pupil_id: uuid.UUID
    points: int
    evidence: tuple[str, ...]


def case(*conditions: tuple[str, str]) -> str:
    whens = " ".join(f"WHEN {when} THEN '{code}'" for code, when in conditions)
    return f"CASE {whens} END"


def _word(mine: str, name: str, same: str, slip: str) -> str:
    a, x = f"a.{mine}", f"x.{mine}"
    return case(
        (f"{name}_same", same.format(a=a, x=x)),
        (f"{name}_slip", slip.format(a=a, x=x)),
        (f"{name}_differs", "true"),
    )


# «Зелінський» of a girl is a slip of the form, not another family.
SURNAME = _word(
    "s",
    "surname",
    "{a} = {x} OR length({a}) > 4 AND rtrim({a}, 'aeiou') = rtrim({x}, 'aeiou')",
    "one_slip({a}, {x})",
)
# Names of twins differ by their first letter («Карина», «Дарина»); fingers err further on.
GIVEN = _word(
    "g",
    "given",
    "{a} = {x}",
    "one_slip({a}, {x}) AND (left({a}, 1) = left({x}, 1) OR length({a}) <> length({x}))",
)
PATRONYMIC = _word("p", "patronymic", "{a} = {x}", "one_slip({a}, {x})")


def number(field: str) -> str:
    return case(
        (f"{field}_same", f"a.{field} = p.{field}"),
        (f"{field}_slip", f"one_slip(a.{field}, p.{field})"),
        (f"{field}_differs", f"a.{field} <> p.{field}"),
    )


def points_of(*groups: str) -> str:
    """SQL: the points of the evidence found in these columns."""
    sums = []
    for group in groups:
        found = WEIGHTS[group].items()
        whens = " ".join(f"WHEN '{code}' THEN {weight.points}" for code, weight in found)
        sums.append(f'CASE "{group}" {whens} ELSE 0 END')
    return " + ".join(sums)


BORN = case(
    ("born_same", "a.born_on = t.born_on"),
    ("born_slip", "dates_slip(a.born_on, t.born_on)"),
    ("born_differs", "true"),
)
_NEXT = (
    "CASE WHEN m.number ~ '^[0-9]{1,9}$' AND t.number ~ '^[0-9]{1,9}$'"
    " THEN abs(m.number::int - t.number::int) < 10 END"
)
_DOCUMENT = case(
    ("document_same", "bool_or(m.number = t.number AND uk_alike(m.series) = uk_alike(t.series))"),
    (
        "document_next",
        f"(a.given_name <> 'given_same' OR a.my_sex <> a.its_sex) AND bool_or(m.series = t.series AND {_NEXT})",
    ),
    (
        "document_slip",
        "bool_or(m.series = t.series AND length(t.number) > 4 AND one_slip(m.number, t.number))",
    ),
)
_PARENT = case(
    (
        "parent_same",
        "bool_or(m.rnokpp = t.rnokpp OR m.phone = t.phone AND m.phone <> '' OR m.guardian = t.guardian)",
    ),
    (
        "parent_named",
        "bool_or((m.g = t.g OR one_slip(m.g, t.g)) AND (m.p = t.p OR one_slip(m.p, t.p)) AND m.p <> '')",
    ),
    (
        "parent_differs",
        "bool_or(m.relation = t.relation AND m.relation IN ('MOTHER', 'FATHER')"
        # A patronymic left out says nothing.
        " AND NOT ((m.g = t.g OR one_slip(m.g, t.g)) AND (m.p = '' OR t.p = '')))",
    ),
)
# `asked`: place, own, s, g, p, born_on, sex, rnokpp, unzr, keys; `papers`: place, series, number;
# `parents`: place, relation, g, p, phone, rnokpp, guardian.
_FOUND = f"""
, named AS MATERIALIZED (
    SELECT a.place, a.own, a.sex, a.rnokpp, a.unzr, t.pupil_id, w.*
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT t.* FROM registry_pupiltrace t WHERE t.keys && a.keys OFFSET 0
    ) t
    CROSS JOIN LATERAL (VALUES
        (NULL, t.surname, t.given_name, t.patronymic),
        ('order_differs', t.given_name, t.surname, t.patronymic),
        ('order_differs', t.surname, t.patronymic, t.given_name),
        ('order_differs', t.given_name, t.patronymic, t.surname),
        ('order_differs', t.patronymic, t.surname, t.given_name)
    ) AS x("order", s, g, p)
    CROSS JOIN LATERAL (
        SELECT {SURNAME} AS surname, {GIVEN} AS given_name,
               CASE WHEN a.p <> '' AND x.p <> '' THEN {PATRONYMIC} END AS patronymic,
               x."order" AS "order",
               {BORN} AS born_on
    ) w
    WHERE t.pupil_id IS DISTINCT FROM a.own
      -- Another order of the words is looked at where they then fall into place.
      AND (x."order" IS NULL OR a.s = x.s OR a.g = x.g)
), near AS MATERIALIZED (
    SELECT DISTINCT ON (place, pupil_id) *,
           {points_of("surname", "given_name", "patronymic", "born_on")}
           + CASE WHEN "order" IS NULL THEN 0 ELSE {WEIGHTS["order"]["order_differs"].points} END AS so_far
    FROM named
    ORDER BY place, pupil_id, so_far DESC
), known AS MATERIALIZED (
    -- By key, whatever the planner thinks of their number: it made a hash of the whole country.
    SELECT a.place, a.own, a.pupil_id, a.so_far,
           a.surname, a.given_name, a.patronymic, a."order", a.born_on, a.sex AS my_sex, p.sex AS its_sex,
           {case(("sex_differs", "a.sex <> p.sex"))} AS sex,
           {number("rnokpp")} AS rnokpp, {number("unzr")} AS unzr
    FROM near a
    CROSS JOIN LATERAL (
        SELECT * FROM registry_pupil WHERE id = a.pupil_id AND merged_into_id IS NULL OFFSET 0
    ) p
    WHERE a.so_far >= {POSSIBLE - _MOST_BESIDE}
), by_paper AS MATERIALIZED (
    SELECT a.place, a.pupil_id, {_DOCUMENT} AS found
    FROM known a JOIN papers m ON m.place = a.place
    CROSS JOIN LATERAL (
        SELECT * FROM registry_pupildocument WHERE pupil_id = a.pupil_id OFFSET 0
    ) t
    GROUP BY a.place, a.pupil_id, a.given_name, a.my_sex, a.its_sex
), papered AS MATERIALIZED (
    SELECT *, so_far + {points_of("sex", "rnokpp", "unzr", "document")} AS without_parent
    FROM (
        SELECT a.*, d.found AS document
        FROM known a LEFT JOIN by_paper d ON d.place = a.place AND d.pupil_id = a.pupil_id
    ) w
), by_parent AS MATERIALIZED (
    -- The dearest to compare: of those alone whom a representative can still make possible.
    SELECT a.place, a.pupil_id, {_PARENT} AS found
    FROM papered a JOIN parents m ON m.place = a.place
    CROSS JOIN LATERAL (
        SELECT s.relation, s.guardian_id AS guardian, name_code(k.given_name) AS g,
               name_code(k.patronymic) AS p, k.phone, k.rnokpp
        FROM registry_guardianship s JOIN registry_guardian k ON k.id = s.guardian_id
        WHERE s.pupil_id = a.pupil_id AND s.voided_at IS NULL OFFSET 0
    ) t
    WHERE a.without_parent >= {POSSIBLE - _MOST_OF_PARENT}
    GROUP BY a.place, a.pupil_id
), summed AS (
    SELECT *, without_parent + {points_of("parent")} AS points
    FROM (
        SELECT a.*, r.found AS parent
        FROM papered a LEFT JOIN by_parent r ON r.place = a.place AND r.pupil_id = a.pupil_id
    ) w
)
SELECT place, own, pupil_id, points,
       array_remove(ARRAY[surname, given_name, patronymic, "order", born_on, sex, rnokpp, unzr,
                          document, parent], NULL)
FROM summed WHERE points >= {POSSIBLE}
"""

_ENTERED = (
    """
WITH typed AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS x(place int, surname text, given_name text,
        patronymic text, born_on date, sex text, rnokpp text, unzr text, series text, number text,
        relation text, parent_surname text, parent_name text, parent_patronymic text,
        parent_phone text, parent_rnokpp text)
), coded AS MATERIALIZED (
    SELECT *, name_code(surname) AS s, name_code(given_name) AS g, name_code(patronymic) AS p FROM typed
), asked AS MATERIALIZED (
    SELECT place, NULL::uuid AS own, s, g, p, born_on, nullif(sex, '') AS sex,
           nullif(rnokpp, '') AS rnokpp, nullif(unzr, '') AS unzr, child_keys(s, g, p, born_on) AS keys
    FROM coded
), papers AS (
    SELECT place, series, number FROM typed WHERE number <> ''
), parents AS MATERIALIZED (
    SELECT place, relation, name_code(parent_name) AS g, name_code(parent_patronymic) AS p,
           parent_phone AS phone, nullif(parent_rnokpp, '') AS rnokpp, NULL::bigint AS guardian
    FROM typed WHERE relation <> 'SELF' AND (parent_name <> '' OR parent_phone <> '')
)
"""
    + _FOUND
    + " ORDER BY place, points DESC, pupil_id"
)
# The children of `own` themselves, with everything the register knows of them.
STANDING = (
    """
WITH own AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY p.id)::int AS place, p.id, p.sex, p.rnokpp, p.unzr
    FROM registry_pupil p WHERE p.id = ANY(%(own)s) AND p.merged_into_id IS NULL
), asked AS MATERIALIZED (
    SELECT o.place, o.id AS own, t.surname AS s, t.given_name AS g, t.patronymic AS p, t.born_on,
           o.sex, o.rnokpp, o.unzr, t.keys
    FROM own o JOIN registry_pupiltrace t ON t.pupil_id = o.id
), papers AS MATERIALIZED (
    SELECT o.place, d.series, d.number FROM own o JOIN registry_pupildocument d ON d.pupil_id = o.id
), parents AS MATERIALIZED (
    SELECT o.place, s.relation, name_code(k.given_name) AS g, name_code(k.patronymic) AS p, k.phone,
           k.rnokpp, s.guardian_id AS guardian
    FROM own o JOIN registry_guardianship s ON s.pupil_id = o.id AND s.voided_at IS NULL
    JOIN registry_guardian k ON k.id = s.guardian_id
)
"""
    + _FOUND
)


def find(children: Sequence[tuple[int, Child]]) -> list[Alike]:
    """For each child being entered, at its place, those of the register it may be, the likeliest
    first. Reads the whole register past anybody's reach, as `matches.find` does."""
    if not children:
        return []
    # Keys alone are looked up: the plan, longer to make than to carry out, is kept.
    with prepared(), connection.cursor() as cursor:
        cursor.execute(_ENTERED, [_told(children)])
        rows = cursor.fetchall()
    told: dict[int, int] = {}
    found = []
    for place, _, pupil_id, points, evidence in rows:
        told[place] = told.get(place, 0) + 1
        if told[place] <= NEAREST:
            found.append(Alike(place, pupil_id, points, tuple(evidence)))
    return found


def _told(children: Sequence[tuple[int, Child]]) -> str:
    """What is asked, as one document: of arrays the planner knows the length, and plans anew each time."""
    rows = [{"place": place, **dataclasses.asdict(child)} for place, child in children]
    return msgspec.json.encode(rows).decode()
