"""Entries: versions of cells, who may write them and until when; the class page and the lesson."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journals import tasks
from journals.errors import CellChanged, EntriesLocked, NotYourJournal
from journals.models import Cell, Column
from journals.selectors import absences, books
from journals.services import entries, timetable
from journals.values import EMPTY, Entry
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotFound
from registry.coverage import services as coverage
from registry.models import ClassPlacement, CoverageCase, Enrolment, Pupil
from tests.journals import kit
from tests.journals.kit import row, save_week
from tests.kit.acts import noted
from tests.registry.parents import kit as parents
from tests.world import enrol, sign_in

pytestmark = pytest.mark.django_db
day = datetime.date
TODAY = day(2026, 11, 30)
NOW = Moment(datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC), TODAY)
EIGHT = Entry(value=8)


@command
def _newcomer(*, actor, world) -> int:
    pupil = Pupil.objects.create(
        surname="Листопадова", given_name="Ніна", sex="F", born_on=day(2016, 5, 5)
    )
    made = enrol(pupil, world.classes["school1/5-А"], starts_on=day(2026, 11, 10))
    noted()
    return made.pk


@command
def _moves(*, actor, world, on: datetime.date) -> None:
    """Ivan learns in 5-Б from a day on."""
    was = ClassPlacement.objects.get(enrolment__pupil=world.pupils["ivan"])
    was.ends_on = on
    was.save(update_fields=["ends_on"])
    klass, origin = world.classes["school1/5-Б"], was.origin
    ClassPlacement.objects.create(
        enrolment=was.enrolment, class_group=klass, starts_on=on, origin=origin
    )
    noted()


@command
def _mark(*, actor, column: Column, enrolment: int) -> None:
    """A colleague's entry, past the question who may."""
    entries._insert(column.institution_id, [(column, enrolment, 1, Entry(absence=1))], NOW)


@pytest.fixture
def school(world):
    made = kit.build(world)
    save_week(made, row(made.maths, 1, 1), row(made.language, 1, 2))
    return made


@pytest.fixture
def ivan(school) -> int:
    return Enrolment.objects.get(pupil=school.world.pupils["ivan"]).pk


@pytest.fixture
def lesson(school) -> Column:
    return Column.objects.get(journal_id=school.maths.pk, day=TODAY)


def save(school, cells, *, journal=None, who="olena", seen=None, now=NOW):
    return entries.save_entries(
        cells,
        actor=school.world.actor(who),
        journal=(journal or school.maths).uid,
        seen=seen,
        moment=now,
    )


def stands(column) -> dict[int, tuple[str, int]]:
    return {
        enrolment: (one.entry.text, one.version)
        for (_, enrolment), one in books.cells([column]).items()
    }


# ── versions ─────────────────────────────────────────────────────────────────
def test_each_change_of_a_cell_is_its_next_version_and_the_same_value_is_none(school, ivan, lesson):
    assert save(school, {(lesson.pk, ivan): EIGHT}) == 1
    assert save(school, {(lesson.pk, ivan): EIGHT}) == 0
    assert save(school, {(lesson.pk, ivan): Entry(absence=1)}) == 1
    assert save(school, {(lesson.pk, ivan): EMPTY}) == 1
    assert stands(lesson) == {ivan: ("", 3)}
    told = Cell.objects.order_by("version").values_list("version", "value", "absence")
    assert list(told) == [(1, 8, None), (2, None, 1), (3, None, None)]


@pytest.mark.parametrize("statement", ["UPDATE {} SET value = 12", "DELETE FROM {}"])
def test_what_was_entered_is_neither_changed_nor_deleted(school, ivan, lesson, statement):
    save(school, {(lesson.pk, ivan): EIGHT})
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("journals_cell"))


def test_a_cell_written_meanwhile_refuses_and_nothing_is_lost(school, ivan, lesson):
    save(school, {(lesson.pk, ivan): EIGHT})
    seen = books.mark(books.cells([lesson]).values())
    save(school, {(lesson.pk, ivan): Entry(value=9)}, seen=seen)
    with pytest.raises(CellChanged, match="стоїть «9»"):
        save(school, {(lesson.pk, ivan): Entry(value=10)}, seen=seen)
    assert stands(lesson) == {ivan: ("9", 2)}


