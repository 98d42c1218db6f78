"""What differs between two versions of a school's report: cell by cell, down to the rows that came and
left. Both are read from the kept rows; the register is asked only how they are named."""

from __future__ import annotations

import dataclasses
from typing import Any

from accounts.actors import Actor
from kernel.errors import NotFound
from registry.models import Institution
from reports import definition
from reports.campaigns.models import CampaignReport
from reports.models import ReportRun
from reports.selectors import behind, figures


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell that differs: its row and column, values before and after, rows that left and came."""

    row: definition.Line
    column: definition.Line
    before: int
    after: int
    left: int
    came: int


@dataclasses.dataclass(frozen=True)
class Section:
    """A section of both versions and its cells that differ."""

    form: definition.Form
    cells: list[Cell]


def between(older: CampaignReport, newer: CampaignReport) -> list[Section]:
    """Every cell whose value or rows differ, by section. Versions of one campaign are of one form."""
    sections = []
    for one, other in zip(_runs(older), _runs(newer), strict=True):
        form = figures.form_of(other)
        unit = newer.part.unit_id
        rows = {
            source: (behind.inputs(one, unit, source), behind.inputs(other, unit, source))
            for source in form.sources
        }
        before = figures.cells(form, behind.recounted(one, unit))
        after = figures.cells(form, behind.recounted(other, unit))
        cells = []
        for row in form.rows:
            for column in form.columns:
                line, axis = form.crossing(row.code, column.code)
                if line.absent or axis.absent:
                    continue
                then, now = (_ids(form, each, line, axis) for each in rows[line.counts])
                values = (before.cell(row.code, column.code), after.cell(row.code, column.code))
                if then != now or values[0] != values[1]:
                    cells.append(
                        Cell(
                            row,
                            column,
                            values[0] or 0,
                            values[1] or 0,
                            len(then - now),
                            len(now - then),
                        )
                    )
        sections.append(Section(form, cells))
    return sections


def _runs(report: CampaignReport) -> list[ReportRun]:
    from reports.campaigns.content import runs_of

    return runs_of(report)


def _ids(
    form: definition.Form,
    rows: list[behind.Counted],
    line: definition.Line,
    axis: definition.Line,
) -> set[Any]:
    bit = [measure for _, measure in form.bits(line.counts)].index(line)
    return behind.in_cell(rows, axis, bit)


@dataclasses.dataclass(frozen=True)
class Moved:
    """The rows of a cell that left and that came, as the actor may see them."""

    heads: list[str]
    left: list[behind.Shown]
    came: list[behind.Shown]
    named: bool
    hidden: bool  # too few of them to be shown without names


def rows_of(
    actor: Actor, older: CampaignReport, newer: CampaignReport, code: str, row: str, column: str
) -> Moved:
    """Who left a cell and who came between two versions; looking at named people is noted.

    Raises:
        NotFound: no such section or cell, or one the register cannot fill.
    """
    pairs = {
        other.form: (one, other) for one, other in zip(_runs(older), _runs(newer), strict=True)
    }
    if code not in pairs:
        raise NotFound
    form = figures.form_of(pairs[code][1])
    try:
        line, axis = form.crossing(row, column)
    except KeyError:
        raise NotFound from None
    if line.absent or axis.absent:
        raise NotFound
    unit = newer.part.unit_id
    then, now = (
        _ids(form, behind.inputs(run, unit, line.counts), line, axis) for run in pairs[code]
    )
    institution = (
        Institution.objects.visible_to(actor).select_related("unit").filter(pk=unit).first()
    )
    if institution is None:
        raise NotFound
    shown = behind.shown(
        actor,
        institution,
        line.counts,
        then ^ now,
        gone=then - now,
        new=now - then,
        what=f"звіт {form.code}, різниця версій {older.number} і {newer.number}",
    )
    return Moved(
        shown.heads,
        [one for one in shown.rows if one.gone],
        [one for one in shown.rows if one.new],
        shown.named,
        bool(then ^ now) and not any(one.gone or one.new for one in shown.rows),
    )
