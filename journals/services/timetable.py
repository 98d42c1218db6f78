"""Journals of a class, its weekly timetable, and the lessons made of it.

open_from_load   a journal for each subject that the load of the staff names
open_journal     one journal by hand
give_journal     another teacher from now on
save_timetable   the week of a class from a day on: everything that clashes is told at once
save_school      the weeks of all classes at once, as a solver found them; judged and written the same
make_lessons     the lessons of a whole school anew, after its year was changed

Everything about the timetables of a school's year is written under the lock of the year's row, so
what was judged stays as it was judged.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from journals import policies
from journals.errors import NoPlan, WeekSaved
from journals.events import (
    JournalGiven,
    JournalOpened,
    JournalUnlocked,
    LessonsMade,
    TimetableChanged,
    TimetableTaken,
)
from journals.models import Bell, Journal, Room, Slot, TimetableRun, YearPlan
from journals.models.timetable import ALL, WEEKS
from journals.selectors import planning
from journals.selectors import timetable as selectors
from journals.services import lessons_sql
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import Invalid, Problem, StaleVersion
from kernel.text import clean
from registry.classifiers.selectors import classifiers
from registry.models import ClassGroup, Institution, Load, Post, SchoolYear, StudyGroup
from registry.staff.models.posts import lasting

DAYS = ("понеділок", "вівторок", "середа", "четвер", "пʼятниця", "субота")
_UNTAUGHT = ("CLUB", "GPD")
_ONE = ("one_journal_of_a_subject", "one_journal_of_a_group")
SHORTEST_GROUND = 10


@dataclasses.dataclass(frozen=True)
class SlotRow:
    """A lesson of the week as typed: whose, when, where. `post` is who teaches it, None: whoever
    leads the journal; `field` says where it stands in the form."""

    field: str
    weekday: int
    no: int
    journal: uuid.UUID
    weeks: str = ALL
    post: uuid.UUID | None = None
    room: int | None = None


# ── journals ─────────────────────────────────────────────────────────────────
@command
def open_from_load(*, actor: Actor, klass: uuid.UUID, today: datetime.date) -> int:
    """Open a journal for each subject that somebody's load teaches this class, or a group of it; how
    many were opened. Those that are there stay as they are.

    Raises:
        NotFound, NotAllowed: not the actor's class to keep.
    """
    group, home = _class_of(actor, klass)
    held(home, group.school_year)
    lines = (
        Load.objects.filter(
            Q(parts__class_group=group) | Q(group__classes=group),
            lasting(today),
            institution=home,
            school_year=group.school_year,
            voided_by=None,
        )
        .exclude(type__in=_UNTAUGHT)
        .exclude(subject="")
        .order_by("-is_primary", "-hours", "pk")
        .distinct()
    )
    wanted: dict[tuple[int | None, str], Journal] = {}
    for line in lines:
        key = (line.group_id, line.subject if line.group_id is None else "")
        wanted.setdefault(
            key,
            Journal(
                institution=home,
                school_year=group.school_year,
                subject=line.subject,
                class_group=group if line.group_id is None else None,
                group_id=line.group_id,
                post_id=line.post_id,
            ),
        )
    there = {
        (one.group_id, one.subject if one.group_id is None else "")
        for one in selectors.journals_of(group)
    }
    new = [one for key, one in wanted.items() if key not in there]
    for one in new:
        one.save(force_insert=True)
        one.refresh_from_db(fields=["uid"])
    audit.record(*(_opened(one) for one in new))
    return len(new)


@command
def open_journal(
    *,
    actor: Actor,
    klass: uuid.UUID,
    subject: str,
    group: uuid.UUID | None,
    post: uuid.UUID | None,
    today: datetime.date,
) -> Journal:
    """Open a journal of a subject for a class or for one of its groups.

    Raises:
        NotFound, NotAllowed: not the actor's class to keep.
        Invalid: no such subject, group or teacher; or the journal is there.
    """
    of_class, home = _class_of(actor, klass)
    held(home, of_class.school_year)
    problems = []
    if subject not in classifiers.codes("subject", today):
        problems.append(Problem("subject", "unknown", "Виберіть предмет із переліку"))
    part = None
    if group is not None:
        part = StudyGroup.objects.filter(uid=group, classes=of_class, closed_on=None).first()
        if part is None:
            problems.append(Problem("group", "unknown", "Такої групи в класі немає"))
    if post is not None and post not in _posts(home, [post], today):
        problems.append(Problem("post", "unknown", "Виберіть учителя серед працівників закладу"))
    if problems:
        raise Invalid(problems)
    there = Problem("subject", "twice", "Журнал із цього предмета в класу (групи) вже є")
    with violation(_ONE, lambda: Invalid([there])):
        made = Journal.objects.create(
            institution=home,
            school_year=of_class.school_year,
            subject=subject,
            class_group=None if part else of_class,
            group=part,
            post_id=post,
        )
    made.refresh_from_db(fields=["uid"])
    audit.record(_opened(made))
    return made


@command
def give_journal(
    *, actor: Actor, uid: uuid.UUID, post: uuid.UUID | None, version: int, today: datetime.date
) -> Journal:
    """Let another teacher lead a journal; lessons of the timetable that name no teacher of their own
    are his from now on.

    Raises:
        NotFound, NotAllowed: not the actor's to give.
        Invalid: no such teacher at the school.
        StaleVersion: somebody gave it meanwhile.
    """
    journal = _journal_of(actor, uid, version)
    if post is not None and post not in _posts(journal.institution, [post], today):
        raise Invalid([Problem("post", "unknown", "Виберіть учителя серед працівників закладу")])
    journal.post_id = post
    journal.save(update_fields=["post", "version"])
    audit.record(JournalGiven(subject=journal.uid, unit=journal.institution_id, post=post))
    return journal


@command
def unlock(
    *,
    actor: Actor,
    uid: uuid.UUID,
    until: datetime.date,
    ground: str,
    version: int,
    today: datetime.date,
) -> Journal:
    """Open past lessons of a journal for entries until a day, that day counted; the ground is kept
    with the act.

    Raises:
        NotFound, NotAllowed: not the actor's to open.
        Invalid: no ground, or a day that is over or far.
        StaleVersion: somebody changed the journal meanwhile.
    """
    journal = _journal_of(actor, uid, version)
    problems = []
    if len(clean(ground)) < SHORTEST_GROUND:
        problems.append(Problem("ground", "required", "Напишіть, чому відкриваєте минулі уроки"))
    if not today <= until <= today + datetime.timedelta(days=31):
        problems.append(Problem("until", "outside", "День — від сьогодні й не далі ніж за місяць"))
    if problems:
        raise Invalid(problems)
    journal.open_until = until
    journal.save(update_fields=["open_until", "version"])
    audit.record(JournalUnlocked(subject=journal.uid, unit=journal.institution_id, until=until))
    return journal


def _opened(journal: Journal) -> JournalOpened:
    return JournalOpened(
        subject=journal.uid,
        unit=journal.institution_id,
        taught=journal.subject,
        post=journal.post_id,
    )


@part_of_command
def _journal_of(actor: Actor, uid: uuid.UUID, version: int) -> Journal:
    journal: Journal = (
        Journal.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("institution__unit")
        .find(uid=uid)
    )
    policies.keep_timetable.require(actor, journal.institution)
    if journal.version != version:
        raise StaleVersion("Журнал щойно змінив хтось інший. Прочитайте сторінку знову.")
    journal.version += 1
    return journal


# ── the week ─────────────────────────────────────────────────────────────────
@command
def save_timetable(
    rows: Sequence[SlotRow],
    *,
    actor: Actor,
    klass: uuid.UUID,
    since: datetime.date,
    seen: str,
    today: datetime.date,
) -> int:
    """Keep the week of a class from a day on and make its lessons; how many lessons were made. What
    stood before that day stays.

    seen: the mark of the timetable that the page showed (selectors.timetable.mark).

    Raises:
        NotFound, NotAllowed: not the actor's class to keep.
        NoPlan: the school's year has no semesters and bells yet.
        Invalid: every clash and mistake at once, each beside its place of the week.
        StaleVersion: somebody changed the timetable meanwhile.
    """
    group, home = _class_of(actor, klass)
    plan = held(home, group.school_year)
    own = {one.uid: one for one in selectors.journals_of(group)}
    stand = list(Slot.objects.filter(journal__in=own.values()))
    if selectors.mark(stand) != seen:
        raise StaleVersion("Розклад цього класу щойно змінив хтось інший.")
    year_ends = selectors.last_day_of(plan)
    problems = since_problems(since, group.school_year, year_ends, today)
    wanted = _slots(rows, own, group, home, since, year_ends or since, today, problems)
    if not problems:
        others = selectors.beside(home.pk, since, [one.pk for one in own.values()])
        problems += clashes(wanted, others, plan)
    if problems:
        raise Invalid(problems)
    _write([slot for _, slot in wanted], [one for one in stand if one.ends_on > since], since)
    until = group.school_year.ends_on
    made, _ = lessons_sql.make(plan, since, until, [one.pk for one in own.values()])
    audit.record(
        TimetableChanged(
            subject=group.uid, unit=home.pk, since=since, slots=len(wanted), lessons=made
        )
    )
    return made


@command
def save_school(
    rows: Sequence[tuple[int, int, int, str, int | None]],
    *,
    actor: Actor,
    institution: uuid.UUID,
    year: SchoolYear,
    run: uuid.UUID,
    since: datetime.date,
    seen: str,
    moment: Moment,
) -> int:
    """Keep the weeks of all classes from a day on, as a run found them (journal, day, number, weeks,
    room), and make their lessons; how many were made. Judged as a week made by hand is: clashes are
    sought anew, for a teacher or a room may have changed since.

    seen: the mark of the school's week that the run began with.

    Raises:
        NotFound, NotAllowed: not the actor's school to keep.
        NoPlan: the year has no semesters any more.
        Invalid: what clashes now.
        StaleVersion: somebody changed the timetable meanwhile.
        WeekSaved: it stands already.
    """
    home: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution)
    )
    policies.keep_timetable.require(actor, home)
    plan = held(home, year)
    found = TimetableRun.objects.select_for_update(no_key=True).get(pk=run, institution=home)
    if found.saved_at is not None:
        raise WeekSaved
    journals = {one.pk: one for one in planning.journals_of_year(home.pk, year.code)}
    stand = list(Slot.objects.filter(journal__in=journals.values(), ends_on__gt=since))
    if selectors.mark(stand) != seen:
        raise StaleVersion("Розклад закладу тим часом змінили. Складіть його знову.")
    year_ends = selectors.last_day_of(plan)
    problems = since_problems(since, year, year_ends, moment.today)
    wanted: list[tuple[SlotRow, Slot]] = []
    for klass, own in _by_class(journals, rows).items():
        lines = [
            SlotRow("", day, no, journals[pk].uid, weeks, None, room)
            for pk, day, no, weeks, room in own
        ]
        by_uid = {journals[pk].uid: journals[pk] for pk, *_ in own}
        until = year_ends or since
        wanted += _slots(lines, by_uid, klass, home, since, until, moment.today, problems)
    if not problems:
        others = selectors.beside(home.pk, since, list(journals))
        problems += clashes(wanted, others, plan)
    if problems:
        raise Invalid(problems)
    _write([slot for _, slot in wanted], stand, since)
    made, _ = lessons_sql.make(plan, since, year.ends_on, list(journals))
    found.saved_at = moment.now
    found.save(update_fields=["saved_at"])
    audit.record(
        TimetableTaken(
            subject=home.uid, unit=home.pk, run=run, since=since, slots=len(wanted), lessons=made
        )
    )
    return made


def _by_class(
    journals: Mapping[int, Journal], rows: Sequence[tuple[int, int, int, str, int | None]]
) -> dict[ClassGroup, list[tuple[int, int, int, str, int | None]]]:
    """Lines of a school's week by class; a group of several goes with the first of them."""
    found: dict[ClassGroup, list[tuple[int, int, int, str, int | None]]] = {}
    for row in rows:
        journal = journals.get(row[0])
        if journal is None:  # closed since
            continue
        klass = planning.classes_of(journal)[0]
        found.setdefault(klass, []).append(row)
    return found


