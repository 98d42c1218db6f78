"""Which day it is in Kyiv, and years and months by the calendar."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from kernel import clock
from kernel.audit.models import Act
from tests.world import sign_in

DATE, TIME = datetime.date, datetime.time


def kyiv(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Kyiv"))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-12-01T22:10:00+00:00", DATE(2026, 12, 2)),  # 00:10 in winter
        ("2026-12-01T21:50:00+00:00", DATE(2026, 12, 1)),
        ("2027-07-01T21:10:00+00:00", DATE(2027, 7, 2)),  # 00:10 in summer
        ("2027-07-01T20:50:00+00:00", DATE(2027, 7, 1)),
        ("2027-03-27T22:00:00+00:00", DATE(2027, 3, 28)),  # the day of 23 hours
        ("2027-03-28T20:59:59+00:00", DATE(2027, 3, 28)),
        ("2027-03-28T21:00:00+00:00", DATE(2027, 3, 29)),
        ("2026-10-24T21:00:00+00:00", DATE(2026, 10, 25)),  # the day of 25 hours
        ("2026-10-25T21:59:59+00:00", DATE(2026, 10, 25)),
        ("2026-10-25T22:00:00+00:00", DATE(2026, 10, 26)),
        ("2028-02-28T22:00:00+00:00", DATE(2028, 2, 29)),
        ("2026-08-31T21:00:00+00:00", DATE(2026, 9, 1)),
    ],
)
def test_a_legal_day_begins_at_midnight_in_kyiv(instant, day):
    assert clock.day_of(datetime.datetime.fromisoformat(instant)) == day
    assert clock.moment_of({"now": datetime.datetime.fromisoformat(instant)}).today == day


@pytest.mark.parametrize(
    ("day", "time", "instant"),
    [
        (DATE(2027, 3, 28), TIME(3, 30), "2027-03-28T01:30:00+00:00"),  # there is none: 04:30
        (DATE(2026, 10, 25), TIME(3, 30), "2026-10-25T00:30:00+00:00"),  # there are two: the first
        (DATE(2026, 12, 1), TIME(8), "2026-12-01T06:00:00+00:00"),
        (DATE(2027, 7, 1), TIME(8), "2027-07-01T05:00:00+00:00"),
    ],
)
def test_a_time_of_a_legal_day_is_one_instant(day, time, instant):
    found = clock.at(day, time)
    assert found == datetime.datetime.fromisoformat(instant)
    assert clock.day_of(found) == day


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        (DATE(2028, 2, 29), 1, DATE(2029, 2, 28)),
        (DATE(2028, 2, 29), 4, DATE(2032, 2, 29)),
        (DATE(2028, 2, 28), 1, DATE(2029, 2, 28)),
        (DATE(2027, 3, 1), 1, DATE(2028, 3, 1)),
        (DATE(2028, 2, 29), -18, DATE(2010, 2, 28)),
    ],
)
def test_a_year_later_is_the_same_day_or_the_last_of_february(day, years, then):
    assert clock.years_after(day, years) == then


def test_a_month_later_is_the_same_day_or_the_last_of_the_month():
    assert clock.months_after(DATE(2026, 8, 31), 6) == DATE(2027, 2, 28)
    assert clock.months_after(DATE(2027, 3, 31), -1) == DATE(2027, 2, 28)
    assert clock.months_after(DATE(2026, 12, 31), 1) == DATE(2027, 1, 31)


@pytest.mark.django_db
def test_whoever_was_born_on_the_29th_of_february_is_of_one_age_in_python_and_in_sql():
    born = DATE(2008, 2, 29)
    for on, years in (
        (DATE(2026, 2, 28), 17),
        (DATE(2026, 3, 1), 18),
        (DATE(2028, 2, 28), 19),
        (DATE(2028, 2, 29), 20),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT registry_full_years(%s, %s), extract(year FROM age(%s::date, %s))::int",
                [born, on, on, born],
            )
            assert {clock.age(born, on), *cursor.fetchone()} == {years}


@pytest.mark.parametrize("now", [
    "2026-12-01 00:10", "2026-11-30 23:50", "2027-06-10 00:10", "2027-06-10 23:50",
    "2027-03-29 00:10", "2026-10-26 00:10", "2028-02-29 00:10", "2026-09-01 00:10",
    "2027-06-30 23:50",
])  # fmt: skip
def test_every_page_and_act_says_the_day_it_is_in_kyiv(world, client, time_machine, now):

    moment = kyiv(now)
    day = moment.date()
    time_machine.move_to(moment, tick=False)
    sign_in(client, world.grants["olena"])

    def page(address: str) -> str:
        return client.get(address).content.decode()

    shown = f'value="{day:%d.%m.%Y}"'
    assert f'name="as_of" value="{day:%d.%m.%Y}"' in page("/reports/")
    for address in ("/staff/new/", "/eis/new/"):
        assert shown in page(address), address
    assert f'value="{clock.years_after(day, 1):%d.%m.%Y}"' in page("/eis/new/")
    assert shown in page(f"/classes/{world.classes['school1/5-А'].uid}/edit/")
    form = {"form": "83-RVK", "as_of": f"{day:%d.%m.%Y}", "purpose": "CHECK"}
    assert client.post("/reports/", form).status_code == 303
    assert Act.objects.latest("id").today == day
    tomorrow = day + datetime.timedelta(days=1)
    late = client.post("/reports/", form | {"as_of": f"{tomorrow:%d.%m.%Y}"})
    assert "ще не настала" in late.content.decode()
