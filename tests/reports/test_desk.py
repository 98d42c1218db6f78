"""The analyst's desk: cubes of a day equal to the register, questions answered from them."""

from __future__ import annotations

import datetime
import itertools

import pytest
from django.db import connection

from accounts import actors
from kernel import batch
from kernel.errors import NotAllowed, NotFound
from registry.models import ClassGroup
from reports.desk import errors, rounding, selectors, telling
from reports.desk.measures import cubes, measures
from reports.desk.models import WHOLE, DeskSlice, DeskSum
from reports.desk.question import TIME, asked, cols_of, rows_of
from reports.desk.services import slices
from reports.errors import DayOutOfRange
from tests.reports import DAY, NOW


def counted(world, who="maria", day=DAY, now=NOW) -> DeskSlice:
    return slices.count_now(actor=world.actor(who), day=day, today=NOW.date(), now=now)


@pytest.fixture
def exact(monkeypatch):
    """Figures as they are: what is counted is looked at here, what is told in test_desk_secrecy."""
    monkeypatch.setattr(rounding, "told", lambda n, seal, under: n)
    monkeypatch.setattr(telling, "covered", lambda shown, totals: frozenset())


def ask(world, who="maria", area="", **given):
    actor = world.actor(who)
    unit = selectors.area_of(actor, str(world.units[area].uid) if area else "")
    return selectors.answer(actor, asked(given, unit))


def table(answer):
    return {line.label: (*line.values, line.total) for line in answer.lines}


def test_every_cube_adds_up_from_institutions_to_the_country(richer):
    made = counted(richer)
    assert (made.state, made.done) == ("DONE", len(cubes()))
    with connection.cursor() as cursor:
        for code in cubes():
            cursor.execute(
                "SELECT sum(n), sum(seal), sum(amount) FROM reports_deskcell WHERE cube = %s",
                [code],
            )
            whole = cursor.fetchone()
            cursor.execute(
                "SELECT level, split, sum(n), sum(seal), sum(amount) FROM reports_desksum"
                " WHERE cube = %s GROUP BY level, split",
                [code],
            )
            kept = {(level, split): tuple(sums) for level, split, *sums in cursor.fetchall()}
            fields = range(len(cubes()[code].by))
            splits = [0, WHOLE, *(1 << one | 1 << other for one in fields for other in fields)]
            if whole[0]:
                assert kept == {(level, split): whole for level in "CORH" for split in splits}
    assert DeskSum.objects.filter(level="H", cube="pupils").exists()


def test_sums_by_two_fields_are_those_of_the_cells_by_these_fields(richer):
    counted(richer)
    with connection.cursor() as cursor:
        for one, other in itertools.combinations(range(len(cubes()["pupils"].by)), 2):
            columns = f"d{one + 1}, d{other + 1}"
            sums = f"{columns}, sum(n), sum(seal)"
            told = f"GROUP BY {columns} ORDER BY {columns}"
            cursor.execute(f"SELECT {sums} FROM reports_deskcell WHERE cube = 'pupils' {told}")
            base = cursor.fetchall()
            cursor.execute(
                f"SELECT {sums} FROM reports_desksum WHERE cube = 'pupils' AND level = 'C'"
                f" AND split = %s {told}",
                [1 << one | 1 << other],
            )
            assert cursor.fetchall() == base != []


def test_cells_are_what_the_register_says(richer):
    counted(richer)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.institution_id, p.sex, c.grade, count(*) FROM registry_learning e
            JOIN registry_pupil p ON p.id = e.pupil_id
            JOIN registry_classgroup c ON c.id = e.class_group_id
            WHERE e.kind = 'MAIN' AND e.starts_on <= %(day)s
              AND (e.ends_on IS NULL OR e.ends_on > %(day)s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            {"day": DAY},
        )
        base = cursor.fetchall()
        cursor.execute(
            """
            SELECT unit_id, CASE d1 WHEN 1 THEN 'M' WHEN 2 THEN 'F' END, d3, sum(n)
            FROM reports_deskcell WHERE cube = 'pupils' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """
        )
        assert cursor.fetchall() == base
    assert sum(row[3] for row in base) == 7


def test_a_question_is_answered_by_territory_and_field(richer, exact):
    counted(richer)
    by_oblast = ask(richer, rows="oblast", cols="sex")
    assert by_oblast.columns == ("чоловіча", "жіноча")
    assert sum(line.total for line in by_oblast.lines) == by_oblast.total.total == 7
    by_grade = ask(richer, rows="grade")
    assert sum(line.total for line in by_grade.lines) == 7
    schools = ask(richer, who="bohdan", rows="school")
    assert sum(line.total for line in schools.lines) == 5
    assert ask(richer, area="chernivtsi", rows="grade").total.total == 5
    only = ask(richer, rows="oblast", only="grade.5,sex.M")
    assert only.total.total <= by_oblast.total.total