@command
def make_lessons(
    *, actor: Actor, institution: uuid.UUID, year: SchoolYear, since: datetime.date, version: int
) -> tuple[int, int]:
    """Make the lessons of a whole school anew from a day on: after semesters or vacations changed.

    version: the plan's, as the page showed it.

    Raises:
        NotFound, NotAllowed: not the actor's school to keep.
        NoPlan: the year has no semesters yet.
        StaleVersion: the year was changed meanwhile.
    """
    home: Institution = (
        Institution.objects.visible_to(actor).select_related("unit").find(uid=institution)
    )
    policies.keep_timetable.require(actor, home)
    plan = held(home, year)
    if plan.version != version:
        raise StaleVersion("Рік закладу щойно змінив хтось інший. Прочитайте його знову.")
    made, gone = lessons_sql.make(plan, max(since, year.starts_on), year.ends_on)
    audit.record(LessonsMade(subject=home.uid, unit=home.pk, year=year.code, made=made, gone=gone))
    return made, gone


def since_problems(
    since: datetime.date,
    year: SchoolYear,
    year_ends: datetime.date | None,
    today: datetime.date,
) -> list[Problem]:
    """Why a week cannot begin on a day; nothing when it can.

    Raises:
        NoPlan: the year has no semesters yet.
    """
    if year_ends is None:
        raise NoPlan
    if not year.starts_on <= since < year_ends:
        return [Problem("since", "outside", "День має бути в семестрах цього навчального року")]
    if (
        since < today
        and Slot.objects.filter(journal__school_year=year, starts_on__lt=since).exists()
    ):
        return [
            Problem("since", "past", "Розклад минулих днів не змінюють: виберіть день від сьогодні")
        ]
    return []


