"""A resource as JSON that PostgreSQL writes: one declaration for every API, feed and export.

An aggregate declares its projection beside its models (`registry/people/projections.py`); an API
chooses fields of it. PostgreSQL writes the JSON and Python passes it on: nine times faster than
serializers (ADR 0009).
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection

from kernel import paging
from kernel.clock import moment
from kernel.scoping import Actor
from kernel.statements import prepared


@dataclasses.dataclass(frozen=True)
class Key:
    """One column of the order in which pages run: its SQL and the type of its mark (str, int, UUID
    or date)."""

    sql: str
    kind: type

    def __post_init__(self) -> None:
        if self.kind not in _MARKS:
            kinds = ", ".join(one.__name__ for one in _MARKS)
            raise TypeError(
                f"{self.sql}: no mark of a page is made of a {self.kind.__name__}: {kinds}"
            )


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """What one row of a resource is. Every text here is a constant of the code, never an input.

    `unit` is the compact id of the node whose row it is; `order` ends with something unique.
    `current` says which rows lists show; a row that is there and is not current is gone (410).
    `former` finds what stands in the table no longer as a row of its own: SQL that gives, for
    %(id_)s, the `unit` whose row it was and the `successor` that stands for it (308) or null (410);
    it is asked only for an id that was not found. Texts may ask `%(today)s`. `filters` are conditions with one
    placeholder of their own name. `etag` is the row's version.
    """

    name: str
    table: str
    id: str
    unit: str
    fields: Mapping[str, str]
    order: tuple[Key, ...]
    join: str = ""
    current: str = "TRUE"
    former: str = ""
    etag: str = "NULL"
    filters: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def mark(self) -> str:
        """The pattern of a mark of its pages. Whatever matches is a place in the order, a row there
        or not, so what the published pattern lets pass is answered."""
        return "~".join(f"({_MARKS[key.kind].pattern})" for key in self.order)


@dataclasses.dataclass(frozen=True)
class JsonPage:
    """Ready JSON of some rows, the mark of the next page, and whose the rows are when that is asked:
    `ids` with commas between, for a list of a hundred would cost more than the page's own text."""

    body: str
    count: int
    next: str | None
    ids: str


@dataclasses.dataclass(frozen=True)
class JsonRow:
    """One row's JSON and version. Not current: `body` is '' and `successor` says who replaced it."""

    body: str
    version: int | None
    id: Any
    successor: Any = None

    @property
    def is_gone(self) -> bool:
        """Whether the row is known and no longer current."""
        return not self.body


# Rows come as they are ordered and are joined as text, which is what json_agg would write.
_PAGE = """
SELECT coalesce(string_agg(j, ', ') FILTER (WHERE r <= %(limit)s), ''),
       least(count(*), %(limit)s), count(*) > %(limit)s,
       {ids},
       {marks}
FROM (
    SELECT row_number() OVER () AS r, q.* FROM (
        SELECT {keys}, {id} AS id_, {row} AS j
        FROM {table} {join}
        WHERE {unit} AND {current} {filters}
        ORDER BY {order} LIMIT %(limit)s + 1
    ) q
) page
"""
_ONE = """
SELECT CASE WHEN {current} THEN {row} ELSE '' END,
       {etag}, {id}
FROM {table} {join} WHERE {unit} AND {id} = %(id_)s
"""


def page(
    projection: Projection,
    actor: Actor,
    *,
    fields: tuple[str, ...],
    filters: Mapping[str, Any] | None = None,
    after: str | None = None,
    limit: int,
    with_ids: bool = False,
) -> JsonPage:
    """One keyset page of the rows at the actor's institutions; one query.

    Raises:
        BadCursor: the mark was damaged or belongs to another list.
        KeyError: a field or filter that the projection does not know (a bug of the caller).
    """
    chosen = dict(filters or {})
    params: dict[str, Any] = {"limit": limit, **_common_params(actor), **chosen}
    if after:
        for place, value in enumerate(_place(projection, after)):
            params[f"after_{place}"] = value
    single = len(actor.scope.keys) == 1
    sql = _page_sql(projection, fields, tuple(sorted(chosen)), bool(after), with_ids, single)
    if actor.scope.level != "institution":
        return JsonPage("[]", 0, None, "")
    with _kept(single), connection.cursor() as cursor:
        cursor.execute(sql, params)
        body, count, more, ids, *last = cursor.fetchone()
    return JsonPage(f"[{body}]", count, _mark(projection, last) if more else None, ids or "")


