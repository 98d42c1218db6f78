"""Announcements among the services, and those that wait for the actor on the home page."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.actors import Actor
from accounts.announcements import selectors
from kernel.ui import menu
from kernel.ui.helpers import url_for


def waiting(actor: Actor) -> Iterator[menu.Attention]:
    """What was announced and not answered yet."""
    for one in selectors.unanswered(actor):
        yield menu.Attention(
            kind="move",
            title=f"Оголошення: {one.title}",
            text=one.sender_unit.name,
            when=f"до {one.due_on:%d.%m}" if one.asks and one.due_on else "",
            url=url_for("announcement", one.pk),
            action="Підтвердити ознайомлення" if one.asks else "Прочитати",
        )


menu.register_group("Оголошення й підтримка", icon="mail")
menu.register_attention(waiting)
menu.register_service(
    menu.Service(
        url_name="announcements",
        label="Оголошення",
        group="Оголошення й підтримка",
        group_order=90,
        order=90,
        icon="mail",
    )
)