# ── who and until when ───────────────────────────────────────────────────────
def test_only_whoever_teaches_writes_and_others_of_the_school_only_read(school, ivan, lesson):
    other = Column.objects.get(journal_id=school.language.pk, day=TODAY)
    with pytest.raises(NotYourJournal):
        save(school, {(other.pk, ivan): EIGHT}, journal=school.language)
    with pytest.raises(NotYourJournal):
        save(school, {(lesson.pk, ivan): EIGHT}, who="dana")
    assert books.book(school.world.actor("dana"), school.maths.uid, TODAY)
    for stranger in ("petro", "bohdan", "maria"):
        with pytest.raises(NotFound):
            books.book(school.world.actor(stranger), school.maths.uid, TODAY)


def test_the_class_teacher_writes_absences_and_no_marks(school, ivan):
    @command
    def lead(*, actor):
        school.klass.teacher = school.teacher
        school.klass.save(update_fields=["teacher"])
        noted()

    lead(actor=school.head)
    other = Column.objects.get(journal_id=school.language.pk, day=TODAY)
    assert save(school, {(other.pk, ivan): Entry(absence=2)}, journal=school.language) == 1
    with pytest.raises(NotYourJournal):
        save(school, {(other.pk, ivan): EIGHT}, journal=school.language)


def test_entries_are_made_for_fourteen_days_unless_the_head_opens_older_ones(school, ivan):
    old = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 11, 9))
    edge = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 11, 16))
    ahead = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 12, 7))
    assert save(school, {(edge.pk, ivan): EIGHT}) == 1
    for one in (old, ahead):
        with pytest.raises(EntriesLocked):
            save(school, {(one.pk, ivan): EIGHT})
    timetable.unlock(
        actor=school.head,
        uid=school.maths.uid,
        until=TODAY,
        ground="Учителька хворіла два тижні",
        version=1,
        today=TODAY,
    )
    assert save(school, {(old.pk, ivan): EIGHT}) == 1


def test_who_came_in_november_has_no_cell_in_september(school, client):
    enrolment = _newcomer(actor=school.head, world=school.world)
    timetable.unlock(
        actor=school.head,
        uid=school.maths.uid,
        until=TODAY,
        ground="Перевірка минулих уроків",
        version=1,
        today=TODAY,
    )
    before = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 9, 7))
    with pytest.raises(NotFound):
        save(school, {(before.pk, enrolment): EIGHT})
    sign_in(client, school.world.grants["olena"])
    page = client.get(reverse("journal", args=[school.maths.uid]) + "?period=9").content.decode()
    assert "Листопадова" not in page
    page = client.get(reverse("journal", args=[school.maths.uid])).content.decode()
    assert page.count("Листопадова Ніна, 02.11: не в класі") == 1
    assert 'aria-label="Листопадова Ніна, 30.11"' in page


# ── the children's register ──────────────────────────────────────────────────
def test_ten_school_days_missed_whole_are_told_to_the_childrens_register(school, ivan, monkeypatch):
    save_week(
        school, *(row(school.maths, one, 1) for one in range(1, 6)), row(school.language, 1, 2)
    )
    days = Column.objects.filter(
        journal_id=school.maths.pk, day__gte=day(2026, 11, 17), day__lte=TODAY
    )
    save(school, {(one.pk, ivan): Entry(absence=1) for one in days})
    home = school.world.institutions["school1"].pk
    assert absences.streaks(home, TODAY) == []  # on Mondays he was at the second lesson
    for on in (day(2026, 11, 23), TODAY):
        second = Column.objects.get(journal_id=school.language.pk, day=on)
        _mark(actor=school.head, column=second, enrolment=ivan)
    (streak,) = absences.streaks(home, TODAY)
    assert (streak.since, streak.until) == (day(2026, 11, 17), TODAY)
    monkeypatch.setattr(tasks.clock, "moment", lambda: NOW)
    assert tasks.tell_absences() == 1
    record = CoverageCase.objects.get(kind="ABSENT")
    assert (record.pupil_id, record.state) == (school.world.pupils["ivan"].pk, "RECORDED")


def _absent(school, ivan, last: datetime.date) -> None:
    """Ivan misses the one lesson a day that his class has, from 16 November to a day."""
    save_week(school, *(row(school.maths, one, 1) for one in range(1, 6)))
    days = Column.objects.filter(
        journal_id=school.maths.pk, day__gte=day(2026, 11, 16), day__lte=last
    )
    save(school, {(one.pk, ivan): Entry(absence=1) for one in days})


def _told(monkeypatch, evening: datetime.date) -> int:
    at = datetime.datetime(evening.year, evening.month, evening.day, 18, tzinfo=datetime.UTC)
    monkeypatch.setattr(tasks.clock, "moment", lambda: Moment(at, evening))
    return tasks.tell_absences()


