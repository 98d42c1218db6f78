"""Two who decide at once, and a merge beside an enrolment: one waits for the other, none breaks in."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from accounts import actors
from kernel.db import command
from registry.enrolments import services as enrolments
from registry.identity import merge as mechanism
from registry.identity import services
from registry.models import Enrolment, Pupil
from registry.people import services as people
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.registry.identity import kit
from tests.registry.identity.kit import MOMENT, a_second, asked
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def confirm(world: World, merge: Any) -> Callable[[], Any]:
    who = world.actor("iryna")
    return lambda: services.confirm_merge(actor=who, merge_id=merge.pk, moment=MOMENT)


def test_of_two_merges_that_share_a_profile_the_second_meets_what_the_first_did(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    ivan, middle, last = world.pupils["ivan"], a_second(world), a_second(world, number="2")
    one, other = asked(world, ivan, middle), asked(world, middle, last)
    held = Held(mechanism.move)
    monkeypatch.setattr(mechanism, "move", held)
    assert beside(confirm(world, one), confirm(world, other), held) == ["done", "merged_already"]
    middle.refresh_from_db()
    last.refresh_from_db()
    assert (middle.merged_into_id, last.merged_into_id) == (ivan.pk, None)


@command
def enrol_now(*, actor: Any, pupil: Pupil, group: Any) -> None:
    place = enrolments.Place(pupil.pk, group.pk, datetime.date(2026, 11, 1))
    enrolments.enrol(group.institution_id, [place], order=None)
    noted()


def test_a_child_enrolled_meanwhile_is_not_merged_away(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    ivan, other = world.pupils["ivan"], a_second(world)
    merge = asked(world, ivan, other)
    held = Held(enrolments.enrol)
    monkeypatch.setattr(enrolments, "enrol", held)
    system = actors.system("тест")
    group = world.classes["school2/5-А"]
    told = beside(
        lambda: enrol_now(actor=system, pupil=other, group=group), confirm(world, merge), held
    )
    assert told == ["done", "both_study"]
    assert Enrolment.objects.filter(pupil=other, ends_on=None).count() == 1


def test_a_document_added_meanwhile_is_moved_or_refused_but_never_left_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    ivan, other = world.pupils["ivan"], a_second(world)
    merge = asked(world, ivan, other)
    held = Held(mechanism.move)
    monkeypatch.setattr(mechanism, "move", held)
    petro = world.actor("petro")
    told = beside(
        confirm(world, merge),
        lambda: people.add_document(
            actor=petro,
            pupil_id=other.pk,
            values={"type": "BIRTH_UA", "document": "I-СГ 123456", "confirmed": "on"},
            today=kit.TODAY,
        ),
        held,
    )
    assert told[0] == "done"
    assert told[1] in {"not_found", "profile_merged"}
    assert not other.documents.exists()
