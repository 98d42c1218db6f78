"""Menu entries of pupils, drafts, enrolment and orders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.urls import reverse

from accounts.roles import Duty, Role
from kernel import clock
from kernel.counts import Count
from kernel.text import plural
from kernel.ui import help as texts
from kernel.ui import menu
from registry.drafts import selectors as draft_reads
from registry.orders.selectors import asked as task_reads
from registry.orders.selectors import orders as order_reads
from registry.people import policies
from registry.people.portal import pupils
from registry.people.selectors import facets
from registry.process import kind, kinds

GROUP = "Інформація про здобувачів освіти"


def _sees_names(actor: Any) -> bool:
    return actor is not None and policies.see_names.allows(actor)


def _keeps(actor: Any) -> bool:
    return actor is not None and (
        actor.holds(Role.HEAD) or (actor.holds(Role.DEPUTY) and Duty.PUPILS in actor.duties)
    )


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
        url_name="order_list", label="Накази", order=40, visible=_sees_names, badge=_waiting
    )
)

for process in sorted(kinds().values(), key=lambda one: one.order):
    menu.register_service(
        menu.Service(
            url_name="draft_list",
            code=process.code,
            label=process.name,
            group=GROUP,
            group_order=20,
            order=process.order,
            icon=process.icon,
            visible=_keeps,
        )
    )
for order, (url_name, label, icon, visible) in enumerate(
    (
        ("draft_one", "Зарахування учня (учень не має звʼязку зі школою)", "user", _keeps),
        ("pupil_list", "Оновлення освітнього профілю дитини", "pen", _keeps),
        ("pupil_list", "Перегляд здобувачів освіти", "users", pupils.sees_pupils),
        ("order_list", "Накази з руху учнів", "file", _sees_names),
        ("order_task_list", "Запити про переведених учнів", "users", pupils.sees_pupils),
    )
):
    menu.register_service(
        menu.Service(
            url_name=url_name,
            label=label,
            group=GROUP,
            group_order=20,
            order=order if url_name == "draft_one" else 100 + order,
            icon=icon,
            visible=visible,
        )
    )


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Orders to sign, drafts to continue, data to mend."""
    if not _keeps(actor):
        return
    head = actor.holds(Role.HEAD)
    for order in order_reads.waiting(actor)[:3]:
        count = order.rows_count
        yield menu.Attention(
            kind="sign" if head else "move",
            title=f"Наказ № {order.number} чекає на підпис",
            text=f"{kind(order.kind).name}, {count} {plural(count, 'учень', 'учні', 'учнів')}. "
            f"Підготовлено: {order.prepared_by.user.short_name}",
            when=f"{order.created_at:%d.%m}",
            url=reverse("order_detail", args=[order.pk]),
            action="Переглянути і підписати" if head else "Переглянути",
        )
    for task in task_reads.objected(actor):
        yield menu.Attention(
            kind="move",
            title=f"Заперечено переведення за наказом № {task.number}",  # type: ignore[attr-defined]
            text=task.for_institution.short_name,
            when="",
            url=reverse("order_task", args=[task.pk]),
            action="Переглянути",
        )
    for draft in draft_reads.waiting(actor):
        name = "draft_columns" if draft.waiting else "draft_detail"
        yield menu.Attention(
            kind="draft",
            title=draft.title,
            text=f"{draft.source_name + ', ' if draft.source_name else ''}"
            f"{draft.filled} {plural(draft.filled, 'рядок', 'рядки', 'рядків')}"
            + (f", виправити {draft.wrong}" if draft.wrong else ""),
            when=f"{draft.updated_at:%d.%m}",
            url=reverse(name, args=[draft.process, draft.pk]),
            action="Продовжити надання послуги",
            done=draft.ready,
            total=draft.filled or None,
        )
    problems = facets.problems_of(actor, clock.today())
    found = {flag: n for flag, n in problems.items() if n and flag != "no_rnokpp"}
    if found:
        total = sum(found.values())
        yield menu.Attention(
            kind="data",
            title=f"{total} {plural(total, 'проблема', 'проблеми', 'проблем')} у даних учнів",
            text="; ".join(f"{facets.FLAGS[flag].lower()}: {n}" for flag, n in found.items()),
            when="",
            url=f"{reverse('pupil_list')}?flag={next(iter(found))}",
            action="Переглянути",
        )


menu.register_attention(waiting)


def deadlines(actor: Any) -> Iterator[menu.Deadline]:
    """Orders that other schools' orders ask of this one, by their days."""
    if not _keeps(actor):
        return
    for task in task_reads.asked_of(actor):
        yield menu.Deadline(
            day=task.due_on,
            text=f"{kind(task.process).name}: за наказом № {task.order.number} іншого закладу",
            url=reverse("order_task", args=[task.pk]),
        )


menu.register_deadlines(deadlines)
