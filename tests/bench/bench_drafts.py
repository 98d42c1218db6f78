"""A cell of a large table: saved and judged with the rows it touches, not with the whole table.

In a database of its own, with the small world: what is asked is what the size of the table costs. What
the size of the register costs is `identity.search`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from kernel import batch
from registry.classifiers.services import classifiers
from registry.drafts import services as drafts
from registry.drafts.models import Draft, DraftRun
from registry.drafts.services import running
from registry.movements.kinds import KINDS
from tests.bench import Result, bench, median_ms
from tests.bench.bench_pupils import _child
from tests.bench.bench_spine import _in_a_database_of_its_own
from tests.registry.kit import MOMENT, TODAY
from tests.world import World, build

ROWS = 5_000
FEW = 50
LIMIT = 100.0  # ms, issue 7


@bench("drafts.cell", unit="ms")
@_in_a_database_of_its_own
def a_cell_of_five_thousand() -> list[Result]:
    """One cell of 5,000 rows against the limit, then against the same cell of 50 rows: a telephone
    touches its row alone, a surname all rows that would be the same child. Last the whole table."""
    world = build()
    classifiers.load(actor=actors.system("довідники"), today=TODAY)
    olena = world.actor("olena")
    few, _ = _judged(world, olena, FEW, 0)
    many, whole = _judged(world, olena, ROWS, FEW)
    found = []
    for column, values in _typed().items():
        small, large = _cell(olena, few, column, values), _cell(olena, many, column, values)
        found.append(Result(large, reference=LIMIT, n=ROWS, name=f"drafts.cell_{column}"))
        name = f"drafts.cell_{column}_of_5000_to_50"
        found.append(Result(large, reference=small, n=ROWS, name=name))
    return [*found, Result(whole, unit="s", n=ROWS, name="drafts.whole")]


def _judged(world: World, actor: Actor, count: int, first: int) -> tuple[Draft, float]:
    """A table of invented children with every row judged, and how long that took, s."""
    began = time.perf_counter()
    draft = drafts.start(
        actor=actor,
        institution_id=world.units["school1"].id,
        process="enrol",
        rows=[_child(first + number, "5-А") for number in range(count)],
        moment=MOMENT,
    )
    if run := DraftRun.objects.filter(draft=draft).first():
        system = actors.system("вимірювання")
        batch.carry_on(running.WORK, run.pk, actor=system, clock=timezone.now)
    if draft.rows.filter(state="NEW").exists() or not draft.rows.filter(state="READY").exists():
        raise AssertionError("the table was not judged")
    return draft, time.perf_counter() - began


def _typed() -> dict[str, Iterator[str]]:
    """What is typed into a cell, each time another."""
    return {
        "phone": (f"067{number:07d}" for number in itertools.count(2_000_000)),
        "surname": itertools.cycle(("Ковальський", "Кравчинський", "Левицький")),
    }


def _cell(actor: Actor, draft: Draft, column: str, values: Iterator[str]) -> float:
    """The median milliseconds of a cell in the middle of the table."""
    if column not in KINDS["enrol"].by_name:
        raise AssertionError(column)
    row_id = draft.rows.get(position=draft.rows.count() // 2).pk
    version = [draft.rows.get(pk=row_id).version]

    def save() -> Any:
        saved = drafts.save_row(
            actor=actor,
            draft_id=draft.pk,
            row_id=row_id,
            version=version[0],
            values={column: next(values)},
            moment=MOMENT,
        )
        version[0] = next(row.version for row in saved.rows if row.id == row_id)

    return median_ms(save, times=15).value
