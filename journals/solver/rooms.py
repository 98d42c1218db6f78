"""Rooms for the lessons that were found: as today where they are free, one teacher in one room."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from journals.solver.problem import ALL, Lesson, Place, Problem


def given(
    problem: Problem, lessons: Iterable[Lesson], today: Mapping[int, int]
) -> dict[Lesson, int]:
    """The room of each lesson, by its number in the database; a lesson that is not there found none
    free. `today`: the room that a journal has now."""
    courses = {one.journal: one for one in problem.courses}
    places: dict[tuple[int, int, int], Place] = {one.key: one for one in problem.places}
    rooms = {one.pk: one for one in problem.rooms}
    # Who is where, by day: the room, minutes, weeks.
    busy: dict[int, list[tuple[int, int, int, str]]] = defaultdict(list)
    used: dict[str, Counter[int]] = defaultdict(Counter)
    found: dict[Lesson, int] = {}

    def place_of(lesson: Lesson) -> Place:
        return places[lesson.weekday, courses[lesson.journal].shift, lesson.no]

    def order(lesson: Lesson) -> tuple[int, int, int, int]:
        place = place_of(lesson)
        return place.weekday, place.begins, -courses[lesson.journal].seats, lesson.journal

    for lesson in sorted(lessons, key=order):
        course, place = courses[lesson.journal], place_of(lesson)
        kind = problem.room_kind(course)
        taken = {
            room
            for room, begins, ends, weeks in busy[place.weekday]
            if begins < place.ends
            and place.begins < ends
            and (ALL in {weeks, lesson.weeks} or weeks == lesson.weeks)
        }
        free = [
            room
            for room in rooms.values()
            if room.pk not in taken
            and room.kind == kind
            and (room.seats is None or room.seats >= course.seats)
        ]
        if not free:
            continue
        # A primary class stays in its room, elsewhere the teacher does.
        whose = course.teacher or f"class {min(course.classes, default=0)}"
        best = min(
            free,
            key=lambda room: (
                room.pk != today.get(course.journal),
                -used[whose][room.pk],
                room.seats if room.seats is not None else course.seats,
                room.name,
            ),
        )
        found[lesson] = best.pk
        used[whose][best.pk] += 1
        busy[place.weekday].append((best.pk, place.begins, place.ends, lesson.weeks))
    return found
