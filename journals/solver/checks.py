"""What counting alone refuses, in words: told before a solver is asked, all of it at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from journals.solver.problem import Course, Problem, most_apart
from kernel.text import plural


def hours(halves: int) -> str:
    """«3 години», «2,5 години»."""
    if halves % 2:
        return f"{halves // 2},5 години"
    return f"{halves // 2} {plural(halves // 2, 'година', 'години', 'годин')}"


def _places(count: int) -> str:
    return f"{count} {plural(count, 'місце', 'місця', 'місць')}"


def impossible(problem: Problem) -> list[str]:
    """Why no week can be made, where counting shows it; nothing when it shows nothing."""
    return [
        *_bells(problem),
        *_classes(problem),
        *_teachers(problem),
        *_courses(problem),
        *_rooms(problem),
    ]


def _bells(problem: Problem) -> Iterator[str]:
    for klass in problem.classes.values():
        if not problem.of_shift.get(klass.shift):
            yield f"{klass.label}: для {klass.shift}-ї зміни не вписано дзвінків"


def _classes(problem: Problem) -> Iterator[str]:
    for pk, klass in problem.classes.items():
        places = problem.of_shift.get(klass.shift, ())
        if not places:
            continue
        whole = sum(c.halves for c in problem.courses if pk in c.classes and c.group is None)
        groups = [c for c in problem.courses if pk in c.classes and c.group is not None]
        needed = whole + max((_in_turn(problem, one, groups) for one in groups), default=0)
        per_day = min(klass.most, len({one.no for one in places}))
        have = per_day * problem.days
        if needed > 2 * have:
            yield (
                f"{klass.label} має {hours(needed)} на тиждень, а місць — {have}: "
                f"{problem.days} {plural(problem.days, 'день', 'дні', 'днів')} по {per_day} {plural(per_day, 'урок', 'уроки', 'уроків')}"
            )


def _in_turn(problem: Problem, first: Course, groups: list[Course]) -> int:
    """Half-hours of groups that can only learn one after another, `first` among them."""
    found = [first]
    for one in groups:
        if one is not first and all(problem.same_pupils(one, other) for other in found):
            found.append(one)
    return sum(one.halves for one in found)


def _teachers(problem: Problem) -> Iterator[str]:
    of: dict[str, list[Course]] = defaultdict(list)
    for course in problem.courses:
        if course.teacher:
            of[course.teacher].append(course)
    for key, courses in of.items():
        teacher = problem.teachers[key]
        needed = sum(one.halves for one in courses)
        places = {place for one in courses for place in problem.open_to(one)}
        have = most_apart(places)
        if needed > 2 * have:
            shut = " з урахуванням годин, коли він не веде уроків" if teacher.closed else ""
            yield f"{teacher.name}: {hours(needed)} на тиждень, а дзвінків{shut} — {have}"
            continue
        if teacher.most is not None:
            by_day = sum(
                min(teacher.most, most_apart(one for one in places if one.weekday == day))
                for day in range(1, problem.days + 1)
            )
            if needed > 2 * by_day:
                yield (
                    f"{teacher.name}: {hours(needed)} на тиждень, а щонайбільше "
                    f"{teacher.most} на день дають {_places(by_day)}"
                )


def _courses(problem: Problem) -> Iterator[str]:
    for one in problem.courses:
        days = len({place.weekday for place in problem.open_to(one)})
        most = most_a_day(one, problem.days)
        if one.halves > 2 * most * days and problem.of_shift.get(one.shift):
            yield (
                f"{one.name}: {hours(one.halves)} на тиждень, а вчитель має {days} "
                f"{plural(days, 'день', 'дні', 'днів')}, щонайбільше {most} на день"
            )


def _rooms(problem: Problem) -> Iterator[str]:
    if not problem.rooms:
        return
    seats: dict[tuple[str, int], list[Course]] = defaultdict(list)
    for one in problem.courses:
        seats[problem.room_kind(one), one.seats].append(one)
    for kind in sorted({kind for kind, _ in seats}):
        rooms = [room for room in problem.rooms if room.kind == kind]
        if not kind and not rooms:
            continue
        wanted = [one for (of, _), courses in seats.items() if of == kind for one in courses]
        for least in sorted({one.seats for one in wanted}):
            big = [one for one in wanted if one.seats >= least]
            fit = [room for room in rooms if room.seats is None or room.seats >= least]
            have = len(fit) * most_apart({p for one in big for p in problem.open_to(one)})
            needed = sum(one.halves for one in big)
            if needed > 2 * have:
                yield (
                    f"Кабінети{_of_kind(kind)}, де є {least} "
                    f"{plural(least, 'місце', 'місця', 'місць')}: потрібно {hours(needed)} на "
                    f"тиждень, а кабінетів {len(fit)} — це {_places(have)}"
                )
                break
    if any(not room.kind for room in problem.rooms):
        for shift in sorted(problem.of_shift):
            classes = [one for one in problem.classes.values() if one.shift == shift]
            if len(classes) > len(problem.rooms):
                yield (
                    f"У {shift}-й зміні {len(classes)} "
                    f"{plural(len(classes), 'клас', 'класи', 'класів')}, а кабінетів — "
                    f"{len(problem.rooms)}: усі класи починають з першого уроку"
                )


def _of_kind(kind: str) -> str:
    from journals import values

    return f" ({values.rooms()[kind].name.lower()})" if kind else ""


def most_a_day(course: Course, days: int) -> int:
    """The most lessons of a subject in one day: two, or as many as its hours need."""
    return max(2, -(-course.halves // (2 * days))) if course.halves > 2 else 1
