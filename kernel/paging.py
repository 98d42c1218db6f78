"""Keyset pages: the same time for the first page and the last, no row twice, none lost."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from typing import Any, Generic, TypeVar

import orjson
from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Q, QuerySet

from kernel.errors import DomainError

T = TypeVar("T")


class BadCursor(DomainError):
    """The page mark was cut or invented."""

    code = "bad_cursor"
    http_status = 400
    title = "Позначка сторінки пошкоджена, відкрийте список спочатку"


@dataclasses.dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the marks of the neighbouring pages (None at an end)."""

    rows: list[T]
    next: str | None
    previous: str | None


def encode(values: tuple[Any, ...]) -> str:
    """Pack the key of a row into an opaque mark for an address."""
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).rstrip(b"=").decode()


def decode(mark: str, fields: int) -> list[Any]:
    """Unpack a mark.

    Raises:
        BadCursor: not a mark of such a list.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if not isinstance(values, list) or len(values) != fields:
        raise BadCursor
    return values


def keyset(
    queryset: QuerySet[Any],
    *,
    order: tuple[str, ...],
    size: int,
    after: str | None = None,
    before: str | None = None,
) -> Page[Any]:
    """Return one page in `order` (the last field unique) after or before a mark.

    Fields are all ascending, or all descending with a leading "-".

    Works on model rows and on `.values()` dictionaries. Costs one query of size + 1 rows.

    Raises:
        BadCursor: the mark was damaged.
    """
    mark = after or before
    backwards = bool(before and not after)
    descending = order[0].startswith("-")
    order = tuple(field.removeprefix("-") for field in order)
    falling = descending != backwards
    try:
        if mark:
            queryset = queryset.filter(_beyond(order, decode(mark, len(order)), falling=falling))
        rows = list(queryset.order_by(*(f"-{f}" if falling else f for f in order))[: size + 1])
    except (ValueError, TypeError, ValidationError, DataError):
        raise BadCursor from None
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    has_next = more if not backwards else True
    has_previous = bool(mark) if not backwards else more
    return Page(
        rows,
        encode(_key(rows[-1], order)) if has_next else None,
        encode(_key(rows[0], order)) if has_previous else None,
    )


def _key(row: Any, order: tuple[str, ...]) -> tuple[Any, ...]:
    if isinstance(row, dict):
        return tuple(row[field] for field in order)
    return tuple(getattr(row, field) for field in order)


def _beyond(order: tuple[str, ...], values: list[Any], *, falling: bool) -> Q:
    # The redundant first condition gives the planner the index range; the OR alone would not.
    op, or_equal = ("lt", "lte") if falling else ("gt", "gte")
    condition = Q()
    for position, field in enumerate(order):
        equal = {name: values[i] for i, name in enumerate(order[:position])}
        condition |= Q(**equal, **{f"{field}__{op}": values[position]})
    return Q(**{f"{order[0]}__{or_equal}": values[0]}) & condition
