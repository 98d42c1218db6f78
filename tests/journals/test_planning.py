"""A week made from the load: without conflicts by an independent count, refused in words, resumed."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts import actors
from journals.errors import NoSolver, NoWeek, WeekSaved
from journals.models import Column, Journal, Room, Slot, TeacherHours, TimetableRun
from journals.selectors import planning as reads
from journals.selectors import timetable
from journals.services import planning
from journals.services.planning import RoomSpec
from journals.solver import search
from journals.solver.problem import Lesson
from kernel import batch, jobs
from kernel.db import command
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from tests.journals import kit
from tests.journals.kit import row, save_week
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.world import sign_in

pytestmark = pytest.mark.django_db
NOW = kit.MOMENT.now
WORKER = actors.system("тест")


@pytest.fixture
def school(world):
    return kit.build(world)


@pytest.fixture(autouse=True)
def _in_seconds(monkeypatch):
    """The steps of a small school are seconds long; one of them makes a week better."""
    for name, value in {"FIRST": 20.0, "BETTER": 2.0, "REASONS": 10.0}.items():
        monkeypatch.setattr(planning, name, value)


def worked(run) -> TimetableRun:
    planning.work(run.pk, actor=WORKER, clock=lambda: NOW)
    return TimetableRun.objects.select_related("institution__unit", "school_year").get(pk=run.pk)


def save(school, run, seen=None) -> int:
    found = reads.run(school.head, run.pk)
    return planning.let_stand(
        actor=school.head, run=found, seen=run.seen if seen is None else seen, moment=kit.MOMENT
    )


def conflicts() -> list[tuple[Any, ...]]:
    """Pairs of lessons of the week that one person, room or pupil cannot have, by the database alone:
    by bells, and by who learns where. Shares nothing with what made the week."""
    with connection.cursor() as cursor:
        cursor.execute("""
            WITH s AS (
                SELECT s.id, s.weekday, s.weeks, s.room_id, p.employee_id, b.starts_at, b.ends_at,
                    j.class_group_id, j.group_id
                FROM journals_slot s JOIN journals_journal j ON j.id = s.journal_id
                JOIN registry_classgroup c ON c.id = coalesce(j.class_group_id, (
                    SELECT min(class_group_id) FROM registry_groupclass g WHERE g.group_id = j.group_id))
                JOIN journals_yearplan y ON y.institution_id = s.institution_id
                    AND y.school_year_id = j.school_year_id
                JOIN journals_bell b ON b.plan_id = y.id AND b.shift = c.shift AND b.no = s.no
                LEFT JOIN registry_post p ON p.id = s.post_id),
            learns AS (
                SELECT s.id, l.pupil_id FROM s
                JOIN registry_learning l ON l.class_group_id = s.class_group_id AND l.ends_on IS NULL
                UNION ALL
                SELECT s.id, m.pupil_id FROM s
                JOIN registry_group_learning m ON m.group_id = s.group_id AND m.ends_on IS NULL)
            SELECT a.id, b.id, a.employee_id = b.employee_id, a.room_id = b.room_id
            FROM s a JOIN s b ON a.id < b.id AND a.weekday = b.weekday
                AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
                AND (a.weeks = 'ALL' OR b.weeks = 'ALL' OR a.weeks = b.weeks)
            WHERE a.employee_id = b.employee_id OR a.room_id = b.room_id
               OR a.class_group_id = b.class_group_id
               OR EXISTS (SELECT FROM learns x JOIN learns y USING (pupil_id)
                    WHERE x.id = a.id AND y.id = b.id)""")
        return cursor.fetchall()


# ── a week ───────────────────────────────────────────────────────────────────
def test_a_week_is_made_of_the_hours_without_a_conflict_and_saved(school):
    kit.say_hours(
        school, maths=13, language=10, other=10
    )  # 6,5 + 5; 5: one teacher has eleven and a half
    run = worked(kit.asked(school))
    assert (run.state, run.done) == ("DONE", run.total)
    assert not Slot.objects.exists()  # a preview writes nothing of the week
    made = save(school, run)
    assert made == Column.objects.filter(kind="LESSON").count() > 0
    assert not conflicts()
    counted = {
        one: (
            2 * Slot.objects.filter(journal=one, weeks="ALL").count()
            + Slot.objects.filter(journal=one).exclude(weeks="ALL").count()
        )
        for one in (school.maths, school.language, school.other)
    }
    assert list(counted.values()) == [13, 10, 10]
    assert all(room for room in Slot.objects.values_list("room", flat=True))
    days = {}
    for day, no in Slot.objects.filter(journal__class_group=school.klass, weeks="ALL").values_list(
        "weekday", "no"
    ):
        days.setdefault(day, set()).add(no)
    halved = set(
        Slot.objects.filter(journal__class_group=school.klass)
        .exclude(weeks="ALL")
        .values_list("weekday", "no")
    )
    for day, numbers in days.items():
        every = numbers | {no for at, no in halved if at == day}
        assert every == set(range(1, len(every) + 1))  # from the first lesson, none free between


@command
def _moved(*, actor, journal: Journal, no: int) -> None:
    """Past the command that would refuse."""
    Slot.objects.filter(journal=journal).update(no=no)
    noted()


def test_the_independent_count_sees_a_teacher_in_two_places(school):
    save_week(school, row(school.maths, 1, 1))
    save_week(school, row(school.other, 1, 2), klass="school1/5-Б")
    assert not conflicts()
    _moved(actor=school.head, journal=school.other, no=1)
    assert len(conflicts()) == 1


def test_a_week_that_stands_is_kept_where_that_was_asked(school):
    kit.say_hours(school, maths=6, language=6, other=6)
    lessons = [row(school.maths, day, 1) for day in (1, 3, 5)]
    lessons += [row(school.language, day, 2) for day in (1, 3, 5)]
    save_week(school, *lessons)
    run = worked(kit.asked(school))
    found = {Lesson(*one[:4]) for one in run.found}
    kept = {Lesson(one.journal_id, one.weekday, one.no) for one in Slot.objects.all()}
    assert len(kept) == 6
    assert kept <= found
    plan = timetable.plan_of(school.klass.institution_id, kit.YEAR)
    shown = reads.preview(run, plan)
    assert (shown.same, shown.before, shown.lessons) == (6, 6, 9)


def test_what_a_teacher_and_rooms_want_is_heard(school):
    kit.say_hours(school, maths=6, language=4, other=4)
    home = school.world.institutions["school1"]
    monday = [(1, 1, no) for no in (1, 2, 3)]
    planning.limit_teacher(monday, 2, actor=school.head, post=school.teacher.pk, version=0)
    said = {
        school.rooms["14"]: RoomSpec("", 30),
        school.rooms["15"]: RoomSpec("", None),
        school.rooms["Спортзал"]: RoomSpec("GYM", None),
    }
    seen = reads.rooms_mark(timetable.rooms_of(home.pk))
    with pytest.raises(StaleVersion):
        planning.describe_rooms(said, actor=school.head, institution=home.uid, seen="")
    seen = reads.rooms_mark(list(Room.objects.filter(institution=home).order_by("pk")))
    planning.describe_rooms(said, actor=school.head, institution=home.uid, seen=seen)
    run = worked(kit.asked(school))
    of_teacher = [one for one in run.found if one[0] in {school.maths.pk, school.other.pk}]
    assert of_teacher
    assert all(day != 1 for _, day, *_ in of_teacher)
    for day in range(2, 6):
        assert sum(at == day for _, at, *_ in of_teacher) <= 2
    assert school.rooms["Спортзал"] not in {room for *_, room in run.found}


# ── why there is none ────────────────────────────────────────────────────────
def test_counting_says_everything_that_cannot_be_at_once(school):
    kit.say_hours(school, maths=24, language=16, other=10)
    with pytest.raises(NoWeek) as refusal:
        kit.asked(school)
    told = str(refusal.value.detail).splitlines()
    assert any(one.startswith("5-А має 20 годин на тиждень, а місць — 15") for one in told)
    assert any(
        one.startswith("Шкільна О. В.: 17 годин на тиждень, а дзвінків — 15") for one in told
    )
    assert not TimetableRun.objects.exists()


def test_rules_that_cannot_hold_together_are_named(school):
    kit.say_hours(school, maths=6)
    first = [(day, 1, 1) for day in range(1, 6)]  # the class must begin with the first lesson
    planning.limit_teacher(first, None, actor=school.head, post=school.teacher.pk, version=0)
    run = worked(kit.asked(school))
    assert run.state == "FAILED"
    _, *told = run.failure.splitlines()
    assert sorted(told) == [
        "5-А: уроки з першого й без вікон",
        "Шкільна О. В. не має уроків у 5 місцях тижня",
    ]
    planning.limit_teacher([], None, actor=school.head, post=school.teacher.pk, version=1)
    planning.resume(actor=school.head, run=reads.run(school.head, run.pk), now=NOW)
    assert worked(run).state == "DONE"


def test_without_the_solver_there_is_a_plain_refusal(school, monkeypatch, client):
    kit.say_hours(school, maths=6)
    monkeypatch.setattr(search, "is_installed", lambda: False)
    with pytest.raises(NoSolver):
        kit.asked(school)
    sign_in(client, school.world.grants["olena"])
    home = school.world.institutions["school1"]
    page = client.get(reverse("journal_plan", args=[home.uid]))
    assert "на цьому сервері не встановлено" in page.content.decode()


# ── the work ─────────────────────────────────────────────────────────────────
def test_a_killed_worker_loses_one_step_and_another_goes_on(school, monkeypatch):
    kit.say_hours(school, maths=6, language=6, other=6)
    run = kit.asked(school)

    class Killed(BaseException):
        pass

    real = search.find

    def die(problem, *, hint=(), **more):
        if hint:
            raise Killed
        return real(problem, hint=hint, **more)

    monkeypatch.setattr(search, "find", die)
    with pytest.raises(Killed):
        worked(run)
    monkeypatch.setattr(search, "find", real)
    run.refresh_from_db()
    assert (run.state, run.done) == ("RUNNING", 1)
    before = run.found
    started = []
    later = NOW + datetime.timedelta(minutes=3)
    batch.take_up(planning.WORK, started.append, actor=WORKER, now=later)
    assert started == [run.pk]
    assert worked(run).state == "DONE"
    assert len(run.found) == len(before)


def test_a_search_that_was_stopped_keeps_nothing_of_the_step_under_way(school, monkeypatch):
    kit.say_hours(school, maths=6)
    run = kit.asked(school)
    real = search.find

    def stopped(problem, **more):
        planning.stop(actor=school.head, run=reads.run(school.head, run.pk), now=NOW)
        return real(problem, **more)

    monkeypatch.setattr(search, "find", stopped)
    found = worked(run)
    assert (found.state, found.done, found.found) == ("CANCELLED", 0, [])


def test_a_week_changed_meanwhile_is_neither_sought_nor_written_over(school):
    kit.say_hours(school, maths=6, language=6, other=6)
    first = worked(kit.asked(school))
    second = kit.asked(school)
    save(school, first)
    assert "тим часом змінили" in worked(second).failure
    with pytest.raises(WeekSaved):
        save(school, first)
    third = worked(kit.asked(school, keep=False))
    save_week(school)  # the class has no lessons any more
    with pytest.raises(StaleVersion):
        save(school, third)


def test_a_teacher_who_left_meanwhile_is_told_and_nothing_is_written(school):
    kit.say_hours(school, maths=6, language=6, other=6)
    run = worked(kit.asked(school))
    group = school.world.classes["school1/5-А"]
    seen = timetable.plan_of(group.institution_id, kit.YEAR)
    kit.plan(
        school.world,
        dataclasses.replace(kit.SPEC, bells={(1, 1): "08:30–09:15"}, rooms=list(kit.SPEC.rooms)),
        version=seen.version,
    )
    with pytest.raises(Invalid) as refusal:
        save(school, run)
    assert {one.code for one in refusal.value.problems} == {"no_bell"}
    assert not Slot.objects.exists()


@pytest.mark.parametrize("who", ["petro", "bohdan"])
def test_only_who_keeps_the_timetable_asks_and_reads(school, who):
    kit.say_hours(school, maths=6)
    run = kit.asked(school)
    stranger = school.world.actor(who)
    with pytest.raises((NotAllowed, NotFound)):
        kit.asked(school, who=who)
    with pytest.raises((NotAllowed, NotFound)):
        reads.run(stranger, run.pk)
    with pytest.raises((NotAllowed, NotFound)):
        planning.limit_teacher([], 3, actor=stranger, post=school.teacher.pk, version=0)


# ── pages ────────────────────────────────────────────────────────────────────
def hidden(page) -> str:
    """What the page tells of the rows it read."""
    found = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def test_the_head_has_a_week_made_by_pages(school, client, monkeypatch):
    monkeypatch.setattr(jobs, "start", lambda *_, **__: True)  # the worker comes later
    sign_in(client, school.world.grants["olena"])
    home, group = school.world.institutions["school1"], school.klass
    address = reverse("journal_plan", args=[home.uid])
    assert "Без годин на тиждень" in client.get(address).content.decode()
    hours_page = client.get(reverse("journal_plan_hours", args=[group.uid]))
    seen = hidden(hours_page)
    typed = {"seen": seen, f"hours_{school.maths.uid}": "3,25"}
    refused = client.post(reverse("journal_plan_hours", args=[group.uid]), typed)
    assert refused.status_code == 422
    typed[f"hours_{school.maths.uid}"] = "3,5"
    assert client.post(reverse("journal_plan_hours", args=[group.uid]), typed).status_code == 303
    assert Journal.objects.get(pk=school.maths.pk).halves == 7
    limit = reverse("journal_plan_limit", args=[school.teacher.pk])
    assert client.post(limit, {"version": "0", "closed": ["1-1-1"], "most": "4"}).status_code == 303
    assert TeacherHours.objects.get().places == {(1, 1, 1)}
    assert 'value="1-1-1" aria-label="Понеділок, 1 зміна, урок 1" checked' in " ".join(
        client.get(limit).content.decode().split()
    )
    rooms = reverse("journal_plan_rooms", args=[home.uid])
    seen = hidden(client.get(rooms))
    gym = school.rooms["Спортзал"]
    assert client.post(rooms, {"seen": seen, f"kind_{gym}": "GYM"}).status_code == 303
    asked = client.post(address, {"since": "01.12.2026", "keep": "on"})
    assert asked.status_code == 303
    run = TimetableRun.objects.get()
    shown = client.get(reverse("timetable_run", args=[run.pk]))
    assert "У черзі" in shown.content.decode()
    bar = client.get(reverse("timetable_run_progress", args=[run.pk]), HTTP_HX_REQUEST="true")
    assert "Зупинити" in bar.content.decode()
    assert client.post(reverse("timetable_run_cancel", args=[run.pk])).status_code == 303
    assert client.post(reverse("timetable_run_resume", args=[run.pk])).status_code == 303
    worked(run)
    found = client.get(reverse("timetable_run", args=[run.pk])).content.decode()
    assert "Зберегти розклад" in found
    assert "1-й, 3-й… тиждень" in found or "2-й, 4-й… тиждень" in found
    saved = client.post(reverse("timetable_run_save", args=[run.pk]), {"seen": run.seen})
    assert saved.status_code == 303
    assert Slot.objects.filter(journal=school.maths).exists()


# ── at once ──────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told_it_stands(world, monkeypatch):
    school = kit.build(world)
    kit.say_hours(school, maths=4)
    run = worked(kit.asked(school))
    held = Held(planning.timetable.clashes)
    monkeypatch.setattr(planning.timetable, "clashes", held)
    assert beside(lambda: save(school, run), lambda: save(school, run), held) == [
        "done",
        "week_saved",
    ]
    assert Slot.objects.count() == 2
