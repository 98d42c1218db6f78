"""Cells of a draft: typed, pasted, filled, mended as offered, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotFound
from kernel.tables import reading
from kernel.text import plural
from registry.drafts.errors import NothingToUndo, StaleRow, UnreadableFile
from registry.drafts.models import Draft, DraftRow
from registry.drafts.services.steps import (
    Saved,
    append,
    opened,
    row_of,
    typed_cells,
    write,
)
from registry.process import kind


@command
def save_row(
    *,
    actor: Actor,
    draft_id: Any,
    row_id: int,
    version: int,
    values: Mapping[str, str],
    moment: Moment,
) -> Saved:
    """Save typed cells of one row.

    When somebody saved the row meanwhile, cells that nobody else touched since are saved all the
    same; a cell that both changed is a refusal that carries both values.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        StaleRow: the same cell was changed by somebody else; `theirs` and `mine` are in its context.
    """
    draft = opened(actor, draft_id)
    row = row_of(draft, row_id)
    typed = typed_cells(draft, values)
    # Both wrote the same: nothing to argue about. Another cell of the row: both are right.
    clash = {
        name: (row.values.get(name, ""), value)
        for name, value in typed.items()
        if row.touched.get(name, 0) > version and row.values.get(name, "") != value
    }
    if clash:
        raise StaleRow(
            "Рядок тим часом змінено в іншому вікні. Ваше введене не втрачено.",
            row=row,
            theirs={name: pair[0] for name, pair in clash.items()},
            mine={name: pair[1] for name, pair in clash.items()},
        )
    return write(draft, actor, {row: typed}, "Зміна клітинок", moment)


@command
def save_rows(
    *,
    actor: Actor,
    draft_id: Any,
    rows: Mapping[int, tuple[int, Mapping[str, str]]],
    moment: Moment,
) -> tuple[Saved, dict[int, dict[str, str]]]:
    """Save a whole page of rows: {row id: (version, values)}, for a browser without scripts.

    Cells that somebody else changed meanwhile are left as they are and told back with what was
    typed here, so that nothing is lost.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    found = {row.id: row for row in draft.rows.filter(id__in=list(rows))}
    writes: dict[DraftRow, dict[str, str]] = {}
    stale: dict[int, dict[str, str]] = {}
    for row_id, (version, values) in rows.items():
        row = found.get(row_id)
        if row is None:
            continue
        typed = {
            name: value
            for name, value in typed_cells(draft, values).items()
            if row.values.get(name, "") != value
        }
        theirs = {name for name in typed if row.touched.get(name, 0) > version}
        if theirs:
            stale[row_id] = {name: typed[name] for name in theirs}
        if mine := {name: value for name, value in typed.items() if name not in theirs}:
            writes[row] = mine
    return write(draft, actor, writes, "Зміна сторінки", moment), stale


