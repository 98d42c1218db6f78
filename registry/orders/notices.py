"""What orders tell people: one waits for the head's signature."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.models import Grant
from accounts.notices.kinds import Follows, Kind, New
from accounts.roles import GrantState, Role
from kernel.audit.events import Event
from registry.orders.events import OrderGivenUp, OrderPrepared, OrderSigned
from registry.orders.models import Order

WAITS = "registry.order.waits"
KINDS = (
    Kind(
        code=WAITS,
        title="Наказ № {number} чекає на ваш підпис",
        text="Рядків у наказі: {rows}. Підготовлено: {prepared_by}",
        url_name="order_detail",
        url_kwarg="order_id",
    ),
)


def _to_the_head(event: OrderPrepared, at: datetime.datetime) -> Iterator[New]:
    """To the head who would sign, unless the head prepared it."""
    order = (
        Order.objects.filter(pk=event.subject, state="PREPARED")
        .select_related("prepared_by__user", "institution")
        .first()
    )
    if order is None:
        return
    heads = Grant.objects.filter(
        unit_id__in=[order.institution_id, order.institution.hub_id],
        role=Role.HEAD,
        state=GrantState.ACTIVE,
    ).in_bulk(field_name="id")
    here = [one for one in heads.values() if one.unit_id == order.institution_id]
    for head in here or list(heads.values()):
        if head.pk != order.prepared_by_id:
            facts = {
                "number": order.number,
                "rows": order.rows_count,
                "prepared_by": order.prepared_by.user.short_name,
            }
            yield New(head.pk, WAITS, str(order.pk), facts, at)


NOTICES: dict[type[Event], Follows] = {
    OrderPrepared: Follows(opens=_to_the_head),
    OrderSigned: Follows(closes=(WAITS,)),
    OrderGivenUp: Follows(closes=(WAITS,)),
}
