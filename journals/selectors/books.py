"""Reading journals: whose they are, the class page, one lesson, a teacher's day."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from accounts.roles import Role
from journals import policies
from journals.errors import EntriesLocked, NotYourJournal
from journals.models import Column, Journal
from journals.models.lessons import CANCELLED, LESSON
from journals.selectors import lessons, timetable
from journals.values import Domain, Entry, domain, rules
from kernel import audit
from kernel.errors import NotAllowed, NotFound
from registry.models import Post
from registry.staff.models.posts import lasting

_DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Book:
    """A journal as somebody may read it: their posts at the school, and what these let them write."""

    journal: Journal
    posts: frozenset[uuid.UUID]
    leads_class: bool
    today: datetime.date

    @property
    def grade(self) -> int:
        """The grade of its class; of a group, of the youngest of its classes."""
        if self.journal.class_group is not None:
            return self.journal.class_group.grade
        group = self.journal.group
        return (
            min((part.class_group.grade for part in group.parts.all()), default=5) if group else 5
        )

    @property
    def domain(self) -> Domain:
        """What may stand in its cells."""
        return domain(self.grade, self.journal.school_year_id)

    def teaches(self, column: Column) -> bool:
        """Whether the reader leads the journal or this very lesson."""
        return self.journal.post_id in self.posts or column.post_id in self.posts

    def refusal(self, column: Column) -> NotAllowed | None:
        """Why the reader may write nothing in a column; None where something may be written."""
        if not self.teaches(column) and not (self.leads_class and column.kind == LESSON):
            return NotYourJournal()
        if column.state == CANCELLED:
            return EntriesLocked("Урок скасовано: записів про нього немає.")
        if column.day > self.today:
            return EntriesLocked("Урок ще не відбувся.")
        is_open = self.journal.open_until is not None and self.journal.open_until >= self.today
        last = column.day + _DAY * rules().editable_days
        if self.today > last and not is_open:
            return EntriesLocked(
                f"Записи робили до {last:%d.%m.%Y}. Відкрити давніші може керівник або заступник."
            )
        return None


def posts_of(actor: Actor, today: datetime.date) -> frozenset[uuid.UUID]:
    """Posts that the person behind the actor holds at the schools of the grant: by РНОКПП, or by the
    passport of who has none. The system and keys of partners hold none."""
    code = actor.person_code
    if not code or not actor.holds(Role.HEAD, Role.DEPUTY) or actor.scope.level != "institution":
        return frozenset()
    rows = Post.objects.filter(
        Q(employee__rnokpp=code) | Q(employee__rnokpp=None, employee__passport=code),
        lasting(today),
        institution__in=actor.scope.keys,
        starts_on__lte=today,
        voided_by=None,
    )
    return frozenset(rows.values_list("pk", flat=True))


def book(actor: Actor, uid: uuid.UUID | str, today: datetime.date) -> Book:
    """A journal that the actor may read: the own one, one of the class one leads, one with a lesson
    one substitutes, or any of the school for whoever reads all.

    Raises:
        NotFound: absent, or not the actor's: the two read the same.
    """
    journal: Journal = (
        Journal.objects.visible_to(actor)
        .select_related(
            "institution__unit", "school_year", "class_group", "group", "post__employee"
        )
        .prefetch_related("group__parts__class_group")
        .find(uid=uid)
    )
    posts = posts_of(actor, today)
    leads = _leads(journal, posts)
    found = Book(journal, posts, leads, today)
    if journal.post_id in posts or leads:
        return found
    if policies.read_journals.allows(actor, journal.institution):
        return found
    if posts and lessons.columns(journal).filter(post_id__in=posts).exists():
        return found
    raise NotFound


def _leads(journal: Journal, posts: frozenset[uuid.UUID]) -> bool:
    if journal.class_group is not None:
        return journal.class_group.teacher_id in posts
    group = journal.group
    return group is not None and any(p.class_group.teacher_id in posts for p in group.parts.all())


@dataclasses.dataclass(frozen=True)
class Listed:
    """A journal in a list of somebody's own."""

    journal: Journal
    subject: str
    whose: str