def _slots(
    rows: Sequence[SlotRow],
    own: Mapping[uuid.UUID, Journal],
    group: ClassGroup,
    home: Institution,
    since: datetime.date,
    ends_on: datetime.date,
    today: datetime.date,
    problems: list[Problem],
) -> list[tuple[SlotRow, Slot]]:
    posts = _posts(home, [row.post for row in rows if row.post], today)
    rooms = dict(Room.objects.filter(institution=home, is_closed=False).values_list("pk", "name"))
    found = []
    for row in rows:
        journal = own.get(row.journal)
        wrong = []
        if journal is None:
            wrong.append("виберіть предмет серед журналів класу")
        if row.post is not None and row.post not in posts:
            wrong.append("такого вчителя в закладі немає")
        if row.room is not None and row.room not in rooms:
            wrong.append("такого кабінету немає")
        if not (1 <= row.weekday <= 6 and 0 <= row.no <= 12 and row.weeks in WEEKS):
            wrong.append("такого місця в тижні немає")
        if wrong or journal is None:
            problems.append(Problem(row.field, "unknown", _at(row, "; ".join(wrong))))
            continue
        slot = Slot(
            institution=home,
            journal=journal,
            weekday=row.weekday,
            no=row.no,
            shift=group.shift,
            weeks=row.weeks,
            post_id=row.post or journal.post_id,
            room_id=row.room,
            starts_on=since,
            ends_on=ends_on,
        )
        found.append((row, slot))
    return found


