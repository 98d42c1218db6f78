"""«Довідки про навчання» among the services, and what waits for the head's signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.roles import Duty, Role
from kernel import clock
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.certificates import selectors
from registry.certificates.portal.pages import words_of
from registry.people.portal import groups


def _keeps(actor: Any) -> bool:
    return actor is not None and (
        actor.holds(Role.HEAD) or (actor.holds(Role.DEPUTY) and Duty.PUPILS in actor.duties)
    )


menu.register_service(
    menu.Service(
        url_name="certificate_list",
        label="Довідки про навчання",
        group=groups.ORDERS.label,
        group_order=groups.ORDERS.order,
        order=90,
        icon="file",
        visible=_keeps,
    )
)


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Certificates that wait for the head's signature."""
    if not _keeps(actor):
        return
    head = actor.holds(Role.HEAD)
    for one in selectors.waiting(actor)[:3]:
        yield menu.Attention(
            kind="sign" if head else "move",
            title="Довідки про навчання чекають на підпис",
            text=f"{words_of(one.count)}. Підготовлено: {one.prepared_by.user.short_name}",
            when=f"{clock.local(one.prepared_at):%d.%m}",
            url=url_for("certificate_issue", one.pk),
            action="Переглянути і підписати" if head else "Переглянути",
        )


menu.register_attention(waiting)
