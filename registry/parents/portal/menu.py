"""What the parents' window adds to the frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.roles import PARENT, Duty, Role
from kernel import clock
from kernel.text import plural
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.parents.selectors import requests
from registry.people.portal import groups


def in_window(actor: Any) -> bool:
    """Whether the actor stands in the parents' window."""
    return actor is not None and actor.role == PARENT


def _keeps(actor: Any) -> bool:
    return actor is not None and (
        actor.holds(Role.HEAD) or (actor.holds(Role.DEPUTY) and Duty.PUPILS in actor.duties)
    )


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Requests of parents that wait for the school."""
    if not _keeps(actor):
        return
    number, late = requests.to_decide(actor, clock.today())
    if number:
        yield menu.Attention(
            kind="move",
            title=f"{number} {plural(number, 'запит', 'запити', 'запитів')} батьків",
            text="Просять виправити картку дитини або відповіли на запитання",
            when=f"прострочено: {late}" if late else "",
            url=f"{url_for('parent_request_list')}?state=NEW",
            action="Вирішити",
        )


menu.register_attention(waiting)
menu.register_service(
    menu.Service(
        url_name="parent_request_list",
        label="Запити батьків",
        group=groups.CHILDREN.label,
        group_order=groups.CHILDREN.order,
        order=106,
        icon="mail",
        visible=_keeps,
    )
)
menu.register_nav(
    menu.NavItem(
        url_name="parent_applications", label="Заяви до 1 класу", order=15, visible=in_window
    )
)
menu.register_nav(
    menu.NavItem(url_name="own_requests", label="Мої запити", order=20, visible=in_window)
)
menu.register_nav(menu.NavItem(url_name="parent_mail", label="Листи", order=30, visible=in_window))
menu.register_nav(menu.NavItem(url_name="parents", label="Мої діти", order=10, visible=in_window))
