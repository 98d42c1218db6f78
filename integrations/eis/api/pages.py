"""Hot pages: PostgreSQL writes the JSON, Python passes it on (nine times a ModelSerializer)."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.db import connection

from integrations.eis import errors
from kernel import paging

LIMIT = 100
MOST = 500


@dataclasses.dataclass(frozen=True)
class JsonPage:
    """Ready JSON of some rows, how many they are, and the mark of the next page (None at the end)."""

    body: str
    count: int
    next: str | None


_PAGE = """
WITH page AS MATERIALIZED (
    SELECT row_number() OVER () AS r, q.* FROM (
        {rows} ORDER BY {order} LIMIT %(limit)s + 1
    ) q
)
SELECT coalesce(json_agg(j ORDER BY r) FILTER (WHERE r <= %(limit)s), '[]')::text,
       least(count(*), %(limit)s), count(*) > %(limit)s,
       {marks}
FROM page
"""

PUPILS = """
SELECT p.sort_key, p.id, json_build_object(
    'id', p.id, 'surname', p.surname, 'given_name', p.given_name, 'patronymic', nullif(p.patronymic, ''),
    'sex', p.sex, 'born_on', p.born_on, 'class_id', c.uid, 'grade', p.grade,
    'class_label', c.grade || CASE WHEN c.letter = '' THEN '' ELSE '-' || c.letter END,
    'form', p.form, 'enrolled_on', p.enrolled_on, 'version', p.version) AS j
FROM registry_pupil p JOIN registry_classgroup c ON c.id = p.class_group_id
WHERE p.institution_id = %(institution)s
"""

CLASSES = """
SELECT c.grade, c.letter, c.id, json_build_object(
    'id', c.uid, 'school_year', c.school_year_id, 'grade', c.grade, 'letter', nullif(c.letter, ''),
    'label', c.grade || CASE WHEN c.letter = '' THEN '' ELSE '-' || c.letter END,
    'form', c.form, 'type', c.type, 'language', c.language, 'shift', c.shift,
    'teacher_id', c.teacher_id,
    'pupils', (SELECT count(*) FROM registry_pupil p WHERE p.class_group_id = c.id)) AS j
FROM registry_classgroup c
WHERE c.institution_id = %(institution)s AND c.closed_on IS NULL
"""

STAFF = """
SELECT s.sort_key, s.id, json_build_object(
    'id', s.id, 'surname', s.surname, 'given_name', s.given_name, 'patronymic', nullif(s.patronymic, ''),
    'position', s.position, 'is_main', s.is_main, 'rate', s.rate) AS j
FROM registry_staffmember s
WHERE s.institution_id = %(institution)s AND s.is_active
"""

INSTITUTION = """
SELECT json_build_object(
    'id', i.uid, 'edrpou', i.edrpou, 'diso_id', i.diso_id, 'edebo_id', i.edebo_id,
    'full_name', i.full_name, 'short_name', i.short_name, 'kind', i.kind, 'type', i.type,
    'ownership', i.ownership, 'status', i.status, 'territory_code', i.territory_code,
    'address', i.address, 'phone', i.phone, 'email', i.email, 'is_hub', i.is_hub,
    'hub_id', h.uid, 'is_rural', i.is_rural, 'is_mountain', i.is_mountain,
    'languages', i.languages, 'shifts', i.shifts, 'version', i.version)::text
FROM registry_institution i LEFT JOIN registry_institution h ON h.institution_id = i.hub_id
WHERE i.institution_id = %(institution)s
"""


def page(
    rows: str,
    order: tuple[tuple[str, str, type], ...],
    params: dict[str, Any],
    *,
    after: str | None,
    limit: int,
) -> JsonPage:
    """Read one keyset page as JSON. `order`: the qualified column, its short name and its type.

    Raises:
        BadCursor: the mark was damaged.
    """
    columns = [qualified for qualified, _, _ in order]
    if after:
        marks = {
            f"after_{i}": _typed(value, kind)
            for i, (value, (_, _, kind)) in enumerate(
                zip(paging.decode(after, len(order)), order, strict=True)
            )
        }
        holders = ", ".join(f"%(after_{i})s" for i in range(len(order)))
        rows = f"{rows} AND ({', '.join(columns)}) > ({holders})"
        params = params | marks
    sql = _PAGE.format(
        rows=rows,
        order=", ".join(columns),
        marks=", ".join(
            f"(array_agg({name} ORDER BY r) FILTER (WHERE r = %(limit)s))[1]"
            for _, name, _ in order
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params | {"limit": limit})
        body, count, more, *last = cursor.fetchone()
    return JsonPage(body, count, paging.encode(tuple(last)) if more else None)


def _typed(value: Any, kind: type) -> Any:
    """A value of a mark in its column's type; a mark is text from outside."""
    try:
        if value is None or isinstance(value, bool):
            raise ValueError
        return kind(value)
    except (ValueError, TypeError):
        raise paging.BadCursor from None


def pupils(
    institution_id: int, *, class_uid: uuid.UUID | None, after: str | None, limit: int
) -> JsonPage:
    """Pupils of one institution (of one class) in Ukrainian order."""
    rows = PUPILS + (" AND c.uid = %(class_uid)s" if class_uid else "")
    return page(
        rows,
        (("p.sort_key", "sort_key", str), ("p.id", "id", uuid.UUID)),
        {"institution": institution_id, "class_uid": class_uid},
        after=after,
        limit=limit,
    )


def classes(
    institution_id: int, *, school_year: str | None, after: str | None, limit: int
) -> JsonPage:
    """Open classes of one institution (of one school year)."""
    rows = CLASSES + (" AND c.school_year_id = %(year)s" if school_year else "")
    return page(
        rows,
        (("c.grade", "grade", int), ("c.letter", "letter", str), ("c.id", "id", int)),
        {"institution": institution_id, "year": school_year},
        after=after,
        limit=limit,
    )


def staff(institution_id: int, *, after: str | None, limit: int) -> JsonPage:
    """Staff of one institution in Ukrainian order."""
    return page(
        STAFF,
        (("s.sort_key", "sort_key", str), ("s.id", "id", uuid.UUID)),
        {"institution": institution_id},
        after=after,
        limit=limit,
    )


def institution(institution_id: int) -> str:
    """The institution's own card as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(INSTITUTION, {"institution": institution_id})
        return str(cursor.fetchone()[0])


def pupil(institution_id: int, pupil_id: uuid.UUID) -> str | None:
    """One pupil of the institution as JSON, or None: absent and another school's alike."""
    return _one(PUPILS + " AND p.id = %(one)s", institution_id, pupil_id)


def class_group(institution_id: int, uid: uuid.UUID) -> str | None:
    """One class of the institution as JSON, or None."""
    return _one(CLASSES + " AND c.uid = %(one)s", institution_id, uid)


def _one(rows: str, institution_id: int, one: uuid.UUID) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT j::text FROM ({rows}) q", {"institution": institution_id, "one": one}
        )
        row = cursor.fetchone()
    return str(row[0]) if row else None


def limit_of(raw: str | None) -> int:
    """How many rows a page has.

    Raises:
        BadParameter: not a whole number from 1 to 500.
    """
    if not raw:
        return LIMIT
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= MOST:
        raise errors.BadParameter(f"limit — ціле число від 1 до {MOST}.", field="limit")
    return int(raw)
