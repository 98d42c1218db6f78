"""Reading what orders ask of other institutions: what waits for one's own order, what is overdue,
what was objected to."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Collate

from accounts.actors import Actor
from kernel import audit
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order as Order_
from kernel.paging import Page, keyset, ordered
from registry.institutions.models.institutions import Institution
from registry.orders.models import AskedRow, Order, OrderTask
from registry.people import policies
from registry.process import kind

PAGE = 50
OBJECTIONS = {
    "NOT_APPLIED": "Заяву про переведення не подавали",
    "WRONG_CHILD": "Переведено не ту дитину",
    "OTHER": "Інша підстава",
}
SHOWS = {
    "open": "Чекають на наказ",
    "overdue": "Прострочені",
    "objected": "Заперечено",
    "done": "Виконано",
    "called_off": "Переведення скасовано",
}
_FEW = "tasks within one reach and state: some hundreds a year, counted for the filters anyhow"
ORDERS = {
    "due": Order_(("due_on", "id"), _FEW),
    "asked": Order_(("id",), "registry_ordertask_pkey"),
    "from": Order_(
        ("from_school", "id"),
        _FEW,
        {"from_school": Collate("for_institution__sort_key", "C")},
    ),
    "to": Order_(
        ("to_school", "id"),
        _FEW,
        {"to_school": Collate("by_institution__sort_key", "C")},
    ),
}
USUAL = "due"


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """One child that an order asks another institution about: the signed row names it."""

    asked: AskedRow
    row: Any

    @property
    def pk(self) -> int:
        """The id of what is asked."""
        return self.asked.pk

    @property
    def task(self) -> OrderTask:
        """With its term and state."""
        return self.asked.task

    @property
    def order(self) -> Order:
        """The order that asks."""
        return self.asked.task.order

    @property
    def waits(self) -> bool:
        """Whether its own order may still be given."""
        return self.asked.done_by_id is None and self.task.state in {"OPEN", "OBJECTED"}

    @property
    def to(self) -> str:
        """The institution that took the child over."""
        return self.order.institution.full_name


def asked_rows(rows: QuerySet[AskedRow]) -> list[Asked]:
    """These with what the signed rows say, the soonest due first."""
    found = rows.select_related("row", "task__order__institution", "done_by").order_by(
        "task__due_on", "task_id", "row__position"
    )
    return [Asked(one, kind(one.task.order.kind).decode(bytes(one.row.content))) for one in found]


def within(actor: Actor) -> QuerySet[OrderTask]:
    """Tasks of the institutions within reach: those asked, and for a school those that ask, too."""
    rows: QuerySet[OrderTask] = OrderTask.objects.visible_to(actor)
    if actor.scope.level != "institution":
        return rows
    return OrderTask.objects.filter(
        Q(for_institution_id__in=actor.scope.keys) | Q(by_institution_id__in=actor.scope.keys)
    )


def _shown(rows: QuerySet[OrderTask], show: str, today: datetime.date) -> QuerySet[OrderTask]:
    if show == "overdue":
        return rows.filter(state="OPEN", due_on__lt=today)
    if show in SHOWS:
        return rows.filter(state=show.upper())
    return rows


def listing(
    actor: Actor,
    show: str,
    today: datetime.date,
    *,
    order: str = USUAL,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Any]:
    """A page of tasks, the soonest due first unless told otherwise; `show` '' is all of them.

    Raises:
        NotAllowed: the actor's role sees no orders.
    """
    policies.see_names.require(actor)
    rows = _shown(within(actor), show, today).select_related(
        "for_institution", "by_institution", "order"
    )
    rows, fields = ordered(rows, ORDERS, order, USUAL)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def counts(actor: Actor, today: datetime.date) -> dict[str, int]:
    """How many tasks within reach are shown under each filter."""
    rows = within(actor).order_by()
    by_state = dict(rows.values_list("state").annotate(Count("pk")))
    found = {show: by_state.get(show.upper(), 0) for show in SHOWS}
    return found | {"overdue": _shown(rows, "overdue", today).count(), "": sum(by_state.values())}


@dataclasses.dataclass(frozen=True)
class View:
    """One task as its page shows it. `answers`: the actor's institution is the one asked."""

    task: OrderTask
    rows: list[Asked]
    answers: bool
    may_object: bool


def view(actor: Actor, task_id: Any, today: datetime.date) -> View:
    """One task with the children it is about; the look is noted.

    Raises:
        NotFound: absent, or neither side is within reach.
        NotAllowed: the actor's role sees no names at either.
    """
    policies.list_pupils.require(actor)
    task = (
        OrderTask.objects.filter(pk=task_id)
        .select_related("for_institution__unit", "order__institution__unit")
        .first()
    )
    if task is None:
        raise NotFound
    sides = [task.for_institution, task.order.institution]
    reached = set(
        Institution.objects.visible_to(actor)
        .filter(pk__in=[one.pk for one in sides])
        .values_list("pk", flat=True)
    )
    mine = [one for one in sides if one.pk in reached]
    if not mine:
        raise NotFound
    if not any(policies.see_orders.allows(actor, one) for one in mine):
        policies.see_orders.require(actor, mine[0])
    rows = asked_rows(AskedRow.objects.filter(task=task).select_related("objected_by__user"))
    audit.looked_at(
        actor, "registry.pupil", [one.row.pupil for one in rows], "запит про переведених"
    )
    answers = kind(task.process).keep.allows(actor, task.for_institution)
    return View(
        task,
        rows,
        answers=answers,
        may_object=answers and task.state == "OPEN" and today <= task.due_on,
    )


_ASKED = Kept[OrderTask](
    lambda actor: (
        OrderTask.objects.visible_to(actor)
        .filter(state="OPEN")
        .select_related("order__institution")
        .order_by("due_on", "id")[:5]
    )
)


def asked_of(actor: Actor) -> list[OrderTask]:
    """What is asked of the actor's institutions and not answered yet, the soonest first."""
    return _ASKED.rows(actor)


_OBJECTED = Kept[OrderTask](
    lambda institutions: (
        OrderTask.objects.filter(state="OBJECTED", by_institution_id__among=institutions)
        .select_related("for_institution", "order")
        .order_by("due_on", "id")[:3]
    )
)


def objected(actor: Actor) -> Sequence[OrderTask]:
    """What the actor's institution asked and was answered by an objection."""
    if actor.scope.level != "institution":
        return []
    return _OBJECTED.rows(list(actor.scope.keys))
