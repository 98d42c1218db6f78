"""A synthetic school, and a count of its own of what is wrong with a week: nothing of the search."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from journals.solver.problem import Course, Klass, Lesson, Place, Problem, Seat, Teacher

LESSONS, DAYS = 8, 5
PRIMARY = {"UK": 7, "MATHS": 4, "READ": 4, "EXPLORE": 3, "ENGLISH": 3, "ARTS": 2, "PE": 3}
UPPER = {
    "UK": 4,
    "LITERATURE": 2,
    "MATHS": 5,
    "ENGLISH": 3,
    "HISTORY": 2,
    "GEOGRAPHY": 2,
    "BIOLOGY": 2,
    "INFORMATICS": 2,
    "PE": 3,
    "ARTS": 1,
    "PHYSICS": 2,
    "CHEMISTRY": 1.5,
    "WORK": 1,
}
SPLIT = ("ENGLISH", "INFORMATICS")  # learnt in two groups from grade 5
SPECIAL = {"PE": "GYM", "INFORMATICS": "COMPUTER"}


def school(classes: int = 24, *, seed: int = 1) -> Problem:
    """Classes of grades 1–11 in turn, two languages groups, half-hours, teachers of at most 20 hours,
    every fourth with a day off, rooms of three kinds."""
    chance = random.Random(seed)
    courses: list[Course] = []
    hours: dict[str, float] = {}
    named: dict[int, Klass] = {}
    groups = 0

    def teacher(subject: str, wanted: float) -> str:
        for number in range(1, 100):
            name = f"{subject} {number}"
            if hours.get(name, 0) + wanted <= 20:
                hours[name] = hours.get(name, 0) + wanted
                return name
        raise AssertionError("a hundred teachers of one subject")

    def course(klass: int, subject: str, wanted: float, who: str, group: int | None) -> None:
        courses.append(
            Course(
                journal=len(courses) + 1,
                name=f"{named[klass].label}, {subject}",
                halves=round(2 * wanted),
                shift=1,
                teacher=who,
                classes=frozenset([klass]),
                group=group,
                kind=SPECIAL.get(subject, ""),
                seats=14 if group else 28,
            )
        )

    for klass in range(1, classes + 1):
        grade = 1 + (klass - 1) % 11
        named[klass] = Klass(f"{grade}-{'АБВ'[(klass - 1) // 11]}", 1, 6 if grade <= 4 else 8)
        own = f"Class {klass}"
        for subject, wanted in (PRIMARY if grade <= 4 else UPPER).items():
            if grade > 4 and subject in SPLIT:
                for _ in range(2):
                    groups += 1
                    course(klass, subject, wanted, teacher(subject, wanted), groups)
                continue
            led = grade <= 4 and subject not in {"ENGLISH", "PE", "ARTS"}
            course(klass, subject, wanted, own if led else teacher(subject, wanted), None)
    # The first group of one subject has pupils of the first of another, and so the second.
    by_class: dict[int, list[int]] = {}
    for one in courses:
        if one.group is not None:
            by_class.setdefault(min(one.classes), []).append(one.group)
    shared = {pair for a, b, c, d in by_class.values() for pair in ((a, c), (c, a), (b, d), (d, b))}
    names = sorted({one.teacher for one in courses if one.teacher})
    return Problem(
        days=DAYS,
        places=tuple(
            Place(day, 510 + 55 * no, 555 + 55 * no, 1, no)
            for day in range(1, DAYS + 1)
            for no in range(1, LESSONS + 1)
        ),
        courses=tuple(courses),
        classes=named,
        teachers={
            name: Teacher(
                name,
                frozenset((chance.randint(1, DAYS), 1, no) for no in range(1, 4))
                if number % 4 == 0 and not name.startswith("Class")
                else frozenset(),
                7 if number % 3 == 0 else None,
            )
            for number, name in enumerate(names)
        },
        rooms=(
            *(Seat(number, str(number), "", 30) for number in range(1, classes + 1)),
            *(Seat(100 + number, f"Gym {number}", "GYM") for number in range(2)),
            *(Seat(200 + number, f"Computers {number}", "COMPUTER", 15) for number in range(2)),
        ),
        shared=frozenset(shared),
    )


def conflicts(problem: Problem, week: Collection[Lesson], given: Mapping[Lesson, int]) -> list[str]:
    """Everything wrong: hours, two places at once of a teacher, pupil or room, closed places, too many
    of a day, free lessons of a class."""
    courses = {one.journal: one for one in problem.courses}
    wrong = []
    halves: Counter[int] = Counter()
    for one in week:
        halves[one.journal] += 2 if one.weeks == "ALL" else 1
    wrong += [
        f"hours of {one.name}" for one in problem.courses if halves[one.journal] != one.halves
    ]
    minutes = {one.key: (one.begins, one.ends) for one in problem.places}
    rooms = {one.pk: one for one in problem.rooms}
    by_day: dict[int, list[Lesson]] = defaultdict(list)
    for one in week:
        by_day[one.weekday].append(one)
        course = courses[one.journal]
        if course.teacher:
            closed = problem.teachers[course.teacher].closed
            if (one.weekday, course.shift, one.no) in closed:
                wrong.append(f"{course.teacher} is not there")
        if one in given and (rooms[given[one]].seats or 999) < course.seats:
            wrong.append(f"{course.name} does not fit")
    for one, other in (pair for day in by_day.values() for pair in itertools.combinations(day, 2)):
        if {one.weeks, other.weeks} == {"ODD", "EVEN"}:
            continue
        a, b = courses[one.journal], courses[other.journal]
        first = minutes[one.weekday, a.shift, one.no]
        second = minutes[other.weekday, b.shift, other.no]
        if first[0] >= second[1] or second[0] >= first[1]:
            continue
        if a.teacher and a.teacher == b.teacher:
            wrong.append(f"{a.teacher} twice on {one.weekday}")
        if one in given and given[one] == given.get(other):
            wrong.append(f"room {given[one]} twice")
        if _one_pupil(problem, a, b):
            wrong.append(f"{a.name} and {b.name} at once")
    for week_of in ("ODD", "EVEN"):
        wrong += _days(problem, courses, [one for one in week if one.weeks in {"ALL", week_of}])
    return wrong


def _one_pupil(problem: Problem, a: Course, b: Course) -> bool:
    if a.group is None or b.group is None:
        return bool(a.classes & b.classes)
    return a.group == b.group or (a.group, b.group) in problem.shared


def _days(problem: Problem, courses: Mapping[int, Course], week: list[Lesson]) -> list[str]:
    wrong = []
    at: dict[tuple[int, int], set[int]] = defaultdict(set)
    taught: Counter[tuple[str, int]] = Counter()
    for one in week:
        course = courses[one.journal]
        for klass in course.classes:
            at[klass, one.weekday].add(one.no)
        if course.teacher:
            taught[course.teacher, one.weekday] += 1
    for (klass, day), numbers in at.items():
        if numbers != set(range(1, len(numbers) + 1)):
            wrong.append(f"{problem.classes[klass].label}: {sorted(numbers)} on {day}")
        if max(numbers) > problem.classes[klass].most:
            wrong.append(f"{problem.classes[klass].label}: too many on {day}")
    for (name, _), count in taught.items():
        most = problem.teachers[name].most
        if most is not None and count > most:
            wrong.append(f"{name}: {count} of a day")
    return wrong
