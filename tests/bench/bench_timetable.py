"""A week of a school of 24 classes made by the solver: seconds to the first that stands the rules, and
to the one that is kept; beside them what counting alone takes (`reference`)."""

from __future__ import annotations

import time

from journals.selectors.planning import free_lessons
from journals.services import planning
from journals.solver import checks, rooms, search
from tests.bench import Result, bench
from tests.journals.weeks import conflicts, school


@bench("timetable.school", unit="s")
def timetable() -> list[Result]:
    """24 classes: the first week, the kept one; no conflict in either by a count of its own."""
    problem = school()
    began = time.perf_counter()
    if checks.impossible(problem):
        raise AssertionError(checks.impossible(problem))
    counted = time.perf_counter() - began
    first = search.find(problem, seconds=planning.FIRST)
    to_first = time.perf_counter() - began
    best = first
    for step in range(planning.BETTERMENTS):
        better = search.find(problem, seconds=planning.BETTER, hint=best.lessons, seed=step + 2)
        best = better if better.lessons else best
    to_best = time.perf_counter() - began
    given = rooms.given(problem, best.lessons, {})
    for week in (first.lessons, best.lessons):
        if not week or conflicts(problem, week, given if week is best.lessons else {}):
            raise AssertionError("no week, or a conflict in it")
    lessons = len(best.lessons)
    waits = [free_lessons(problem, week) for week in (first.lessons, best.lessons)]
    return [
        Result(to_first, reference=counted, n=lessons, name="timetable.first"),
        Result(to_best, reference=counted, n=lessons, name="timetable.best"),
        Result(waits[1], unit="lessons", reference=waits[0], name="timetable.free_lessons"),
        Result(lessons - len(given), unit="lessons", n=lessons, name="timetable.roomless"),
    ]
