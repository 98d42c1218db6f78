"""Keyset pages: the same time for the first page and the last, no row twice, none lost."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import orjson
from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Q, QuerySet

from kernel.errors import DomainError
from kernel.kept import Kept

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
    beside: tuple[str, Sequence[Any]] = ("", ()),
) -> Page[Any]:
    """Return one page in `order` (the last field unique) after or before a mark.

    A field with a leading "-" is descending. `beside`: as of `Kept`, and its values.

    Works on model rows and on `.values()` dictionaries. Costs one query of size + 1 rows.

    Raises:
        BadCursor: the mark was damaged.
    """
    way = _Way.of(order, after, before)
    try:
        if way.mark is not None:
            queryset = queryset.filter(way.beyond(way.mark))
        queryset = queryset.order_by(*way.by)[: size + 1]
        sql, values = beside
        rows = (
            Kept[Any](lambda *_: queryset, prepared=False, beside=sql).rows(*values)
            if sql
            else list(queryset)
        )
    except _UNREADABLE:
        raise BadCursor from None
    return way.page(rows, size)


class KeptPages(Generic[T]):
    """`keyset` of a list whose statements are composed once (`kernel.kept.Kept`): one for each set
    of look-ups, order, and way through the pages.

    `compose` gives the rows within the actor's reach, of a kind that it may look at; `beside`, what
    is read beside them (as of `Kept`), of a kind too; `one_plan` says of which look-ups and kind the
    best plan is one, whatever is sought: a range of the index that has the order.

        _PAGES = KeptPages[Order](lambda actor, kind: Order.objects.visible_to(actor))
        _PAGES.page(actor, {"state": "EFFECTIVE"}, order=("-id",), size=50, after=mark)
    """

    def __init__(
        self,
        compose: Callable[[Any, Any], QuerySet[Any]],
        *,
        beside: Callable[[Any], str] = lambda kind: "",
        one_plan: Callable[[frozenset[str], Any], bool] = lambda names, kind: False,
    ):
        self._compose = compose
        self._beside = beside
        self._one_plan = one_plan
        self._kept: dict[tuple[Hashable, ...], tuple[Kept[T], list[Callable[[Any], Any]]]] = {}

    def page(
        self,
        actor: Any,
        where: Mapping[str, Any],
        *,
        order: tuple[str, ...],
        size: int,
        after: str | None = None,
        before: str | None = None,
        kind: Hashable = None,
        given: Sequence[Any] = (),
    ) -> Page[T]:
        """One page of the rows that answer every look-up of `where`, as `keyset` gives it; `given`
        are the values of what is read beside them.

        Raises:
            BadCursor: the mark was damaged.
        """
        way = _Way.of(order, after, before)
        names = tuple(where)
        key = (names, way.by, way.mark is None, size, kind)
        if key not in self._kept:
            self._kept[key] = self._statement(actor, names, way, size, kind)
        kept, read = self._kept[key]
        try:
            mark = [one(value) for one, value in zip(read, way.mark or (), strict=False)]
            rows = kept.rows(actor, *where.values(), *mark, *given)
        except _UNREADABLE:
            raise BadCursor from None
        return way.page(rows, size)

    def _statement(
        self, actor: Any, names: tuple[str, ...], way: _Way, size: int, kind: Hashable
    ) -> tuple[Kept[T], list[Callable[[Any], Any]]]:
        def compose(actor: Any, *given: Any) -> QuerySet[Any]:
            rows = self._compose(actor, kind).filter(**dict(zip(names, given, strict=False)))
            if way.mark is not None:
                rows = rows.filter(way.beyond(given[len(names) :]))
            return rows.order_by(*way.by)[: size + 1]

        rows = self._compose(actor, kind)
        one_plan = self._one_plan(frozenset(names), kind)
        kept = Kept[T](compose, prepared=one_plan, beside=self._beside(kind))
        return kept, [_held(rows, name) for name in way.fields]


def _held(rows: QuerySet[Any], name: str) -> Callable[[Any], Any]:
    """What makes of a value of a mark what the field or expression of the order holds."""
    expression = rows.query.annotations.get(name)
    field: Any = expression.output_field if expression else rows.model._meta.get_field(name)
    field = field.output_field if getattr(field, "generated", False) else field

    def read(value: Any) -> Any:
        if value is None:
            raise ValueError
        return field.get_prep_value(value)

    return read


_UNREADABLE = (ValueError, TypeError, ValidationError, DataError)


@dataclasses.dataclass(frozen=True)
class _Way:
    """A way through a list: its fields, which of them fall as it is read, and where it begins."""

    fields: tuple[str, ...]
    falling: tuple[bool, ...]
    mark: Sequence[Any] | None
    backwards: bool

    @classmethod
    def of(cls, order: tuple[str, ...], after: str | None, before: str | None) -> _Way:
        fields = tuple(field.removeprefix("-") for field in order)
        mark, backwards = after or before, bool(before and not after)
        return cls(
            fields,
            tuple(field.startswith("-") != backwards for field in order),
            decode(mark, len(fields)) if mark else None,
            backwards,
        )

    @property
    def by(self) -> tuple[str, ...]:
        return tuple(
            f"-{name}" if down else name
            for name, down in zip(self.fields, self.falling, strict=True)
        )

    def beyond(self, values: Sequence[Any]) -> Q:
        # The redundant first condition gives the planner the index range; the OR alone would not.
        condition = Q()
        for place, (field, down) in enumerate(zip(self.fields, self.falling, strict=True)):
            equal = {name: values[i] for i, name in enumerate(self.fields[:place])}
            condition |= Q(**equal, **{f"{field}__{'lt' if down else 'gt'}": values[place]})
        first = f"{self.fields[0]}__{'lte' if self.falling[0] else 'gte'}"
        return Q(**{first: values[0]}) & condition

    def page(self, rows: list[Any], size: int) -> Page[Any]:
        more = len(rows) > size
        rows = rows[:size]
        if self.backwards:
            rows.reverse()
        if not rows:
            return Page([], None, None)
        has_next = more if not self.backwards else True
        has_previous = self.mark is not None if not self.backwards else more
        return Page(
            rows,
            encode(_key(rows[-1], self.fields)) if has_next else None,
            encode(_key(rows[0], self.fields)) if has_previous else None,
        )


def _key(row: Any, order: tuple[str, ...]) -> tuple[Any, ...]:
    if isinstance(row, dict):
        return tuple(row[field] for field in order)
    return tuple(getattr(row, field) for field in order)
