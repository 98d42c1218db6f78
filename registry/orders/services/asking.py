"""What a signed order asks of another institution: its own order, by a day."""

from __future__ import annotations

import datetime
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from registry.orders.errors import OrderNotPrepared, TaskNotOpen
from registry.orders.events import OrderAnswered, OrderAsked
from registry.orders.grounds import by_order
from registry.orders.models import Order, OrderTask
from registry.orders.services.giving_up import locked
from registry.process import kind


@part_of_command
def ask(order: Order, *, for_institution_id: int, process: str, due_on: datetime.date) -> OrderTask:
    """Ask another institution for an order; for the effect of the order that needs it. Asking twice
    is asking once.

    Raises:
        NotFound: no such process.
    """
    kind(process)
    task, new = OrderTask.objects.get_or_create(
        order=order,
        for_institution_id=for_institution_id,
        process=process,
        defaults={"due_on": due_on},
    )
    if new:
        audit.record(
            OrderAsked(
                subject=order.pk,
                unit=order.institution_id,
                number=order.number,
                process=process,
                due_on=due_on,
            )
        )
    return task


@command(ground=by_order)
def done(*, actor: Actor, task_id: Any, order_id: Any) -> OrderTask:
    """Answer what was asked with a signed order of the institution asked.

    Raises:
        NotFound: no such task, or no such order within reach.
        NotAllowed: the actor keeps no pupils there.
        TaskNotOpen: it was answered before.
        OrderNotPrepared: the order is not in effect, or is not what was asked for.
    """
    task: OrderTask = (
        OrderTask.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .find(pk=task_id)
    )
    order = locked(actor, order_id)
    kind(task.process).keep.require(actor, order.institution)
    if task.done_by_id is not None:
        raise TaskNotOpen
    if (order.state, order.kind, order.institution_id) != (
        "EFFECTIVE",
        task.process,
        task.for_institution_id,
    ):
        raise OrderNotPrepared(
            "Відповісти можна лише підписаним наказом того виду, про який просять."
        )
    task.done_by = order
    task.save(update_fields=["done_by"])
    audit.record(
        OrderAnswered(
            subject=order.pk, unit=order.institution_id, number=order.number, task=task.pk
        )
    )
    return task
