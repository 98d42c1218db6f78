"""What orders tell people: one waits for the head's signature, another school's asks for one."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from accounts.models import Grant
from accounts.notices.kinds import AT, Follows, Kind, New
from accounts.roles import GrantState, Role
from kernel import clock
from kernel.audit.events import Event
from kernel.tables.dates import show
from registry.institutions.models.institutions import Institution
from registry.orders.events import (
    OrderGivenUp,
    OrderPrepared,
    OrderSigned,
    TaskAsked,
    TaskCalledOff,
    TaskObjected,
    TaskReopened,
    TaskSettled,
)
from registry.orders.models import Order, OrderTask
from registry.orders.selectors.asked import OBJECTIONS
from registry.process import kind

_AUTHORITIES = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN)
WAITS = "registry.order.waits"
ASKED = "registry.task.asked"
LAST_DAY = "registry.task.last_day"
OVERDUE = "registry.task.overdue"
OBJECTED = "registry.task.objected"
CALLED_OFF = "registry.task.called_off"
KINDS = (
    Kind(
        code=WAITS,
        title="Наказ № {number} чекає на ваш підпис",
        text="Рядків у наказі: {rows}. Підготовлено: {prepared_by}",
        url_name="order_detail",
        url_kwarg="order_id",
    ),
    Kind(
        code=ASKED,
        title="«{school}» прийняв учнів вашого закладу: {rows}",
        text="Наказ № {number}. До {due_on} видайте наказ про відрахування у звʼязку з переведенням"
        " або заперечте, якщо дитину переведено помилково.",
        url_name="order_task",
        url_kwarg="task_id",
    ),
    Kind(
        code=LAST_DAY,
        title="Сьогодні останній день наказу про переведених учнів: {rows}",
        text="Їх прийняв «{school}», наказ № {number}.",
        url_name="order_task",
        url_kwarg="task_id",
    ),
    Kind(
        code=OVERDUE,
        title="Прострочено наказ про переведених учнів: {rows}",
        text="Їх прийняв «{school}», наказ № {number}. Строк минув {due_on}.",
        url_name="order_task",
        url_kwarg="task_id",
    ),
    Kind(
        code=OBJECTED,
        title="«{school}» заперечує переведення за наказом № {number}",
        text="Дітей: {rows}. Підстава: {objection}. Якщо заклад правий, скасуйте наказ.",
        url_name="order_task",
        url_kwarg="task_id",
    ),
    Kind(
        code=CALLED_OFF,
        title="«{school}» скасував переведення за наказом № {number}",
        text="Діти й далі навчаються у вашому закладі: {rows}. Якщо ви вже видали наказ про"
        " відрахування, скасуйте і його.",
        url_name="order_task",
        url_kwarg="task_id",
    ),
)
_WAITS_FOR_ANSWER = (ASKED, LAST_DAY, OVERDUE)


def _to_the_head(event: OrderPrepared, at: datetime.datetime) -> Iterator[New]:
    """To the head who would sign, unless the head prepared it."""
    order = (
        Order.objects.filter(pk=event.subject, state="PREPARED")
        .select_related("prepared_by__user", "institution")
        .first()
    )
    if order is None or kind(order.kind).by_authority:
        return
    for head in _heads(order.institution):
        if head.pk != order.prepared_by_id:
            facts = {
                "number": order.number,
                "rows": order.rows_count,
                "prepared_by": order.prepared_by.user.short_name,
            }
            yield New(head.pk, WAITS, str(order.pk), facts, at)


def _heads(institution: Institution) -> list[Grant]:
    """The acting head, or of the hub of a branch that has none."""
    heads = Grant.objects.filter(
        unit_id__in=[institution.pk, institution.hub_id],
        role=Role.HEAD,
        state=GrantState.ACTIVE,
    )
    found = list(heads.order_by("pk"))
    return [one for one in found if one.unit_id == institution.pk] or found


def _authority(institution: Institution) -> list[Grant]:
    """Who administers the authority right above it."""
    return list(
        Grant.objects.filter(
            unit_id=institution.unit.parent_id, state=GrantState.ACTIVE, role__in=_AUTHORITIES
        ).order_by("pk")
    )


def _task(task_id: int, *states: str) -> OrderTask | None:
    """A task that still is in one of these states, with its two sides."""
    found: OrderTask | None = (
        OrderTask.objects.filter(pk=task_id, state__in=states)
        .select_related("for_institution__unit", "order__institution__unit")
        .first()
    )
    return found


def _facts(task: OrderTask, school: Institution) -> dict[str, object]:
    return {
        "school": school.short_name,
        "number": task.order.number,
        "rows": task.rows_count,
        "due_on": show(task.due_on),
    }


def _asks(event: TaskAsked | TaskReopened, at: datetime.datetime) -> Iterator[New]:
    """To the head who is asked, at once, on the last day and when it has passed; where nobody
    heads the institution, to its authority."""
    task = _task(event.subject, "OPEN")
    if task is None:
        return
    facts = _facts(task, task.order.institution)
    after = task.due_on + datetime.timedelta(days=1)
    told = {ASKED: at, LAST_DAY: clock.at(task.due_on, AT), OVERDUE: clock.at(after, AT)}
    for grant in _heads(task.for_institution) or _authority(task.for_institution):
        for code, due in told.items():
            if due >= at:
                yield New(grant.pk, code, str(task.pk), facts, due)


def _objects(event: TaskObjected, at: datetime.datetime) -> Iterator[New]:
    """To the head whose order it is, and to the authorities of both."""
    task = _task(event.subject, "OPEN", "OBJECTED")
    if task is None:
        return
    facts = _facts(task, task.for_institution) | {"objection": OBJECTIONS[event.objection].lower()}
    facts["rows"] = event.rows
    here, there = task.order.institution, task.for_institution
    for grant in {one.pk for one in (*_heads(here), *_authority(here), *_authority(there))}:
        yield New(grant, OBJECTED, str(task.pk), facts, at)


def _called_off(event: TaskCalledOff, at: datetime.datetime) -> Iterator[New]:
    """To the head whose children stay."""
    task = _task(event.subject, "CALLED_OFF")
    if task is None:
        return
    for grant in _heads(task.for_institution):
        yield New(grant.pk, CALLED_OFF, str(task.pk), _facts(task, task.order.institution), at)


NOTICES: dict[type[Event], Follows] = {
    TaskAsked: Follows(opens=_asks),
    TaskReopened: Follows(opens=_asks),
    TaskObjected: Follows(opens=_objects),
    TaskSettled: Follows(closes=_WAITS_FOR_ANSWER),
    TaskCalledOff: Follows(opens=_called_off, closes=(*_WAITS_FOR_ANSWER, OBJECTED)),
    OrderPrepared: Follows(opens=_to_the_head),
    OrderSigned: Follows(closes=(WAITS,)),
    OrderGivenUp: Follows(closes=(WAITS,)),
}