def own(actor: Actor, today: datetime.date, year: str) -> tuple[list[Listed], list[Column]]:
    """Journals that the actor leads, and the lessons that the actor teaches today."""
    posts = posts_of(actor, today)
    if not posts:
        return [], []
    taught = list(
        Column.objects.filter(
            institution_id__in=actor.scope.keys, day=today, kind=LESSON, post_id__in=posts
        )
    )
    rows = (
        Journal.objects.filter(
            Q(post__in=posts) | Q(pk__in={one.journal_id for one in taught}),
            school_year=year,
            institution__in=actor.scope.keys,
        )
        .select_related("class_group", "group")
        .prefetch_related("group__parts__class_group")
    )
    names: dict[int, dict[str, str]] = {}
    found = []
    for one in rows:
        named = names.setdefault(one.institution_id, timetable.names_of(one.institution_id))
        found.append(Listed(one, named.get(one.subject, one.subject), timetable.whose(one)))
    return sorted(found, key=lambda one: (one.subject, one.whose)), taught


def at_hand(actor: Actor, today: datetime.date) -> list[tuple[uuid.UUID, int]]:
    """Lessons that the actor teaches from Monday of this week to a week ahead, with their journals:
    what is kept in the browser for where there is no network; by time."""
    posts = posts_of(actor, today)
    if not posts:
        return []
    rows = list(
        Column.objects.filter(
            institution_id__in=actor.scope.keys,
            day__gte=today - _DAY * today.weekday(),
            day__lte=today + _DAY * 7,
            kind=LESSON,
            post_id__in=posts,
        )
        .exclude(state=CANCELLED)
        .order_by("day", "no", "pk")
        .values_list("journal_id", "pk")
    )
    uids = dict(Journal.objects.filter(pk__in={one for one, _ in rows}).values_list("pk", "uid"))
    return [(uids[journal], lesson) for journal, lesson in rows if journal in uids]


# ── who learns ───────────────────────────────────────────────────────────────
_OF_CLASS = """
    SELECT l.enrolment_id, p.id, p.surname, p.given_name, l.starts_on, l.ends_on
    FROM registry_learning l JOIN registry_pupil p ON p.id = l.pupil_id
    WHERE l.class_group_id = %(of)s AND l.starts_on < %(until)s
      AND (l.ends_on IS NULL OR l.ends_on > %(since)s)
    ORDER BY p.sort_key, p.id, l.starts_on
"""
_OF_GROUP = """
    SELECT c.enrolment_id, p.id, p.surname, p.given_name, l.starts_on, l.ends_on
    FROM registry_group_learning l JOIN registry_classplacement c ON c.id = l.placement_id
    JOIN registry_pupil p ON p.id = l.pupil_id
    WHERE l.group_id = %(of)s AND l.starts_on < %(until)s
      AND (l.ends_on IS NULL OR l.ends_on > %(since)s)
    ORDER BY p.sort_key, p.id, l.starts_on
"""


@dataclasses.dataclass
class Learner:
    """A child of the class: when there, under which enrolments."""

    pupil: uuid.UUID
    surname: str
    given_name: str
    spans: list[tuple[int, datetime.date, datetime.date | None]]

    @property
    def row(self) -> int:
        """The enrolment that stands for the child on a page: the last one."""
        return self.spans[-1][0]

    @property
    def name(self) -> str:
        """«Василенко Максим»."""
        return f"{self.surname} {self.given_name}".strip()

    def on(self, day: datetime.date) -> int | None:
        """Under which enrolment the child was there on a day; None when it was not."""
        for enrolment, starts_on, ends_on in self.spans:
            if starts_on <= day and (ends_on is None or day < ends_on):
                return enrolment
        return None


