"""Menu entries of pupils, drafts, enrolment and orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounts.roles import Duty, Role
from kernel import clock
from kernel.counts import Count
from kernel.text import plural
from kernel.ui import help as texts
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.drafts import selectors as draft_reads
from registry.movements.facts.process import Facts
from registry.orders.selectors import asked as task_reads
from registry.orders.selectors import orders as order_reads
from registry.people.portal import groups, pupils
from registry.people.selectors import facets
from registry.process import kind, kinds
from registry.staff import selectors as staff


def _sees_orders(actor: Any) -> bool:
    return actor is not None and order_reads.sees_any(actor)


def _keeps(actor: Any, duty: Duty = Duty.PUPILS) -> bool:
    return actor is not None and (
        actor.holds(Role.HEAD) or (actor.holds(Role.DEPUTY) and duty in actor.duties)
    )


def _keeps_staff(actor: Any) -> bool:
    return _keeps(actor, Duty.STAFF)


def _waiting(actor: Any) -> Count | None:
    return order_reads.waiting_count(actor)


texts.register(Path(__file__).parents[2] / "help")
menu.register_nav(
    menu.NavItem(
        url_name="pupil_list", label="Здобувачі освіти", order=20, visible=pupils.sees_pupils
    )
)
menu.register_nav(
    menu.NavItem(
        url_name="order_list", label="Накази", order=40, visible=_sees_orders, badge=_waiting
    )
)

_ELSEWHERE = {
    "annul": groups.ORDERS,
    "rollover": groups.NEXT_YEAR,
    "classes": groups.CLASSES,
}
for process in sorted(kinds().values(), key=lambda one: one.order):
    # Its own page leads to its drafts, or the card of an institution to an order of an authority.
    if process.finish or process.by_authority:
        continue
    of_staff = process.duty == Duty.STAFF
    if of_staff:
        group = groups.STAFF
    elif process.code in _ELSEWHERE:
        group = _ELSEWHERE[process.code]
    else:
        group = groups.CHILDREN if isinstance(process, Facts) else groups.MOVEMENT
    menu.register_service(
        menu.Service(
            url_name=process.page or "draft_list",
            code="" if process.page else process.code,
            label=process.name,
            group=group.label,
            group_order=group.order,
            order=process.order,
            icon=process.icon,
            visible=_keeps_staff if of_staff else _keeps,
        )
    )
for order, (group, url_name, label, icon, visible) in enumerate(
    (
        (
            groups.MOVEMENT,
            "draft_one",
            "Зарахування учня (учень не має звʼязку зі школою)",
            "user",
            _keeps,
        ),
        (groups.CHILDREN, "pupil_list", "Оновлення освітнього профілю дитини", "pen", _keeps),
        (groups.CHILDREN, "pupil_list", "Перегляд здобувачів освіти", "users", pupils.sees_pupils),
        (
            groups.CHILDREN,
            "guardian_list",
            "Підтвердження представників дітей",
            "users",
            _keeps,
        ),
        (
            groups.ORDERS,
            "order_list",
            "Накази з руху учнів і щодо працівників",
            "file",
            _sees_orders,
        ),
        (groups.ORDERS, "order_task_list", "Запити про переведених учнів", "users", _sees_orders),
    )
):
    menu.register_service(
        menu.Service(
            url_name=url_name,
            label=label,
            group=group.label,
            group_order=group.order,
            order=order,
            icon=icon,
            visible=visible,
        )
    )


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Orders to sign, objections, drafts to continue."""
    if not (_keeps(actor) or _keeps_staff(actor)):
        return
    head = actor.holds(Role.HEAD)
    mine = [one for one in order_reads.waiting(actor) if _keeps(actor, kind(one.kind).duty)]
    for order in mine[:3]:
        yield menu.Attention(
            kind="sign" if head else "move",
            title=f"Наказ № {order.number} чекає на підпис",
            text=f"{kind(order.kind).name}, {kind(order.kind).rows_are.counted(order.rows_count)}. "
            f"Підготовлено: {order.prepared_by.user.short_name}",
            when=f"{order.created_at:%d.%m}",
            url=url_for("order_detail", order.pk),
            action="Переглянути і підписати" if head else "Переглянути",
        )
    for task in task_reads.objected(actor):
        yield menu.Attention(
            kind="move",
            title=f"Заперечено переведення за наказом № {task.order.number}",
            text=task.for_institution.short_name,
            when="",
            url=url_for("order_task", task.pk),
            action="Переглянути",
        )
    for draft in draft_reads.waiting(actor):
        if not _keeps(actor, kind(draft.process).duty):
            continue
        name = "draft_columns" if draft.waiting else "draft_detail"
        yield menu.Attention(
            kind="draft",
            title=draft.title,
            text=f"{draft.source_name + ', ' if draft.source_name else ''}"
            f"{draft.filled} {plural(draft.filled, 'рядок', 'рядки', 'рядків')}"
            + (f", виправити {draft.wrong}" if draft.wrong else ""),
            when=f"{draft.updated_at:%d.%m}",
            url=url_for(name, draft.process, draft.pk),
            action="Продовжити надання послуги",
            done=draft.ready,
            total=draft.filled or None,
        )


def amiss(actor: Any) -> Iterator[menu.Attention]:
    """Data to mend."""
    problems = facets.problems_of(actor, clock.today()) if _keeps(actor) else {}
    found = {flag: n for flag, n in problems.items() if n and flag != "no_rnokpp"}
    if found:
        total = sum(found.values())
        yield menu.Attention(
            kind="data",
            title=f"{total} {plural(total, 'проблема', 'проблеми', 'проблем')} у даних учнів",
            text="; ".join(f"{facets.FLAGS[flag].lower()}: {n}" for flag, n in found.items()),
            when="",
            url=f"{url_for('pupil_list')}?flag={next(iter(found))}",
            action="Переглянути",
        )


menu.register_attention(waiting)
menu.register_attention(amiss)


def deadlines(actor: Any) -> Iterator[menu.Deadline]:
    """Orders that other schools' orders ask of this one, by their days."""
    if not _keeps(actor):
        return
    for task in task_reads.asked_of(actor):
        yield menu.Deadline(
            day=task.due_on,
            text=f"{kind(task.process).name}: за наказом № {task.order.number} іншого закладу",
            url=url_for("order_task", task.pk),
        )


menu.register_deadlines(deadlines)


def deferments(actor: Any) -> Iterator[menu.Deadline]:
    """Deferments that end soon; to the head alone."""
    if actor is None or not (ending := staff.deferments_ending(actor, clock.today())):
        return
    count, day = ending
    people = plural(count, "працівника", "працівників", "працівників")
    yield menu.Deadline(
        day=day,
        text=f"Спливає відстрочка {count} {people}",
        url=f"{url_for('staff_list')}?due=defer",
    )


menu.register_deadlines(deferments)
