"""What this room adds to the frame: the public check of signatures at the foot of every page, and
the renewal of kept signatures among the services of the technical administrator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accounts.roles import Role
from kernel.ui import engine, menu
from kernel.ui import help as texts
from signatures.portal import drawing

engine.give(
    drawing.ask_agents,
    drawing.cloud_services,
    drawing.signing_agents,
    drawing.signing_confirmation,
    drawing.signing_script,
    drawing.signing_worker,
)
texts.register(Path(__file__).parents[1] / "help")
menu.register_footer(
    menu.FooterLink(url_name="verify_signature", label="Перевірка підпису", order=10)
)


def _technical(actor: Any) -> bool:
    return actor is not None and actor.holds(Role.TECH_ADMIN)


menu.register_service(
    menu.Service(
        url_name="signature_renewals",
        label="Довіра до підписів: продовження доказів",
        group="Інформаційні системи",
        group_order=50,
        order=20,
        icon="sync",
        visible=_technical,
    )
)
