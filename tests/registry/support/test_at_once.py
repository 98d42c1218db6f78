"""Two at one request for support at one moment: what each lock keeps from being lost."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.core.cache import cache

from accounts import actors
from kernel import clock
from kernel.clock import Moment, moment
from registry.support import services
from registry.support.models import SupportMessage, SupportRequest
from tests.kit.racing import Held, beside
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def turns_anew() -> None:
    cache.clear()


def asked(world: World, when: Moment | None = None) -> SupportRequest:
    return services.ask(
        actor=world.actor("olena"),
        request_id=uuid.uuid4(),
        kind="QUESTION",
        title="Як закрити клас",
        text="Не бачу кнопки.",
        moment=when or moment(),
    )


def answers(world: World, made: SupportRequest, step: str, when: Moment | None = None) -> Any:
    told = {"actor": world.actor("bohdan"), "request_id": made.pk, "text": "Ось так."}
    return lambda: services.answer(step=step, moment=when or moment(), **told)


def test_of_two_answers_at_once_the_second_knows_that_it_is_solved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(world)
    held = Held(services._step)
    monkeypatch.setattr(services, "_step", held)
    outcomes = beside(answers(world, made, "solve"), answers(world, made, "ask_back"), held)
    assert outcomes == ["done", "support_request_closed"]
    made.refresh_from_db()
    assert made.state == "SOLVED"
    assert SupportMessage.objects.filter(request=made).count() == 2  # asked, and answered once


def test_of_an_author_who_writes_while_the_night_closes_nothing_is_closed_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = clock.today() - datetime.timedelta(days=60)
    then = Moment(clock.at(before, datetime.time(12)), before)
    made = asked(world, then)
    answers(world, made, "solve", then)()
    held = Held(services._say)
    monkeypatch.setattr(services, "_say", held)
    told = {"actor": world.actor("olena"), "request_id": made.pk, "text": "Не допомогло."}
    outcomes = beside(
        lambda: services.write_more(moment=moment(), **told),
        lambda: services.close_old(actor=actors.system("ніч"), moment=moment()),
        held,
    )
    assert outcomes == ["done", "done"]
    made.refresh_from_db()
    assert made.state == "IN_WORK"


def test_two_asked_at_once_have_two_numbers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(services._next_number)
    monkeypatch.setattr(services, "_next_number", held)
    assert beside(lambda: asked(world), lambda: asked(world), held) == ["done", "done"]
    first, second = SupportRequest.objects.order_by("number").values_list("number", flat=True)
    assert second == first + 1
