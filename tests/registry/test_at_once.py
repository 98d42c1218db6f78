"""Two edits of one row at one moment: the second waits for the first and is told, for each lock."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts import actors
from registry.classes import services as classes
from registry.classes.services import groups as class_groups
from registry.classes.services import merging
from registry.classifiers.services import classifiers, territories
from registry.groups import services as groups
from registry.groups.services import GroupRow
from registry.identity import merge as mechanism
from registry.identity import services as merges
from registry.models import ClassGroup, PupilMerge, StudyGroup
from tests.kit.racing import Held, beside
from tests.registry.classifiers.test_classifiers import _copy
from tests.registry.classifiers.test_territories import NEXT, carried_lines
from tests.registry.identity.kit import MOMENT, a_second, asked
from tests.world import YEAR, World

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


def test_of_two_systems_that_write_one_class_the_second_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, outcomes = world.institutions["school1"], {}

    def put(shift: int) -> Callable[[], Any]:
        row = merging.ClassRow(YEAR, 5, "А", {"shift": shift}, version=1)
        who = {"actor": world.actor("olena"), "unit_id": home.pk}
        return lambda: outcomes.update({shift: merging.put_many([row], **who)})

    held = Held(merging._keep_past)
    monkeypatch.setattr(merging, "_keep_past", held)
    assert beside(put(2), put(3), held) == ["done", "done"]
    assert [outcomes[shift][0].result for shift in (2, 3)] == ["changed", "refused"]
    assert ClassGroup.objects.get(pk=world.classes["school1/5-А"].pk).shift == 2


def test_dictionaries_loaded_twice_at_once_are_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, outcomes = _copy(tmp_path), {}
    path = data / "classifiers" / "class_type.toml"
    path.write_text(path.read_text().replace('name = "Санаторний"', 'name = "Санаторний клас"'))
    setup = {"actor": actors.system("тест"), "today": datetime.date(2026, 11, 22), "data": data}
    loads = [lambda n=n: outcomes.update({n: classifiers.load(**setup)}) for n in (1, 2)]
    held = Held(classifiers.differences)
    monkeypatch.setattr(classifiers, "differences", held)
    assert beside(*loads, held) == ["done", "done"]
    assert [bool(outcomes[n]) for n in (1, 2)] == [True, False]


def test_an_older_edition_does_not_come_in_beside_a_newer_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n".join(carried_lines())
    imports = [
        lambda edition=edition, name=name: territories.import_edition(
            text.replace("Мамаївці", name).encode(), actor=actors.system("тест"), edition=edition
        )
        for edition, name in ((NEXT + datetime.timedelta(days=1), "Нові"), (NEXT, "Старі"))
    ]
    held = Held(territories._stage)
    monkeypatch.setattr(territories, "_stage", held)
    assert beside(*imports, held) == ["done", "territory_edition_outdated"]