def test_days_missed_are_told_once_though_marked_late_or_on_an_evening_without_the_job(
    school, ivan, monkeypatch
):
    _absent(school, ivan, day(2026, 11, 27))  # ten school days; on Monday 30 he came
    assert _told(monkeypatch, TODAY) == 1
    record = CoverageCase.objects.get(kind="ABSENT")
    assert (record.since, record.until) == (day(2026, 11, 16), day(2026, 11, 27))
    assert _told(monkeypatch, TODAY) == 0
    assert _told(monkeypatch, day(2026, 12, 1)) == 0


def test_what_a_closed_record_knew_opens_no_other(school, ivan, monkeypatch):
    _absent(school, ivan, day(2026, 11, 27))
    _told(monkeypatch, TODAY)
    record = CoverageCase.objects.get(kind="ABSENT")
    coverage.step(
        actor=school.head,
        case_id=record.pk,
        do="close",
        values={"outcome": "RETURNED", "on": "30.11.2026", "ground": "Прийшов на урок"},
        version=record.version,
        moment=NOW,
    )
    assert _told(monkeypatch, day(2026, 12, 1)) == 0
    assert CoverageCase.objects.count() == 1


def test_a_child_who_changed_the_class_misses_lessons_of_the_class_it_is_in(
    school, ivan, monkeypatch
):
    _absent(school, ivan, day(2026, 11, 20))
    save_week(school, *(row(school.other, one, 2) for one in range(1, 6)), klass="school1/5-Б")
    _moves(actor=school.head, world=school.world, on=day(2026, 11, 23))
    there = Column.objects.filter(
        journal_id=school.other.pk, day__gte=day(2026, 11, 23), day__lte=day(2026, 11, 27)
    )
    absent = {(one.pk, ivan): Entry(absence=1) for one in there}
    save(school, absent, journal=school.other)
    assert _told(monkeypatch, TODAY) == 1
    assert CoverageCase.objects.get(kind="ABSENT").until == day(2026, 11, 27)


# ── a change of class ────────────────────────────────────────────────────────
def test_marks_from_the_journal_of_before_are_one_step_away_on_the_new_class_page(
    school, ivan, lesson, teacher
):
    before = Column.objects.get(journal_id=school.maths.pk, day=day(2026, 11, 16))
    other_subject = Column.objects.get(journal_id=school.language.pk, day=day(2026, 11, 16))
    save(school, {(before.pk, ivan): Entry(value=10)})
    _mark(actor=school.head, column=other_subject, enrolment=ivan)
    save_week(school, row(school.other, 1, 2), klass="school1/5-Б")
    _moves(actor=school.head, world=school.world, on=day(2026, 11, 23))
    address = reverse("journal", args=[school.other.uid]) + "?period=11"
    page = teacher.get(address).content.decode()
    assert "1 дитина прийшла протягом року" in page
    assert "Оцінки з попередніх журналів" not in page
    page = " ".join(teacher.get(f"{address}&earlier=1").content.decode().split())
    assert "5-А, 16.11.2026–16.11.2026, середнє 10 (орієнтир)" in page
    assert page.count('<b class="ak-jk">10</b>') == 1
    assert teacher.get(f"{address}&earlier=2").status_code == 400


# ── the diary ────────────────────────────────────────────────────────────────
def test_a_parent_sees_the_week_of_the_own_child_and_of_no_other(school, ivan, lesson, client):
    save(school, {(lesson.pk, ivan): Entry(value=10)})
    entries.write_lesson(
        {"topic": "Дроби", "homework": "№ 5", "due_on": day(2026, 12, 2)},
        actor=school.head,
        journal=school.maths.uid,
        lesson=lesson.pk,
        version=1,
        moment=NOW,
    )
    child = school.world.pupils["ivan"]
    parents.represents(school.world)
    visitor = parents.enter(client, parents.parent())
    address = reverse("parent_diary", args=[child.pk])
    page = visitor.get(f"{address}?on=2026-12-01").content.decode()
    for words in ("Математика", "Дроби", "На цей день задано", "№ 5", ">10</b>"):
        assert words in page
    other = reverse("parent_diary", args=[school.world.pupils["oksana"].pk])
    assert visitor.get(other).status_code == 404


# ── pages ────────────────────────────────────────────────────────────────────
@pytest.fixture
def teacher(school, client):
    sign_in(client, school.world.grants["olena"])
    return client