@pytest.mark.parametrize("code", measures())
def test_every_measure_is_answered_in_every_shape(richer, code):
    counted(richer)
    measure = measures()[code]
    actor = richer.actor("maria")
    area = selectors.area_of(actor, "")
    for rows, _ in rows_of(measure, area):
        for cols in ("", *(name for name, _ in cols_of(measure))):
            if cols == rows:
                continue
            found = selectors.answer(actor, asked({"m": code, "rows": rows, "cols": cols}, area))
            assert len({len(line.values) for line in found.lines}) <= 1


def test_a_day_is_counted_as_it_was(richer, exact):
    before = counted(richer)
    later = counted(richer, day=datetime.date(2026, 10, 1))
    days = ask(richer, rows=TIME)
    assert [line.label for line in days.lines] == ["05.09.2026", "01.10.2026"]
    assert days.slices == (before, later)
    assert selectors.days(richer.actor("maria")) == [later.day, before.day]


def test_class_sizes_and_the_forecast_are_reckoned_as_said(richer, exact):
    counted(richer)
    classes = ask(richer, m="classes", rows="grade")
    assert classes.total.total == ClassGroup.objects.filter(closed_on=None).count()
    size = ask(richer, m="class_size", rows="grade")
    assert size.total.total == round(7 / classes.total.total, 1)
    grades = {line.label: line.total for line in ask(richer, rows="grade").lines}
    expected = sum(
        times * grades.get(f"{grade} клас", 0) for grade, times in telling.FORECAST.items()
    )
    forecast = ask(richer, m="first_graders", rows="oblast")
    assert forecast.total.total == max(round(expected / 5) * 5, 0)


def test_what_does_not_go_together_is_said_in_words(richer):
    area = selectors.area_of(richer.actor("maria"), "")
    for given, words in (
        ({"m": "nothing"}, "Показника «nothing» немає."),
        ({"m": "first_graders", "rows": "grade"}, "прогноз стосується одного класу"),
        ({"rows": "school"}, "Заклади"),
        ({"rows": "position"}, "не має ознаки «Посада»"),
        ({"rows": "sex", "cols": "sex"}, "вже стоїть у рядках"),
        ({"cols": "щось"}, "Ознаки «щось» немає."),
        ({"only": "sex.X"}, "не має значення «X»"),
        ({"only": "grade.1,grade.2,sex.M,sex.F"}, "не більше ніж 3"),
        ({"m": "departures", "cols": "other_hromada"}, "лише в рядках"),
        ({"rows": "щось", "cols": "щось"}, "Ознаки «щось» немає."),
        ({"rows": "time", "cols": "time"}, "«Дні» бувають лише в рядках"),
        ({"rows": "grade", "chart": "map"}, "Карта показує території"),
        ({"chart": "щось"}, "Діаграми «щось» немає."),
    ):
        with pytest.raises(errors.QuestionWrong) as refused:
            asked(given, area)
        assert words in refused.value.detail


def test_the_desk_is_for_authorities_within_their_reach(richer):
    counted(richer)
    with pytest.raises(NotAllowed):
        selectors.area_of(richer.actor("olena"), "")
    with pytest.raises(NotFound):
        selectors.area_of(richer.actor("taras"), str(richer.units["chernivetska"].uid))
    with pytest.raises(NotAllowed):
        slices.ask(actor=richer.actor("admin"), day=DAY, today=NOW.date(), now=NOW)
    own = ask(richer, who="iryna", rows="raion")
    assert own.question.area == richer.units["chernivetska"]


def test_a_day_to_come_or_before_everything_is_refused(world):
    maria = world.actor("maria")
    for day in (
        datetime.date(2026, 12, 1),
        datetime.date(1990, 1, 1),
        datetime.date(2026, 9, 6),  # the day after a reference day
    ):
        with pytest.raises(DayOutOfRange):
            slices.ask(actor=maria, day=day, today=NOW.date(), now=NOW)
    slices.ask(actor=maria, day=DAY, today=NOW.date(), now=NOW)
    with pytest.raises(errors.SliceUnderWay):
        slices.ask(actor=maria, day=DAY, today=NOW.date(), now=NOW)
    with pytest.raises(errors.DayNotCounted):
        selectors.slice_of(DAY)


def test_by_night_reference_days_are_counted_and_settled_once(world):
    system = actors.system("тест")

    def night(day: datetime.date) -> list[datetime.date]:
        now = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
        made = slices.due(actor=system, today=day, now=now)
        for one in made:
            batch.carry_on(slices.WORK, one, actor=system, clock=lambda: now)
        return [one.day for one in DeskSlice.objects.filter(pk__in=made).order_by("day")]

    september, fifth = datetime.date(2026, 9, 1), DAY
    assert night(datetime.date(2026, 9, 6))[-2:] == [september, fifth]
    assert night(datetime.date(2026, 9, 7)) == []
    assert night(datetime.date(2026, 10, 2)) == [datetime.date(2026, 10, 1)]
    assert night(datetime.date(2026, 10, 12)) == [september, fifth]  # orders signed late are in
    assert night(datetime.date(2026, 10, 13)) == []
    with pytest.raises(errors.SliceStands):
        slices.ask(actor=world.actor("maria"), day=DAY, today=NOW.date(), now=NOW)
