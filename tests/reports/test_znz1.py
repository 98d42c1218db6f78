"""ЗНЗ-1 section I: counted from profiles as of a day, summed up the tree, walked back to the rows."""

from __future__ import annotations

import datetime
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts import actors
from kernel import batch
from kernel.db import command
from kernel.errors import NotFound
from registry.models import Enrolment, Pupil
from reports import errors, tasks
from reports.models import ReportRun
from reports.selectors import figures
from reports.services import runs
from tests.kit.acts import noted
from tests.reports import DAY, NOW, generate, requested
from tests.world import enrol, sign_in


def totals(run: ReportRun, unit) -> dict[str, int]:
    found = figures.figures(run, unit)
    return {row.code: found.cell(row.code, "1") for row in found.form.rows}


def test_a_school_is_counted_as_of_the_day(richer):
    run = generate(richer, "olena", "school1")
    got = totals(run, richer.units["school1"])
    assert {code: value for code, value in got.items() if value} == {
        "1.1": 3,
        "1.4": 1,
        "1.12": 4,
        "1.13": 2,
        "1.14": 1,
        "1.15": 1,
        "1.20": 3,
        "1.24": 1,
    }
    found = figures.figures(run, richer.units["school1"])
    assert found.cell("1.12", "3") == 1
    assert found.cell("1.12", "7") == 3
    assert figures.violations(found) == []


@pytest.mark.parametrize("portion", [1, 2, 1800])
def test_every_cell_sums_up_from_schools_to_the_country(richer, portion, monkeypatch):
    monkeypatch.setattr(runs, "PORTION", portion)
    run = generate(richer, "maria", "mon")
    unit = richer.units

    def values(key):
        return figures.figures(run, unit[key]).values

    def plus(*tables):
        return [
            [sum(column) for column in zip(*rows, strict=True)]
            for rows in zip(*tables, strict=True)
        ]

    assert values("chernivtsi") == plus(values("school1"), values("school2"))
    assert values("hromada") == plus(values("hub"), values("branch"))
    assert values("raion") == plus(values("chernivtsi"), values("hromada"))
    assert values("chernivetska") == values("raion")
    assert values("mon") == plus(values("chernivetska"), values("lvivska"))
    assert figures.figures(run, unit["mon"]).cell("1.12", "1") == 7


def test_a_child_that_changes_school_on_the_day_is_counted_once_where_it_came(richer):
    def figures_of(run):
        return [
            figures.figures(run, richer.units[key]).cell("1.12", "1")
            for key in ("school1", "school2", "chernivtsi", "mon")
        ]

    one, two, city, country = figures_of(generate(richer, "maria", "mon"))

    @command
    def transfer(*, actor):
        Enrolment.objects.filter(pupil=richer.pupils["ivan"]).update(ends_on=DAY)
        enrol(richer.pupils["ivan"], richer.classes["school2/5-А"], starts_on=DAY)
        noted()

    transfer(actor=actors.system("тест"))
    assert figures_of(generate(richer, "maria", "mon")) == [one - 1, two + 1, city, country]
    before = DAY - datetime.timedelta(days=1)
    assert figures_of(generate(richer, "maria", "mon", as_of=before))[0] >= one


def test_a_job_killed_half_way_goes_on_and_counts_nothing_twice(richer, monkeypatch):
    monkeypatch.setattr(runs, "PORTION", 2)
    run = requested(richer, "maria", "mon")
    batch.portion(actor=actors.system("тест"), work=runs.WORK, run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.done) == ("RUNNING", 2)
    tasks.take_up()
    run.refresh_from_db()
    assert (run.state, run.done) == ("DONE", run.total)
    assert totals(run, richer.units["mon"])["1.12"] == 7
    tasks.generate(str(run.pk))
    assert totals(run, richer.units["mon"])["1.12"] == 7


