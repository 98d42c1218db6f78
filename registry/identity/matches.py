"""Children of the register that the rows of a table may be: three queries for the whole table.

Reads the whole register past anybody's reach, because a child enrolled elsewhere must be found
before it is enrolled twice. What is found is for commands; a movement decides what of it
the actor may be told.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence
from typing import Literal

from django.db import connection

from kernel.text import sort_key
from registry.fields.documents import Document
from registry.fields.labels import label_sql
from registry.identity import alike

Kind = Literal["document", "rnokpp", "unzr", "name", "alike"]


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """What of a row identifies a child, for looking it up; read even from a row with errors."""

    document: Document | None
    rnokpp: str | None
    unzr: str | None
    surname: str
    given_name: str
    patronymic: str
    born_on: datetime.date | None
    # What else speaks for or against one child where nothing exact does (registry.identity.alike).
    sex: str = ""
    relation: str = ""
    parent_surname: str = ""
    parent_name: str = ""
    parent_patronymic: str = ""
    parent_phone: str = ""
    parent_rnokpp: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One child of the register with where it learns on the day asked about."""

    pupil_id: uuid.UUID
    surname: str
    given_name: str
    patronymic: str
    born_on: datetime.date
    name_key: str
    closed_reason: str  # '', MERGED, or one of pupils.CLOSED_REASONS
    # The main enrolment that runs on the day or later; None: enrolled nowhere.
    institution_id: int | None
    class_label: str
    # Institutions where the child was ever enrolled.
    ever_at: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """A row and a child share something: `kind` says what."""

    kind: Kind
    found: Found


_MATCHES = """
    SELECT ord, kind, pupil_id FROM (
        SELECT x.ord, 'document' AS kind, d.pupil_id
        FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS x(ord, type, series, number)
        JOIN registry_pupildocument d
          ON d.number = x.number AND d.series = x.series AND d.type = x.type
        UNION
        SELECT x.ord, 'rnokpp', p.id
        FROM unnest(%s::int[], %s::text[]) AS x(ord, rnokpp)
        JOIN registry_pupil p ON p.rnokpp = x.rnokpp AND p.merged_into_id IS NULL
        UNION
        SELECT x.ord, 'unzr', p.id
        FROM unnest(%s::int[], %s::text[]) AS x(ord, unzr)
        JOIN registry_pupil p ON p.unzr = x.unzr AND p.merged_into_id IS NULL
        UNION
        SELECT x.ord, 'name', p.id
        FROM unnest(%s::int[], %s::date[], %s::text[], %s::text[]) AS x(ord, born_on, low, high)
        JOIN registry_pupil p
          ON p.born_on = x.born_on AND p.sort_key >= x.low COLLATE "C" AND p.sort_key < x.high COLLATE "C"
          AND p.merged_into_id IS NULL
    ) m
"""
_CHILDREN = """
    SELECT p.id, p.surname, p.given_name, p.patronymic, p.born_on, p.sort_key, p.closed_reason,
           e.institution_id, coalesce(e.label, ''), coalesce(h.ever_at, '{}')
    FROM registry_pupil p
    LEFT JOIN LATERAL (
        SELECT r.institution_id, LABEL AS label
        FROM registry_learning r JOIN registry_classgroup c ON c.id = r.class_group_id
        WHERE r.pupil_id = p.id AND r.kind = 'MAIN' AND (r.ends_on IS NULL OR r.ends_on > %s)
        ORDER BY r.starts_on LIMIT 1
    ) e ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT r.institution_id) AS ever_at
        FROM registry_enrolment r
        WHERE r.pupil_id = p.id AND r.kind = 'MAIN' AND r.voided_by_id IS NULL
    ) h ON true
    WHERE p.id = ANY(%s)
""".replace("LABEL", label_sql("c"), 1)


def find(keys: Sequence[Keys], on: datetime.date, *, doubting: bool = False) -> list[list[Match]]:
    """For each row, the children that share its document, РНОКПП, УНЗР, or name and birth date;
    `doubting`, also those that may be the child although something was typed otherwise."""
    documents: list[tuple[int, str, str, str]] = []
    numbers: list[tuple[int, str]] = []
    unzrs: list[tuple[int, str]] = []
    names: list[tuple[int, datetime.date, str, str]] = []
    for place, key in enumerate(keys):
        if key.document is not None:
            documents.append((place, key.document.type, key.document.series, key.document.number))
        if key.rnokpp:
            numbers.append((place, key.rnokpp))
        if key.unzr:
            unzrs.append((place, key.unzr))
        if key.surname and key.given_name and key.born_on is not None:
            low = name_key(key)
            names.append((place, key.born_on, f"{low} ", f"{low}!"))
    matches: list[list[Match]] = [[] for _ in keys]
    if not (documents or numbers or unzrs or names):
        return matches
    columns = [
        list(column)
        for rows, width in ((documents, 4), (numbers, 2), (unzrs, 2), (names, 4))
        for column in (zip(*rows, strict=True) if rows else [()] * width)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MATCHES, columns)
        pairs = cursor.fetchall()
    if doubting:
        pairs += _doubts(keys, pairs)
    children = by_id({pupil_id for _, _, pupil_id in pairs}, on)
    for place, kind, pupil_id in pairs:
        matches[place].append(Match(kind, children[pupil_id]))
    return matches


def _doubts(
    keys: Sequence[Keys], pairs: Sequence[tuple[int, Kind, uuid.UUID]]
) -> list[tuple[int, Kind, uuid.UUID]]:
    """Of rows that no number has found: the children they resemble and that nothing exact told of."""
    known = {(place, pupil_id) for place, _, pupil_id in pairs}
    numbered = {place for place, kind, _ in pairs if kind != "name"}
    asked = [
        (
            place,
            alike.Child(
                surname=key.surname,
                given_name=key.given_name,
                patronymic=key.patronymic,
                born_on=key.born_on,
                sex=key.sex,
                rnokpp=key.rnokpp or "",
                unzr=key.unzr or "",
                series=key.document.series if key.document else "",
                number=key.document.number if key.document else "",
                relation=key.relation,
                parent_surname=key.parent_surname,
                parent_name=key.parent_name,
                parent_patronymic=key.parent_patronymic,
                parent_phone=key.parent_phone,
                parent_rnokpp=key.parent_rnokpp,
            ),
        )
        for place, key in enumerate(keys)
        if place not in numbered and key.surname and key.given_name and key.born_on is not None
    ]
    return [
        (one.place, "alike", one.pupil_id)
        for one in alike.find(asked)
        if (one.place, one.pupil_id) not in known
    ]


def name_key(key: Keys) -> str:
    """The key under which surname and given name are sorted, without the patronymic."""
    return sort_key(f"{key.surname} {key.given_name}")


def by_id(ids: set[uuid.UUID], on: datetime.date) -> dict[uuid.UUID, Found]:
    """Children by id with where they learn on a day or later."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, [on, list(ids)])
        return {
            row[0]: Found(*row[:9], ever_at=tuple(row[9]))  # type: ignore[misc]
            for row in cursor.fetchall()
        }
