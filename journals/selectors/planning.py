"""What a school's week is to be made of, read for the solver; runs and what they found, for pages."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q

from accounts.actors import Actor
from journals import policies, values
from journals.models import Bell, Journal, Room, Slot, TeacherHours, TimetableRun, YearPlan
from journals.models.timetable import ALL
from journals.selectors import timetable
from journals.solver.problem import Course, Klass, Lesson, Place, Problem, Seat, Teacher
from kernel.batch import UNDER_WAY
from kernel.errors import NotFound
from kernel.text import sort_key
from registry.enrolments.selectors import placed_in
from registry.models import ClassGroup, GroupClass, Institution, Load, Post
from registry.staff.models.posts import lasting

UNTAUGHT = ("CLUB", "GPD")  # loads that stand in no timetable
_PARTS = Prefetch("group__parts", GroupClass.objects.select_related("class_group"))


# ── the problem ──────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Gathered:
    """A school's week to be made, and what stays out of it: journals without hours or teacher."""

    problem: Problem
    journals: Mapping[int, Journal]
    rooms_now: Mapping[int, int]
    mark: str
    without_hours: Sequence[str]
    without_teacher: Sequence[str]


def gather(plan: YearPlan, since: datetime.date) -> Gathered:
    """Everything about a school's year that its week depends on; a dozen queries."""
    home, year = plan.institution_id, plan.school_year_id
    classes = list(
        ClassGroup.objects.filter(institution=home, school_year=year, closed_on=None).order_by("pk")
    )
    journals = journals_of_year(home, year)
    slots = list(Slot.objects.filter(journal__in=journals, ends_on__gt=since))
    halves = hours_of(journals, home, year, since)
    names = timetable.names_of(home)
    bells = list(Bell.objects.filter(plan=plan))
    persons = dict(
        Post.objects.filter(pk__in={one.post_id for one in journals if one.post_id}).values_list(
            "pk", "employee_id"
        )
    )
    sizes = placed_in([one.pk for one in classes], since)
    members = _members([one.group_id for one in journals if one.group_id], since)
    courses, silent, untaught = [], [], []
    for one in journals:
        name = f"{timetable.whose(one)}, {names.get(one.subject, one.subject)}"
        own = classes_of(one)
        if not halves.get(one.pk):
            silent.append(name)
            continue
        if one.post_id is None:
            untaught.append(name)
        courses.append(
            Course(
                journal=one.pk,
                name=name,
                halves=halves[one.pk],
                shift=own[0].shift,
                teacher=str(persons[one.post_id]) if one.post_id else None,
                classes=frozenset(group.pk for group in own),
                group=one.group_id,
                kind=values.room_of(one.subject),
                seats=members.get(one.group_id, 0)
                if one.group_id
                else sum(sizes.get(group.pk, 0) for group in own),
            )
        )
    problem = Problem(
        days=plan.days,
        places=tuple(
            Place(day, _minutes(bell.starts_at), _minutes(bell.ends_at), bell.shift, bell.no)
            for day in range(1, plan.days + 1)
            for bell in bells
        ),
        courses=tuple(courses),
        classes=_days_of(classes, courses, plan.days),
        teachers=_teachers(home, persons, journals),
        rooms=tuple(
            Seat(one.pk, one.name, one.kind, one.seats)
            for one in Room.objects.filter(institution=home, is_closed=False).order_by("pk")
        ),
        shared=_shared([one.group_id for one in journals if one.group_id], since),
        now=frozenset(Lesson(s.journal_id, s.weekday, s.no, s.weeks) for s in _standing(slots)),
    )
    rooms_now = {s.journal_id: s.room_id for s in slots if s.room_id}
    mark = timetable.mark(slots)
    return Gathered(problem, {one.pk: one for one in journals}, rooms_now, mark, silent, untaught)


def journals_of_year(home: int, year: str) -> list[Journal]:
    """Journals of open classes and groups of a school's year; two queries."""
    return list(
        Journal.objects.filter(
            Q(class_group__closed_on=None, class_group__isnull=False)
            | Q(group__closed_on=None, group__isnull=False),
            institution=home,
            school_year=year,
        )
        .select_related("class_group", "group", "post__employee")
        .prefetch_related(_PARTS)
        .order_by("pk")
    )


def hours_of(
    journals: Sequence[Journal], home: int, year: str, day: datetime.date
) -> dict[int, int]:
    """Half-lessons a week of each journal: as the school said, else by the load that stands."""
    said = {one.pk: one.halves for one in journals if one.halves is not None}
    return load_of(journals, home, year, day) | said


