"""Drafts: a table that is saved as it is typed and judged as it is saved, whatever its process.

Every change locks the draft, writes what was typed, and judges what it touches: the rows written and
those that share a key with them (5,000 rows: a cell in under 100 ms). A whole table is judged when
it arrives, when the first day of its order changes, and when its order is formed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from kernel import audit
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from kernel.scoping import grant_of
from kernel.tables import reading
from kernel.tables.cells import storable
from kernel.tables.headings import best_sheet, recognise
from registry.classifiers.errors import NoSchoolYear
from registry.drafts.judging import judge_touched, judge_whole, keep, save_rows_at_once
from registry.drafts.models import Draft, DraftRow, DraftStep
from registry.institutions.models.institutions import Institution
from registry.people.errors import (
    DraftClosed,
    NothingToUndo,
    StaleRow,
    UnreadableFile,
)
from registry.process import Chosen, Process, Typed, kind

MAX_ROWS = reading.MAX_ROWS
STATES = ("FIX", "CHECK", "READY", "EXCLUDED", "EMPTY")
_UNDO_STEPS = 100


@dataclasses.dataclass(frozen=True)
class Saved:
    """What a change did: the draft, the rows written, and every row whose look changed."""

    draft: Draft
    rows: list[DraftRow]
    changed_ids: set[int]


# ── beginning ────────────────────────────────────────────────────────────────
@command
def start(
    *,
    actor: Actor,
    institution_id: int,
    process: str,
    title: str = "",
    rows: Sequence[Mapping[str, str]] = (),
    source_name: str = "",
    blank: int = 0,
    moment: Moment,
) -> Draft:
    """Begin a draft with the rows given (columns by name, as typed) and some blank ones.

    Raises:
        NotFound: no such institution within reach, or no such process.
        NotAllowed: the actor keeps no pupils there.
        UnreadableFile: more rows than one order may have.
    """
    institution = _institution(actor, institution_id, process)
    draft = Draft.objects.create(
        process=process,
        institution=institution,
        author_id=grant_of(actor),
        title=title or kind(process).name,
        source_name=source_name[:200],
    )
    _append(draft, [*rows, *([{}] * blank)])
    _check(draft, actor, moment)
    tell("registry.draft.started", draft, rows=len(rows))
    return draft


@command
def start_from_file(
    *,
    actor: Actor,
    institution_id: int,
    process: str,
    name: str,
    content: bytes,
    moment: Moment,
) -> Draft:
    """Begin a draft from an uploaded XLSX or CSV table.

    When a column is not recognised for sure the table waits in the draft until `set_columns`.

    Raises:
        NotFound, NotAllowed: as `start`.
        UnreadableFile: not a table we take; nothing is kept.
    """
    institution = _institution(actor, institution_id, process)
    source = _typed_source(process)
    try:
        book = reading.read(name, content)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="file", reason=no.code) from no
    sheet = best_sheet(book, source.headings)
    told = [name, f"аркуш «{sheet.name}»" if len(book.sheets) > 1 else "", book.unread(sheet)]
    return _from_table(
        actor, institution, process, sheet.rows, ". ".join(filter(None, told)), moment
    )


@command
def start_from_paste(
    *, actor: Actor, institution_id: int, process: str, text: str, moment: Moment
) -> Draft:
    """Begin a draft from cells copied out of a spreadsheet.

    Raises:
        NotFound, NotAllowed, UnreadableFile: as `start_from_file`.
    """
    institution = _institution(actor, institution_id, process)
    _typed_source(process)
    try:
        table = reading.read_pasted(text)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="cells", reason=no.code) from no
    return _from_table(actor, institution, process, table, "", moment)


@part_of_command
def _from_table(
    actor: Actor,
    institution: Institution,
    process: str,
    table: reading.Table,
    name: str,
    moment: Moment,
) -> Draft:
    found = recognise(table, _typed_source(process).headings)
    draft = Draft.objects.create(
        process=process,
        institution=institution,
        author_id=grant_of(actor),
        title=f"{kind(process).name}: таблиця",
        source_name=name[:200],
        waiting=None
        if found.sure
        else {"cells": table, "start": found.first, "columns": found.columns},
    )
    count = sum(any(row) for row in table[found.first :])
    if found.sure:
        count = _take(draft, table[found.first :], found.columns)
        _check(draft, actor, moment)
    tell("registry.draft.started", draft, rows=count)
    return draft


@part_of_command
def _take(draft: Draft, data: reading.Table, columns: Sequence[str | None]) -> int:
    try:
        rows = _typed_source(draft.process).to_rows(data, columns)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, reason=no.code) from no
    if not rows:
        raise UnreadableFile("У таблиці немає рядків з даними під назвами стовпців.")
    _append(draft, rows)
    return len(rows)


@command
def set_columns(
    *,
    actor: Actor,
    draft_id: Any,
    columns: Sequence[str | None],
    has_heading: bool = True,
    moment: Moment,
) -> Draft:
    """Say what each column of the waiting table is; its rows enter the draft.

    Raises:
        NotFound, NotAllowed: not the actor's draft.
        DraftClosed: nothing waits.
        UnreadableFile: two columns are said to be the same, or no surname was found.
    """
    draft = _draft(actor, draft_id)
    if draft.waiting is None:
        raise DraftClosed("Стовпці цієї таблиці вже визначено.")
    headings = _typed_source(draft.process).headings
    known = set(headings.words)
    chosen = [column if column in known else None for column in columns]
    named = [column for column in chosen if column]
    if len(named) != len(set(named)):
        raise UnreadableFile("Той самий зміст указано для двох стовпців.", field="columns")
    if headings.needed and not headings.needed[0] & set(named):
        raise UnreadableFile("Укажіть стовпець із прізвищем або ПІБ.", field="columns")
    start_at = draft.waiting["start"] or 0
    if start_at == 0 and has_heading:
        start_at = 1
    elif not has_heading:
        start_at = 0
    count = _take(draft, draft.waiting["cells"][start_at:], chosen)
    draft.waiting = None
    draft.save(update_fields=["waiting", "updated_at"])
    _check(draft, actor, moment)
    tell("registry.draft.columns_set", draft, rows=count)
    return draft


@command
def choose(*, actor: Actor, draft_id: Any, keys: Sequence[str], moment: Moment) -> Saved:
    """Add rows for the lines chosen from the register; those that are in the table already stay.

    Raises:
        NotFound: the process takes no chosen rows.
        NotAllowed, DraftClosed: not an open draft of the actor's.
        UnreadableFile: more rows than one order may have.
    """
    draft = _draft(actor, draft_id)
    source = kind(draft.process).source
    if not isinstance(source, Chosen):
        raise NotFound
    here = set(draft.rows.filter(pupil__isnull=False).values_list("pupil_id", flat=True))
    picked = [
        one
        for one in source.pick(actor, draft.institution, keys, moment)
        if one.pupil_id is None or one.pupil_id not in here
    ]
    added = _append(draft, [one.values for one in picked], [one.pupil_id for one in picked])
    changed = judge_touched(draft, added, (), actor, moment) if added else set()
    _touch(draft)
    tell("registry.draft.rows_chosen", draft, rows=len(added))
    return Saved(draft, added, changed | {row.id for row in added})


# ── cells ────────────────────────────────────────────────────────────────────
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
    draft = _draft(actor, draft_id)
    row = _row(draft, row_id)
    typed = _typed(draft, values)
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
    return _write(draft, actor, {row: typed}, "Зміна клітинок", moment)


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
    draft = _draft(actor, draft_id)
    found = {row.id: row for row in draft.rows.filter(id__in=list(rows))}
    writes: dict[DraftRow, dict[str, str]] = {}
    stale: dict[int, dict[str, str]] = {}
    for row_id, (version, values) in rows.items():
        row = found.get(row_id)
        if row is None:
            continue
        typed = {
            name: value
            for name, value in _typed(draft, values).items()
            if row.values.get(name, "") != value
        }
        theirs = {name for name in typed if row.touched.get(name, 0) > version}
        if theirs:
            stale[row_id] = {name: typed[name] for name in theirs}
        if mine := {name: value for name, value in typed.items() if name not in theirs}:
            writes[row] = mine
    return _write(draft, actor, writes, "Зміна сторінки", moment), stale


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
    blank line is a row with an empty cell.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        UnreadableFile: nothing to paste, or too many rows.
    """
    draft = _draft(actor, draft_id)
    try:
        block = reading.read_pasted(cells)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="cells", reason=no.code) from no
    names = [column.name for column in kind(draft.process).grid]
    if start_column not in names:
        raise NotFound
    left = names.index(start_column)
    target = [_row(draft, row) for row in rows or (start_row,)]
    if filtered and len(block) > len(target):
        raise UnreadableFile(
            f"У блоці {len(block)} рядків, а видно лише {len(target)}. Нічого не вставлено: "
            "покажіть усі рядки чернетки або скопіюйте менше.",
            field="cells",
        )
    below = draft.rows.filter(position__gt=target[-1].position).order_by("position")
    target += below[: max(len(block) - len(target), 0)]
    if len(target) < len(block):
        target += _append(draft, [{}] * (len(block) - len(target)))
    writes = {}
    width = max(len(line) for line in block)
    for row, line in zip(target, block, strict=False):
        writes[row] = {
            names[left + offset]: storable(value)
            for offset, value in enumerate([*line, *[""] * (width - len(line))])
            if left + offset < len(names)
        }
        writes[row] = _typed(draft, writes[row])
    return _write(draft, actor, writes, f"Вставлення {len(block)} рядків", moment)


