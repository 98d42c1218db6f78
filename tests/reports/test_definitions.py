"""Definitions of forms: every wrong word is told with its file and line."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from reports import definition, register
from reports.selectors import figures

SMALL = """\
code = "X"
short = "X"
cell_prefix = "X"
title = "X"
version = 1
act = "наказ"

[axis]
field = "age"
on = "rows"
all = "усі"
one = "{} років"

[[headlines]]
title = "Учнів"
row = "1"
column = "1"

[[columns]]
code = "1"
title = "Усього"
counts = "pupils"

[[columns]]
code = "2"
title = "з них дівчата"
part_of = "1"
counts = "pupils"
where = { sex = ["F"] }

[[rows]]
code = "1"
title = "Усього"

[[rows]]
code = "2"
title = "6 років"
at = [6]

[[controls]]
code = "c"
title = "1 = 2"
sum = ["2"]
equals = "1"
"""


def test_the_small_form_is_in_order():
    assert definition.parse(SMALL, "x.toml").sources == ("pupils",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('sex = ["F"]', 'password = ["F"]', "x.toml:29: у pupils немає слова password"),
        ('sex = ["F"]', 'sex = ["Ж"]', "x.toml:29: коду Ж немає в довіднику реєстру"),
        ('sex = ["F"]', 'sex_to = ["F"]', "x.toml:29: _to не буває з sex_to"),
        ('field = "age"', 'field = "salary"', "x.toml:9: pupils не можна поділити за salary"),
        ('field = "age"', 'field = "category"', "x.toml:9: pupils не можна поділити за category"),
        ('counts = "pupils"\nwhere', 'counts = "salaries"\nwhere', "x.toml:28: 2 рахує"),
        ('part_of = "1"', 'part_of = "9"', "x.toml:27: 9 немає серед columns"),
        ('sum = ["2"]', 'sum = ["7"]', "x.toml:43: 7 немає серед rows"),
        ('row = "1"', 'row = "8"', "x.toml:14: немає рядка чи графи '8'"),
        ("at = [6]", 'at = ["шість"]', "x.toml:38: 'шість' — не число"),
        ("at = [6]", "att = [6]", "x.toml:38: у [rows] немає слова att"),
        ('act = "наказ"', 'aact = "наказ"', "x.toml:6: у формі немає слова aact"),
        (
            'sum = ["2"]\nequals = "1"',
            'sum = ["2"]',
            "x.toml:40: у контролі бракує equals або at_most",
        ),
        ('sum = ["2"]\nequals = "1"', "", "x.toml:40: контроль нічого не порівнює"),
        ('sum = ["2"]', 'sum = ["1", "2"]', "x.toml:43: 1 порівняно із самим собою"),
        ('sum = ["2"]', 'if_positive = "2"', "x.toml:40: у контролі бракує sum"),
        (
            'title = "Усього"\ncounts',
            'title = "Усього"\npart_of = "2"\ncounts',
            "x.toml:22: 1 є частиною самого себе: 1 → 2 → 1",
        ),
        ("version = 1", 'version = "1"', "x.toml:5: version має іншу будову: число"),
        ("at = [6]", "at = 6", "x.toml:38: at має іншу будову: список текстів"),
        ('title = "6 років"', "title = 6", "x.toml:37: title має іншу будову: текст у лапках"),
        ('where = { sex = ["F"] }', "where = 5", "x.toml:29: where має іншу будову: таблиця умов"),
        ("version = 1", "version = = 1", "x.toml: Invalid value (at line 5"),
        ('code = "2"\ntitle = "6', 'code = "1"\ntitle = "6', "x.toml:36: 1 стоїть двічі"),
    ],
)
def test_a_word_that_is_not_there_is_refused_with_its_file_and_line(old, new, told):
    assert old in SMALL
    with pytest.raises(definition.Broken, match=re.escape(told)):
        definition.parse(SMALL.replace(old, new), "x.toml")


@pytest.mark.parametrize("odd", ["rows = 5", "rows = [5]", "only = 5", "axis = 5", "controls = 1", "only = { pupils = 5 }"])  # fmt: skip
def test_whatever_shape_a_definition_has_it_is_refused_in_words(odd):
    name = odd.split(" ")[0]
    rest = re.sub(rf"(?m)^\[+{name}\]+\n(?:.+\n)*", "", SMALL)
    with pytest.raises(definition.Broken, match=r"x\.toml:\d+: "):
        definition.parse(f"{odd}\n{rest}", "x.toml")


def test_the_start_is_refused_when_a_definition_is_broken(tmp_path, monkeypatch):
    assert register.entries()  # read where it is, before the folder is another
    (tmp_path / "broken.toml").write_text(SMALL.replace('sex = ["F"]', 'sex = ["Ж"]'))
    monkeypatch.setattr(definition, "FOLDER", tmp_path)
    with pytest.raises(SystemCheckError, match=r"broken\.toml:29"):
        call_command("check")


def test_a_relation_between_forms_that_speaks_of_no_cell_is_refused(tmp_path, monkeypatch):
    (tmp_path / "between").mkdir()
    (tmp_path / "between" / "odd.toml").write_text(
        '[[controls]]\ncode = "a"\ntitle = "a"\n'
        'one = ["ZNZ1-2", "9.9", "*"]\nequals = ["ZNZ1-1", "1.12", "*"]\n'
        '[[controls]]\ncode = "b"\ntitle = "b"\none = ["ZNZ1-1", "1.1", "1"]\n'
    )
    definition.codes()  # read before the folder is another
    monkeypatch.setattr(definition, "FOLDER", tmp_path)
    definition.between.cache_clear()
    with pytest.raises(definition.Broken) as wrong:
        definition.between()
    definition.between.cache_clear()
    assert str(wrong.value).splitlines() == [
        "odd.toml:4: немає клітинки ZNZ1-2.9.9.*",
        "odd.toml:6: співвідношення каже equals або at_most",
    ]


def test_sections_that_disagree_are_told_with_the_column():
    laid = {}
    for code in ("ZNZ1-1", "ZNZ1-2", "ZNZ1-5"):
        form = definition.load(code)
        laid[code] = figures.cells(form, {"5": [1] * len(form.measures)})
    assert figures.violations_between(laid) == []
    laid["ZNZ1-2"].values[0][6] = 7
    found = figures.violations_between(laid)
    assert [(one.title, one.where) for one in found] == [
        ("Розділ II, рядок 2.1 дорівнює рядку 1.12 розділу I", "графа 7")
    ]


def test_every_carried_form_is_in_order():
    assert list(definition.problems()) == []