def learners(journal: Journal, since: datetime.date, until: datetime.date) -> list[Learner]:
    """Who learned in a class or group in a period, by name; one query."""
    of_group = journal.group_id is not None
    found: dict[uuid.UUID, Learner] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_GROUP if of_group else _OF_CLASS,
            {
                "of": journal.group_id if of_group else journal.class_group_id,
                "since": since,
                "until": until,
            },
        )
        for enrolment, pupil, surname, given_name, starts_on, ends_on in cursor.fetchall():
            one = found.setdefault(pupil, Learner(pupil, surname, given_name, []))
            one.spans.append((enrolment, starts_on, ends_on))
    return list(found.values())


# ── cells ────────────────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Stands:
    """What stands in a cell, its version and when it was written."""

    entry: Entry
    version: int
    at: datetime.datetime


Key = tuple[int, int]  # column, enrolment

# Of each cell the last version: by the exact key of its column, however many the school has.
_CELLS = """
    SELECT x.column_id, x.enrolment_id, x.version, x.value, x.absence, x.words, x.at
    FROM unnest(%(days)s::date[], %(columns)s::bigint[]) AS k(day, id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (c.enrolment_id) c.* FROM journals_cell c
        WHERE c.institution_id = %(institution)s AND c.day = k.day AND c.column_id = k.id
        ORDER BY c.enrolment_id, c.version DESC) x
"""


def cells(columns: Sequence[Column]) -> dict[Key, Stands]:
    """What stands in the cells of some columns of one school; one query."""
    if not columns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _CELLS,
            {
                "institution": columns[0].institution_id,
                "days": [one.day for one in columns],
                "columns": [one.pk for one in columns],
            },
        )
        return {
            (column, enrolment): Stands(Entry(value, absence, words), version, at)
            for column, enrolment, version, value, absence, words, at in cursor.fetchall()
        }


def mark(stands: Iterable[Stands]) -> int:
    """When the last of these was written, in microseconds: what a page had seen."""
    return max((micros(one.at) for one in stands), default=0)


def micros(at: datetime.datetime) -> int:
    """An instant as a page carries it."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond


# ── the class page ───────────────────────────────────────────────────────────
@dataclasses.dataclass(frozen=True)
class Page:
    """Pupils by lessons of a period."""

    columns: list[Column]
    learners: list[Learner]
    cells: Mapping[Key, Stands]

    def stands(self, column: Column, learner: Learner) -> Stands | None:
        """What stands in a cell, under whatever enrolment it was written."""
        for enrolment, _, _ in learner.spans:
            found = self.cells.get((column.pk, enrolment))
            if found is not None:
                return found
        return None


_ORDER = {kind: place for place, kind in enumerate(("LESSON", "GROUP", "THEMATIC"))}


def page(actor: Actor, of: Book, since: datetime.date, until: datetime.date) -> Page:
    """The class page of a period; three queries. The look is noted."""
    found = shape(of, since, until)
    audit.looked_at(actor, "registry.pupil", [one.pupil for one in found.learners], "журнал")
    return filled(found)


def shape(of: Book, since: datetime.date, until: datetime.date) -> Page:
    """The class page of a period before its cells are read."""
    columns = sorted(
        lessons.columns(of.journal).filter(day__gte=since, day__lt=until),
        key=lambda one: (one.day, _ORDER.get(one.kind, 9), one.no, one.pk),
    )
    return Page(columns, learners(of.journal, since, until), {})


def filled(page: Page) -> Page:
    """The same page with what stands in its cells now."""
    return dataclasses.replace(page, cells=cells(page.columns))


def columns_of(of: Book, ids: Iterable[int]) -> dict[int, Column]:
    """Columns of a journal by their numbers; those of others are not among them."""
    return {one.pk: one for one in lessons.columns(of.journal).filter(pk__in=list(ids))}
