"""Two people at one moment: one cell, one topic, one lesson, one column, one teacher's hour, one year;
each lock of the room."""

from __future__ import annotations

from typing import Any

import pytest

from journals.models import Cell, Column
from journals.selectors import books
from journals.selectors import lessons as reads
from journals.services import entries, lessons, timetable, years
from journals.services.lessons import LessonSpec
from journals.values import Entry
from registry.models import Enrolment
from tests.journals import kit
from tests.journals.kit import row, save_week
from tests.journals.test_entries import NOW, TODAY
from tests.kit.racing import Held, beside
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(world: World) -> kit.School:
    made = kit.build(world)
    save_week(made, row(made.maths, 1, 1))
    return made


@pytest.fixture
def lesson(school: kit.School) -> Column:
    return Column.objects.get(journal_id=school.maths.pk, day=TODAY)


def test_of_two_marks_in_one_cell_the_second_is_told_what_stands(
    school: kit.School, lesson: Column, monkeypatch: pytest.MonkeyPatch
) -> None:
    ivan = Enrolment.objects.get(pupil=school.world.pupils["ivan"]).pk

    def marks(value: int) -> Any:
        cells = {(lesson.pk, ivan): Entry(value=value)}
        of = {"actor": school.head, "journal": school.maths.uid, "moment": NOW}
        return lambda: entries.save_entries(cells, seen=0, **of)

    held = Held(books.cells)
    monkeypatch.setattr(books, "cells", held)
    assert beside(marks(8), marks(9), held) == ["done", "cell_changed"]
    assert list(Cell.objects.values_list("version", "value")) == [(1, 8)]


def test_of_two_topics_of_one_lesson_the_second_is_stale(
    school: kit.School, lesson: Column, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes(topic: str) -> Any:
        of = {"actor": school.head, "journal": school.maths.uid, "moment": NOW}
        values = {"topic": topic}
        return lambda: entries.write_lesson(values, lesson=lesson.pk, version=1, **of)

    held = Held(entries._lesson_values)
    monkeypatch.setattr(entries, "_lesson_values", held)
    assert beside(writes("Дроби"), writes("Рівняння"), held) == ["done", "stale_version"]
    lesson.refresh_from_db()
    assert (lesson.topic, lesson.version) == ("Дроби", 2)


def test_of_a_mark_and_a_cancellation_one_comes_first_and_the_other_is_told(
    school: kit.School, lesson: Column, monkeypatch: pytest.MonkeyPatch
) -> None:
    ivan = Enrolment.objects.get(pupil=school.world.pupils["ivan"]).pk
    after = Column.objects.filter(journal_id=school.maths.pk, day__lt=TODAY).latest("day")

    def marks(at: Column) -> Any:
        cells = {(at.pk, ivan): Entry(value=8)}
        of = {"actor": school.head, "journal": school.maths.uid, "moment": NOW}
        return lambda: entries.save_entries(cells, seen=0, **of)

    def cancels(at: Column) -> Any:
        spec = LessonSpec(at.day, at.no, None, None, "CANCELLED", "ROOM", "Тривога")
        of = {"actor": school.head, "journal": school.maths.uid, "today": TODAY}
        return lambda: lessons.change_lesson(spec, lesson=at.pk, version=1, **of)

    held = Held(entries._insert)
    monkeypatch.setattr(entries, "_insert", held)
    assert beside(marks(lesson), cancels(lesson), held) == ["done", "lesson_has_entries"]
    held = Held(lessons._has_entries)
    monkeypatch.setattr(lessons, "_has_entries", held)
    assert beside(cancels(after), marks(after), held) == ["done", "entries_locked"]
    assert list(Cell.objects.values_list("column_id", flat=True)) == [lesson.pk]


def test_an_air_raid_leaves_the_lesson_that_a_teacher_marks_in_that_moment(
    school: kit.School, lesson: Column, monkeypatch: pytest.MonkeyPatch
) -> None:
    ivan = Enrolment.objects.get(pupil=school.world.pupils["ivan"]).pk
    home = school.world.institutions["school1"]
    seen = reads.mark(one.column for one in reads.of_day(home.pk, TODAY, kit.YEAR))
    cells = {(lesson.pk, ivan): Entry(value=8)}
    of = {"actor": school.head, "journal": school.maths.uid, "moment": NOW}
    held = Held(entries._insert)
    monkeypatch.setattr(entries, "_insert", held)
    day = {"day": TODAY, "first": 1, "last": 8, "how": "CANCELLED", "reason": "Тривога"}
    outcomes = beside(
        lambda: entries.save_entries(cells, seen=0, **of),
        lambda: lessons.change_day(actor=school.head, institution=home.uid, seen=seen, **day),
        held,
    )
    assert outcomes == ["done", "done"]
    lesson.refresh_from_db()
    assert lesson.state == "PLANNED"


def test_of_two_columns_of_one_semester_the_second_is_refused(
    school: kit.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def adds() -> Any:
        return entries.add_column(
            actor=school.head,
            journal=school.maths.uid,
            kind="SEMESTER",
            no=1,
            day=TODAY,
            moment=NOW,
        )

    held = Held(entries.lessons.columns)
    monkeypatch.setattr(entries.lessons, "columns", held)
    assert beside(adds, adds, held) == ["done", "twice"]


def test_of_two_weeks_that_need_one_teacher_at_one_hour_the_second_is_refused(
    school: kit.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(timetable.clashes)
    monkeypatch.setattr(timetable, "clashes", held)
    outcomes = beside(
        lambda: save_week(school, row(school.maths, 3, 2)),
        lambda: save_week(school, row(school.other, 3, 2), klass="school1/5-Б"),
        held,
    )
    assert outcomes == ["done", "teacher_busy"]


def test_of_two_who_plan_the_year_at_once_the_second_is_stale(
    school: kit.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(years._write)
    monkeypatch.setattr(years, "_write", held)
    plans = [lambda: kit.plan(school.world, version=1)] * 2
    assert beside(*plans, held) == ["done", "stale_version"]
