"""«Обʼєднання профілів» among the services and on the home page of authorities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel.text import plural
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.identity import policies, selectors
from registry.identity.services import doubts
from registry.people.portal import groups


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
            url=f"{url_for('merge_list')}?state=ASKED",
            action="Переглянути",
        )


def _looks(actor: Any) -> bool:
    return actor is not None and policies.see_doubts.allows(actor)


def doubtful(actor: Any) -> Iterator[menu.Attention]:
    """Pairs of profiles that may be one child and that nobody looks into yet."""
    if number := doubts.waiting(actor):
        yield menu.Attention(
            kind="data",
            title=f"{number} {plural(number, 'можливий дублікат', 'можливі дублікати', 'можливих дублікатів')}",
            text="Два профілі, можливо, однієї дитини",
            when="",
            url=f"{url_for('duplicate_list')}?state=NEW",
            action="Переглянути",
        )


menu.register_service(
    menu.Service(
        url_name="duplicate_list",
        label="Можливі дублікати",
        group=groups.CHILDREN.label,
        group_order=groups.CHILDREN.order,
        order=104,
        icon="twin",
        visible=_looks,
    )
)
menu.register_attention(doubtful)
menu.register_service(
    menu.Service(
        url_name="merge_list",
        label="Обʼєднання профілів дитини",
        group=groups.CHILDREN.label,
        group_order=groups.CHILDREN.order,
        order=105,
        icon="users",
        visible=_sees,
    )
)
menu.register_attention(waiting)
