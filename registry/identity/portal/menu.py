"""Merges and doubts, of children and of staff, among the services and on the home page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kernel.text import plural
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.identity import policies, selectors
from registry.identity.children import CHILDREN
from registry.identity.kind import Kind
from registry.identity.services import doubts
from registry.identity.staff import STAFF
from registry.people.portal import groups


def _sees(actor: Any) -> bool:
    return actor is not None and policies.see_merges.allows(actor)


def waiting_of(kind: Kind) -> Callable[[Any], Iterator[menu.Attention]]:
    """Merges that wait for this person's decision."""

    def waiting(actor: Any) -> Iterator[menu.Attention]:
        if number := selectors.waiting(actor, kind):
            yield menu.Attention(
                kind="move",
                title=f"{number} {plural(number, 'обʼєднання', 'обʼєднання', 'обʼєднань')} "
                f"{plural(number, 'чекає', 'чекають', 'чекають')} на рішення",
                text=kind.words.alike,
                when="",
                url=f"{url_for(kind.url('merge_list'))}?state=ASKED",
                action="Переглянути",
            )

    return waiting


def doubtful_of(kind: Kind) -> Callable[[Any], Iterator[menu.Attention]]:
    """Pairs of profiles that may be one and that nobody looks into yet."""

    def doubtful(actor: Any) -> Iterator[menu.Attention]:
        if number := doubts.waiting(actor, kind):
            yield menu.Attention(
                kind="data",
                title=f"{number} "
                f"{plural(number, 'можливий дублікат', 'можливі дублікати', 'можливих дублікатів')}",
                text=kind.words.alike,
                when="",
                url=f"{url_for(kind.url('duplicate_list'))}?state=NEW",
                action="Переглянути",
            )

    return doubtful


def _looks_into(kind: Kind) -> Callable[[Any], bool]:
    return lambda actor: actor is not None and kind.looks_into.allows(actor)


for kind, group, order in ((CHILDREN, groups.CHILDREN, 104), (STAFF, groups.STAFF, 104)):
    menu.register_service(
        menu.Service(
            url_name=kind.url("duplicate_list"),
            label=kind.words.queue,
            group=group.label,
            group_order=group.order,
            order=order,
            icon="twin",
            visible=_looks_into(kind),
        )
    )
    menu.register_attention(doubtful_of(kind))
    menu.register_service(
        menu.Service(
            url_name=kind.url("merge_list"),
            label=kind.words.service,
            group=group.label,
            group_order=group.order,
            order=order + 1,
            icon="users",
            visible=_sees,
        )
    )
    menu.register_attention(waiting_of(kind))
