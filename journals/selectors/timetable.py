"""Reading the year of a school, its journals and timetables."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Max, Prefetch, Q

from accounts.actors import Actor
from journals import policies
from journals.models import Bell, Journal, Room, Slot, SubjectName, YearPlan
from journals.models.years import SEMESTER
from kernel.text import sort_key
from registry.classifiers.selectors import classifiers
from registry.models import ClassGroup, GroupClass, Institution, Post, SchoolYear, StudyGroup
from registry.staff.models.posts import lasting


# ── the year ─────────────────────────────────────────────────────────────────
def home(actor: Actor, uid: uuid.UUID | str) -> Institution:
    """A school whose year the actor keeps.

    Raises:
        NotFound, NotAllowed: out of reach, or not the actor's to keep.
    """
    found: Institution = Institution.objects.visible_to(actor).select_related("unit").find(uid=uid)
    policies.keep_timetable.require(actor, found)
    return found


def plan_of(institution_id: int, year: str) -> YearPlan | None:
    """The year of a school with its periods and bells; three queries."""
    return (
        YearPlan.objects.filter(institution=institution_id, school_year=year)
        .prefetch_related("periods", "bells")
        .first()
    )


def last_day_of(plan: YearPlan) -> datetime.date | None:
    """Where the last semester of a year ends, half-open."""
    found: datetime.date | None = plan.periods.filter(kind=SEMESTER).aggregate(Max("ends_on"))[
        "ends_on__max"
    ]
    return found


def rooms_of(institution_id: int) -> list[Room]:
    """Open rooms by name."""
    found = list(Room.objects.filter(institution=institution_id, is_closed=False))
    return sorted(found, key=lambda one: sort_key(one.name))


def names_of(institution_id: int) -> dict[str, str]:
    """What a school calls subjects: the national names, its own over them."""
    own = SubjectName.objects.filter(institution=institution_id).values_list("subject", "name")
    return {**classifiers.labels("subject"), **dict(own)}


def bells_of(plan: YearPlan | None) -> dict[tuple[int, int], Bell]:
    """Bells by shift and number of the lesson."""
    return {(one.shift, one.no): one for one in plan.bells.all()} if plan else {}


# ── journals ─────────────────────────────────────────────────────────────────
_PARTS = Prefetch("group__parts", GroupClass.objects.select_related("class_group"))


def journals_of(group: ClassGroup) -> list[Journal]:
    """Journals of a class and of groups that take its pupils, among those of its school; two queries."""
    shared = GroupClass.objects.filter(class_group=group).values("group")
    return list(
        Journal.objects.filter(
            Q(class_group=group) | Q(group__in=shared),
            institution=group.institution_id,
            school_year=group.school_year_id,
        )
        .select_related("class_group", "group", "post__employee")
        .prefetch_related(_PARTS)
    )


def whose(journal: Journal) -> str:
    """«7-А», or «7-А, 7-Б (1 група)» of a group."""
    if journal.class_group is not None:
        return journal.class_group.label
    group = journal.group
    assert group is not None  # noqa: S101 - a constraint says so
    parts = sorted((one.class_group for one in group.parts.all()), key=_order)
    return f"{', '.join(one.label for one in parts)} ({group.name})"


def _order(group: ClassGroup) -> tuple[int, str]:
    return group.grade, sort_key(group.letter)


def teacher_of(post: Post | None) -> str:
    """«Їжакевич О. П.»; '' when nobody is named."""
    if post is None:
        return ""
    who = post.employee
    initials = " ".join(f"{part[0]}." for part in (who.given_name, who.patronymic) if part)
    return f"{who.surname} {initials}".strip()


def klass(actor: Actor, uid: uuid.UUID | str) -> ClassGroup:
    """A class whose timetable the actor keeps.

    Raises:
        NotFound, NotAllowed: out of reach, or not the actor's to keep.
    """
    rows = ClassGroup.objects.visible_to(actor).select_related("institution__unit", "school_year")
    found: ClassGroup = rows.find(uid=uid)
    policies.keep_timetable.require(actor, found.institution)
    return found


def teachers_of(institution_id: int, today: datetime.date) -> list[Post]:
    """Who works at a school now, by name."""
    return list(
        Post.objects.filter(lasting(today), institution=institution_id)
        .select_related("employee")
        .order_by("sort_key", "pk")
    )


def groups_of(group: ClassGroup) -> list[StudyGroup]:
    """Open groups that take pupils of a class."""
    return sorted(
        StudyGroup.objects.filter(classes=group, closed_on=None),
        key=lambda one: (sort_key(one.subject), sort_key(one.name)),
    )


# ── the week ─────────────────────────────────────────────────────────────────
def mark(slots: Iterable[Slot]) -> str:
    """What a timetable was when it was read: any change makes another mark."""
    return marked(f"{one.pk}:{one.ends_on}" for one in slots)


def marked(told: Iterable[str]) -> str:
    """The mark of rows told each in a word, in whatever order."""
    return hashlib.sha256("|".join(sorted(told)).encode()).hexdigest()[:16]


def beside(institution_id: int, since: datetime.date, but: Sequence[int]) -> list[Slot]:
    """Lessons of the week of other journals of the school that stand after a day."""
    return list(
        Slot.objects.filter(institution=institution_id, ends_on__gt=since)
        .exclude(journal__in=but)
        .select_related("journal__class_group", "journal__group")
        .prefetch_related(
            Prefetch("journal__group__parts", GroupClass.objects.select_related("class_group"))
        )
    )


@dataclasses.dataclass(frozen=True)
class Week:
    """A week of a class: journals to choose from, what stands on a day, the mark of it all."""

    journals: list[Journal]
    slots: list[Slot]
    mark: str


def week(group: ClassGroup, on: datetime.date) -> Week:
    """The timetable of a class as it stands on a day, or the next to come where none does."""
    journals = journals_of(group)
    every = list(Slot.objects.filter(journal__in=journals).select_related("room", "post__employee"))
    stand = [one for one in every if one.starts_on <= on < one.ends_on]
    if not stand:
        later = [one for one in every if one.starts_on > on]
        first = min((one.starts_on for one in later), default=None)
        stand = [one for one in later if one.starts_on == first]
    return Week(journals, stand, mark(every))


def classes_of(actor: Actor, institution: Institution, year: SchoolYear) -> list[ClassGroup]:
    """Open classes of a school's year, in their order."""
    found = ClassGroup.objects.visible_to(actor).filter(
        institution=institution, school_year=year, closed_on=None
    )
    return sorted(found, key=_order)


