"""«Прийом до 1 класу» among the services."""

from __future__ import annotations

from typing import Any

from accounts.roles import Duty, Role
from kernel.ui import menu
from registry.admission import policies
from registry.people.portal import groups


def sees(actor: Any) -> bool:
    """Who keeps admission at a school, and who sees its numbers."""
    return actor is not None and (
        policies.see_numbers.allows(actor)
        or (actor.holds(Role.DEPUTY) and Duty.PUPILS in actor.duties)
    )


menu.register_service(
    menu.Service(
        url_name="admission",
        label="Прийом до 1 класу",
        group=groups.NEXT_YEAR.label,
        group_order=groups.NEXT_YEAR.order,
        order=6,
        icon="users",
        visible=sees,
    )
)