def _at(row: SlotRow, text: str) -> str:
    return f"{DAYS[row.weekday - 1].capitalize()}, урок {row.no}: {text}"


def clashes(
    wanted: Sequence[tuple[SlotRow, Slot]],
    others: Sequence[Slot],
    plan: YearPlan,
) -> list[Problem]:
    """Everything wrong with a week: no bell for a lesson, one teacher, one room or one pupil in two
    places at a time. Lessons of two shifts meet where their bells do."""
    bells = {(b.shift, b.no): b for b in Bell.objects.filter(plan=plan)}
    problems = [
        Problem(row.field, "no_bell", _at(row, "для цього уроку не вписано дзвінка"))
        for row, slot in wanted
        if (slot.shift, slot.no) not in bells
    ]
    problems += [
        Problem(row.field, "no_day", _at(row, "субота в закладі не навчальна"))
        for row, slot in wanted
        if slot.weekday > plan.days
    ]
    pairs = [
        (row, slot, other)
        for place, (row, slot) in enumerate(wanted)
        for other in (*(one for _, one in wanted[place + 1 :]), *others)
        if _meet(slot, other, bells)
    ]
    shared = _shared([(a.journal, b.journal) for _, a, b in pairs])
    for row, slot, other in pairs:
        where = selectors.whose(other.journal)
        if slot.post_id is not None and slot.post_id == other.post_id:
            problems.append(
                Problem(row.field, "teacher_busy", _at(row, f"учитель у цей час веде {where}"))
            )
        if slot.room_id is not None and slot.room_id == other.room_id:
            problems.append(
                Problem(row.field, "room_busy", _at(row, f"кабінет у цей час зайнято: {where}"))
            )
        if _same_pupils(slot.journal, other.journal, shared):
            problems.append(
                Problem(
                    row.field, "pupils_busy", _at(row, f"учні в цей час на іншому уроці: {where}")
                )
            )
    return problems


