"""Who sees whose rows: columns at every level follow the tree, siblings stay hidden."""

from __future__ import annotations

import pytest

from accounts import actors
from accounts.models import OrgUnit
from kernel import text
from kernel.db import command
from kernel.scoping import NOTHING, Scope
from registry.models import Institution, Pupil
from tests.kit.acts import noted


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("olena", {"ivan", "oksana"}),
        ("dana", {"ivan", "oksana"}),
        ("petro", {"marko"}),
        ("nina", {"yeva"}),
        ("bohdan", {"ivan", "oksana", "marko"}),
        ("hanna", {"yeva"}),
        ("iryna", {"ivan", "oksana", "marko", "yeva"}),
        ("taras", {"lev"}),
        ("maria", {"ivan", "oksana", "marko", "yeva", "lev"}),
    ],
)
def test_each_sees_the_own_branch_and_no_more(world, who, seen):
    names = {pupil.pk: key for key, pupil in world.pupils.items()}
    found = Pupil.objects.visible_to(world.actor(who)).values_list("pk", flat=True)
    assert {names[pk] for pk in found} == seen


def test_a_stranger_and_an_unknown_level_see_nothing(world):
    import dataclasses

    actor = world.actor("olena")
    for scope in (NOTHING, Scope("planet", (1,)), Scope("institution", ())):
        assert not Pupil.objects.visible_to(dataclasses.replace(actor, scope=scope)).exists()


def test_path_1_does_not_open_path_10(world):
    """The closing dot of a path matters: «1.» is no beginning of «10.»."""

    @command
    def many(*, actor):
        parent = world.units["chernivtsi"]
        for number in range(120):
            OrgUnit.objects.create(kind="INSTITUTION", name=f"Школа {number}", parent=parent)
        noted()

    many(actor=actors.system("тест"))
    for unit in OrgUnit.objects.filter(kind="INSTITUTION"):
        below = OrgUnit.objects.filter(path__startswith=unit.path)
        assert all(found == unit or found.parent_id == unit.pk for found in below)


def test_rows_follow_a_school_that_moves_to_another_authority(world):
    @command
    def move(*, actor):
        unit = OrgUnit.objects.get(pk=world.units["school1"].pk)
        unit.parent = world.units["lvivska"]
        unit.save(update_fields=["parent"])
        noted()

    move(actor=actors.system("тест"))
    for model, row in (
        (Pupil, world.pupils["ivan"].pk),
        (Institution, world.institutions["school1"].pk),
    ):
        assert model.objects.visible_to(world.actor("taras")).filter(pk=row).exists()
        assert not model.objects.visible_to(world.actor("iryna")).filter(pk=row).exists()


def test_the_sort_key_of_python_and_of_the_database_are_one(world):
    from django.db import connection

    names = [
        "Ґалаґан",
        "Єва-Марія",
        "Їжак",
        "Марʼян",
        "Мар'яна",
        "Щасний Юрій",
        "Ёлкин",
        "O'Neil",
        "ь",
        "Я 1",
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uk_sort_key(n) FROM unnest(%s::text[]) WITH ORDINALITY AS x(n, i) ORDER BY i",
            [names],
        )
        assert [row[0] for row in cursor.fetchall()] == [text.sort_key(name) for name in names]


def test_names_sort_as_the_alphabet_does():
    order = [
        "Галя",
        "Ганна",
        "Ґалаґан",
        "Євген",
        "Зоя",
        "Іван",
        "Ігор",
        "Ірина",
        "Їжак",
        "Йосип",
        "Марина",
        "Марʼян",
        "Мар’яна",
        "Шевченко",
        "Щасний",
        "Юрій",
        "Яна",
    ]
    assert sorted(set(order), key=text.sort_key) == order