@pytest.mark.parametrize("narrow", [0, 400])
def test_both_ways_to_gather_categories_count_alike(richer, monkeypatch, narrow):
    monkeypatch.setattr(runs, "NARROW", narrow)
    run = generate(richer, "bohdan", "chernivtsi")
    got = totals(run, richer.units["chernivtsi"])
    assert (got["1.12"], got["1.14"], got["1.18"]) == (5, 1, 0)


def test_run_again_the_figures_are_the_same(richer):
    first, second = generate(richer, "maria", "mon"), generate(richer, "maria", "mon")
    unit = richer.units["mon"]
    assert figures.figures(first, unit).values == figures.figures(second, unit).values


def test_a_hub_is_shown_with_its_branches_and_alone(richer):
    run = generate(richer, "nina", "hub")
    hub = richer.units["hub"]
    assert figures.figures(run, hub).cell("1.1", "1") == 4
    assert figures.figures(run, hub, own=True).cell("1.1", "1") == 2
    assert [(c.unit.pk, c.own, c.headlines[1]) for c in figures.children(run, hub)] == [
        (hub.pk, True, 2),
        (richer.units["branch"].pk, False, 2),
    ]


def test_a_broken_control_is_told_with_its_column(richer):
    run = generate(richer, "olena", "school1")
    found = figures.figures(run, richer.units["school1"])
    codes = [row.code for row in found.form.rows]
    found.values[codes.index("1.13")][0] = 99
    assert ("Рядок 1.13 не може бути більше за 1.12", "графа 1") in [
        (v.title, v.where) for v in figures.violations(found)
    ]
    found.values[codes.index("1.1")][6] = 0
    assert any("є її класи" in v.title and v.where == "графа 7" for v in figures.violations(found))


def test_the_future_and_days_of_no_school_year_are_refused(richer):
    for day in (datetime.date(2026, 11, 21), datetime.date(2010, 9, 5)):
        with pytest.raises(errors.DayOutOfRange):
            requested(richer, "olena", "school1", as_of=day)


def test_at_half_past_midnight_in_kyiv_the_new_day_has_begun(client, richer, time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 30, 22, 30, tzinfo=datetime.UTC), tick=False)
    sign_in(client, richer.grants["olena"])
    assert 'value="01.12.2026"' in client.get("/reports/").content.decode()
    later = client.post("/reports/", {"form": "ZNZ1-1", "as_of": "02.12.2026", "purpose": "CHECK"})
    assert "ще не настала" in later.content.decode()
    answer = client.post("/reports/", {"form": "ZNZ1-1", "as_of": "01.12.2026", "purpose": "CHECK"})
    assert answer.status_code == 303


def test_the_same_run_is_not_started_twice(richer):
    requested(richer, "olena", "school1")
    with pytest.raises(errors.RunUnderWay):
        requested(richer, "olena", "school1")


def test_nobody_asks_for_another_subtree(richer):
    with pytest.raises(NotFound):
        requested(richer, "olena", "school2")


# ── pages ────────────────────────────────────────────────────────────────────


def test_a_head_asks_reads_and_walks_to_the_rows(client, richer, mailoutbox):
    sign_in(client, richer.grants["olena"])
    answer = client.post("/reports/", {"form": "ZNZ1-1", "as_of": "05.09.2026", "purpose": "CHECK"})
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "Усі контрольні співвідношення виконано" in page
    link = re.search(r'href="([^"]*row=1\.13&amp;column=1)"', page).group(1).replace("&amp;", "&")
    rows = client.get(link).content.decode()
    assert "Яна Іда" in rows
    assert "Ґудзь Оксана" in rows
    assert "Дім Лев" not in rows


def test_the_ministry_walks_from_the_country_to_a_school_without_names(client, richer):
    run = generate(richer, "maria", "mon")
    sign_in(client, richer.grants["maria"])
    base = f"/reports/{run.pk}/cell/"
    top = client.get(base, {"row": "1.12", "column": "1"}).content.decode()
    assert "Департамент освіти Чернівецької ОВА" in top
    school = richer.units["school1"].uid
    rows = client.get(base, {"row": "1.13", "column": "1", "unit": school}).content.decode()
    assert "без прізвищ" in rows
    assert "Яна" not in rows