@command
def fill_down(*, actor: Actor, draft_id: Any, row_id: int, column: str, moment: Moment) -> Saved:
    """Copy one cell into every row below where that column is empty.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    row = _row(draft, row_id)
    label = _column(draft, column)
    value = row.values.get(column, "")
    below = draft.rows.filter(position__gt=row.position).exclude(state="EMPTY")
    writes = {other: {column: value} for other in below if not other.values.get(column)}
    return _write(draft, actor, writes, f"Заповнення вниз: {label}", moment)


@command
def fill_column(*, actor: Actor, draft_id: Any, column: str, value: str, moment: Moment) -> Saved:
    """Put one value into a column of every row where it is empty: one class for all, say.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    label = _column(draft, column)
    rows = draft.rows.exclude(state="EMPTY")
    typed = _typed(draft, {column: value})
    writes = {row: typed for row in rows if not row.values.get(column)}
    return _write(draft, actor, writes, f"Заповнення стовпця: {label}", moment)


@command
def add_rows(
    *,
    actor: Actor,
    draft_id: Any,
    rows: Sequence[Mapping[str, str]] = ({},),
    moment: Moment,
) -> list[DraftRow]:
    """Add rows at the end, blank or filled.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        UnreadableFile: more rows than one order may have.
    """
    draft = _draft(actor, draft_id)
    added = _append(draft, rows)
    if any(row.values for row in added):
        judge_touched(draft, added, (), actor, moment)
    _touch(draft)
    tell("registry.draft.rows_added", draft, rows=len(added))
    return added


