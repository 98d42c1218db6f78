"""Names as they sound, and what speaks for one child: the functions of the database themselves."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection

from accounts import actors
from kernel.db import command
from registry.identity import alike
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


def test_a_table_is_told_what_each_of_its_rows_is_told_alone(world: World):
    """Two hundred profiles typed once more, each with a fault, its certificate and its mother; and the
    work of a table grows with its rows, not with their square."""
    chance = random.Random(3)
    made, _ = seeded.people(200, seed=11)
    entered(actor=actors.system("тест"), world=world, made=made)
    faults = list(seeded.FAULTS.values())
    asked = []
    for place, person in enumerate(made):
        one = faults[place % len(faults)](chance, person)
        names = one.mother or ("", "", "")
        asked.append(
            (
                place,
                alike.Child(
                    one.surname, one.given_name, one.patronymic, one.born_on, one.sex,
                    series=one.series, number=one.number if place % 3 else "",
                    relation="MOTHER" if one.mother else "", parent_surname=names[0],
                    parent_name=names[1], parent_patronymic=names[2], parent_phone=one.phone,
                ),
            )
        )  # fmt: skip
    together = alike.find(asked)
    assert together == [found for one in asked for found in alike.find([one])]
    assert len({found.place for found in together}) > 150
    evidence = {code for found in together for code in found.evidence}
    assert {"document_same", "parent_same"} <= evidence
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {alike._ENTERED}", [alike._told(asked)])
        (plan,) = cursor.fetchone()[0]
    assert _dropped(plan["Plan"]) < 20 * len(asked)


def _dropped(plan: dict[str, Any]) -> float:
    """Rows of what was asked that a plan reads and leaves: each row again for each child found."""
    own = plan.get("Rows Removed by Filter", 0) * plan["Actual Loops"]
    mine = own if plan["Node Type"] == "CTE Scan" else 0
    return mine + sum(_dropped(one) for one in plan.get("Plans", ()))
