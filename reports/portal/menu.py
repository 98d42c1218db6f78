"""What this room adds to the frame and the home page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accounts.roles import Duty, Role
from kernel.ui import help as texts
from kernel.ui import menu
from registry.people.portal import groups
from reports import policies


def _reads(actor: Any) -> bool:
    return menu.signed_in(actor) and (not actor.holds(Role.DEPUTY) or Duty.REPORTS in actor.duties)


menu.register_footer(menu.FooterLink(url_name="open_data", label="Відкриті дані"))
texts.register(Path(__file__).parents[1] / "help")
menu.register_nav(menu.NavItem(url_name="reports", label="Звітність", order=60, visible=_reads))
menu.register_service(
    menu.Service(
        url_name="reports",
        label="Форми звітності: формування та перегляд",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=20,
        icon="grid",
        visible=_reads,
    )
)
menu.register_service(
    menu.Service(
        url_name="subventions",
        label="Освітня субвенція: розрахунок і моделювання",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=25,
        icon="grid",
        visible=policies.see_subvention.allows,
    )
)
menu.register_service(
    menu.Service(
        url_name="open_data_publish",
        label="Оприлюднення відкритих даних",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=30,
        icon="grid",
        visible=policies.publish_open_data.allows,
    )
)