# ── problems ─────────────────────────────────────────────────────────────────
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
    draft = _draft(actor, draft_id)
    rows = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"])
    if row_id is not None:
        rows = rows.filter(id=row_id)
    writes = {}
    for row in rows:
        for problem in row.problems:
            if problem["field"] == field and problem["code"] == code and problem["fix"] is not None:
                writes[row] = {field: problem["fix"]}
    return _write(draft, actor, writes, "Застосування виправлень", moment)


@command
def answer(
    *,
    actor: Actor,
    draft_id: Any,
    key: str,
    row_id: int | None = None,
    moment: Moment,
) -> Saved:
    """Confirm that a doubted value is right, in one row or in every row with the same doubt.

    `key` is «field:code» of the warning.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    rows = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"])
    if row_id is not None:
        rows = rows.filter(id=row_id)
    answered = []
    for row in rows:
        if any(
            p["level"] == "warning" and f"{p['field']}:{p['code']}" == key for p in row.problems
        ):
            row.answers = {**row.answers, key: "confirmed"}
            row.version += 1
            answered.append(row)
    return _decided(draft, actor, answered, "registry.draft.warning_answered", moment, key=key)


@command
def decide_twin(
    *,
    actor: Actor,
    draft_id: Any,
    row_id: int,
    pupil_id: uuid.UUID,
    same: bool,
    moment: Moment,
) -> Saved:
    """Say whether a row is the child whose profile was shown: the same one, or another.

    Raises:
        NotFound: no such row, or that profile was not offered for it.
        NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    row = _row(draft, row_id)
    offered = {p.get("pupil") for p in row.problems}
    if str(pupil_id) not in offered:
        raise NotFound
    row.answers = {**row.answers, f"twin:{pupil_id}": "same" if same else "other"}
    row.version += 1
    return _decided(draft, actor, [row], "registry.draft.twin_decided", moment, same=same)