@command
def paste(
    *,
    actor: Actor,
    draft_id: Any,
    start_row: int,
    start_column: str,
    cells: str,
    rows: Sequence[int] = (),
    filtered: bool = False,
    moment: Moment,
) -> Saved:
    """Put a block copied from a spreadsheet at a cell; rows are added below when it is longer.

    What is visible is what is filled: `rows` are the visible rows it goes into, from the top. Under
    a filter a longer block is refused, otherwise it goes on in the rows below the last of them. A
    hole is a cell: a blank line or a blank cell empties the one it falls on, and moves nothing. A
    block that would not go in whole is refused whole.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        UnreadableFile: nothing to paste, or it does not fit.
    """
    draft = opened(actor, draft_id)
    process = kind(draft.process)
    try:
        block = reading.read_block(cells)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="cells", reason=no.code) from no
    names = [column.name for column in process.grid]
    if start_column not in names:
        raise NotFound
    columns = process.grid[names.index(start_column) :]
    target = _rows_of(draft, rows or (start_row,))
    if not filtered:
        below = draft.rows.filter(position__gt=target[-1].position).order_by("position")
        target += below[: max(len(block) - len(target), 0)]
    while len(block) > len(target) and not any(block[-1]):
        block.pop()  # nothing for rows that are not there
    missing = len(block) - len(target)
    if missing > 0 and (filtered or process.typed is None):
        raise _does_not_fit(
            f"{len(block)} {plural(len(block), 'рядок', 'рядки', 'рядків')}",
            f"вниз від цієї клітинки видно лише {len(target)}"
            if filtered
            else f"вниз від цієї клітинки їх лише {len(target)}",
        )
    wide = max((at for line in block for at, cell in enumerate(line, 1) if cell), default=0)
    if wide > len(columns):
        raise _does_not_fit(
            f"{wide} {plural(wide, 'стовпець', 'стовпці', 'стовпців')}",
            f"праворуч від цієї клітинки їх лише {len(columns)}",
        )
    if missing > 0:
        target += append(draft, [{}] * missing)
    writes = {}
    for row, line in zip(target, block, strict=False):
        cells_of = dict(zip(columns, line, strict=False))
        for column, cell in cells_of.items():
            if column.fixed and cell and cell != column.words_of(row.values.get(column.name, "")):
                raise UnreadableFile(
                    f"Стовпець «{column.label}» змінити не можна, а у блоці для нього інше: "
                    f"«{cell}». Нічого не вставлено.",
                    field="cells",
                )
        writes[row] = typed_cells(draft, {column.name: cell for column, cell in cells_of.items()})
    said = plural(len(block), "рядка", "рядків", "рядків")
    return write(draft, actor, writes, f"Вставлення {len(block)} {said}", moment)


def _rows_of(draft: Draft, ids: Sequence[int]) -> list[DraftRow]:
    """Rows of a draft in the order asked for.

    Raises:
        NotFound: one of them is not there.
    """
    found = draft.rows.in_bulk(list(ids))
    if len(found) < len(set(ids)):
        raise NotFound
    return [found[one] for one in dict.fromkeys(ids)]


def _does_not_fit(what: str, where: str) -> UnreadableFile:
    return UnreadableFile(
        f"У блоці {what}, а {where}. Нічого не вставлено: скопіюйте менше"
        + (" або покажіть усі рядки чернетки." if "видно" in where else "."),
        field="cells",
    )


@command
def fill_column(*, actor: Actor, draft_id: Any, column: str, value: str, moment: Moment) -> Saved:
    """Put one value into a column of every row where it is empty: one class for all, say.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    label = typed_column(draft, column)
    rows = draft.rows.exclude(state="EMPTY")
    typed = typed_cells(draft, {column: value})
    writes = {row: typed for row in rows if not row.values.get(column)}
    return write(draft, actor, writes, f"Заповнення стовпця: {label}", moment)


def typed_column(draft: Draft, name: str) -> str:
    """The words of a column that a person may type in."""
    column = kind(draft.process).by_name.get(name)
    if column is None or column.fixed:
        raise NotFound
    return column.label


@command
def apply_fix(
    *,
    actor: Actor,
    draft_id: Any,
    field: str,
    code: str,
    row_id: int | None = None,
    moment: Moment,
) -> Saved:
    """Put the offered value into one row's cell, or wherever the same problem has one to offer.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    rows = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"])
    if row_id is not None:
        rows = rows.filter(id=row_id)
    writes = {}
    for row in rows:
        for problem in row.problems:
            if problem["field"] == field and problem["code"] == code and problem["fix"] is not None:
                writes[row] = {field: problem["fix"]}
    return write(draft, actor, writes, "Застосування виправлень", moment)


@command
def undo(*, actor: Actor, draft_id: Any, moment: Moment) -> Saved:
    """Take the last change of cells back, whoever's computer it was made on.

    A cell changed again since keeps its newer value.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        NothingToUndo: no step is left.
    """
    draft = opened(actor, draft_id)
    step = draft.steps.order_by("-id").first()
    if step is None:
        raise NothingToUndo
    rows = {row.id: row for row in draft.rows.filter(id__in={cell[0] for cell in step.cells})}
    writes: dict[DraftRow, dict[str, str]] = {}
    for row_id, column, before, after in step.cells:
        row = rows.get(row_id)
        if row is not None and row.values.get(column, "") == after:
            writes.setdefault(row, {})[column] = before
    step.delete()
    return write(draft, actor, writes, "", moment)
