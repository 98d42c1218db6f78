"""What a signed order asks of another institution: its own order about these rows, by a day.

The order that asks is in effect already and waits for nothing; the answer documents it, an objection
tells of a mistake that only the one who asked can take back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotFound, Problem
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.tables.cells import storable
from registry.orders.errors import TaskNotOpen
from registry.orders.events import TaskAsked, TaskCalledOff, TaskObjected, TaskReopened, TaskSettled
from registry.orders.models import OBJECTIONS, AskedRow, Order, OrderTask
from registry.process import kind

LONGEST = 500


@part_of_command
def ask(
    order: Order, *, process: str, due_on: Any, of: Mapping[int, Sequence[int]]
) -> list[OrderTask]:
    """Ask other institutions for their orders; for the effect of the order that needs them. `of`:
    the numbers of the rows each is asked about.

    Raises:
        NotFound: no such process.
    """
    kind(process)
    rows = dict(order.rows.values_list("position", "pk"))
    tasks = OrderTask.objects.bulk_create(
        [
            OrderTask(
                order=order,
                for_institution_id=one,
                by_institution_id=order.institution_id,
                rows_count=len(of[one]),
                process=process,
                due_on=due_on,
            )
            for one in sorted(of)
        ]
    )
    AskedRow.objects.bulk_create(
        [
            AskedRow(task=task, row_id=rows[number])
            for task in tasks
            for number in sorted(of[task.for_institution_id])
        ]
    )
    audit.record(
        *(
            TaskAsked(
                subject=task.pk,
                unit=task.for_institution_id,
                order=order.pk,
                process=process,
                rows=len(of[task.for_institution_id]),
                due_on=due_on,
            )
            for task in tasks
        )
    )
    return tasks


@part_of_command
def held(asked: Iterable[int]) -> list[AskedRow]:
    """These rows with their tasks, held until the command ends."""
    return list(
        AskedRow.objects.filter(pk__in=list(asked))
        .select_related("task__order", "row")
        .order_by("task_id", "id")
        .select_for_update(of=("self", "task"), no_key=True)
    )


@part_of_command
def answered(order: Order, asked: Sequence[int]) -> None:
    """A signed order of the institution asked answers these rows; for the effect of that order."""
    AskedRow.objects.filter(pk__in=asked).update(done_by=order)
    _settle(AskedRow.objects.filter(pk__in=asked).values_list("task_id", flat=True))


@part_of_command
def asked_again(order: Order) -> None:
    """The order that answered is annulled: what it answered is asked again."""
    rows = AskedRow.objects.filter(done_by=order)
    tasks = list(rows.values_list("task_id", flat=True))
    rows.update(done_by=None)
    _settle(tasks)


@part_of_command
def call_off(order: Order) -> None:
    """The order that asked is annulled: nothing is asked any more."""
    tasks = list(
        OrderTask.objects.filter(order=order).order_by("id").select_for_update(no_key=True)
    )
    OrderTask.objects.filter(order=order).update(state="CALLED_OFF")
    audit.record(
        *(
            TaskCalledOff(subject=task.pk, unit=task.for_institution_id, order=order.pk)
            for task in tasks
        )
    )


@command
def object_to(
    *,
    actor: Actor,
    task_id: Any,
    rows: Sequence[int],
    objection: str,
    text: str,
    moment: Moment,
) -> OrderTask:
    """Say of some rows, within the term, that the child should not have been taken, and why. Nothing
    changes by it: whoever asked is told and can annul its order.

    Raises:
        NotFound: no such task of an institution within reach.
        NotAllowed: the actor keeps no pupils there.
        TaskNotOpen: it is answered, called off, or its term is over.
        Invalid: no row, no ground, or the words are too long.
    """
    task: OrderTask = (
        OrderTask.objects.visible_to(actor)
        .select_related("for_institution", "order")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=task_id)
    )
    kind(task.process).keep.require(actor, task.for_institution)
    if task.state != "OPEN":
        raise TaskNotOpen
    if moment.today > task.due_on:
        raise TaskNotOpen(
            f"Строк заперечення минув {dates.show(task.due_on)}. Зверніться до закладу, що прийняв "
            "дитину, або до органу управління освітою."
        )
    said = storable(text)
    problems = []
    if not rows:
        problems.append(Problem("rows", "required", "Позначте дітей, щодо яких заперечуєте."))
    if objection not in OBJECTIONS:
        problems.append(Problem("objection", "required", "Виберіть підставу заперечення."))
    elif objection == "OTHER" and not said:
        problems.append(Problem("text", "required", "Опишіть підставу заперечення."))
    if len(said) > LONGEST:
        problems.append(Problem("text", "too_long", f"Пояснення — до {LONGEST} знаків."))
    if problems:
        raise Invalid(problems)
    asked = AskedRow.objects.filter(task=task, pk__in=rows, done_by=None, objection="")
    found = asked.update(
        objection=objection,
        objection_text=said,
        objected_by_id=grant_of(actor),
        objected_at=moment.now,
    )
    if found != len(set(rows)):
        raise NotFound
    audit.record(
        TaskObjected(
            subject=task.pk,
            unit=task.for_institution_id,
            order=task.order_id,
            objection=objection,
            rows=found,
        )
    )
    _settle([task.pk])
    task.refresh_from_db()
    return task


def _settle(tasks: Iterable[int]) -> None:
    """The states that follow from the rows: done when an order answers each, objected when nothing
    else is left open."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH now AS (
                SELECT a.task_id, CASE WHEN bool_and(a.done_by_id IS NOT NULL) THEN 'DONE'
                    WHEN bool_and(a.done_by_id IS NOT NULL OR a.objection <> '') THEN 'OBJECTED'
                    ELSE 'OPEN' END AS state
                FROM registry_askedrow a WHERE a.task_id = ANY(%s) GROUP BY 1
            )
            UPDATE registry_ordertask t SET state = now.state FROM now
            WHERE t.id = now.task_id AND t.state NOT IN ('CALLED_OFF', now.state)
            RETURNING t.id, t.for_institution_id, t.order_id, t.state
            """,
            [sorted(set(tasks))],
        )
        changed = sorted(cursor.fetchall())
    audit.record(
        *(
            TaskReopened(subject=task, unit=unit, order=order)
            if state == "OPEN"
            else TaskSettled(subject=task, unit=unit, order=order, state=state)
            for task, unit, order, state in changed
        )
    )