def test_the_grid_saves_a_cell_and_tells_what_is_no_mark(school, ivan, lesson, teacher):
    address = reverse("journal", args=[school.maths.uid]) + "?period=11"
    said = teacher.post(address, {"row": ivan, "version": "0", f"c{lesson.pk}": "13"})
    assert "Рядок 1, 30.11: «13» не є оцінкою. Можна 1–12" in said.content.decode()
    assert not stands(lesson)
    answer = teacher.post(address, {"row": ivan, "version": "0", f"c{lesson.pk}": "н"})
    assert answer.status_code == 200
    assert f'name="c{lesson.pk}" value="н"' in answer.content.decode()
    stale = teacher.post(address, {"row": ivan, "version": "0", f"c{lesson.pk}": "7"})
    assert stale.status_code == 409
    assert stands(lesson) == {ivan: ("н", 1)}


def test_a_class_page_asks_a_dozen_statements_however_many_lessons_it_has(school, ivan, teacher):
    address = reverse("journal", args=[school.maths.uid]) + "?period=11"

    def statements():
        teacher.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert teacher.get(address).status_code == 200
        return len(asked)

    few = statements()
    save_week(school, *(row(school.maths, one, 1) for one in range(1, 6)))
    _newcomer(actor=school.head, world=school.world)
    assert statements() == few <= 12


def test_a_pasted_column_leaves_a_hole_where_a_hole_was(school, ivan, lesson, teacher):
    enrolment = _newcomer(actor=school.head, world=school.world)
    address = reverse("journal", args=[school.maths.uid]) + "?period=11"
    save(school, {(lesson.pk, ivan): EIGHT})
    pasted = teacher.post(
        address,
        {
            "paste": "1",
            "start_row": ivan,
            "rows": f"{ivan},{enrolment}",
            "versions": "0,0",
            "start_column": f"c{lesson.pk}",
            "cells": "\n11",
        },
    )
    assert pasted.status_code == 200
    assert stands(lesson) == {ivan: ("8", 1), enrolment: ("11", 1)}


def test_a_pasted_block_over_what_another_wrote_is_refused_with_both_values(
    school, ivan, lesson, teacher
):
    address = reverse("journal", args=[school.maths.uid]) + "?period=11"
    block = {"paste": "1", "start_row": ivan, "rows": str(ivan), "cells": "11"}
    block |= {"start_column": f"c{lesson.pk}", "versions": "0"}
    save(school, {(lesson.pk, ivan): EIGHT})
    refused = teacher.post(address, block)
    assert refused.status_code == 409
    assert "рядок 1, 30.11: стоїть «8», ви вставили «11»" in refused.content.decode()
    assert stands(lesson) == {ivan: ("8", 1)}
    seen = books.mark(books.cells([lesson]).values())  # the answer showed the row as it stands
    assert teacher.post(address, block | {"versions": str(seen)}).status_code == 200
    assert stands(lesson) == {ivan: ("11", 2)}


def test_a_lesson_is_kept_on_its_own_page(school, ivan, lesson, teacher):
    address = reverse("journal_lesson", args=[school.maths.uid, lesson.pk])
    page = teacher.get(address).content.decode()
    assert "Присутні 1 із 1" in page
    typed = {"version": "1", "changed": "topic", "topic": "Дроби"}
    auto = {"HTTP_X_AUTOSAVE": "1", "HTTP_HX_REQUEST": "true"}
    answer = teacher.post(address, typed, **auto)
    assert (answer.status_code, answer["X-Version"]) == (200, "2")
    assert teacher.post(address, typed, **auto).status_code == 409
    there = reverse("journal_lesson_entries", args=[school.maths.uid, lesson.pk])
    answer = teacher.post(there, {"version": "0", f"a_{ivan}": "хв"}, **auto)
    assert "Присутні 0 із 1" in answer.content.decode()
    again = {"version": answer["X-Version"], f"m_{ivan}": "10"}
    teacher.post(there, again, **auto)
    assert stands(lesson) == {ivan: ("хв 10", 2)}
    held = teacher.post(address, {"version": "2", "topic": "Дроби", "work": "CONTROL", "held": "1"})
    assert held.status_code == 303
    lesson = Column.objects.get(institution_id=lesson.institution_id, pk=lesson.pk)
    assert (lesson.state, lesson.work, lesson.topic) == ("HELD", "CONTROL", "Дроби")


def test_a_column_of_results_is_added_once(school, ivan, teacher):
    address = reverse("journal_column", args=[school.maths.uid])
    typed = {"kind": "SEMESTER", "no": "1", "day": "30.11.2026"}
    assert teacher.post(address, typed).status_code == 303
    assert teacher.post(address, typed).status_code == 422
    column = Column.objects.get(journal_id=school.maths.pk, kind="SEMESTER")
    assert save(school, {(column.pk, ivan): Entry(value=10)}) == 1
    assert "Уроки сьогодні" in teacher.get(reverse("journals")).content.decode()
