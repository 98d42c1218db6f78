"""A school's week made from its load: what it rests on, asking for it, the steps of a worker.

say_hours      lessons a week of a class's journals, where the load does not say them
describe_rooms what rooms are for, how many sit there
limit_teacher  when somebody has no lessons, how many of a day at most
ask            have a worker look for a week
work           the worker's steps: the first week that stands the rules, then better ones
let_stand      the week that was found becomes the school's (services.timetable.save_school)

The search runs in no transaction: a step reads, seeks for seconds, and only then writes what it found.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from journals import events, policies, values
from journals.errors import NoPlan, NoSolver, NotFoundInTime, NothingToPlan, NoWeek
from journals.models import Journal, Room, TeacherHours, TimetableRun, YearPlan
from journals.models.planning import MOST_LESSONS
from journals.models.years import MOST_SEATS
from journals.selectors import planning as selectors
from journals.selectors import timetable as reads
from journals.services import timetable
from journals.solver import checks, rooms, search, told
from journals.solver.problem import Lesson
from kernel import audit, batch
from kernel.clock import Moment
from kernel.db import command, violation
from kernel.errors import DomainError, Invalid, Problem, StaleVersion
from kernel.scoping import grant_of
from registry.models import SchoolYear

MOST_HALVES = 80
# Seconds of a step: the first week is found or a second try is made; then it is made better. All in
# all within two minutes; each is shorter than a run may be silent.
FIRST, TRIES = 45.0, 2
BETTER, BETTERMENTS = 25.0, 2
REASONS = 40.0
KEEP = 6  # what a lesson of today's week is worth beside what a better week is
STEPS = 1 + BETTERMENTS
_ALONE = "one_timetable_run"


# ── what it rests on ─────────────────────────────────────────────────────────
@command
def say_hours(
    halves: Mapping[uuid.UUID, int | None],
    *,
    actor: Actor,
    klass: uuid.UUID,
    seen: str,
) -> None:
    """Keep twice the lessons a week of journals of a class; None leaves it to the load.

    Raises:
        NotFound, NotAllowed: not the actor's class to keep.
        Invalid: numbers that no week has.
        StaleVersion: somebody changed them meanwhile.
    """
    group = reads.klass(actor, klass)
    timetable.held(group.institution, group.school_year)
    journals = reads.journals_of(group)
    if selectors.hours_mark(journals) != seen:
        raise StaleVersion("Години цього класу щойно змінив хтось інший.")
    problems = [
        Problem(f"hours_{uid}", "outside", f"Годин на тиждень — від 0 до {MOST_HALVES // 2}")
        for uid, count in halves.items()
        if count is not None and not 0 <= count <= MOST_HALVES
    ]
    if problems:
        raise Invalid(problems)
    changed = [one for one in journals if one.uid in halves and one.halves != halves[one.uid]]
    for one in changed:
        one.halves = halves[one.uid]
    Journal.objects.bulk_update(changed, ["halves"])
    audit.record(
        events.HoursSaid(subject=group.uid, unit=group.institution_id, journals=len(changed))
    )


@dataclasses.dataclass(frozen=True)
class RoomSpec:
    """What is said of a room."""

    kind: str
    seats: int | None


@command
def describe_rooms(
    said: Mapping[int, RoomSpec], *, actor: Actor, institution: uuid.UUID, seen: str
) -> None:
    """Keep what rooms are for and how many sit there.

    Raises:
        NotFound, NotAllowed: not the actor's school to keep.
        Invalid: an unknown kind, or no number of seats.
        StaleVersion: somebody changed the rooms meanwhile.
    """
    home = reads.home(actor, institution)
    found = list(
        Room.objects.select_for_update(no_key=True)
        .filter(institution=home, is_closed=False)
        .order_by("pk")
    )
    if selectors.rooms_mark(found) != seen:
        raise StaleVersion("Кабінети щойно змінив хтось інший.")
    problems = []
    for pk, spec in said.items():
        if spec.kind and spec.kind not in values.rooms():
            problems.append(Problem(f"kind_{pk}", "unknown", "Виберіть призначення з переліку"))
        if spec.seats is not None and not 1 <= spec.seats <= MOST_SEATS:
            problems.append(
                Problem(f"seats_{pk}", "outside", f"Місць у кабінеті — від 1 до {MOST_SEATS}")
            )
    if problems:
        raise Invalid(problems)
    changed = []
    for room in found:
        wanted = said.get(room.pk)
        if wanted is not None and (wanted.kind, wanted.seats) != (room.kind, room.seats):
            room.kind, room.seats = wanted.kind, wanted.seats
            changed.append(room)
    Room.objects.bulk_update(changed, ["kind", "seats"])
    audit.record(events.RoomsDescribed(subject=home.uid, unit=home.pk, rooms=len(changed)))


@command
def limit_teacher(
    closed: Sequence[tuple[int, int, int]],
    most: int | None,
    *,
    actor: Actor,
    post: uuid.UUID,
    version: int,
) -> TeacherHours:
    """Keep when a teacher has no lessons: places of the week (day, shift, number).

    version: the one the page showed, 0 where nothing was said yet.

    Raises:
        NotFound, NotAllowed: not at a school of the actor's to keep.
        Invalid: a place or a number that no week has.
        StaleVersion: somebody said otherwise meanwhile.
    """
    found, _ = selectors.teacher(actor, post)
    problems = []
    if any(
        not (1 <= day <= 6 and 1 <= shift <= 3 and 0 <= no <= MOST_LESSONS)
        for day, shift, no in closed
    ):
        problems.append(Problem("closed", "unknown", "Такого місця в тижні немає"))
    if most is not None and not 1 <= most <= MOST_LESSONS:
        problems.append(Problem("most", "outside", f"Уроків на день — від 1 до {MOST_LESSONS}"))
    if problems:
        raise Invalid(problems)
    TeacherHours.objects.bulk_create(
        [TeacherHours(institution=found.institution, post=found, version=0)], ignore_conflicts=True
    )
    row = TeacherHours.objects.select_for_update(no_key=True).get(post=found)
    if row.version != version:
        raise StaleVersion("Години цього вчителя щойно змінив хтось інший.")
    row.closed = sorted(day * 1000 + shift * 100 + no for day, shift, no in set(closed))
    row.most = most
    row.version += 1
    row.save(update_fields=["closed", "most", "version"])
    audit.record(
        events.TeacherLimited(
            subject=found.institution.uid,
            unit=found.institution_id,
            post=found.pk,
            closed=len(row.closed),
            most=most,
        )
    )
    return row


# ── asking ───────────────────────────────────────────────────────────────────
@command
def ask(
    *,
    actor: Actor,
    institution: uuid.UUID,
    year: SchoolYear,
    since: datetime.date,
    keep: bool,
    moment: Moment,
) -> TimetableRun:
    """Have a worker look for the week of a school from a day on.

    Raises:
        NotFound, NotAllowed: not the actor's school to keep.
        NoSolver: this installation has none.
        NoPlan: the year has no semesters and bells yet.
        NothingToPlan: no journal has hours a week.
        Invalid: the day is not in the semesters, or over.
        NoWeek: counting alone shows that there is none; all of it at once.
        RunMoved: a week of this school is being looked for.
    """
    home = reads.home(actor, institution)
    if not search.is_installed():
        raise NoSolver
    plan = timetable.held(home, year)
    problems = timetable.since_problems(since, year, reads.last_day_of(plan), moment.today)
    if problems:
        raise Invalid(problems)
    found = selectors.gather(plan, since)
    if not found.problem.courses:
        raise NothingToPlan
    if reasons := checks.impossible(found.problem):
        raise NoWeek("\n".join(reasons))
    under_way = batch.RunMoved("Розклад цього закладу вже складається: дочекайтеся завершення.")
    with violation(_ALONE, lambda: under_way):
        run = TimetableRun.objects.create(
            institution=home,
            school_year=year,
            asked_by_id=grant_of(actor),
            since=since,
            keep=keep,
            seen=found.mark,
            total=STEPS,
            created_at=moment.now,
            touched_at=moment.now,
        )
    audit.record(
        events.TimetableAsked(
            subject=run.pk, unit=home.pk, since=since, classes=len(found.problem.classes)
        )
    )
    return run


def let_stand(*, actor: Actor, run: TimetableRun, seen: str, moment: Moment) -> int:
    """Let the week that a run found be the school's; how many lessons were made.

    Raises:
        RunMoved: nothing is found yet.
        As `timetable.save_school`.
    """
    if run.state != "DONE":
        raise batch.RunMoved("Розклад ще не складено.")
    return timetable.save_school(
        run.found,
        actor=actor,
        institution=run.institution.uid,
        year=run.school_year,
        run=run.pk,
        since=run.since,
        seen=seen,
        moment=moment,
    )


# ── the worker ───────────────────────────────────────────────────────────────
def _nothing(run: TimetableRun, now: datetime.datetime) -> batch.Portion:
    raise AssertionError("steps are made by `work`")


WORK = batch.Work(
    runs=TimetableRun,
    told=events.RUN,
    portion=_nothing,
    unit_of=lambda run: run.institution_id,
    alone=_ALONE,
)


def work(run_id: Any, *, actor: Actor, clock: Callable[[], datetime.datetime]) -> None:
    """Do the steps that are left of a run. Each seeks outside of any transaction and is kept with its
    place: a worker killed loses one step, and of two that seek at once the later is told so.

    Raises:
        NotFound: no such run.
    """
    batch.begin(actor=actor, work=WORK, run_id=run_id, now=clock())
    try:
        while (run := _under_way(run_id)) is not None:
            found, lessons = _step(run)
            step = dataclasses.replace(WORK, portion=_kept(run.done, found, lessons))
            if not batch.portion(actor=actor, work=step, run_id=run_id, now=clock()):
                return
    except batch.RunMoved:
        return
    except DomainError as refusal:
        batch.fail(actor=actor, work=WORK, run_id=run_id, refusal=refusal, now=clock())


def _under_way(run_id: Any) -> TimetableRun | None:
    rows = TimetableRun.objects.select_related("institution", "school_year")
    return rows.filter(pk=run_id, state__in=batch.UNDER_WAY).first()


def _step(run: TimetableRun) -> tuple[search.Found, list[list[Any]]]:
    """The next week, better than the one before, with its rooms.

    Raises:
        NoSolver, NoPlan, NoWeek, NotFoundInTime: it cannot go on.
        StaleVersion: the school's week was changed meanwhile.
    """
    if not search.is_installed():
        raise NoSolver
    plan = YearPlan.objects.filter(
        institution=run.institution_id, school_year=run.school_year_id
    ).first()
    if plan is None:
        raise NoPlan
    at = selectors.gather(plan, run.since)
    if at.mark != run.seen:
        raise StaleVersion("Розклад закладу тим часом змінили. Складіть його знову.")
    if reasons := checks.impossible(at.problem):
        raise NoWeek("\n".join(reasons))
    keep = KEEP if run.keep else 0
    best = {Lesson(*row[:4]) for row in run.found}
    if best:
        found = search.find(at.problem, seconds=BETTER, hint=best, keep=keep, seed=run.done + 1)
        if not found.lessons:  # nothing better, and nothing lost
            found = dataclasses.replace(found, lessons=frozenset(best), cost=run.cost or 0)
    else:
        found = _first(at, keep)
    given = rooms.given(at.problem, found.lessons, at.rooms_now) if at.problem.rooms else {}
    return found, [[*dataclasses.astuple(one), given.get(one)] for one in sorted(found.lessons)]


def _first(at: selectors.Gathered, keep: int) -> search.Found:
    for seed in range(1, TRIES + 1):
        found = search.find(at.problem, seconds=FIRST, keep=keep, seed=seed)
        if found.lessons:
            return found
        if found.state == search.IMPOSSIBLE:
            why = search.reasons(at.problem, seconds=REASONS)
            raise NoWeek("\n".join(told.said(at.problem, why)))
    raise NotFoundInTime(
        "Послабте обмеження: відкрийте більше годин учителів або кабінетів, і спробуйте ще раз."
    )


def _kept(
    done: int, found: search.Found, lessons: list[list[Any]]
) -> Callable[[TimetableRun, datetime.datetime], batch.Portion]:
    """A step to be kept: whether it is still the next one is judged under the run's lock."""

    def keep(run: TimetableRun, now: datetime.datetime) -> batch.Portion:
        if run.done != done:
            raise batch.RunMoved
        TimetableRun.objects.filter(pk=run.pk).update(found=lessons, cost=found.cost)
        is_last = run.done + 1 >= STEPS or found.state == search.BEST
        return batch.Portion(STEPS - run.done if is_last else 1, str(run.done + 1), is_last)

    return keep


def stop(*, actor: Actor, run: TimetableRun, now: datetime.datetime) -> None:
    """Stop looking; what was found so far stays with the run.

    Raises:
        NotAllowed: not the actor's school to keep.
        RunMoved: it has ended already.
    """
    policies.keep_timetable.require(actor, run.institution)
    batch.cancel(actor=actor, work=WORK, run_id=run.pk, now=now)


def resume(*, actor: Actor, run: TimetableRun, now: datetime.datetime) -> None:
    """Let a stopped or failed run go on.

    Raises:
        NotAllowed: not the actor's school to keep.
        RunMoved: it is done or under way, or another of this school is.
    """
    policies.keep_timetable.require(actor, run.institution)
    batch.resume(actor=actor, work=WORK, run_id=run.pk, now=now)
