"""The year of a school, the week of a class, lessons made of it."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from journals.errors import HasEntries, LessonTaken, NoPlan, NoSuchPeriod
from journals.models import Cell, Column, Slot
from journals.selectors import lessons as lesson_reads
from journals.selectors import timetable as reads
from journals.services import lessons, timetable
from journals.services.lessons import LessonSpec
from journals.services.years import Period
from kernel.errors import Invalid, NotAllowed, NotFound, StaleVersion
from tests.journals import kit
from tests.journals.kit import SINCE, row, save_week

pytestmark = pytest.mark.django_db
day = datetime.date


@pytest.fixture
def school(world):
    return kit.build(world)


def lessons_of(journal):
    rows = Column.objects.filter(journal_id=journal.pk, kind="LESSON").order_by("day", "no")
    return [(one.day, one.no) for one in rows]


# ── the year ─────────────────────────────────────────────────────────────────
def test_everything_wrong_with_a_year_is_told_at_once(world):
    wrong = dataclasses.replace(
        kit.SPEC,
        semesters=[Period("semester1", "I семестр", "31.12.2026", "01.09.2026")],
        vacations=[
            Period("vacation1", "Осінні", "26.10.2026", "01.11.2026"),
            Period("vacation2", "Ще", "30.10.2026", "05.11.2026"),
            Period("vacation3", "Торік", "30.10.2025", "05.11.2025"),
        ],
        bells={(1, 1): "8.30-9:15", (1, 2): "09:00–09:45", (1, 3): "опівдні"},
        rooms=["14", "14 ", "Кабінет " + "x" * 90],
    )
    with pytest.raises(Invalid) as refusal:
        kit.plan(world, wrong)
    told = {(one.field, one.code) for one in refusal.value.problems}
    assert told == {
        ("semester1_last", "before"),
        ("vacation2_first", "overlaps"),
        ("vacation3_first", "outside"),
        ("bell_1_2", "overlaps"),
        ("bell_1_3", "time"),
        ("rooms", "too_long"),
    }


def test_a_year_saved_by_another_meanwhile_is_not_overwritten(world):
    kit.plan(world)
    with pytest.raises(StaleVersion):
        kit.plan(world, version=0)
    assert kit.plan(world, version=1).version == 2


@pytest.mark.parametrize("who", ["petro", "bohdan", "taras"])
def test_a_year_is_kept_by_its_own_school_alone(world, who):
    with pytest.raises((NotAllowed, NotFound)):
        kit.plan(world, who=who)


# ── the week ─────────────────────────────────────────────────────────────────
def test_lessons_of_a_week_are_made_to_the_end_of_the_year_without_vacations(school):
    made = save_week(school, row(school.maths, 1, 1), row(school.maths, 3, 2))
    found = lessons_of(school.maths)
    assert made == len(found)
    days = {on for on, _ in found}
    assert day(2026, 9, 2) in days
    assert day(2026, 9, 7) in days
    assert not {on for on in days if day(2026, 10, 26) <= on < day(2026, 11, 2)}
    assert not {on for on in days if day(2026, 12, 25) <= on < day(2027, 1, 11)}
    assert {on.isoweekday() for on in days} == {1, 3}
    assert max(days) == day(2027, 5, 31)


def test_every_other_week_begins_with_the_first_week_of_the_semester(school):
    save_week(
        school, row(school.maths, 3, 1, weeks="ODD"), row(school.language, 3, 1, weeks="EVEN")
    )
    assert [on for on, _ in lessons_of(school.maths)][:2] == [day(2026, 9, 2), day(2026, 9, 16)]
    assert [on for on, _ in lessons_of(school.language)][:2] == [day(2026, 9, 9), day(2026, 9, 23)]


def test_everything_that_clashes_is_told_at_once_beside_its_place(school):
    room = school.rooms["14"]
    save_week(school, row(school.other, 1, 1, room=room), klass="school1/5-Б")
    with pytest.raises(Invalid) as refusal:
        save_week(
            school,
            row(school.maths, 1, 1, room=room),  # the teacher and the room are with 5-Б
            row(school.maths, 2, 1),
            row(school.language, 2, 1),  # the class is at mathematics
            row(school.language, 3, 9),  # no bell rings
        )
    told = {(one.field, one.code) for one in refusal.value.problems}
    assert told == {
        ("cell_1_1_1", "teacher_busy"),
        ("cell_1_1_1", "room_busy"),
        ("cell_2_1_1", "pupils_busy"),
        ("cell_3_9_1", "no_bell"),
    }
    assert not lessons_of(school.maths)


def test_a_changed_week_keeps_the_past_and_what_somebody_wrote(school):
    save_week(school, row(school.maths, 1, 1), row(school.maths, 3, 2))
    written = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 11, 25))
    lessons.change_lesson(
        dataclasses.replace(spec_of(written), place="SHELTER"),
        actor=school.head,
        journal=school.maths.uid,
        lesson=written.pk,
        version=1,
        today=SINCE,
    )
    save_week(school, row(school.maths, 1, 1), row(school.maths, 5, 1), since=day(2026, 11, 16))
    days = [on for on, _ in lessons_of(school.maths)]
    assert day(2026, 11, 11) in days  # a Wednesday of before
    assert day(2026, 11, 18) not in days
    assert day(2026, 11, 20) in days
    assert day(2026, 11, 25) in days  # held in the shelter: somebody said so
    assert Slot.objects.filter(journal=school.maths).count() == 3


def test_a_week_that_somebody_else_changed_is_not_overwritten(school):
    seen = reads.week(school.klass, SINCE).mark
    save_week(school, row(school.maths, 1, 1))
    with pytest.raises(StaleVersion):
        save_week(school, row(school.language, 1, 1), seen=seen)


def test_without_semesters_there_is_no_timetable(world):
    with pytest.raises(NoPlan):
        timetable.open_from_load(
            actor=world.actor("olena"), klass=world.classes["school1/5-А"].uid, today=SINCE
        )


def test_the_deputy_for_classes_keeps_the_timetable_and_a_neighbour_does_not(school):
    group = school.klass
    args = {"klass": group.uid, "since": SINCE, "today": SINCE}
    mark = reads.week(group, SINCE).mark
    rows = [row(school.maths, 1, 1)]
    assert timetable.save_timetable(rows, actor=school.world.actor("dana"), seen=mark, **args)
    with pytest.raises(NotFound):
        timetable.save_timetable(rows, actor=school.world.actor("petro"), seen=mark, **args)


# ── lessons ──────────────────────────────────────────────────────────────────
def spec_of(lesson) -> LessonSpec:
    return LessonSpec(
        lesson.day, lesson.no, lesson.room_id, None, lesson.state, lesson.place, lesson.reason
    )


def change(school, lesson, **more):
    return lessons.change_lesson(
        dataclasses.replace(spec_of(lesson), **more),
        actor=school.head,
        journal=school.maths.uid,
        lesson=lesson.pk,
        version=lesson.version,
        today=SINCE,
    )


@pytest.fixture
def lesson(school):
    save_week(school, row(school.maths, 1, 1))
    return Column.objects.get(journal_id=school.maths.pk, day=day(2026, 9, 7))


def test_a_lesson_is_moved_and_given_to_a_substitute(school, lesson):
    moved = change(school, lesson, day=day(2026, 9, 8), no=2, post=school.colleague.pk)
    stands = Column.objects.get(institution_id=moved.institution_id, pk=lesson.pk)
    assert (stands.day, stands.no, stands.version) == (day(2026, 9, 8), 2, 2)
    assert (stands.post_id, stands.planned_post_id) == (school.colleague.pk, school.teacher.pk)
    assert lesson_reads.substitutes(stands.institution_id, SINCE, day(2026, 10, 1)) == {
        school.colleague.pk: 1
    }


def test_a_lesson_moves_neither_into_a_vacation_nor_onto_another(school, lesson):
    with pytest.raises(NoSuchPeriod):
        change(school, lesson, day=day(2027, 1, 4))
    with pytest.raises(Invalid, match="Учні в цей час на іншому уроці: 5-А"):
        change(school, lesson, day=day(2026, 9, 14))
    other = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 9, 14))
    change(school, other, state="CANCELLED", reason="Карантин")
    with pytest.raises(LessonTaken):
        change(school, lesson, day=day(2026, 9, 14))
    save_week(school, row(school.other, 2, 1), klass="school1/5-Б")
    with pytest.raises(Invalid, match="Учитель у цей час веде 5-Б"):
        change(school, lesson, day=day(2026, 9, 8))


def test_a_lesson_with_entries_is_neither_moved_nor_cancelled(school, lesson):
    put(lesson)
    with pytest.raises(HasEntries):
        change(school, lesson, state="CANCELLED", reason="Тривога")
    with pytest.raises(HasEntries):
        change(school, lesson, day=day(2026, 9, 9))
    assert change(school, lesson, place="SHELTER").place == "SHELTER"


def test_an_air_raid_takes_a_whole_school_day_but_lessons_with_entries(school, lesson):
    save_week(school, row(school.other, 1, 2), klass="school1/5-Б")
    put(lesson)
    found = lesson_reads.of_day(lesson.institution_id, lesson.day, kit.YEAR)
    asked = {
        "actor": school.head,
        "institution": school.world.institutions["school1"].uid,
        "day": lesson.day,
        "first": 1,
        "last": 3,
        "reason": "Повітряна тривога",
    }
    seen = lesson_reads.mark(one.column for one in found)
    assert lessons.change_day(how="CANCELLED", seen=seen, **asked) == 1
    after = lesson_reads.of_day(lesson.institution_id, lesson.day, kit.YEAR)
    assert [(one.column.no, one.column.state) for one in after] == [
        (1, "PLANNED"),
        (2, "CANCELLED"),
    ]
    with pytest.raises(StaleVersion):
        lessons.change_day(how="SHELTER", seen=seen, **asked)


def put(lesson) -> None:
    """An entry, past the command that makes entries."""
    Cell.objects.create(
        institution_id=lesson.institution_id,
        day=lesson.day,
        column_id=lesson.pk,
        enrolment_id=1,
        value=8,
        at=datetime.datetime(2026, 9, 7, 9, tzinfo=datetime.UTC),
        act_id=1,
    )


# ── pages ────────────────────────────────────────────────────────────────────
def test_the_head_plans_the_year_and_saves_a_week_by_pages(client, world):
    from django.urls import reverse

    from tests.world import sign_in

    sign_in(client, world.grants["olena"])
    home, group = world.institutions["school1"], world.classes["school1/5-А"]
    address = reverse("journal_year", args=[home.uid])
    assert client.get(address).status_code == 200
    typed = {"version": "0", "days": "5", "rooms": "14", "bell_1_1": "08:30–09:15"}
    typed |= {"semester1_name": "I семестр", "semester1_first": "01.09.2026"}
    refused = client.post(address, typed)
    assert refused.status_code == 422
    assert "semester1_last" in refused.content.decode()
    assert client.post(address, typed | {"semester1_last": "24.12.2026"}).status_code == 303
    opened = client.post(
        reverse("journal_class", args=[group.uid]), {"do": "open", "subject": "MATHS"}
    )
    assert opened.status_code == 303
    page = client.get(reverse("journal_week", args=[group.uid]))
    (journal,) = reads.journals_of(group)
    saved = client.post(
        reverse("journal_week", args=[group.uid]),
        {
            "seen": reads.week(group, SINCE).mark,
            "since": "01.12.2026",
            "cell_2_1_1": str(journal.uid),
        },
    )
    assert page.status_code == 200
    assert saved.status_code == 303
    assert lessons_of(journal)[0] == (day(2026, 12, 1), 1)
    answer = client.get(reverse("journal_day", args=[home.uid]) + "?on=2026-12-08")
    assert "5-А · Математика" in answer.content.decode()
    assert client.get(reverse("journal_school", args=[home.uid])).status_code == 200
