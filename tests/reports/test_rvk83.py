"""83-РВК: another unit, another shape. Posts by position, conditions in the columns, sums of rates."""

from __future__ import annotations

import datetime
import io
import re
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from accounts import actors
from kernel.db import command
from registry.models import Post
from reports.selectors import behind, figures
from tests.kit.acts import noted
from tests.reports import NOW, generate
from tests.world import hire, sign_in

TODAY = NOW.date()


@pytest.fixture
def staffed(world):
    """School 1: a head who also teaches, a teacher, a part-time psychologist, a librarian."""

    @command
    def fill(*, actor):
        for surname, code, position, sex, year, main, rate, category in (
            ("Перша", "7000000001", "HEAD", "F", 1970, True, "1.00", "HIGHEST"),
            ("Перша", "7000000001", "TEACHER", "F", 1970, False, "0.50", "HIGHEST"),
            ("Друга", "7000000002", "TEACHER", "F", 2000, True, "1.00", "SPECIALIST"),
            ("Третій", "7000000003", "PSYCHOLOGIST", "M", 1960, False, "0.25", "FIRST"),
            ("Книжна", "7000000004", "LIBRARIAN", "F", 1980, True, "1.00", ""),
        ):
            hire(
                world.institutions["school1"],
                surname,
                given_name="Особа",
                sex=sex,
                born_on=datetime.date(year, 1, 1),
                rnokpp=code,
                position=position,
                is_main=main,
                rate=Decimal(rate),
                category=category,
            )
        noted()

    fill(actor=actors.system("тест"))
    return world


def test_persons_are_counted_once_by_the_main_post_and_rates_by_every_post(staffed):
    run = generate(staffed, "olena", "school1", form="83-RVK", as_of=TODAY)
    found = figures.figures(run, staffed.units["school1"])
    top = {c.code: found.cell("1", c.code) for c in found.form.columns}
    assert {code: value for code, value in top.items() if value} == {
        "1": 3,
        "2": 2,
        "3": 2,
        "4": 1,
        "5": 275,
        "10": 1,
        "11": 1,
        "13": 1,
        "16": 1,
        "20": 1,
        "21": 1,
    }
    assert found.cell("6", "1") == 1
    assert found.cell("6", "5") == 150
    assert found.cell("2", "5") == 100
    assert found.cell("1", "6") is None
    assert found.cell("6.1", "1") is None
    assert figures.violations(found) == []
    assert {c.code for c in figures.unchecked(found.form)} == {
        "education",
        "category",
        "experience",
        "load",
    }


def test_it_sums_up_the_tree_and_its_rows_give_the_same_figures(staffed):
    run = generate(staffed, "maria", "mon", form="83-RVK", as_of=TODAY)
    school = staffed.units["school1"]
    assert figures.figures(run, staffed.units["mon"]).values == figures.figures(run, school).values
    assert (
        figures.cells(figures.form_of(run), behind.recounted(run, school.pk)).values
        == figures.figures(run, school).values
    )


def test_a_broken_relation_among_columns_is_told_with_its_row(staffed):
    run = generate(staffed, "olena", "school1", form="83-RVK", as_of=TODAY)
    found = figures.figures(run, staffed.units["school1"])
    found.values[0][3] = 2
    assert ("Графа 1 дорівнює сумі граф 3 і 4", "рядок 1") in [
        (v.title, v.where) for v in figures.violations(found)
    ]


def test_a_past_day_counts_the_posts_held_then(staffed):
    @command
    def leave(*, actor):
        Post.objects.filter(employee__surname="Друга").update(ends_on=TODAY)
        noted()

    def counted(day):
        run = generate(staffed, "olena", "school1", form="83-RVK", as_of=day)
        return figures.figures(run, staffed.units["school1"]).cell("1", "1")

    leave(actor=actors.system("тест"))
    assert counted(TODAY) == 2
    assert counted(TODAY - datetime.timedelta(days=1)) == 3


def test_a_head_asks_reads_walks_to_the_rows_and_takes_the_workbook(client, staffed, time_machine):
    time_machine.move_to(NOW, tick=False)
    sign_in(client, staffed.grants["olena"])
    answer = client.post("/reports/", {"form": "83-RVK", "as_of": "20.11.2026", "purpose": "CHECK"})
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "Контрольні співвідношення, які можна перевірити, виконано" in page
    assert "педагогічний стаж" in page
    assert "2,75" in page
    link = re.search(r'href="([^"]*row=6&amp;column=5)"', page).group(1).replace("&amp;", "&")
    rows = client.get(link).content.decode()
    assert "83РВК 6.5" in rows
    assert "Перша Особа" in rows
    assert "за сумісництвом" in rows
    assert "Третій" not in rows
    absent = client.get(link.replace("column=5", "column=6"))
    assert absent.status_code == 404
    book = client.get(answer["Location"] + "xlsx/").content
    table = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("Показники")
    first = next(row for row in table.to_python() if row[0] == "1")
    assert first[2:9] == [3, 2, 2, 1, 2.75, "—", "—"]
    assert "83-РВК" in client.get("/reports/?form=83-RVK").content.decode()


def test_the_ministry_sees_posts_without_names(client, staffed):
    run = generate(staffed, "maria", "mon", form="83-RVK", as_of=TODAY)
    found = behind.behind(staffed.actor("maria"), run, staffed.units["school1"], "1", "1")
    assert not found.named
    assert not any("Перша" in row.title for row in found.rows)
