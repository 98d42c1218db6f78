"""Two edits of one row at one moment: the second waits for the first and is told, for each lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.classes import services as classes
from registry.classes.services import groups as class_groups
from registry.groups import services as groups
from registry.groups.services import GroupRow
from registry.identity import merge as mechanism
from registry.identity import services as merges
from registry.models import PupilMerge, StudyGroup
from tests.kit.racing import Held, beside
from tests.registry.identity.kit import MOMENT, a_second, asked
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def edits_of_a_class(world: World) -> list[Callable[[], Any]]:
    group = world.classes["school1/5-А"]
    who = world.actor("olena")
    return [
        lambda letter=letter: classes.update(
            {"letter": letter}, actor=who, uid=group.uid, version=group.version
        )
        for letter in ("В", "Г")
    ]


def opened(world: World) -> StudyGroup:
    home = world.classes["school1/5-А"]
    row = GroupRow("Англійська мова", "1 група", frozenset({home.uid}))
    return groups.open_group(row, actor=world.actor("olena"), institution=home.institution.uid)


def edits_of_a_group(world: World) -> list[Callable[[], Any]]:
    group, who = opened(world), world.actor("olena")
    return [
        lambda name=name: groups.change(
            {"name": name}, actor=who, uid=group.uid, version=group.version
        )
        for name in ("2 група", "3 група")
    ]


def closings_of_a_group(world: World) -> list[Callable[[], Any]]:
    group, who = opened(world), world.actor("olena")
    return [lambda: groups.close(actor=who, uid=group.uid, version=group.version)] * 2


@pytest.mark.parametrize(
    ("module", "edits", "told"),
    [
        (class_groups, edits_of_a_class, "stale_version"),
        (groups, edits_of_a_group, "stale_version"),
        (groups, closings_of_a_group, "group_closed"),
    ],
)
def test_the_second_who_saves_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, module: Any, edits: Any, told: str
) -> None:
    first, second = edits(world)
    held = Held(module._require_version)
    monkeypatch.setattr(module, "_require_version", held)
    assert beside(first, second, held) == ["done", told]


def test_a_merge_under_way_is_not_rejected_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = asked(world, world.pupils["ivan"], a_second(world))
    decide = {"actor": world.actor("iryna"), "merge_id": merge.pk, "moment": MOMENT}
    held = Held(mechanism.move)
    monkeypatch.setattr(mechanism, "move", held)
    came = beside(
        lambda: merges.confirm_merge(**decide),
        lambda: merges.reject_merge(**decide, reason="різні діти"),
        held,
    )
    assert came == ["done", "merge_decided"]
    assert PupilMerge.objects.get().state == "MERGED"
