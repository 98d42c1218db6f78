"""What the desk adds to the home page."""

from __future__ import annotations

from kernel.ui import menu
from registry.people.portal import groups
from reports.desk import policies

menu.register_service(
    menu.Service(
        url_name="desk",
        label="Аналітика: таблиці, діаграми та карти",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=22,
        icon="grid",
        visible=policies.ask.allows,
    )
)
