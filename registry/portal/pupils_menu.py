"""Menu entries of pupils, drafts, enrolment and orders."""

from __future__ import annotations

from kernel.ui import menu
from registry.portal import pupils

menu.register_nav(
    menu.NavItem(
        url_name="pupil_list", label="Здобувачі освіти", order=20, visible=pupils.sees_pupils
    )
)
menu.register_service(
    menu.Service(
        url_name="pupil_list",
        label="Оновлення освітнього профілю дитини",
        group="Інформація про здобувачів освіти",
        group_order=10,
        order=60,
        icon="users",
        visible=pupils.sees_pupils,
    )
)