def load_of(
    journals: Sequence[Journal], home: int, year: str, day: datetime.date
) -> dict[int, int]:
    """Half-lessons a week of each journal by the load that stands on a day."""
    lines = (
        Load.objects.filter(lasting(day), institution=home, school_year=year, voided_by=None)
        .exclude(type__in=UNTAUGHT)
        .exclude(subject="")
        .prefetch_related("parts")
    )
    of_group: dict[int, float] = defaultdict(float)
    of_class: dict[tuple[int, str], float] = defaultdict(float)
    for line in lines:
        if line.group_id is not None:
            of_group[line.group_id] += float(line.hours)
            continue
        parts = list(line.parts.all())
        for part in parts:
            of_class[part.class_group_id, line.subject] += float(line.hours) / len(parts)
    found = {}
    for one in journals:
        if one.group_id is not None:
            found[one.pk] = round(2 * of_group.get(one.group_id, 0))
        elif one.class_group_id is not None:
            found[one.pk] = round(2 * of_class.get((one.class_group_id, one.subject), 0))
    return found


def _standing(slots: Iterable[Slot]) -> list[Slot]:
    """Those that stand first after the day: of two weeks to come, the nearer."""
    every = list(slots)
    first: dict[int, datetime.date] = {}
    for one in every:
        first[one.journal_id] = min(one.starts_on, first.get(one.journal_id, one.starts_on))
    return [one for one in every if one.starts_on == first[one.journal_id]]


def classes_of(journal: Journal) -> list[ClassGroup]:
    """The class of a journal, or those whose pupils its group takes."""
    if journal.class_group is not None:
        return [journal.class_group]
    assert journal.group is not None  # noqa: S101 - a constraint says so
    return sorted((part.class_group for part in journal.group.parts.all()), key=lambda one: one.pk)


