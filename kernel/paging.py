"""Keyset pages: the same time for the first page and the last, no row twice, none lost."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Iterator, Mapping
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


@dataclasses.dataclass(frozen=True)
class Order:
    """One way to order a list, as its selector offers it by the name of a column.

    fields: of the rows, the last unique; `of`: expressions among them that rows do not have.
    index: what serves it however long the list is; or, with `few`, in words why the rows are few
    enough to be sorted as they are found: the order is offered only where they are.
    """

    fields: tuple[str, ...]
    index: str
    of: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    few: bool = False

    def turned(self, *, down: bool) -> tuple[str, ...]:
        """The fields, the first one downwards if asked. Those after it tell equal rows apart and
        stay as they are; an id alone is turned too, so that an index is read backwards as a whole."""
        if not down:
            return self.fields
        after = self.fields[1:]
        return (f"-{self.fields[0]}", *(f"-{one}" if len(after) == 1 else one for one in after))


def ordered(
    rows: QuerySet[Any], orders: Mapping[str, Order], name: str, default: str
) -> tuple[QuerySet[Any], tuple[str, ...]]:
    """Rows with what the order needs, and its fields; an order that is not offered here («-born»
    where the list is long) is the usual one."""
    order = orders.get(name.removeprefix("-"))
    if order is None:
        order, name = orders[default.removeprefix("-")], default
    return (rows.annotate(**order.of) if order.of else rows), order.turned(
        down=name.startswith("-")
    )


def offered(orders: Mapping[str, Order], *, few: bool) -> dict[str, Order]:
    """The orders that a list of this size is given."""
    return {name: order for name, order in orders.items() if few or not order.few}


def every(read: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All rows of a list, page by page: `read` is asked with the mark of the page before."""
    mark: str | None = None
    while True:
        page = read(mark)
        yield from page.rows
        if page.next is None:
            return
        mark = page.next


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

    A field with a leading "-" is descending.

    Works on model rows and on `.values()` dictionaries. Costs one query of size + 1 rows.

    Raises:
        BadCursor: the mark was damaged.
    """
    mark = after or before
    backwards = bool(before and not after)
    fields = tuple(field.removeprefix("-") for field in order)
    falling = tuple(field.startswith("-") != backwards for field in order)
    try:
        if mark:
            queryset = queryset.filter(_beyond(fields, decode(mark, len(fields)), falling))
        by = (f"-{name}" if down else name for name, down in zip(fields, falling, strict=True))
        rows = list(queryset.order_by(*by)[: size + 1])
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
        encode(_key(rows[-1], fields)) if has_next else None,
        encode(_key(rows[0], fields)) if has_previous else None,
    )


def _key(row: Any, order: tuple[str, ...]) -> tuple[Any, ...]:
    if isinstance(row, dict):
        return tuple(row[field] for field in order)
    return tuple(getattr(row, field) for field in order)


def _beyond(fields: tuple[str, ...], values: list[Any], falling: tuple[bool, ...]) -> Q:
    # The redundant first condition gives the planner the index range; the OR alone would not.
    condition = Q()
    for position, (field, down) in enumerate(zip(fields, falling, strict=True)):
        equal = {name: values[i] for i, name in enumerate(fields[:position])}
        condition |= Q(**equal, **{f"{field}__{'lt' if down else 'gt'}": values[position]})
    return Q(**{f"{fields[0]}__{'lte' if falling[0] else 'gte'}": values[0]}) & condition
