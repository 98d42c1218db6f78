"""Names as they sound, and what speaks for one child: the functions of the database themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts import actors
from kernel.db import command
from registry.identity.services import seeking
from registry.models import PossibleDuplicate
from tests.kit.acts import noted
from tests.registry.identity import kit, seeded
from tests.world import World

pytestmark = pytest.mark.django_db


def ask(sql: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", values)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Деревʼянко", "Деревянко"),
        ("Мар’яна", "Мар'яна"),
        ("Iваненко", "Іваненко"),  # a Latin I
        ("Cергiй", "Сергій"),
        ("Shcherbak", "Щербак"),
        ("Kovalchuk", "Ковальчук"),
        ("Yuliia", "Юлія"),
        ("Yulia", "Юлія"),
        ("Zghurskyi", "Згурський"),
        ("Zhuravlov", "Журавльов"),
        ("Kharchenko", "Харченко"),
        ("Tsymbaliuk", "Цимбалюк"),
        ("Yevhen", "Євген"),
        ("Andriy", "Андрій"),
        ("Наталя", "Наталія"),
        ("Гaвpилюk", "Гаврилюк"),  # a, p and k of another alphabet
        ("Tapac", "Тарас"),
        ("Ганна", "Гана"),
        ("Їжак", "Yizhak"),
        ("Нечуй - Левицький", "Нечуй-Левицький"),
    ],
)
def test_one_name_written_otherwise_sounds_the_same(one: str, other: str):
    assert ask("name_code(%s)", one) == ask("name_code(%s)", other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Яна", "Анна"), ("Марія", "Марина"), ("Іван", "Ілля"), ("Олег", "Ольга"), ("Ян", "Іван")],
)
def test_other_names_sound_otherwise(one: str, other: str):
    assert ask("name_code(%s)", one) != ask("name_code(%s)", other)


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("2016-03-01", "2016-01-03", True),  # day and month
        ("2016-03-12", "2016-03-21", True),
        ("2016-03-12", "2015-03-12", True),
        ("2016-03-12", "2061-03-12", True),
        ("2016-03-12", "2015-04-12", False),
        ("2016-03-12", "2016-04-21", False),
    ],
)
def test_dates_that_one_slip_takes_for_each_other(one: str, other: str, slips: bool):
    assert ask("dates_slip(%s::date, %s::date)", one, other) is slips


@command
def entered(*, actor: Any, world: World, made: list[seeded.Person]) -> None:
    group = world.classes["school2/5-А"]
    seeded.enter(made, group.pk, group.institution_id)
    noted()


def test_a_night_finds_who_was_entered_twice_and_nobody_else(world: World):
    """Three thousand people, as the bench has a hundred thousand."""
    made, truth = seeded.people(3_000, seed=7)
    system = actors.system("тест")
    entered(actor=system, world=world, made=made)
    while seeking.seek(actor=system, now=kit.NOW):
        pass
    found = {
        frozenset(pair) for pair in PossibleDuplicate.objects.values_list("one_id", "other_id")
    }
    told = seeded.measured(found, truth)
    people = {one.id: one for one in made}
    assert told.recall >= 0.98, [
        (why, [people[one] for one in pair]) for pair, why in told.missed.items()
    ]
    assert told.precision >= 0.995, [[people[one] for one in pair] for pair in told.wrong]
