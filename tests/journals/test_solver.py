"""The search by itself: a school of every kind of rule, judged lesson by lesson by a count of its own."""

from __future__ import annotations

import dataclasses

from journals.solver import checks, rooms, search
from journals.solver.problem import Course, Lesson, Place
from tests.journals.weeks import conflicts, school


def test_a_school_with_groups_half_hours_and_days_off_has_a_week_without_a_conflict():
    problem = school(6)
    assert not checks.impossible(problem)
    found = search.find(problem, seconds=60)
    given = rooms.given(problem, found.lessons, {})
    assert set(given) == set(found.lessons)
    assert conflicts(problem, found.lessons, given) == []
    better = search.find(problem, seconds=3, hint=found.lessons)
    assert conflicts(problem, better.lessons, {}) == []


def test_the_count_sees_what_is_wrong():
    problem = school(2)
    found = search.find(problem, seconds=60)
    one = min(found.lessons)
    moved = found.lessons - {one} | {dataclasses.replace(one, no=8, weekday=5)}
    assert conflicts(problem, moved, {})


def test_lessons_of_two_shifts_meet_where_their_bells_do():
    problem = school(2)
    both = tuple(Course(n, f"К{n}", 2, n, "Т", frozenset([n])) for n in (1, 2))
    places = (
        *(Place(1, 600, 645, 1, 1), Place(1, 630, 675, 2, 1)),
        *(Place(2, 600, 645, 1, 1), Place(2, 645, 690, 2, 1)),
    )
    classes = {n: dataclasses.replace(problem.classes[n], shift=n, most=1) for n in (1, 2)}
    shifts = dataclasses.replace(
        problem,
        days=2,
        places=places,
        courses=both,
        classes=classes,
        teachers={"Т": problem.teachers["Class 1"]},
        rooms=(),
        shared=frozenset(),
    )
    found = search.find(shifts, seconds=10).lessons
    assert len(found) == 2
    assert not {Lesson(1, 1, 1), Lesson(2, 1, 1)} <= found
