"""Events of orders."""

from __future__ import annotations

from typing import Any

from kernel import audit
from registry.orders.models import Order


def tell(code: str, order: Order, **payload: Any) -> None:
    """Add what happened to an order to the open act."""
    audit.record(
        audit.Event(
            code,
            "registry.order",
            str(order.pk),
            {"number": order.number, **payload},
            unit_id=order.institution_id,
        )
    )
