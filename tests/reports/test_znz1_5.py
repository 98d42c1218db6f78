"""ЗНЗ-1 section V: one row for a whole school, two sources in its columns, groups not kept yet."""

from __future__ import annotations

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from accounts import actors
from kernel.db import command
from registry.models import ClassGroup
from reports.selectors import behind, figures
from tests.kit.acts import noted
from tests.reports import generate
from tests.world import sign_in

FORM = "ZNZ1-5"


@pytest.fixture
def shifted(richer):
    """School 1: 5-А (two pupils on the day) learns in the second shift, 5-Б in the third; the
    inclusive first grade stays in the first. School 2 has a second shift too."""

    @command
    def fill(*, actor):
        for key, shift in (("school1/5-А", 2), ("school1/5-Б", 3)):
            ClassGroup.objects.filter(pk=richer.classes[key].pk).update(shift=shift)
        school2 = richer.institutions["school2"]
        ClassGroup.objects.filter(institution=school2).update(shift=2)
        noted()

    fill(actor=actors.system("тест"))
    return richer


def row(run, unit):
    found = figures.figures(run, unit)
    return [found.cell("5.01", column.code) for column in found.form.columns]


def test_the_second_shift_is_counted_and_what_is_not_kept_is_no_zero(shifted):
    run = generate(shifted, "olena", "school1", form=FORM)
    school = shifted.units["school1"]
    assert row(run, school) == [1, 2, None, None, None, None, None]
    assert figures.violations(figures.figures(run, school)) == []


def test_a_school_of_one_shift_has_zeros(richer):
    run = generate(richer, "olena", "school1", form=FORM)
    assert row(run, richer.units["school1"])[:2] == [0, 0]


def test_it_sums_up_the_tree_and_its_rows_give_the_same_figures(shifted):
    run = generate(shifted, "maria", "mon", form=FORM)
    unit = shifted.units
    parts = [row(run, unit[key])[:2] for key in ("school1", "school2")]
    assert row(run, unit["chernivtsi"])[:2] == [sum(each) for each in zip(*parts, strict=True)]
    assert row(run, unit["mon"]) == row(run, unit["chernivtsi"])
    kept = figures.cells(figures.form_of(run), behind.recounted(run, unit["school1"].pk))
    assert kept.values == figures.figures(run, unit["school1"]).values


def test_pupils_of_a_shift_without_a_class_are_told_with_their_row(shifted):
    run = generate(shifted, "olena", "school1", form=FORM)
    found = figures.figures(run, shifted.units["school1"])
    found.values[0][0] = 0
    assert [(v.title, v.where) for v in figures.violations(found)] == [
        ("Є учні в другій зміні — є її класи", "рядок 5.01")
    ]


def test_a_head_asks_reads_walks_to_the_rows_and_takes_the_workbook(client, shifted):
    sign_in(client, shifted.grants["olena"])
    answer = client.post("/reports/", {"form": FORM, "as_of": "05.09.2026", "purpose": "CHECK"})
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "Змінність навчання" in page
    assert "групи подовженого дня" in page

    def cell(column):
        found = re.search(rf'href="([^"]*row=5\.01&amp;column={column})"', page)
        return client.get(found.group(1).replace("&amp;", "&")).content.decode()

    assert "5-А" in cell(1)
    assert "5-Б" not in cell(1)
    assert "ЗНЗ1 5.01.2" in cell(2)
    assert "Дім Лев" in cell(2)
    assert "Яна Іда" not in cell(2)
    assert not re.search(r"row=5\.01&amp;column=3", page)
    book = client.get(answer["Location"] + "xlsx/").content
    table = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("Показники")
    assert next(row for row in table.to_python() if row[0] == "5.01")[2:5] == [1, 2, "—"]


def test_the_ministry_sees_pupils_of_the_second_shift_without_names(client, shifted):
    run = generate(shifted, "maria", "mon", form=FORM)
    found = behind.behind(shifted.actor("maria"), run, shifted.units["school1"], "5.01", "2")
    assert (found.named, found.total) == (False, 2)
    assert not any("Дім" in row.title for row in found.rows)
