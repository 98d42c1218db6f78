"""The history of each field of a row: what it was, what it became, who changed it, when, on what ground.

Read from the log's images of the row, the same for a child, a class, a post and an institution.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.db.models import Model

import kernel.lookups  # noqa: F401 - registers `among`
from accounts.models import Grant
from kernel.audit.models import Act, Change
from kernel.kept import Kept
from registry.orders.grounds import order_of
from registry.orders.models import Order

MOST = 200  # changes of one row
Words = Callable[[Any], str]


@dataclasses.dataclass(frozen=True)
class Field:
    """A column as the card calls it, and how its values are read."""

    label: str
    words: Words = str


@dataclasses.dataclass(frozen=True)
class Changed:
    """One field's way from one value to another; `order` is the act's ground when that is an order."""

    at: datetime.datetime
    who: str
    field: str
    was: str
    now: str
    ground: str
    order: Order | None
    grant_id: int | None


_CHANGES = Kept[Change](
    lambda resource, pk: Change.objects.filter(resource=resource, row_pk=pk, op="U").order_by(
        "-id"
    )[:MOST]
)
_ACTS = Kept[Act](lambda ids: Act.objects.filter(pk__among=ids))
_ORDERS = Kept[Order](lambda ids: Order.objects.filter(pk__among=ids))


def of_rows(
    rows: Sequence[tuple[type[Model], Collection[Any], Mapping[str, Field]]],
) -> list[Changed]:
    """Changes of these rows' fields, the latest first. Who may read the rows was asked before."""
    found: list[tuple[Change, str, Any, Any, Mapping[str, Field]]] = []
    for model, keys, fields in rows:
        label = model._meta.label_lower
        for key in keys:
            after = None
            for change in _CHANGES.rows(label, str(key)):
                before = change.old or {}
                after = _image(model, key) if after is None else after
                found += [
                    (change, name, before.get(name), after.get(name), fields)
                    for name in fields
                    if before.get(name) != after.get(name)
                ]
                after = before
    acts = (
        {one.pk: one for one in _ACTS.rows(list({one[0].act_id for one in found}))} if found else {}
    )
    orders = _orders(acts.values())
    return [
        _changed(acts[change.act_id], fields[name], was, now, orders)
        for change, name, was, now, fields in sorted(found, key=lambda one: -one[0].pk)
    ]


def _orders(acts: Collection[Act]) -> dict[Any, Order]:
    ids = {order_of(act.ground) for act in acts} - {None}
    return {one.pk: one for one in _ORDERS.rows(list(ids))} if ids else {}


def _changed(act: Act, field: Field, was: Any, now: Any, orders: Mapping[Any, Order]) -> Changed:
    order = orders.get(order_of(act.ground))
    ground = f"наказ № {order.number} від {order.issued_on:%d.%m.%Y}" if order else act.ground
    before, after = (field.words(one) if one not in (None, "") else "" for one in (was, now))
    return Changed(act.at, act.actor_label, field.label, before, after, ground, order, act.grant_id)


def as_told_at(unit_id: int, changed: Sequence[Changed]) -> list[Changed]:
    """Changes of a person known in several schools, as one of them may read them: what another
    school did is shown without its people and papers."""
    grants = {one.grant_id for one in changed if one.grant_id}
    own = set(Grant.objects.filter(pk__in=grants, unit_id=unit_id).values_list("pk", flat=True))
    return [
        one
        if one.grant_id is None or one.grant_id in own
        else dataclasses.replace(one, who="інший заклад", ground="", order=None)
        for one in changed
    ]


def _image(model: type[Model], key: Any) -> dict[str, Any]:
    """The row as it is, in the very words of the log's images."""
    pk = model._meta.pk
    assert pk is not None  # noqa: S101 - every table of ours has one
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT to_jsonb(t)::text FROM "{model._meta.db_table}" t WHERE "{pk.column}" = %s',  # noqa: S608
            [key],
        )
        row = cursor.fetchone()
    return dict(orjson.loads(row[0])) if row else {}
