"""A table of every kind of mistake, for every kind that takes a table: nothing crashes, nothing wrong
is ready, each row is told why; as many queries for fifty rows as for five. (`make bench
ONLY=tables.bad`: the same at 5,000.)"""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.drafts import services as drafts
from registry.movements.kinds import KINDS
from tests.registry.kit import MOMENT

# What stands in cells of real tables, and what should not stand in any.
HOSTILE = (
    "", " ", "-", "—", "?", "0", "-1", "1e9", "4,5", "NaN", "null", "#REF!", "=1+1", "@SUM(A1)",
    "31.02.2016", "1.1.16", "2016", "42370", "00.00.0000", "01.13.2099", "5-А", "5-Я", "V-Б", "99-А",
    "Ґудзь", "Іваненко Іван", "Іваненко Іван Іванович", "Ivanenko Ivan", "Кoваль", "5.11.2026",
    "так", "ні", "може", "+", "мати", "ректор", "(067) 853-16-16", "06785316", "x@y", "X-ТЕ 000001",
    "I-ТП", "1234567890", "0000000000", "12345678-90123", "UA73060610010033137", "UA00", "ІРЦ-1",
    "математика", "магія", "українська", "змінити", "закрити", "поділити", "1-50", "1,2,3", ";;;",
    "\u200b", "\u202eабв", "\x00", "\ud83d", "х" * 3000, "'; DROP TABLE registry_pupil; --",
    "<script>alert(1)</script>", "{{ 7*7 }}", "a\tb", "рядок\nдругий", "٣", "½", "𝟓-А",
)  # fmt: skip
TYPED = sorted(code for code, process in KINDS.items() if process.typed is not None)


def bad_rows(process: str, count: int) -> list[dict[str, str]]:
    """Rows of mistakes, the same each time."""
    chance = random.Random(process)
    names = [column.name for column in KINDS[process].columns if not column.fixed]
    return [
        {name: chance.choice(HOSTILE) for name in names if chance.random() < 0.7}
        for _ in range(count)
    ]


def begun(world, process: str, rows):
    return drafts.start(
        actor=world.actor("olena"), institution_id=world.units["school1"].id, process=process,
        rows=rows, moment=MOMENT,
    )  # fmt: skip


@pytest.mark.parametrize("process", TYPED)
def test_a_table_of_mistakes_is_told_row_by_row(world, process):
    rows = bad_rows(process, 50)
    begun(world, process, rows[:5])  # what is read once and kept
    with CaptureQueriesContext(
        connection,
    ) as few:
        begun(world, process, rows[:5])
    with CaptureQueriesContext(connection) as many:
        draft = begun(world, process, rows)
    assert len(many) <= len(few) + 6, [one["sql"][:120] for one in many]
    told = list(draft.rows.order_by("position"))
    columns = KINDS[process].by_name
    for row in told:
        assert row.state in {"FIX", "CHECK", "EMPTY"}, row.values
        assert (row.state == "EMPTY") == (not any(row.values.values()))
        for problem in row.problems:
            assert problem["field"] in columns
            assert problem["detail"].strip()
    before = [(row.state, row.problems) for row in told]
    drafts.check_again(actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT)
    assert [(row.state, row.problems) for row in draft.rows.order_by("position")] == before
