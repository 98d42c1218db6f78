"""The search itself: CP-SAT of OR-Tools. A place of a course is a yes or no; everything else is said of
those.

What must hold: a pupil, a teacher and a room are in one place at a time; classes begin with the first
lesson and have no free lesson between two; a teacher has no lesson when they said so, nor more than
they may of a day; a class has no more than its age bears, of one subject two at most. What is sought:
lessons of today's week kept where that was asked, groups of a class learning at once, a subject spread
over the week, few free lessons between two of a teacher.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from journals.solver.checks import most_a_day
from journals.solver.problem import ALL, EVEN, ODD, Course, Lesson, Place, Problem, at_once

WORKERS = 4  # strategies side by side, on however many cores
FOUND, BEST, IMPOSSIBLE, UNKNOWN = "FOUND", "BEST", "IMPOSSIBLE", "UNKNOWN"
# What a place costs beside another: a free lesson of a teacher, a second lesson of one subject in a
# day, two lessons a week on days that touch, a lesson at which only a part of a class learns.
FREE, SECOND, TOUCHING, APART = 3, 5, 1, 4
Reason = tuple[str, Any]


def is_installed() -> bool:
    """Whether this machine has the solver: OR-Tools is heavy, a host that makes no weeks may lack it."""
    return importlib.util.find_spec("ortools") is not None


@dataclasses.dataclass(frozen=True)
class Found:
    """What came of a search: a week, or why there is none. `cost`: less is better."""

    state: str
    lessons: frozenset[Lesson] = frozenset()
    cost: int = 0
    reasons: tuple[Reason, ...] = ()


def find(
    problem: Problem,
    *,
    seconds: float,
    hint: Collection[Lesson] = (),
    keep: int = 0,
    seed: int = 1,
) -> Found:
    """Look for a week. With `hint`, a week that stands the rules, look for a better one; without,
    take the first.

    keep: what a lesson of today's week is worth, 0 to make the week anew.
    """
    model = _Model(problem)
    if hint:
        model.wish(keep)
        model.hint(hint)
    elif keep:
        model.hint(problem.now)
    return model.solve(seconds, seed, first=not hint)


def reasons(problem: Problem, *, seconds: float) -> tuple[Reason, ...]:
    """A set of rules that cannot hold together, each of which is needed for that where time allowed to
    try; nothing when none was found. Kinds: `closed`, `most`, `at_once` of a teacher; `class_most`,
    `class_gaps`, `class_at_once` of a class; `rooms` of a kind; `twice`, of any course."""
    model = _Model(problem, guarded=True)
    core = model.core(seconds / 2)
    if core is None:
        return ()
    kept = list(core)
    each = max(0.5, seconds / 2 / max(1, len(kept)))
    for one in list(kept):
        rest = [other for other in kept if other != one]
        without = model.core(each, rest)
        if without is not None:
            kept = [other for other in rest if other in without]
    return tuple(kept)


class _Model:
    """Variables and rules of one problem."""

    def __init__(self, problem: Problem, *, guarded: bool = False) -> None:
        from ortools.sat.python import cp_model

        self.cp: Any = cp_model
        self.model: Any = cp_model.CpModel()
        self.problem = problem
        self.guards: dict[Reason, Any] | None = {} if guarded else None
        self.of: dict[tuple[int, str], dict[Place, Any]] = {}
        for course in problem.courses:
            self._place(course)
        self._pupils()
        self._teachers()
        self._classes()
        self._days()
        self._rooms()

    # ── variables ────────────────────────────────────────────────────────────
    def _place(self, course: Course) -> None:
        places = self.problem.of_shift.get(course.shift, ())
        closed = self.problem.teachers[course.teacher].closed if course.teacher else frozenset()
        for weeks, count in ((ALL, course.whole), (ODD, course.half), (EVEN, course.half)):
            if not count:
                continue
            made = {}
            for place in places:
                if place.key in closed:
                    if self.guards is None:
                        continue
                    made[place] = self.model.new_bool_var("")
                    self._rule(("closed", course.teacher), lambda c: c, made[place] == 0)
                else:
                    made[place] = self.model.new_bool_var("")
            self.of[course.journal, weeks] = made
        whole = self.of.get((course.journal, ALL))
        if whole is not None:
            self.model.add(sum(whole.values()) == course.whole)
        if course.half:
            halves = [self.of[course.journal, weeks] for weeks in (ODD, EVEN)]
            self.model.add(sum(var for made in halves for var in made.values()) == 1)

    def at(self, course: Course, place: Place, week: str) -> list[Any]:
        """Variables that say the course is there in that week."""
        kinds = (ALL, ODD, EVEN) if week == ALL else (ALL, week)
        found = (self.of.get((course.journal, weeks), {}).get(place) for weeks in kinds)
        return [one for one in found if one is not None]

    def _rule(self, reason: Reason, wrap: Callable[[Any], Any], bounded: Any) -> None:
        made = self.model.add(wrap(bounded))
        if self.guards is not None:
            if reason not in self.guards:
                self.guards[reason] = self.model.new_bool_var(str(reason))
            made.only_enforce_if(self.guards[reason])

    def _most_one(self, reason: Reason, variables: Sequence[Any]) -> None:
        if len(variables) < 2:
            return
        if self.guards is None:
            self.model.add_at_most_one(variables)
        else:
            self._rule(reason, lambda c: c, sum(variables) <= 1)

    def _weeks(self, courses: Iterable[Course]) -> tuple[str, ...]:
        return (ODD, EVEN) if any(one.half for one in courses) else (ALL,)

    # ── rules ────────────────────────────────────────────────────────────────
    def _pupils(self) -> None:
        for pk, klass in self.problem.classes.items():
            places = self.problem.of_shift.get(klass.shift, ())
            own = [c for c in self.problem.courses if pk in c.classes]
            groups = [one for one in own if one.group is not None]
            whole = [one for one in own if one.group is None]
            cliques = [whole] if not groups else []
            for one in groups:
                together = [one]
                for other in groups:
                    if other is not one and all(
                        self.problem.same_pupils(other, there) for there in together
                    ):
                        together.append(other)
                cliques.append([*whole, *together])
                cliques += [
                    [one, other]
                    for other in groups
                    if other is not one
                    and other not in together
                    and self.problem.same_pupils(one, other)
                ]
            for clique in cliques:
                for week in self._weeks(clique):
                    for place in places:
                        self._most_one(
                            ("class_at_once", pk),
                            [var for one in clique for var in self.at(one, place, week)],
                        )

    def _of_teacher(self) -> dict[str, list[Course]]:
        found: dict[str, list[Course]] = defaultdict(list)
        for one in self.problem.courses:
            if one.teacher:
                found[one.teacher].append(one)
        return found

    def _teachers(self) -> None:
        for key, courses in self._of_teacher().items():
            shifts = {one.shift for one in courses}
            places = [p for shift in shifts for p in self.problem.of_shift.get(shift, ())]
            for week in self._weeks(courses):
                for together in at_once(places):
                    self._most_one(
                        ("at_once", key),
                        [v for one in courses for p in together for v in self.at(one, p, week)],
                    )
                most = self.problem.teachers[key].most
                if most is not None:
                    for _, day in self._by_day(places):
                        here = [v for one in courses for p in day for v in self.at(one, p, week)]
                        self._rule(("most", key), lambda c: c, sum(here) <= most)

    def _by_day(self, places: Iterable[Place]) -> Iterator[tuple[int, list[Place]]]:
        every = sorted(set(places))
        for weekday in range(1, self.problem.days + 1):
            yield weekday, [one for one in every if one.weekday == weekday]

    def _classes(self) -> None:
        """No free lesson between two, the day begins with the first, and ends in time."""
        self.occupied: list[Any] = []
        for pk, klass in self.problem.classes.items():
            own = [c for c in self.problem.courses if pk in c.classes]
            places = self.problem.of_shift.get(klass.shift, ())
            for week in self._weeks(own):
                for _, day in self._by_day(places):
                    before = None
                    for place in (one for one in day if one.no >= 1):
                        here = [var for one in own for var in self.at(one, place, week)]
                        learns = self.model.new_bool_var("")
                        self.occupied.append(learns)
                        self.model.add_max_equality(learns, here or [0])
                        if before is not None:
                            self._rule(("class_gaps", pk), lambda c: c, learns <= before)
                        before = learns
                    last = [one for one in day if one.no > klass.most or one.no < 1]
                    for place in last:
                        for one in own:
                            for var in self.at(one, place, week):
                                self._rule(("class_most", pk), lambda c: c, var == 0)

    def _days(self) -> None:
        for one in self.problem.courses:
            most = most_a_day(one, self.problem.days)
            for _, day in self._by_day(self.problem.of_shift.get(one.shift, ())):
                here = [var for place in day for var in self.at(one, place, ALL)]
                if len(here) > most:
                    self._rule(("twice", one.journal), lambda c: c, sum(here) <= most)

    def _rooms(self) -> None:
        by_kind: dict[str, list[Course]] = defaultdict(list)
        for one in self.problem.courses:
            by_kind[self.problem.room_kind(one)].append(one)
        for kind, courses in by_kind.items():
            rooms = [one for one in self.problem.rooms if one.kind == kind]
            if not rooms:
                continue
            shifts = {one.shift for one in courses}
            moments = at_once(p for shift in shifts for p in self.problem.of_shift.get(shift, ()))
            before = None
            for least in sorted({one.seats for one in courses}):
                big = [one for one in courses if one.seats >= least]
                fit = sum(one.seats is None or one.seats >= least for one in rooms)
                if fit == before:
                    continue  # the same rooms for fewer lessons: said already
                before = fit
                for week in self._weeks(big):
                    for together in moments:
                        here = [v for one in big for p in together for v in self.at(one, p, week)]
                        if len(here) > fit:
                            self._rule(("rooms", kind), lambda c: c, sum(here) <= fit)

    # ── what is sought ───────────────────────────────────────────────────────
    def wish(self, keep: int) -> None:
        """Say what is better and what is worse."""
        costs: list[Any] = [APART * one for one in self.occupied]
        costs += [SECOND * one for one in self._seconds()]
        costs += [TOUCHING * one for one in self._touching()]
        costs += [FREE * one for one in self._free()]
        for lesson in self.problem.now if keep else ():
            made = self.of.get((lesson.journal, lesson.weeks), {})
            for place, var in made.items():
                if (place.weekday, place.no) == (lesson.weekday, lesson.no):
                    costs.append(keep * (1 - var))
        self.model.minimize(sum(costs))

    def _seconds(self) -> Iterator[Any]:
        for one in self.problem.courses:
            usual = max(1, -(-one.whole // self.problem.days))
            if one.whole < 2 or usual >= most_a_day(one, self.problem.days):
                continue
            for _, day in self._by_day(self.problem.of_shift.get(one.shift, ())):
                here = [var for place in day for var in self.at(one, place, ALL)]
                if len(here) > usual:
                    over = self.model.new_int_var(0, len(here), "")
                    self.model.add(over >= sum(here) - usual)
                    yield over

    def _touching(self) -> Iterator[Any]:
        for one in self.problem.courses:
            if one.whole != 2 or one.half:
                continue
            days = [
                sum(var for place in day for var in self.at(one, place, ALL))
                for _, day in self._by_day(self.problem.of_shift.get(one.shift, ()))
            ]
            for first, second in itertools.pairwise(days):
                both = self.model.new_bool_var("")
                self.model.add(both >= first + second - 1)
                yield both

    def _free(self) -> Iterator[Any]:
        for courses in self._of_teacher().values():
            places = [
                p
                for shift in {one.shift for one in courses}
                for p in self.problem.of_shift.get(shift, ())
            ]
            for _, day in self._by_day(places):
                works = [
                    sum(v for one in courses for v in self.at(one, place, ODD)) for place in day
                ]
                yield from self._between(works)

    def _between(self, works: Sequence[Any]) -> Iterator[Any]:
        size = len(works)
        before = [self.model.new_bool_var("") for _ in works]
        after = [self.model.new_bool_var("") for _ in works]
        for k in range(size):
            self.model.add(before[k] >= works[k])
            self.model.add(after[k] >= works[k])
            if k:
                self.model.add(before[k] >= before[k - 1])
                self.model.add(after[k - 1] >= after[k])
        for k in range(1, size - 1):
            free = self.model.new_bool_var("")
            self.model.add(free >= before[k - 1] + after[k + 1] - 1 - works[k])
            yield free

    def hint(self, lessons: Collection[Lesson]) -> None:
        """Where to begin looking."""
        wanted = {(one.journal, one.weeks, one.weekday, one.no) for one in lessons}
        for (journal, weeks), made in self.of.items():
            for place, var in made.items():
                is_there = (journal, weeks, place.weekday, place.no) in wanted
                self.model.add_hint(var, is_there)

    # ── asking ───────────────────────────────────────────────────────────────
    def solve(self, seconds: float, seed: int, *, first: bool) -> Found:
        """Ask the solver; with `first` the first week does."""
        solver: Any = self.cp.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = seed
        solver.parameters.stop_after_first_solution = first
        status = solver.solve(self.model)
        if status == self.cp.INFEASIBLE:
            return Found(IMPOSSIBLE)
        if status not in {self.cp.OPTIMAL, self.cp.FEASIBLE}:
            return Found(UNKNOWN)
        lessons = frozenset(
            Lesson(journal, place.weekday, place.no, weeks)
            for (journal, weeks), made in self.of.items()
            for place, var in made.items()
            if solver.boolean_value(var)
        )
        is_best = status == self.cp.OPTIMAL and not first
        return Found(BEST if is_best else FOUND, lessons, round(solver.objective_value))

    def core(self, seconds: float, only: Sequence[Reason] | None = None) -> list[Reason] | None:
        """Rules that together refuse every week; None when a week exists, or time ran out."""
        assert self.guards is not None  # noqa: S101 - asked of a guarded model alone
        chosen = {self.guards[one]: one for one in (self.guards if only is None else only)}
        self.model.clear_assumptions()
        self.model.add_assumptions(list(chosen))
        solver: Any = self.cp.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = 1  # the core is told by one alone
        if solver.solve(self.model) != self.cp.INFEASIBLE:
            return None
        told = set(solver.sufficient_assumptions_for_infeasibility())
        by_index = {var.index: reason for var, reason in chosen.items()}
        return [reason for index, reason in by_index.items() if index in told]