def counted(classes: Sequence[ClassGroup], on: datetime.date) -> Mapping[int, tuple[int, int]]:
    """How many journals and lessons a week each class has; two queries."""
    ids = [one.pk for one in classes]
    journals: dict[int, int] = {}
    lessons: dict[int, int] = {}
    pairs = list(
        Journal.objects.filter(class_group__in=ids).values_list("class_group", "pk")
    ) + list(Journal.objects.filter(group__classes__in=ids).values_list("group__classes", "pk"))
    of: dict[int, list[int]] = {}
    for group, journal in pairs:
        if group in ids:
            journals[group] = journals.get(group, 0) + 1
            of.setdefault(journal, []).append(group)
    for (journal,) in Slot.objects.filter(
        journal__in=list(of), starts_on__lte=on, ends_on__gt=on
    ).values_list("journal"):
        for group in of[journal]:
            lessons[group] = lessons.get(group, 0) + 1
    return {pk: (journals.get(pk, 0), lessons.get(pk, 0)) for pk in ids}


def taught(institution_id: int, year: str) -> list[str]:
    """Subjects that a school has journals of, by their national names."""
    codes = set(
        Journal.objects.filter(institution=institution_id, school_year=year).values_list(
            "subject", flat=True
        )
    )
    named = classifiers.labels("subject")
    return sorted(codes & set(named), key=lambda code: sort_key(named[code]))


def kept_journal(actor: Actor, uid: uuid.UUID | str) -> Journal:
    """A journal whose lessons the actor keeps in order.

    Raises:
        NotFound, NotAllowed: out of reach, or not the actor's to keep.
    """
    rows = (
        Journal.objects.visible_to(actor)
        .select_related(
            "institution__unit", "school_year", "class_group", "group", "post__employee"
        )
        .prefetch_related(_PARTS)
    )
    found: Journal = rows.find(uid=uid)
    policies.keep_timetable.require(actor, found.institution)
    return found
