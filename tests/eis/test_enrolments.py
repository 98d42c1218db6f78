"""A system reads the movement of its school: who came, who left, by which orders."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.utils import timezone

from accounts import actors
from integrations.eis.models import EisSystem
from integrations.eis.services import keys, systems
from kernel import paging
from kernel.audit.models import Look
from kernel.db import command
from registry.orders.models import Order
from tests.eis.test_api import get, grant
from tests.kit.acts import noted
from tests.registry.movements.test_annul import annulled, withdrawn
from tests.world import FIRST_DAY, enrol


@pytest.fixture
def connected(world) -> EisSystem:
    systems.register_known(actor=actors.system("тест"))
    return EisSystem.objects.get(name="Моя школа")


@pytest.fixture
def secret(world, connected) -> str:
    return grant(world, connected, datasets=["enrolments"]).secret


def listed(client, secret, query=""):
    return get(client, f"enrolments{query}", secret).json()["items"]


def moved(client, secret):
    """The rows that rest on orders."""
    return [row for row in listed(client, secret) if row["enrolled_by"]]


def test_who_came_and_who_left_stand_with_the_orders_and_without_the_ground(client, world, secret):
    withdrawn(world, world.actor("olena"))
    rows = moved(client, secret)
    assert len(rows) == 2
    assert [{key: value for key, value in row.items() if key != "pupil_id"} for row in rows] == [
        {
            "kind": "MAIN",
            "form": "FULL_TIME",
            "starts_on": "2026-11-23",
            "ends_on": "2026-11-24",
            "enrolled_by": "0",
            "enrolled_by_of": "2026-11-20",
            "withdrawn_by": "9",
            "withdrawn_by_of": "2026-11-20",
        }
    ] * 2


def test_what_a_counter_order_took_back_is_not_told(client, world, secret):
    olena = world.actor("olena")
    order = withdrawn(world, olena)
    annulled(world, olena, order)
    rows = moved(client, secret)
    assert [(row["ends_on"], row["withdrawn_by"]) for row in rows] == [(None, None)] * 2
    enrolled = Order.objects.get(number="0")
    annulled(world, olena, enrolled, "11")
    assert moved(client, secret) == []


def test_another_dataset_another_school_and_a_revoked_key_open_nothing(client, world, connected):
    other = grant(world, connected, datasets=["pupils", "classes"]).secret
    answer = get(client, "enrolments", other)
    assert (answer.status_code, answer.json()["dataset"]) == (403, "enrolments")
    issued = grant(world, connected, "petro", "school2", datasets=["enrolments"])
    marko, ivan = world.pupils["marko"], world.pupils["ivan"]
    assert {row["pupil_id"] for row in listed(client, issued.secret)} == {str(marko.pk)}
    hidden = get(client, f"enrolments?pupil={ivan.pk}", issued.secret)
    absent = get(client, f"enrolments?pupil={uuid.uuid4()}", issued.secret)
    assert hidden.content == absent.content
    keys.revoke_key(
        actor=world.actor("petro"), key_id=issued.key.pk, reason="перевірка", now=timezone.now()
    )
    assert get(client, "enrolments", issued.secret).status_code == 401


def test_a_child_and_a_year_may_be_asked_for(client, world, secret):
    @command
    def last_year(*, actor):
        pupil, group = world.pupils["ivan"], world.classes["school1/5-А"]
        enrol(
            pupil,
            group,
            starts_on=datetime.date(2025, 9, 1),
            ends_on=datetime.date(2026, 7, 1),
        )
        noted()

    last_year(actor=actors.system("тест"))
    ivan = world.pupils["ivan"].pk
    assert [row["starts_on"] for row in listed(client, secret, f"?pupil={ivan}")] == [
        "2025-09-01",
        "2026-09-01",
    ]
    past = listed(client, secret, "?school_year=2025-2026")
    assert [(row["pupil_id"], row["starts_on"]) for row in past] == [(str(ivan), "2025-09-01")]
    assert len(listed(client, secret, "?school_year=2026-2027")) == 2
    assert listed(client, secret, "?school_year=1999-2000") == []


def test_pages_go_by_the_first_day_and_hold_each_row_once(client, world, secret):
    @command
    def earlier(*, actor):
        day = datetime.timedelta(days=1)
        enrol(
            world.pupils["oksana"],
            world.classes["school1/5-А"],
            starts_on=FIRST_DAY - 9 * day,
            ends_on=FIRST_DAY - day,
        )
        noted()

    earlier(actor=actors.system("тест"))
    seen, mark = [], ""
    while mark is not None:
        page = get(client, f"enrolments?limit=1{mark and f'&after={mark}'}", secret).json()
        seen += page["items"]
        mark = page["next"]
    assert seen == listed(client, secret)
    assert [row["starts_on"] for row in seen] == ["2026-08-23", "2026-09-01", "2026-09-01"]


@pytest.mark.parametrize(
    "mark", [("2026-13-01", 1), ("учора", 1), (20260901, 1), ("2026-09-01", "1"), (None, 1)]
)
def test_an_invented_mark_of_the_movement_is_told(client, secret, mark):
    answer = get(client, f"enrolments?after={paging.encode(mark)}", secret)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_cursor")


@pytest.mark.parametrize(
    "query", ["pupil=1", "school_year=2026", "school_year=²", "fields=reason", "day=1"]
)
def test_odd_values_are_told_by_the_name_of_the_parameter(client, secret, query):
    answer = get(client, f"enrolments?{query}", secret)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"#/{query.split('=')[0]}"


def test_reading_the_movement_is_a_look_at_each_child(client, world, secret):
    listed(client, secret)
    looks = Look.objects.filter(subject_type="registry.pupil", what="API: enrolments")
    assert {look.subject_id for look in looks} == {
        str(world.pupils[name].pk) for name in ("ivan", "oksana")
    }
