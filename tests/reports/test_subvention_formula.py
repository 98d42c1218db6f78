"""The formula of the subvention: the handbook's worked example, its boundaries, thresholds, parts."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.errors import Invalid
from reports.subvention import formula, parameters
from reports.subvention.formula import Place, School

DAY = datetime.date(2026, 1, 1)
GIVEN = parameters.read(
    parameters.beginning() | {"salary": "15 000,00", "shares": "01.01.2025; 0,89\n01.09.2025; 0,97"}
)
HROMADA = Place(Fraction(400), Fraction(60))


def grades(primary: int, basic: int, upper: int) -> dict[int, int]:
    return {1: primary, 5: basic, 10: upper}


def test_the_worked_example_of_the_handbook_to_the_kopiyka():
    found = formula.reckon([School(1, "LYCEUM", grades(480, 560, 160))], HROMADA, GIVEN, DAY)
    assert (found.density, found.size) == (3, 14)
    classes = [round(float(band.classes), 4) for band in found.bands]
    hours = [round(float(band.hours), 4) for band in found.bands]
    assert classes == [34.2857, 40.0, 11.4286]
    assert hours == [857.1429, 1376.0, 434.2857]
    assert round(float(found.teachers), 6) == 148.190476
    assert round(float(found.support), 6) == 41.142857
    assert (found.yearly, found.share) == (219_600, Fraction("0.97"))
    assert found.amount == 40_330_272_00
    alone = formula.whole(found.teachers * found.yearly * Fraction("0.97") * 100)
    assert alone == 31_566_349_71


@pytest.mark.parametrize(
    ("density", "rural", "size"),
    [("0.9", 100, "10"), ("1.3", 25, "13.5"), ("3.65", 10, "19"), ("9.4", 0, "20.5"),
     ("9.39", 89, "14"), ("50", 100, "14.5")],
)  # fmt: skip
def test_boundaries_of_the_table_of_class_sizes(density, rural, size):
    assert GIVEN.size_at(Fraction(density), Fraction(rural)) == Fraction(size)


@given(some.fractions(0, 1000, max_denominator=1000), some.fractions(0, 100, max_denominator=1000))
def test_every_territory_has_a_class_size_and_other_rates(density, rural):
    assert GIVEN.size_at(density, rural)
    assert GIVEN.support_at(rural)


@pytest.mark.parametrize(
    ("day", "taught", "pupils", "paid"),
    [
        ("2025-08-31", (1, 11), 10, True),
        ("2025-09-01", (1, 11), 44, False),
        ("2025-09-01", (1, 11), 45, True),
        ("2026-09-01", (1, 12), 59, False),
        ("2026-09-01", (1, 12), 60, True),
        ("2026-09-01", (1, 11), 54, False),
        ("2026-09-01", (1, 11), 55, True),
        ("2026-09-01", (1, 9), 44, False),
        ("2026-09-01", (1, 9), 45, True),
        ("2026-09-01", (5, 12), 45, True),
    ],
)
def test_thresholds_by_day_and_grades(day, taught, pupils, paid):
    first, last = taught
    school = School(1, "GYMNASIUM", {first: pupils - 1, last: 1})
    found = formula.reckon([school], HROMADA, GIVEN, datetime.date.fromisoformat(day))
    assert found.schools[0].counted is paid
    assert found.eligible == (pupils if paid else 0)


@pytest.mark.parametrize("kind", ["PRIMARY", "SPECIAL", "NRC"])
def test_no_threshold_concerns_primary_and_special_schools(kind):
    found = formula.reckon([School(1, kind, {1: 5})], HROMADA, GIVEN, DAY)
    assert found.schools[0].counted


def test_a_branch_is_judged_together_with_its_hub():
    hub, branch = School(1, "LYCEUM", {1: 200, 11: 20}), School(2, "GYMNASIUM", {1: 12}, with_=1)
    alone = formula.reckon([hub, School(2, "GYMNASIUM", {1: 12})], HROMADA, GIVEN, DAY)
    joint = formula.reckon([hub, branch], HROMADA, GIVEN, DAY)
    assert [one.counted for one in alone.schools] == [True, False]
    assert [one.counted for one in joint.schools] == [True, True]
    assert (alone.eligible, joint.eligible) == (220, 232)


@given(
    some.lists(
        some.dictionaries(some.integers(1, 12), some.integers(0, 90), max_size=5),
        min_size=1, max_size=9,
    )
)  # fmt: skip
def test_parts_of_schools_make_the_budget_to_the_kopiyka(pupils):
    schools = [School(n, "PRIMARY", each) for n, each in enumerate(pupils)]
    found = formula.reckon(schools, HROMADA, GIVEN, DAY)
    assert sum(one.amount for one in found.schools) == found.amount
    assert all(one.amount >= 0 for one in found.schools)


def test_what_the_formula_is_not_given_is_told_and_no_sum_is_made_up():
    found = formula.reckon([School(1, "LYCEUM", {1: 100})], Place(None, None), GIVEN, DAY)
    assert found.amount is None
    assert found.missing == ("площі території", "частки сільського населення")
    early = formula.reckon(
        [School(1, "LYCEUM", {1: 100})], HROMADA, GIVEN, datetime.date(2024, 1, 1)
    )
    assert early.missing == ("коефіцієнта року на цю дату",)


def test_pupils_of_grades_without_hours_are_told():
    found = formula.reckon([School(1, "PRIMARY", {0: 3, 1: 9})], HROMADA, GIVEN, DAY)
    assert found.amount is None
    assert "(3)" in found.missing[0]


@given(
    some.dictionaries(
        some.integers(1, 40),
        some.tuples(some.integers(0, 10**12), some.integers(0, 10**12)),
        min_size=1,
    )
)
def test_redistribution_keeps_the_whole(sums):
    before = {key: first for key, (first, _) in sums.items()}
    after = {key: second for key, (_, second) in sums.items()}
    assert sum(formula.redistributed(before, after).values()) == sum(before.values())


def test_every_wrong_line_of_a_set_is_told_with_its_place():
    wrong = parameters.beginning() | {
        "salary": "багато", "shares": "01.01.2025; 0,89\nколись; 1", "bands": "1; 4; 25\n4; 9; 34",
        "sizes": "0; 1; 0; 100", "rate_hours": "0",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        parameters.read(wrong)
    told = [(one.field, one.detail) for one in refused.value.problems]
    assert [field for field, _ in told] == ["salary", "rate_hours", "shares", "sizes", "bands"]
    assert "рядок 2" in told[2][1]
    assert "перетинаються" in told[4][1]
