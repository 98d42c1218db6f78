"""Giving a prepared order up."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.db import command
from kernel.kept import Kept, found, key_of
from registry.drafts.models import Draft
from registry.orders.errors import OrderAlreadySigned
from registry.orders.events import OrderGivenUp
from registry.orders.models import Order
from registry.orders.states import TRANSITIONS
from registry.process import kind
from signatures.services import sessions

_HELD = Kept[Order](
    lambda actor, pk: (
        Order.objects.visible_to(actor)
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=pk)
    )
)


@command
def give_up(*, actor: Actor, order_id: Any) -> Order:
    """Give a prepared order up: its draft is open again with every row in place.

    Raises:
        NotFound, NotAllowed: no such order for this actor to prepare.
        OrderAlreadySigned: it is effective.
    """
    order = locked(actor, order_id)
    kind(order.kind).keep.require(actor, order.institution)
    if order.state == "GIVEN_UP":
        return order
    if "give_up" not in TRANSITIONS[order.state]:
        raise OrderAlreadySigned
    order.state = TRANSITIONS[order.state]["give_up"]
    order.save(update_fields=["state"])
    if order.signing_id:
        sessions.give_up(order.signing_id)
    if order.draft_id:
        Draft.objects.filter(pk=order.draft_id, state="ORDERED").update(state="OPEN")
    audit.record(OrderGivenUp(subject=order.pk, unit=order.institution_id, number=order.number))
    return order


def locked(actor: Actor, order_id: Any) -> Order:
    """An order in any state, held until the command ends.

    Raises:
        NotFound: no such order within reach.
    """
    return found(_HELD.first(actor, key_of(Order, order_id)))
