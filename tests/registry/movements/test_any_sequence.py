"""Movements in any order, one after another and at once: what issue 10 says must always be so.

The same sequences each time; `make test ARGS="tests/registry/movements/test_any_sequence.py
--hypothesis-profile default"` with SEQUENCES=200 draws others, for as long as one likes.
"""

from __future__ import annotations

import collections
import datetime
import os
import random
from typing import Any, Protocol

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from registry.orders.models import Order
from registry.orders.services import preparing
from registry.process import kinds
from tests.registry.movements import sequences
from tests.registry.movements.sequences import (
    FACTS,
    HEADS,
    NOT_DRAWN,
    PROCESSES,
    SEPTEMBER,
    WHOLE,
    WORKERS,
    Register,
)
from tests.world import World

SEQUENCES = int(os.environ.get("SEQUENCES", "4"))
STEPS = 24
MOST_STEPS = 200  # until every kind took effect


@pytest.fixture(autouse=True)
def no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """The paper of an order is drawn elsewhere; here it would take most of the time."""
    monkeypatch.setattr(preparing, "order_paper", lambda *args, **kwargs: b"%PDF-")


class Chance(Protocol):
    """Who decides what is done next."""

    def pick(self, among: Any) -> Any:
        """One of these."""

    def number(self, low: int, high: int) -> int:
        """From low to high."""

    def few(self, among: Any) -> list[Any]:
        """One or two of these."""


class Drawn:
    """Hypothesis decides."""

    def __init__(self, data: Any):
        self.data = data

    def pick(self, among: Any) -> Any:
        return self.data.draw(st.sampled_from(among))

    def number(self, low: int, high: int) -> int:
        return self.data.draw(st.integers(low, high))

    def few(self, among: Any) -> list[Any]:
        return self.data.draw(st.lists(st.sampled_from(among), min_size=1, max_size=2, unique=True))


class Diced:
    """A die decides, the same each time."""

    def __init__(self, seed: int):
        self.die = random.Random(seed)

    def pick(self, among: Any) -> Any:
        return self.die.choice(list(among))

    def number(self, low: int, high: int) -> int:
        return self.die.randint(low, high)

    def few(self, among: Any) -> list[Any]:
        return self.die.sample(list(among), min(len(among), self.die.randint(1, 2)))


def step(register: Register, chance: Chance) -> None:
    """One thing that somebody does, and what must be so after it."""
    pick = chance.pick
    past = register.today - datetime.timedelta(days=3)
    days = [past - datetime.timedelta(days=30), past, register.today - datetime.timedelta(days=1)]
    before = {day: sequences.figures(day) for day in days}
    did: Order | None = None
    what = chance.number(0, 9)
    if what == 0 and register.waiting:
        register.give_up(pick(register.waiting))
    elif what == 1:
        register.pass_days(chance.number(1, 2))
    elif what == 2 and register.waiting:
        did = pick(register.waiting)
    else:
        possible = register.possible()
        if what == 3:  # by anybody, about anybody
            process, school = pick(PROCESSES), pick(list(HEADS))
            among = [*register.children, *WORKERS]
        else:
            kinds = sorted({process for process, _ in possible})
            process = pick([one for one in kinds if not register.did[one]] or kinds)
            school = pick(sorted(school for one, school in possible if one == process))
            among = possible[process, school]
        names = chance.few(among)
        day = register.today + datetime.timedelta(days=pick([0, 1, 0, 2, -1]))
        if process in {"promote", "repeat", *WHOLE}:
            day = SEPTEMBER
        elif process in {*FACTS, "individual", "load"}:
            day = register.today
        elif process == "institutional":  # after the day that it returns from
            day = register.today + datetime.timedelta(days=1)
        order = register.prepare(process, school, names, day, pick)
        if order is not None and what > 4:
            did = order
    if isinstance(chance, Drawn):
        note(f"{register.today:%d.%m} {register.story[-1:]}")
    if did is not None and not register.sign(did):
        did = None
    register.assert_sound(did)
    # A past day's figures are what they were, but where the order signed says so.
    reaches = datetime.date.max
    if did is not None:
        reaches = did.corrects.effective_on if did.corrects else did.effective_on
    for day in days:
        if day < reaches:
            assert sequences.figures(day) == before[day], "the past moved and no order says so"


total: collections.Counter[str] = collections.Counter()
refused: collections.Counter[str] = collections.Counter()


@pytest.mark.django_db
@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a step is slow: the story told is worth more than a shorter one
)
@given(data=st.data())
def test_whatever_is_done_in_whatever_order_the_register_says_what_orders_say(
    world: World, data: Any
):
    start = transaction.savepoint()
    try:
        register = Register(world)
        for _ in range(STEPS):
            step(register, Drawn(data))
        total.update(register.did)
        refused.update(register.refused)
    finally:
        transaction.savepoint_rollback(start)


def test_a_kind_is_drawn_or_it_is_said_why_not() -> None:
    assert not {*PROCESSES} & {*NOT_DRAWN}
    assert {*PROCESSES, *NOT_DRAWN} == {*kinds()}


@pytest.mark.django_db
def test_every_kind_takes_effect_among_the_others(world: World):
    """Else the sequences would prove nothing of it: what chance left out is gone on to."""
    register = Register(world)
    register.did.update(total)
    chance = Diced(20261130)
    for _ in range(MOST_STEPS):
        if set(PROCESSES) <= set(register.did):
            break
        step(register, chance)
    assert set(PROCESSES) <= set(register.did), (register.did, refused + register.refused)
