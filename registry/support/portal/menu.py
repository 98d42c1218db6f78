"""Requests among the services; what waits for an answer on the home page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel import clock
from kernel.text import plural
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.support import policies, selectors


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Requests to answer; one's own that are answered."""
    number, late = selectors.to_answer(actor, clock.today())
    if number:
        yield menu.Attention(
            kind="move",
            title=f"{number} {plural(number, 'звернення чекає', 'звернення чекають', 'звернень чекають')}"
            " на відповідь",
            text="Закладів і органів, яким відповідаєте ви",
            when=f"прострочено: {late}" if late else "",
            url=f"{url_for('support')}?box=ours&state=OPEN",
            action="Відповісти",
        )
    for one in selectors.answered(actor):
        solved = one.state == "SOLVED"
        yield menu.Attention(
            kind="move",
            title=f"Звернення № {one.number}: {'вирішено' if solved else 'чекає на вашу відповідь'}",
            text=one.title,
            when="",
            url=url_for("support_request", one.pk),
            action="Переглянути",
        )


def _sees(actor: Any) -> bool:
    return actor is not None and (policies.ask.allows(actor) or policies.answer.allows(actor))


menu.register_attention(waiting)
menu.register_service(
    menu.Service(
        url_name="support",
        label="Звернення до служби підтримки",
        group="Оголошення й підтримка",
        group_order=90,
        order=95,
        icon="mail",
        visible=_sees,
    )
)
