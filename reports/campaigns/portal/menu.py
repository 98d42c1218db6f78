"""«Збір звітності» among the services, and what waits in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from kernel.ui import menu
from registry.people.portal import groups
from reports.campaigns import policies, selectors


def _sees(actor: Any) -> bool:
    return actor is not None and policies.see.allows(actor)


menu.register_service(
    menu.Service(
        url_name="campaigns",
        label="Збір звітності: підпис, приймання, зведення",
        group=groups.DATA.label,
        group_order=groups.DATA.order,
        order=19,
        icon="check",
        visible=_sees,
    )
)


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Reports that wait for the school; reports to take and summaries to make for a level."""
    if not _sees(actor):
        return
    if actor.scope.level == "institution":
        for part in selectors.waiting_of_school(actor):
            came_back = part.state == "RETURNED"
            ready = part.state == "CHECKED"
            yield menu.Attention(
                kind="sign" if ready else "data",
                title=f"{'Повернуто: ' if came_back else ''}{part.campaign.title}",
                text=part.comment
                if came_back
                else f"{part.unit.name}: "
                + ("звіт чекає на підпис керівника" if ready else "не сходяться контролі"),
                when=f"до {part.campaign.due_school:%d.%m}",
                url=reverse("campaign_part", args=[part.pk]),
                action="Переглянути й підписати" if ready else "Переглянути",
            )
        return
    for one in selectors.waiting_of_level(actor):
        if one.ready or not one.left:
            yield menu.Attention(
                kind="move",
                title=one.part.campaign.title,
                text=f"Звітів чекає на прийняття: {one.ready}"
                if one.ready
                else "Усе прийнято: сформуйте зведений звіт",
                when=f"до {one.part.campaign.due_local:%d.%m}",
                url=reverse("campaign_part", args=[one.part.pk]),
                action="Прийняти" if one.ready else "Зведений звіт",
            )


menu.register_attention(waiting)
