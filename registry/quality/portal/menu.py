"""«Якість даних» among the services."""

from __future__ import annotations

from typing import Any

from kernel.ui import menu
from registry.people.portal import groups
from registry.quality import policies
from registry.quality.portal import campaigns


def _sees(actor: Any) -> bool:
    return actor is not None and policies.see.allows(actor)


menu.register_service(
    menu.Service(
        url_name="quality",
        label="Якість даних",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=10,
        icon="check",
        visible=_sees,
    )
)
menu.register_service(
    menu.Service(
        url_name="quality_campaigns",
        label="Кампанії виправлення даних",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=11,
        icon="check",
        visible=_sees,
    )
)
menu.register_attention(campaigns.waiting)
