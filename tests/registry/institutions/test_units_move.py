"""A node of the tree moves: every row's scope follows, and the past stays where it was."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.urls import reverse

from accounts.errors import GrantOnlyDownwards, UnitMisplaced
from accounts.services import units
from kernel.errors import Invalid, NotFound
from registry.models import Institution, Pupil
from tests.world import World, sign_in

LEVELS = ("oblast_id", "raion_id", "hromada_id", "district_id")
# Tables with level columns and no institution: each is moved by a trigger of its own; the counts of
# posts follow the posts.
BY_THEMSELVES = {
    "accounts_orgunit",
    "accounts_grant",
    "accounts_unitplacement",
    "registry_postcount",
}
COUNTS = "oblast_id, raion_id, hromada_id, district_id, position, ends_on"


def tables_with(*columns: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
              AND NOT a.attisdropped AND a.attname = ANY(%s)
            GROUP BY 1 HAVING count(*) = %s
            """,
            [list(columns), len(columns)],
        )
        return {row[0] for row in cursor.fetchall()}


def left_behind() -> dict[str, int]:
    """Rows whose levels differ from those of their node, by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables_with(*LEVELS) - BY_THEMSELVES | {"accounts_grant"}:
            key = "unit_id" if table == "accounts_grant" else "institution_id"
            cursor.execute(
                f"SELECT count(*) FROM {table} t JOIN accounts_orgunit u ON u.id = t.{key}"
                " WHERE (t.oblast_id, t.raion_id, t.hromada_id, t.district_id) IS DISTINCT FROM"
                " (u.oblast_id, u.raion_id, u.hromada_id, u.district_id)"
            )
            found[table] = cursor.fetchone()[0]
        cursor.execute(
            f"""
            SELECT count(*) FROM (
                SELECT {COUNTS}, count(*)::int, sum(rate) FROM registry_post GROUP BY {COUNTS}
                EXCEPT SELECT {COUNTS}, posts, rates FROM registry_postcount
            ) missed
            """
        )
        found["registry_postcount"] = cursor.fetchone()[0]
    return found


def move(world: World, who: str = "admin", unit: str = "hromada", parent: str = "lvivska") -> None:
    units.move_unit(
        actor=world.actor(who),
        unit=world.units[unit].uid,
        parent=world.units[parent].uid,
        ground="Постанова про зміну меж",
    )


def test_every_row_below_follows_the_node(world: World):
    yeva = world.pupils["yeva"]
    assert set(left_behind().values()) == {0}
    move(world)
    assert set(left_behind().values()) == {0}
    yeva.refresh_from_db()
    assert (yeva.oblast_id, yeva.raion_id) == (world.units["lvivska"].pk, None)
    assert yeva.pk in set(
        Pupil.objects.visible_to(world.actor("taras")).values_list("pk", flat=True)
    )
    assert world.institutions["hub"].pk not in set(
        Institution.objects.visible_to(world.actor("iryna")).values_list("pk", flat=True)
    )


def test_the_oblast_moves_a_hromada_through_the_page(world: World, client):
    sign_in(client, world.grants["iryna"])
    url = reverse("unit_move")
    assert "Мамаївської" in client.get(url, {"q": "Мамаїв"}).content.decode()
    unit = world.units["hromada"]
    form = {"unit": str(unit.uid), "parent": str(world.units["chernivetska"].uid), "seen": str(world.units["raion"].uid)}  # fmt: skip
    assert "2 заклади" in client.get(url, {"unit": str(unit.uid)}).content.decode()
    assert client.post(url, form | {"ground": ""}).status_code == 422
    stale = form | {"ground": "акт", "seen": str(world.units["lvivska"].uid)}
    assert client.post(url, stale).status_code == 422
    assert client.post(url, form | {"ground": "Постанова № 1"}).status_code == 303
    assert set(left_behind().values()) == {0}
    world.pupils["yeva"].refresh_from_db()
    assert world.pupils["yeva"].raion_id is None


def test_no_table_with_level_columns_is_forgotten(world: World):
    """Whoever adds such a table gives it an institution, or a trigger and a name here."""
    assert tables_with(*LEVELS) - tables_with(*LEVELS, "institution_id") == BY_THEMSELVES


def test_journals_carry_the_institution_and_no_level(world: World):
    """Millions of marks a day follow no node that moves: their school says where they belong."""
    with_a_level = {table for level in LEVELS for table in tables_with(level)}
    assert [table for table in tables_with("institution_id") if table.startswith("journals_")]
    assert not [table for table in with_a_level if table.startswith("journals_")]


def test_the_tree_of_a_past_day_stays(world: World):
    today = datetime.datetime.now(datetime.UTC).date()
    move(world)
    move(world, parent="raion")
    move(world)

    def oblast_on(day: datetime.date) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT oblast_id, (SELECT count(*) FROM accounts_orgunit)"
                " - (SELECT count(*) FROM accounts_unit_on(%s)) FROM accounts_unit_on(%s)"
                " WHERE id = %s",
                [day, day, world.units["branch"].pk],
            )
            return cursor.fetchone()

    assert oblast_on(today - datetime.timedelta(days=2)) == (world.units["chernivetska"].pk, 0)
    assert oblast_on(today + datetime.timedelta(days=2)) == (world.units["lvivska"].pk, 0)


def test_who_moves_what(world: World):
    with pytest.raises((GrantOnlyDownwards, NotFound)):
        move(world, who="iryna")
    with pytest.raises((GrantOnlyDownwards, NotFound)):
        move(world, who="olena")
    with pytest.raises(UnitMisplaced):
        move(world, parent="chernivtsi")
    with pytest.raises(Invalid):
        units.move_unit(
            actor=world.actor("admin"),
            unit=world.units["hromada"].uid,
            parent=world.units["lvivska"].uid,
            ground=" ",
        )
