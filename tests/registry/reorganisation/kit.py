"""Orders of an authority in the small world: formed and signed with its own key."""

from __future__ import annotations

from typing import Any

from registry.models import Institution, Order
from registry.orders import services as orders
from registry.reorganisation import services
from tests.registry.kit import MOMENT, signature_of
from tests.world import World

TERMS = {
    "number": "15-ОД",
    "issued_on": "20.11.2026",
    "effective_on": "22.11.2026",
    "ground": "рішення сесії",
    "issuer": "Чернівецька міська рада",
}


def signed(world: World, order: Order, who: str) -> Order:
    """The order, signed by who formed it with the key of the authority."""
    edrpou = world.grants[who].unit.edrpou
    return orders.sign(
        actor=world.actor(who),
        order_id=order.pk,
        cms=signature_of(order, who, edrpou=edrpou),
        moment=MOMENT,
    )


def turning(world: World, who: str, to: str, *, key: str = "school2", **changes: Any) -> Order:
    """An order about the state that waits for its signature."""
    card = Institution.objects.get(pk=world.institutions[key].pk)
    version = changes.pop("version", card.version)
    fields = TERMS | changes
    return services.prepare_status(
        actor=world.actor(who), uid=card.uid, version=version, to=to, fields=fields, moment=MOMENT
    )


def turned(world: World, who: str, to: str, **changes: Any) -> Order:
    """The same in effect."""
    return signed(world, turning(world, who, to, **changes), who)


def placing(world: World, who: str, key: str, under: str, **changes: Any) -> Order:
    """An order about whose the institution is, that waits for its signature."""
    card = Institution.objects.get(pk=world.institutions[key].pk)
    version = changes.pop("version", card.version)
    return services.prepare_place(
        actor=world.actor(who),
        uid=card.uid,
        version=version,
        under=world.units[under].uid,
        fields=TERMS | changes,
        moment=MOMENT,
    )


def placed(world: World, who: str, key: str, under: str, **changes: Any) -> Order:
    """The same in effect."""
    return signed(world, placing(world, who, key, under, **changes), who)


def revoking(world: World, who: str, order: Order, **changes: Any) -> Order:
    """The counter-order that waits for its signature."""
    fields = TERMS | {"number": "16-ОД", "unregistered": "on"} | changes
    return services.prepare_revocation(
        actor=world.actor(who), order_id=order.pk, fields=fields, moment=MOMENT
    )


def revoked(world: World, who: str, order: Order, **changes: Any) -> Order:
    """The same in effect."""
    return signed(world, revoking(world, who, order, **changes), who)
