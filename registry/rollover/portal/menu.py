"""Menu entries of the passage to the next year, and the plan that waits on the home page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel import clock
from kernel.text import plural, years
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.people.portal import groups
from registry.rollover import policies, selectors


def _watches(actor: Any) -> bool:
    return actor is not None and policies.see_schools.allows(actor)


menu.register_service(
    menu.Service(
        url_name="rollover_schools",
        label="Переведення на новий навчальний рік у закладах",
        group=groups.NEXT_YEAR.label,
        group_order=groups.NEXT_YEAR.order,
        order=29,
        icon="up",
        visible=_watches,
    )
)


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """A plan that was begun and is not in an order yet."""
    for plan in selectors.open_plans(actor):
        wrong = plan.summary.get("errors", 0)
        pupils = plan.summary.get("pupils", 0)
        yield menu.Attention(
            kind="draft",
            title=f"Переведення на {years(plan.to_year_id)} навчальний рік",
            text=f"{pupils} {plural(pupils, 'дитина', 'дитини', 'дітей')}"
            + (f", виправити {wrong}" if wrong else ""),
            when=f"{clock.local(plan.updated_at):%d.%m}",
            url=url_for("rollover_plan", plan.pk),
            action="Продовжити надання послуги",
        )


menu.register_attention(waiting)