def one(
    projection: Projection, actor: Actor, row_id: Any, *, fields: tuple[str, ...]
) -> JsonRow | None:
    """One row at the actor's institutions, or None: absent and another's alike."""
    if actor.scope.level != "institution":
        return None
    single = len(actor.scope.keys) == 1
    with _kept(single), connection.cursor() as cursor:
        cursor.execute(
            _one_sql(projection, fields, single), {"id_": row_id, **_common_params(actor)}
        )
        row = cursor.fetchone()
        if row is None and projection.former:
            cursor.execute(
                f"SELECT successor FROM ({projection.former}) f WHERE unit = ANY(%(units)s)",
                {"id_": row_id, "units": list(actor.scope.keys)},
            )
            if (former := cursor.fetchone()) is not None:
                return JsonRow("", None, row_id, former[0])
    return JsonRow(*row) if row else None


def several(
    projection: Projection,
    actor: Actor,
    ids: Iterable[Any],
    *,
    fields: tuple[str, ...],
    key: str = "",
) -> dict[Any, str]:
    """The JSON of those of these rows that are current at the actor's institutions, by their id (by
    `key`, SQL, where another column names a row)."""
    if actor.scope.level != "institution":
        return {}
    parts = _common(projection, fields, len(actor.scope.keys) == 1)
    named = key or projection.id
    sql = (
        f"SELECT {named}, {parts['row']} FROM {parts['table']} {parts['join']}"
        f" WHERE {parts['unit']} AND {named} = ANY(%(ids)s) AND {parts['current']}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": list(ids), **_common_params(actor)})
        return dict(cursor.fetchall())


def _kept(single: bool) -> AbstractContextManager[None]:
    """Plans are kept where the order of the page and one node name the index: whatever is asked,
    there is no better one. It was half of a page's time in the database."""
    return prepared() if single else nullcontext()


@functools.lru_cache(maxsize=256)
def _page_sql(
    projection: Projection,
    fields: tuple[str, ...],
    filters: Iterable[str],
    after: bool,
    with_ids: bool,
    single: bool,
) -> str:
    keys = projection.order
    conditions = [f"AND {projection.filters[name]}" for name in filters]
    order = ", ".join(key.sql for key in keys)
    if after:
        marks = ", ".join(f"%(after_{place})s" for place in range(len(keys)))
        conditions.append(f"AND ({order}) > ({marks})")
    return _PAGE.format(
        **_common(projection, fields, single),
        keys=", ".join(f"{key.sql} AS key_{place}" for place, key in enumerate(keys)),
        order=order,
        filters=" ".join(conditions),
        ids="string_agg(id_::text, ',') FILTER (WHERE r <= %(limit)s)" if with_ids else "NULL",
        marks=", ".join(
            f"(array_agg(key_{place}) FILTER (WHERE r = %(limit)s))[1]"
            for place in range(len(keys))
        ),
    )


@functools.lru_cache(maxsize=256)
def _one_sql(projection: Projection, fields: tuple[str, ...], single: bool) -> str:
    return _ONE.format(**_common(projection, fields, single), etag=projection.etag)


def _common_params(actor: Actor) -> dict[str, Any]:
    keys = actor.scope.keys
    return {"units": keys[0] if len(keys) == 1 else list(keys), "today": moment().today}


def _common(projection: Projection, fields: tuple[str, ...], single: bool) -> dict[str, str]:
    shown = ", ".join(f"'{name}', {projection.fields[name]}" for name in fields)
    return {
        "table": projection.table,
        "join": projection.join,
        "id": projection.id,
        # An index in the order of the page serves one node only by equality.
        "unit": projection.unit + (" = %(units)s" if single else " = ANY(%(units)s)"),
        "current": projection.current,
        "row": f"json_build_object({shown})::text",
    }


# ── marks of pages ───────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class _Kind:
    """How a value of one type stands in a mark: its pattern, and both ways."""

    pattern: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


_LAST_DAY = datetime.date.max.toordinal()
# A mark is text from outside and goes into an address as it is: letters, digits, hyphen, tilde.
_MARKS: Mapping[type, _Kind] = {
    int: _Kind("-?[0-9]{1,18}", str, int),
    uuid.UUID: _Kind("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", str, uuid.UUID),
    datetime.date: _Kind(
        "[0-9]{1,7}",
        lambda day: str(day.toordinal()),
        lambda text: datetime.date.fromordinal(min(max(int(text), 1), _LAST_DAY)),
    ),
    str: _Kind(
        "(?:[0-9a-f]{4}){0,900}",
        lambda text: text.encode("utf-16-be").hex(),
        lambda text: bytes.fromhex(text).decode("utf-16-be", "replace").replace("\x00", ""),
    ),
}


def _mark(projection: Projection, values: Iterable[Any]) -> str:
    return "~".join(
        _MARKS[key.kind].write(value) for key, value in zip(projection.order, values, strict=True)
    )


def _place(projection: Projection, mark: str) -> list[Any]:
    """The values of a mark.

    Raises:
        BadCursor: it was damaged, or belongs to another list.
    """
    found = re.fullmatch(projection.mark, mark)
    if found is None:
        raise paging.BadCursor
    return [
        _MARKS[key.kind].read(text)
        for key, text in zip(projection.order, found.groups(), strict=True)
    ]