@command
def reconsider(*, actor: Actor, draft_id: Any, row_id: int, moment: Moment) -> Saved:
    """Take back every answer given in a row.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    row = _row(draft, row_id)
    row.answers = {}
    row.version += 1
    return _decided(draft, actor, [row], "registry.draft.answers_withdrawn", moment)


@command
def include(
    *,
    actor: Actor,
    draft_id: Any,
    row_ids: Iterable[int],
    included: bool,
    moment: Moment,
) -> Saved:
    """Leave rows out of the order, or take them in again; they stay in the draft either way.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    rows = list(draft.rows.filter(id__in=list(row_ids)))
    if not rows:
        raise NotFound
    keys = {key for row in rows for key in row.keys}
    for row in rows:
        if included and row.state == "EXCLUDED":
            row.state = "EMPTY"
        elif not included:
            row.state = "EXCLUDED"
        row.version += 1
    code = "registry.draft.rows_included" if included else "registry.draft.rows_excluded"
    return _decided(draft, actor, rows, code, moment, keys)


@command
def undo(*, actor: Actor, draft_id: Any, moment: Moment) -> Saved:
    """Take the last change of cells back, whoever's computer it was made on.

    A cell changed again since keeps its newer value.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        NothingToUndo: no step is left.
    """
    draft = _draft(actor, draft_id)
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
    return _write(draft, actor, writes, "", moment)


# ── the draft as a whole ─────────────────────────────────────────────────────
@command
def save_terms(*, actor: Actor, draft_id: Any, fields: Mapping[str, str], moment: Moment) -> Draft:
    """Keep what was typed of the order, exactly as typed; a new first day judges the table anew.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    before = draft.terms.get("effective_on")
    draft.terms = {
        **draft.terms,
        **{name: storable(value) for name, value in fields.items()},
    }
    draft.version += 1
    draft.save(update_fields=["terms", "version", "updated_at"])
    if draft.terms.get("effective_on") != before:
        with contextlib.suppress(NoSchoolYear):  # told when the order is formed
            _check(draft, actor, moment)
    tell("registry.draft.order_fields_saved", draft)
    return draft


@command
def rename(*, actor: Actor, draft_id: Any, title: str) -> Draft:
    """Call the draft something people recognise.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    draft.title = storable(title)[:200] or draft.title
    draft.save(update_fields=["title", "updated_at"])
    tell("registry.draft.renamed", draft)
    return draft