def test_a_head_opens_the_country_run_only_at_the_own_school(client, richer):
    run = generate(richer, "maria", "mon")
    sign_in(client, richer.grants["olena"])
    assert "Чернівецький ліцей № 1" in client.get(f"/reports/{run.pk}/").content.decode()
    foreign = client.get(f"/reports/{run.pk}/", {"unit": richer.units["school2"].uid})
    absent = client.get(f"/reports/{run.pk}/", {"unit": "01900000-0000-7000-8000-000000000000"})
    assert foreign.status_code == absent.status_code == 404


@pytest.mark.parametrize("odd", ["²", "1", "x" * 10_000])
def test_a_unit_that_is_no_unit_is_refused_by_name_on_every_page(client, richer, odd):
    run = generate(richer, "olena", "school1")
    sign_in(client, richer.grants["olena"])
    for page in ("", "cell/", "xlsx/"):
        answer = client.get(f"/reports/{run.pk}/{page}", {"unit": odd, "row": "1.1", "column": "1"})
        assert answer.status_code == 400
        assert "unit" in answer.content.decode()


def test_another_schools_run_is_absent(client, richer):
    run = generate(richer, "olena", "school1")
    sign_in(client, richer.grants["petro"])
    assert client.get(f"/reports/{run.pk}/").status_code == 404


def test_the_technical_administrator_sees_states_and_no_figures(client, richer):
    run = generate(richer, "maria", "mon")
    sign_in(client, richer.grants["admin"])
    assert client.get("/reports/").status_code == 200
    assert client.get(f"/reports/{run.pk}/").status_code == 403


def test_a_correction_after_the_run_is_told_beside_the_figure(client, richer):
    run = generate(richer, "olena", "school1")

    @command
    def correct(*, actor):
        pupil = Pupil.objects.get(pk=richer.pupils["ivan"].pk)
        pupil.sex = "F"
        pupil.save(update_fields=["sex"])
        noted()

    correct(actor=actors.system("тест"))
    sign_in(client, richer.grants["olena"])
    page = client.get(f"/reports/{run.pk}/cell/", {"row": "1.13", "column": "1"}).content.decode()
    assert "дані змінилися" in page


def test_the_workbook_holds_the_table(client, richer):
    run = generate(richer, "bohdan", "chernivtsi")
    sign_in(client, richer.grants["bohdan"])
    answer = client.get(f"/reports/{run.pk}/xlsx/")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_name("Показники").to_python()
    pupils = next(row for row in rows if row[0] == "1.12")
    assert pupils[2] == 5
    parts = book.get_sheet_by_name("Підпорядковані").to_python()
    assert [row[0] for row in parts[1:]] == ["Чернівецька гімназія № 2", "Чернівецький ліцей № 1"]


def test_a_page_costs_the_same_for_a_school_and_for_the_country(client, richer):
    run = generate(richer, "maria", "mon")
    sign_in(client, richer.grants["maria"])

    def queries(unit):
        with CaptureQueriesContext(connection) as captured:
            assert (
                client.get(f"/reports/{run.pk}/", {"unit": richer.units[unit].uid}).status_code
                == 200
            )
        return len(captured)

    assert queries("mon") == queries("chernivtsi")
    assert queries("school1") <= queries("mon")


def test_progress_is_shown_while_the_job_counts(client, richer):
    run = requested(richer, "olena", "school1")
    sign_in(client, richer.grants["olena"])
    assert (
        "У черзі: пораховано закладів 0 із 1" in client.get(f"/reports/{run.pk}/").content.decode()
    )
    batch.begin(actor=actors.system("тест"), work=runs.WORK, run_id=run.pk, now=timezone.now())
    assert (
        "Рахуємо 1 заклад, минуло"
        in client.get(
            f"/reports/{run.pk}/progress/", headers={"HX-Request": "true"}
        ).content.decode()
    )
