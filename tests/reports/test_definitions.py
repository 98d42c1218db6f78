"""Definitions of forms: every wrong word is told with its file and line."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from reports import definition
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
        ('sex = ["F"]', 'password = ["F"]', "x.toml:29: password is not a word of pupils"),
        ('sex = ["F"]', 'sex = ["Ж"]', "x.toml:29: Ж is not in the register's codes"),
        ('sex = ["F"]', 'sex_to = ["F"]', "x.toml:29: _to does not go with sex_to"),
        ('field = "age"', 'field = "salary"', "x.toml:9: pupils cannot be split by salary"),
        ('field = "age"', 'field = "category"', "x.toml:9: pupils cannot be split by category"),
        ('counts = "pupils"\nwhere', 'counts = "salaries"\nwhere', "x.toml:28: 2 counts"),
        ('part_of = "1"', 'part_of = "9"', "x.toml:27: 9 is not among the columns"),
        ('sum = ["2"]', 'sum = ["7"]', "x.toml:43: 7 is not among the rows"),
        ('row = "1"', 'row = "8"', "x.toml:14: there is no line '8'"),
        ("at = [6]", 'at = ["шість"]', "x.toml:38: 'шість' is not a number"),
        ("at = [6]", "att = [6]", "x.toml:38: att is not a word of [rows]"),
        ('act = "наказ"', 'aact = "наказ"', "x.toml:6: aact is not a word of a form"),
        ('sum = ["2"]\nequals = "1"', 'sum = ["2"]', "x.toml:40: equals or at_most is missing"),
        ('sum = ["2"]\nequals = "1"', "", "x.toml:40: the control compares nothing"),
        ('sum = ["2"]', 'sum = ["1", "2"]', "x.toml:43: 1 is compared with itself"),
        ('sum = ["2"]', 'if_positive = "2"', "x.toml:40: sum is missing in the control"),
        (
            'title = "Усього"\ncounts',
            'title = "Усього"\npart_of = "2"\ncounts',
            "x.toml:22: 1 is a part of itself: 1 → 2 → 1",
        ),
        ("version = 1", "version = = 1", "x.toml: Invalid value (at line 5"),
        ('code = "2"\ntitle = "6', 'code = "1"\ntitle = "6', "x.toml:36: 1 stands twice"),
    ],
)
def test_a_word_that_is_not_there_is_refused_with_its_file_and_line(old, new, told):
    assert old in SMALL
    with pytest.raises(definition.Broken, match=re.escape(told)):
        definition.parse(SMALL.replace(old, new), "x.toml")


def test_the_start_is_refused_when_a_definition_is_broken(tmp_path, monkeypatch):
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
        "odd.toml:4: there is no cell ZNZ1-2.9.9.*",
        "odd.toml:6: a relation says equals or at_most",
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