@command
def discard(*, actor: Actor, draft_id: Any) -> Draft:
    """Put the draft away. Its rows are kept, so that a mistake can be mended by `restore`.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    draft.state = "DISCARDED"
    draft.save(update_fields=["state", "updated_at"])
    tell("registry.draft.discarded", draft)
    return draft


@command
def restore(*, actor: Actor, draft_id: Any) -> Draft:
    """Take a discarded draft out again.

    Raises:
        NotFound, NotAllowed: not the actor's draft.
        DraftClosed: it was not discarded.
    """
    draft = locked(actor, draft_id)
    if draft.state != "DISCARDED":
        raise DraftClosed
    draft.state = "OPEN"
    draft.save(update_fields=["state", "updated_at"])
    tell("registry.draft.restored", draft)
    return draft


@command
def check_again(*, actor: Actor, draft_id: Any, moment: Moment) -> Saved:
    """Check the whole table against the register as it is now.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    changed = _check(draft, actor, moment)
    tell("registry.draft.checked", draft, changed=len(changed))
    return Saved(draft, [], changed)


# ── steps ────────────────────────────────────────────────────────────────────
def _institution(actor: Actor, institution_id: int, process: str) -> Institution:
    institution: Institution = Institution.objects.visible_to(actor).find(pk=institution_id)
    kind(process).keep.require(actor, institution)
    return institution


def _typed_source(process: str) -> Typed:
    source = kind(process).source
    if not isinstance(source, Typed):
        raise NotFound
    return source


def locked(actor: Actor, draft_id: Any) -> Draft:
    """A draft in any state, held until the command ends.

    Raises:
        NotFound, NotAllowed: not a draft of the actor's.
    """
    draft = (
        Draft.objects.visible_to(actor)
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=draft_id)
    )
    kind(draft.process).keep.require(actor, draft.institution)
    return draft


def _draft(actor: Actor, draft_id: Any) -> Draft:
    draft = locked(actor, draft_id)
    if draft.state == "ORDERED":
        raise DraftClosed(
            "За цією чернеткою сформовано наказ. Щоб виправити рядки, поверніть наказ на доопрацювання."
        )
    if draft.state == "DISCARDED":
        raise DraftClosed("Цю чернетку вилучено. Спершу відновіть її.")
    return draft


def _row(draft: Draft, row_id: Any) -> DraftRow:
    try:
        return draft.rows.get(id=row_id)
    except (DraftRow.DoesNotExist, ValueError, TypeError):
        raise NotFound from None


def _typed(draft: Draft, values: Mapping[str, str]) -> dict[str, str]:
    """Of what was sent, the cells that a person may type in."""
    columns = kind(draft.process).by_name
    return {
        name: columns[name].code_of(storable(value))
        for name, value in values.items()
        if name in columns and not columns[name].fixed
    }


def _column(draft: Draft, name: str) -> str:
    """The words of a column that a person may type in."""
    column = kind(draft.process).by_name.get(name)
    if column is None or column.fixed:
        raise NotFound
    return column.label


def filled_cells(process: Process[Any, Any], values: Mapping[str, str]) -> dict[str, str]:
    """What a new row keeps of what was given: known columns that are not blank."""
    return {
        name: cell
        for name, value in values.items()
        if name in process.by_name and (cell := storable(value))
    }