def _meet(one: Slot, other: Slot, bells: Mapping[tuple[int, int], Bell]) -> bool:
    if one.weekday != other.weekday or (
        ALL not in {one.weeks, other.weeks} and one.weeks != other.weeks
    ):
        return False
    a, b = bells.get((one.shift, one.no)), bells.get((other.shift, other.no))
    if a is None or b is None:
        return (one.shift, one.no) == (other.shift, other.no)
    return a.starts_at < b.ends_at and b.starts_at < a.ends_at


def _same_pupils(one: Journal, other: Journal, shared: frozenset[tuple[int, int]]) -> bool:
    if one.class_group_id and other.class_group_id:
        return one.class_group_id == other.class_group_id
    if one.group_id and other.group_id:
        return one.group_id == other.group_id or (one.group_id, other.group_id) in shared
    group, klass = (one, other) if one.group_id else (other, one)
    return any(part.class_group_id == klass.class_group_id for part in group.group.parts.all())  # type: ignore[union-attr]


def _shared(pairs: Iterable[tuple[Journal, Journal]]) -> frozenset[tuple[int, int]]:
    """Groups that have a pupil in common, both ways round."""
    asked = {
        (a.group_id, b.group_id)
        for a, b in pairs
        if a.group_id and b.group_id and a.group_id != b.group_id
    }
    if not asked:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.a, p.b FROM unnest(%s::int[], %s::int[]) AS p(a, b)
            WHERE EXISTS (
                SELECT FROM registry_group_learning x JOIN registry_group_learning y
                    ON y.pupil_id = x.pupil_id AND y.group_id = p.b
                WHERE x.group_id = p.a
                  AND (x.ends_on IS NULL OR x.ends_on > aikom_today())
                  AND (y.ends_on IS NULL OR y.ends_on > aikom_today()))
            """,
            [[a for a, _ in asked], [b for _, b in asked]],
        )
        return frozenset(tuple(row) for row in cursor.fetchall())


@part_of_command
def _write(wanted: Sequence[Slot], stand: Sequence[Slot], since: datetime.date) -> None:
    def key(slot: Slot) -> tuple[object, ...]:
        return (
            *(slot.journal_id, slot.weekday, slot.no, slot.shift, slot.weeks),
            *(slot.post_id, slot.room_id, slot.ends_on),
        )

    left = {key(slot): slot for slot in wanted}
    gone = [slot for slot in stand if left.pop(key(slot), None) is None]
    Slot.objects.filter(pk__in=[one.pk for one in gone if one.starts_on >= since]).delete()
    Slot.objects.filter(pk__in=[one.pk for one in gone if one.starts_on < since]).update(
        ends_on=since
    )
    Slot.objects.bulk_create(left.values())


# ── shared ───────────────────────────────────────────────────────────────────
def _class_of(actor: Actor, uid: uuid.UUID) -> tuple[ClassGroup, Institution]:
    rows = ClassGroup.objects.visible_to(actor).select_related("institution__unit", "school_year")
    group: ClassGroup = rows.find(uid=uid, closed_on=None)
    policies.keep_timetable.require(actor, group.institution)
    return group, group.institution


@part_of_command
def held(home: Institution, year: SchoolYear) -> YearPlan:
    """The row of a school's year, locked: what is judged stays as it was judged.

    Raises:
        NoPlan: the year is not planned yet.
    """
    plan = (
        YearPlan.objects.select_for_update(no_key=True)
        .filter(institution=home, school_year=year)
        .first()
    )
    if plan is None:
        raise NoPlan
    return plan


def _posts(
    home: Institution, asked: Iterable[uuid.UUID], today: datetime.date
) -> frozenset[uuid.UUID]:
    rows = Post.objects.filter(lasting(today), pk__in=list(asked), institution=home)
    return frozenset(rows.values_list("pk", flat=True))
