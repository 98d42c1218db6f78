"""What a week is made of, in plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cached_property

ALL, ODD, EVEN = "ALL", "ODD", "EVEN"


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    """A lesson's place of the week; minutes of the day it begins and ends at."""

    weekday: int
    begins: int
    ends: int
    shift: int
    no: int

    @property
    def key(self) -> tuple[int, int, int]:
        """Day, shift and number, as forms name it."""
        return self.weekday, self.shift, self.no


@dataclasses.dataclass(frozen=True)
class Course:
    """What one journal wants of the week. `halves`: twice the lessons, so that one lesson in two
    weeks is 1. `classes`: whose pupils learn, all of them or, where `group` is named, a part."""

    journal: int
    name: str
    halves: int
    shift: int
    teacher: str | None
    classes: frozenset[int]
    group: int | None = None
    kind: str = ""  # of room
    seats: int = 0

    @property
    def whole(self) -> int:
        """Lessons of every week."""
        return self.halves // 2

    @property
    def half(self) -> int:
        """1 when there is one more lesson every other week."""
        return self.halves % 2


@dataclasses.dataclass(frozen=True)
class Klass:
    """A class: the most lessons of a day."""

    label: str
    shift: int
    most: int


@dataclasses.dataclass(frozen=True)
class Teacher:
    """A person who teaches: places at which they do not, the most lessons of a day."""

    name: str
    closed: frozenset[tuple[int, int, int]] = frozenset()
    most: int | None = None


@dataclasses.dataclass(frozen=True)
class Seat:
    """A room: '' of kind is for any subject; `seats` is None where nobody counted them."""

    pk: int
    name: str
    kind: str = ""
    seats: int | None = None


@dataclasses.dataclass(frozen=True, order=True)
class Lesson:
    """A lesson of the week that was found, or that stands today."""

    journal: int
    weekday: int
    no: int
    weeks: str = ALL


@dataclasses.dataclass(frozen=True)
class Problem:
    """A school's week to be made."""

    days: int
    places: tuple[Place, ...]
    courses: tuple[Course, ...]
    classes: Mapping[int, Klass]
    teachers: Mapping[str, Teacher]
    rooms: tuple[Seat, ...] = ()
    shared: frozenset[tuple[int, int]] = frozenset()  # groups that have a pupil in common
    now: frozenset[Lesson] = frozenset()

    @cached_property
    def of_shift(self) -> Mapping[int, tuple[Place, ...]]:
        """Places by shift, in the order of the week."""
        return {
            shift: tuple(sorted(one for one in self.places if one.shift == shift))
            for shift in {one.shift for one in self.places}
        }

    def open_to(self, course: Course) -> tuple[Place, ...]:
        """Places that its teacher has not closed."""
        closed = self.teachers[course.teacher].closed if course.teacher else frozenset()
        return tuple(one for one in self.of_shift.get(course.shift, ()) if one.key not in closed)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of rooms that the school has; a subject that wants another goes to any room."""
        return frozenset(one.kind for one in self.rooms if one.kind)

    def room_kind(self, course: Course) -> str:
        """The kind of room a course is held in."""
        return course.kind if course.kind in self.kinds else ""

    def same_pupils(self, one: Course, other: Course) -> bool:
        """Whether some pupil learns both."""
        if one.journal == other.journal:
            return True
        if one.group is not None and other.group is not None:
            return one.group == other.group or (one.group, other.group) in self.shared
        return bool(one.classes & other.classes)


def at_once(places: Iterable[Place]) -> list[tuple[Place, ...]]:
    """Sets of places that meet in time, so that whoever is in one is in no other: for each moment a
    lesson begins, those going on. Places that meet share such a moment, so nothing is left out."""
    every = sorted(set(places))
    found: dict[tuple[Place, ...], None] = {}
    for one in every:
        together = tuple(
            other
            for other in every
            if other.weekday == one.weekday and other.begins <= one.begins < other.ends
        )
        found[together] = None
    return list(found)


def most_apart(places: Iterable[Place]) -> int:
    """How many of these places one person can be at: the greatest number that do not meet."""
    count, day, ends = 0, 0, -1
    for one in sorted(set(places), key=lambda place: (place.weekday, place.ends)):
        if one.weekday != day or one.begins >= ends:
            count, day, ends = count + 1, one.weekday, one.ends
    return count