@part_of_command
def _append(
    draft: Draft,
    rows: Sequence[Mapping[str, str]],
    pupils: Sequence[uuid.UUID | None] | None = None,
) -> list[DraftRow]:
    last = draft.rows.order_by("-position").values_list("position", flat=True).first() or 0
    if draft.rows.count() + len(rows) > MAX_ROWS:
        raise UnreadableFile(f"В одній чернетці найбільше {MAX_ROWS} рядків.")
    process = kind(draft.process)
    values = [filled_cells(process, row) for row in rows]
    pupils = pupils or [None] * len(values)
    if len(values) <= 20:
        return DraftRow.objects.bulk_create(
            DraftRow(draft=draft, position=last + number, values=one, pupil_id=pupil_id)
            for number, (one, pupil_id) in enumerate(zip(values, pupils, strict=True), start=1)
        )
    # A table: one array instead of ten thousand parameters.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_draftrow
                (draft_id, position, values, pupil_id, problems, state, answers, touched, keys, seen,
                 version)
            SELECT %s, x.position, x.values, x.pupil_id, '[]', 'EMPTY', '{}', '{}', '{}', '{}', 1
            FROM unnest(%s::int[], %s::jsonb[], %s::uuid[]) AS x(position, values, pupil_id)
            """,
            [
                draft.pk,
                list(range(last + 1, last + len(values) + 1)),
                [orjson.dumps(one).decode() for one in values],
                list(pupils),
            ],
        )
    return list(draft.rows.filter(position__gt=last).order_by("position"))


@part_of_command
def _write(
    draft: Draft,
    actor: Actor,
    writes: Mapping[DraftRow, Mapping[str, str]],
    what: str,
    moment: Moment,
) -> Saved:
    """Write cells, remember the step (unless `what` is ''), judge what they touch."""
    identity = kind(draft.process).identity
    cells = []
    written = []
    keys = set()
    for row, typed in writes.items():
        changes = [
            (name, row.values.get(name, ""), value)
            for name, value in typed.items()
            if row.values.get(name, "") != value
        ]
        if not changes:
            continue
        keys.update(row.keys)
        row.version += 1
        for name, before, after in changes:
            cells.append([row.id, name, before, after])
            row.touched[name] = row.version
            # An answer was about the value that stood here.
            row.answers = {k: v for k, v in row.answers.items() if not k.startswith(f"{name}:")}
        if {name for name, _, _ in changes} & identity:
            row.answers = {k: v for k, v in row.answers.items() if not k.startswith("twin:")}
            row.pupil_id = None
        row.values = {name: value for name, value in {**row.values, **typed}.items() if value}
        written.append(row)
    changed: set[int] = set()
    if written:
        save_rows_at_once(written)
        if what:
            DraftStep.objects.create(draft=draft, what=what, cells=cells, made_by_id=actor.grant_id)
            old = draft.steps.order_by("-id").values_list("id", flat=True)[_UNDO_STEPS:]
            draft.steps.filter(id__in=list(old)).delete()
        changed = judge_touched(draft, written, keys, actor, moment)
    _touch(draft)
    tell("registry.draft.cells_saved", draft, cells=len(cells))
    fresh = {row.id: row for row in draft.rows.filter(id__in=[row.id for row in writes])}
    return Saved(draft, [fresh[row.id] for row in writes], changed | set(fresh))


@part_of_command
def _decided(
    draft: Draft,
    actor: Actor,
    rows: list[DraftRow],
    code: str,
    moment: Moment,
    keys: Iterable[str] = (),
    **payload: Any,
) -> Saved:
    save_rows_at_once(rows)
    changed = judge_touched(draft, rows, keys, actor, moment)
    _touch(draft)
    tell(code, draft, rows=[row.id for row in rows[:100]], count=len(rows), **payload)
    ids = [row.id for row in rows]
    return Saved(
        draft, list(draft.rows.filter(id__in=ids).order_by("position")), changed | set(ids)
    )


@part_of_command
def _touch(draft: Draft) -> None:
    draft.version += 1
    draft.updated_at = timezone.now()
    draft.save(update_fields=["version", "updated_at"])


def tell(code: str, draft: Draft, **payload: Any) -> None:
    """Add what happened to a draft to the open act."""
    audit.record(
        audit.Event(code, "registry.draft", str(draft.pk), payload, unit_id=draft.institution_id)
    )


# ── checking ─────────────────────────────────────────────────────────────────
@part_of_command
def _check(draft: Draft, actor: Actor, moment: Moment) -> set[int]:
    """Judge all rows; write those whose problems, state or profile changed; return their ids."""
    rows = list(draft.rows.order_by("position"))
    return keep(rows, judge_whole(draft, rows, actor, moment))
