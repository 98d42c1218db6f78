"""«Обʼєднання профілів» among the services and on the home page of authorities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from kernel.text import plural
from kernel.ui import menu
from registry.identity import policies, selectors


def _sees(actor: Any) -> bool:
    return actor is not None and policies.see_merges.allows(actor)


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Merges that wait for this person's decision."""
    if number := selectors.waiting(actor):
        yield menu.Attention(
            kind="move",
            title=f"{number} {plural(number, 'обʼєднання', 'обʼєднання', 'обʼєднань')} "
            f"{plural(number, 'чекає', 'чекають', 'чекають')} на рішення",
            text="Два профілі, можливо, однієї дитини",
            when="",
            url=f"{reverse('merge_list')}?state=ASKED",
            action="Переглянути",
        )


menu.register_service(
    menu.Service(
        url_name="merge_list",
        label="Обʼєднання профілів дитини",
        group="Інформація про здобувачів освіти",
        group_order=20,
        order=105,
        icon="users",
        visible=_sees,
    )
)
menu.register_attention(waiting)
