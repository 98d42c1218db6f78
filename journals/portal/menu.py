"""What the room adds to the frame and the home page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accounts.roles import Duty, Role
from kernel.ui import help as texts
from kernel.ui import menu
from registry.people.portal import groups


def _reads(actor: Any) -> bool:
    return actor is not None and (
        actor.holds(Role.HEAD)
        or (actor.holds(Role.DEPUTY) and bool({Duty.PUPILS, Duty.CLASSES} & set(actor.duties)))
    )


def _teaches(actor: Any) -> bool:
    return actor is not None and actor.holds(Role.DEPUTY) and Duty.TEACHING in actor.duties


menu.register_nav(menu.NavItem(url_name="journals", label="Мої журнали", order=5, visible=_teaches))
menu.register_service(
    menu.Service(
        url_name="journals",
        label="Мої журнали: уроки, відсутні, оцінки",
        group=groups.CLASSES.label,
        group_order=groups.CLASSES.order,
        order=55,
        icon="pen",
        visible=lambda actor: _reads(actor) or _teaches(actor),
        is_new=True,
    )
)
texts.register(Path(__file__).parents[1] / "help")
menu.register_service(
    menu.Service(
        url_name="journal_school_own",
        label="Журнали й розклад уроків",
        group=groups.CLASSES.label,
        group_order=groups.CLASSES.order,
        order=60,
        icon="cal",
        visible=_reads,
        is_new=True,
    )
)