def _days_of(
    classes: Sequence[ClassGroup], courses: Sequence[Course], days: int
) -> dict[int, Klass]:
    """Classes that learn, each with the most lessons of its day: by its grade, or as many as its
    hours need."""
    needed: Counter[int] = Counter()
    learn: set[int] = set()
    for one in courses:
        learn |= one.classes
        if one.group is None:
            needed.update(dict.fromkeys(one.classes, one.halves))
    return {
        one.pk: Klass(
            one.label,
            one.shift,
            max(values.most_of_day(one.grade), -(-needed[one.pk] // (2 * days))),
        )
        for one in classes
        if one.pk in learn
    }


def _teachers(
    home: int, persons: Mapping[uuid.UUID, uuid.UUID], journals: Sequence[Journal]
) -> dict[str, Teacher]:
    """Whoever leads a journal: a person of two posts is one, and closed where either post is."""
    said: dict[uuid.UUID, list[TeacherHours]] = defaultdict(list)
    for row in TeacherHours.objects.filter(institution=home, post__in=list(persons)):
        said[persons[row.post_id]].append(row)
    named = {
        persons[one.post_id]: timetable.teacher_of(one.post) for one in journals if one.post_id
    }
    return {
        str(person): Teacher(
            name,
            frozenset(place for row in said[person] for place in row.places),
            min((row.most for row in said[person] if row.most is not None), default=None),
        )
        for person, name in named.items()
    }


def _members(groups: Sequence[int], day: datetime.date) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT group_id, count(*) FROM registry_group_learning
            WHERE group_id = ANY(%s) AND (ends_on IS NULL OR ends_on > %s) GROUP BY 1
            """,
            [list(groups), day],
        )
        return dict(cursor.fetchall())


def _shared(groups: Sequence[int], day: datetime.date) -> frozenset[tuple[int, int]]:
    """Groups that have a pupil in common, both ways round."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT x.group_id, y.group_id
            FROM registry_group_learning x JOIN registry_group_learning y
                ON y.pupil_id = x.pupil_id AND y.group_id <> x.group_id
            WHERE x.group_id = ANY(%(groups)s) AND y.group_id = ANY(%(groups)s)
              AND (x.ends_on IS NULL OR x.ends_on > %(day)s)
              AND (y.ends_on IS NULL OR y.ends_on > %(day)s)
            """,
            {"groups": list(groups), "day": day},
        )
        return frozenset(tuple(row) for row in cursor.fetchall())


def _minutes(time: datetime.time) -> int:
    return time.hour * 60 + time.minute


# ── runs ─────────────────────────────────────────────────────────────────────
def run(actor: Actor, run_id: Any) -> TimetableRun:
    """A run of a school whose timetable the actor keeps.

    Raises:
        NotFound, NotAllowed: out of reach, or not the actor's to keep.
    """
    rows = TimetableRun.objects.select_related("institution__unit", "school_year")
    found = rows.filter(
        institution__in=Institution.objects.visible_to(actor).values("pk"), pk=run_id
    ).first()
    if found is None:
        raise NotFound
    policies.keep_timetable.require(actor, found.institution)
    return found


def last_run(home: int, year: str) -> TimetableRun | None:
    """The latest run of a school's year."""
    rows = TimetableRun.objects.filter(institution=home, school_year=year)
    return rows.order_by("-created_at").first()


def is_running(found: TimetableRun) -> bool:
    """Whether a worker has it, or will."""
    return found.state in UNDER_WAY


@dataclasses.dataclass(frozen=True)
class ClassShown:
    """What a class would have: its lessons by (day, number), how many stay as they stand today."""

    klass: ClassGroup
    lessons: Mapping[tuple[int, int], Sequence[tuple[str, str, str, str]]]
    count: int
    same: int
    roomless: int


@dataclasses.dataclass(frozen=True)
class Preview:
    """A week that was found, by class; free lessons of teachers between two of theirs."""

    classes: Sequence[ClassShown]
    lessons: int
    same: int
    before: int  # lessons of today's week
    free: int
    roomless: int


def preview(found: TimetableRun, plan: YearPlan) -> Preview:
    """What a run found, as a person reads it; nothing of it is written."""
    now = gather(plan, found.since)
    problem, names = now.problem, timetable.names_of(plan.institution_id)
    rooms = {room.pk: room.name for room in problem.rooms}
    lessons = [
        (Lesson(journal, day, no, weeks), room)
        for journal, day, no, weeks, room in found.found
        if journal in now.journals
    ]
    rows: dict[int, list[tuple[Lesson, int | None]]] = defaultdict(list)
    for lesson, room in lessons:
        for group in classes_of(now.journals[lesson.journal]):
            rows[group.pk].append((lesson, room))
    groups = {g.pk: g for one in now.journals.values() for g in classes_of(one)}
    shown = []
    for group in sorted(groups.values(), key=lambda one: (one.grade, sort_key(one.letter))):
        at: dict[tuple[int, int], list[tuple[str, str, str, str]]] = defaultdict(list)
        for lesson, room in sorted(rows[group.pk], key=lambda row: row[0]):
            journal = now.journals[lesson.journal]
            at[lesson.weekday, lesson.no].append(
                (
                    names.get(journal.subject, journal.subject)
                    + (f", {journal.group.name}" if journal.group else ""),
                    timetable.teacher_of(journal.post),
                    rooms.get(room, "") if room else "",
                    lesson.weeks,
                )
            )
        own = rows[group.pk]
        same = sum(lesson in problem.now for lesson, _ in own)
        shown.append(
            ClassShown(group, dict(at), len(own), same, sum(room is None for _, room in own))
        )
    return Preview(
        shown,
        len(lessons),
        sum(lesson in problem.now for lesson, _ in lessons),
        len(problem.now),
        free_lessons(problem, [lesson for lesson, _ in lessons]),
        sum(room is None for _, room in lessons) if rooms else 0,
    )


def free_lessons(problem: Problem, lessons: Iterable[Lesson]) -> int:
    """Lessons of the week at which teachers wait between two of theirs."""
    courses = {one.journal: one for one in problem.courses}
    places = sorted(problem.places)
    busy: dict[tuple[str, int], set[int]] = defaultdict(set)
    of_day = {
        day: sorted({one.begins for one in places if one.weekday == day})
        for day in range(1, problem.days + 1)
    }
    begins = {one.key: one.begins for one in places}
    for one in lessons:
        course = courses.get(one.journal)
        if course is None or course.teacher is None or one.weeks not in {ALL, "ODD"}:
            continue
        moment = begins[one.weekday, course.shift, one.no]
        busy[course.teacher, one.weekday].add(of_day[one.weekday].index(moment))
    return sum(max(at) - min(at) + 1 - len(at) for at in busy.values())


# ── what it rests on ─────────────────────────────────────────────────────────
def teachers(home: int, year: str, today: datetime.date) -> list[tuple[Post, TeacherHours | None]]:
    """Whoever leads a journal of the year, by name, with what they said of their hours."""
    leading = Journal.objects.filter(institution=home, school_year=year).values("post_id")
    posts = list(
        Post.objects.filter(lasting(today), institution=home, pk__in=leading)
        .select_related("employee")
        .order_by("sort_key", "pk")
    )
    said = {row.post_id: row for row in TeacherHours.objects.filter(institution=home)}
    return [(one, said.get(one.pk)) for one in posts]


def teacher(actor: Actor, post_id: uuid.UUID) -> tuple[Post, TeacherHours | None]:
    """A post of a school whose timetable the actor keeps, with what was said of its hours.

    Raises:
        NotFound, NotAllowed: out of reach, or not the actor's to keep.
    """
    rows = Post.objects.visible_to(actor).select_related("employee", "institution__unit")
    post: Post = rows.find(pk=post_id)
    policies.keep_timetable.require(actor, post.institution)
    return post, TeacherHours.objects.filter(post=post).first()


def rooms_mark(rooms: Sequence[Room]) -> str:
    """What the rooms were when a page read them."""
    return timetable.marked(f"{one.pk}:{one.kind}:{one.seats}:{one.is_closed}" for one in rooms)


def hours_mark(journals: Sequence[Journal]) -> str:
    """What hours of journals were when a page read them."""
    return timetable.marked(f"{one.pk}:{one.halves}" for one in journals)
