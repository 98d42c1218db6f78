"""Two who decide at once, and a merge beside an enrolment: one waits for the other, none breaks in."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts import actors
from kernel.db import command
from kernel.errors import DomainError
from registry.enrolments import services as enrolments
from registry.identity import merge as mechanism
from registry.identity import services
from registry.models import Enrolment, Pupil
from registry.people import services as people
from tests.kit.acts import noted
from tests.kit.waiting import until
from tests.registry.identity import kit
from tests.registry.identity.kit import MOMENT, a_second, asked
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def waits_for_a_lock() -> bool:
    """Whether somebody of this database waits for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


class Held:
    """Stops the first who comes to a step until told to go on."""

    def __init__(self, step: Callable[..., Any]):
        self.step, self.here, self.go, self.first = (
            step, threading.Event(), threading.Event(), True,
        )  # fmt: skip

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        done = self.step(*args, **kwargs)
        if self.first:
            self.first = False
            self.here.set()
            assert self.go.wait(30)
        return done


def beside(first: Callable[[], Any], second: Callable[[], Any], held: Held) -> list[str]:
    """Start the second while the first stands in the middle; what came of each."""
    outcomes = ["", ""]

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            with connection.cursor() as cursor:  # however slow the machine, the second waits
                cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'")
            job()
            outcomes[place] = "done"
        except DomainError as refusal:
            problems = getattr(refusal, "problems", [])
            outcomes[place] = ",".join(sorted(p.code for p in problems)) or refusal.code
        except Exception as error:  # a crash is an outcome to be seen, not a thread lost
            outcomes[place] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate((first, second))]
    threads[0].start()
    try:
        assert held.here.wait(30)
        threads[1].start()
        until(lambda: waits_for_a_lock() or not threads[1].is_alive())
    finally:
        held.go.set()
        for thread in threads:
            if thread.ident:
                thread.join()
    return outcomes


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
