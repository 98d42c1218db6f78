"""Days of admission as data, and houses of a service territory."""

from __future__ import annotations

import datetime

import pytest

from kernel import clock
from registry.admission import calendar, houses
from registry.admission.calendar import Phase


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=clock.KYIV)


@pytest.mark.parametrize(
    ("territory", "at", "phase"),
    [
        ("UA73", "2026-03-31T23:59:59", Phase.BEFORE),
        ("UA73", "2026-04-01T00:00:00", Phase.OPEN),
        ("UA73", "2026-05-31T23:59:59", Phase.OPEN),
        ("UA73", "2026-06-01T00:00:00", Phase.BREAK),
        ("UA80000000000093317", "2026-06-01T23:59:59", Phase.OPEN),  # Kyiv, 2026
        ("UA80000000000093317", "2026-06-02T00:00:00", Phase.BREAK),
        ("UA80000000000093317", "2027-06-01T00:00:00", Phase.BREAK),  # of that year alone
        ("UA73", "2026-06-15T23:59:59", Phase.BREAK),
        ("UA73", "2026-06-16T00:00:00", Phase.VACANCIES),
        ("UA73", "2026-09-01T00:00:00", Phase.OVER),
    ],
)
def test_a_day_lasts_until_midnight_in_kyiv(territory, at, phase):
    instant = moment(at)
    days = calendar.of(instant.year, territory=territory)
    assert days.phase(instant.astimezone(datetime.UTC)) == phase


def test_from_september_on_it_is_the_next_year():
    years = [calendar.year_of(datetime.date(2026, *day)) for day in ((8, 31), (9, 1), (12, 31))]
    assert years == [2026, 2027, 2027]
    assert calendar.of(2027).school_year == "2027-2028"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1-25 непарні; 30, 32А", "1–25 непарні; 30; 32а"),
        ("2 — 40 (парні)", "2–40 парні"),
        ("", ""),
    ],
)
def test_houses_are_read_as_people_list_them(typed, kept):
    assert houses.written(houses.read(typed)) == kept
    assert houses.read(kept) == houses.read(typed)


@pytest.mark.parametrize("typed", ["від 1 до 5", "25-1", "0", "1-5а-7", "12-"])
def test_what_is_no_list_of_houses_is_refused(typed):
    with pytest.raises(houses.BadHouses):
        houses.read(typed)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("1-25", "25-30", True),
        ("1-25 непарні", "2-24 парні", False),
        ("1-25 непарні", "7", True),
        ("1-25 непарні", "8", False),
        ("5а", "5б", False),
        ("5а", "5", True),
        ("", "7", True),
        ("1-9 непарні", "8-10", True),
        ("8-8", "1-9 непарні", False),
    ],
)
def test_houses_named_twice_meet(one, other, meet):
    first, second = houses.read(one), houses.read(other)
    assert houses.overlap(first, second) is meet
    assert houses.overlap(second, first) is meet


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("вул. Шевченка, 12а, кв. 5", ("вулиця Шевченка", 12, "а")),
        ("м. Чернівці, вулиця Головна, буд. 7", ("вул. Головна", 7, "")),
        ("просп. Незалежності 15-б, кв 3", ("проспект Незалежності", 15, "б")),
        ("село Мамаївці", None),
    ],
)
def test_an_address_names_a_street_and_a_house(line, found):
    expected = found and (houses.street_key(found[0]), *found[1:])
    assert houses.place_of(line) == expected
