"""Annulling: what a signed order wrote is taken back by another signed order, never by deleting."""

from __future__ import annotations

from typing import Any

from kernel import audit
from kernel.db import part_of_command
from registry.orders.errors import NotAnnullable
from registry.orders.events import OrderAnnulled
from registry.orders.models import Order
from registry.orders.states import TRANSITIONS
from registry.process import kind


def refusal_to_annul(target: Order) -> str:
    """Why an order cannot be annulled, by its state alone; empty when it can."""
    if "annul" not in TRANSITIONS[target.state]:
        return "наказ не чинний або вже скасований"
    return ""


def rows_of(order: Order) -> list[Any]:
    """The signed rows of an order, in order, by the schema each names."""
    process = kind(order.kind)
    contents = order.rows.order_by("position").values_list("content", flat=True)
    return [process.decode(bytes(content)) for content in contents]


@part_of_command
def annul(target_id: object, *, by: Order) -> Order:
    """Take back everything an effective order wrote; for the effect of a counter-order.

    Locks the order, so that it is annulled once.

    Raises:
        NotAnnullable: it is not in effect, is another institution's, or the register has moved on.
    """
    target = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk=target_id).first()
    if target is None or target.institution_id != by.institution_id:
        raise NotAnnullable("Скасувати можна лише наказ свого закладу.")
    if why_not := refusal_to_annul(target):
        raise NotAnnullable(f"Наказ № {target.number}: {why_not}.")
    process = kind(target.kind)
    rows = rows_of(target)
    if standing := process.stands_on(target, rows):
        told = "; ".join(f"рядок {one.no}, {one.name}: {one.what}" for one in standing[:5])
        more = f"; і ще {len(standing) - 5}" if len(standing) > 5 else ""
        raise NotAnnullable(f"Наказ № {target.number} скасувати не можна: {told}{more}.")
    process.annul(target, by, rows)
    target.state = TRANSITIONS[target.state]["annul"]
    target.save(update_fields=["state"])
    audit.record(
        OrderAnnulled(subject=target.pk, unit=target.institution_id, number=target.number, by=by.pk)
    )
    return target
