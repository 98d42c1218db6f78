"""Drafts of enrolment: a table that is saved as it is typed and checked as a whole.

Every change locks the draft, writes what was typed, and checks the whole table again: the rules
of cells, rows against rows, rows against the register. 1,000 rows take about a quarter of a second.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from kernel.scoping import grant_of
from kernel.tables import reading
from kernel.tables.cells import storable
from kernel.tables.headings import best_sheet, recognise
from registry.drafts.checks import judge, save_rows_at_once
from registry.drafts.models import EnrolmentDraft, EnrolmentDraftChange, EnrolmentDraftRow
from registry.institutions.models.institutions import Institution
from registry.movements.enrol.headings import EXTRA, FULL_NAME, HEADINGS, to_rows
from registry.movements.enrol.rows import BY_NAME, GRID
from registry.people import policies
from registry.people.errors import (
    DraftClosed,
    NothingToUndo,
    StaleRow,
    UnreadableFile,
)

MAX_ROWS = reading.MAX_ROWS
STATES = ("FIX", "CHECK", "READY", "EXCLUDED", "EMPTY")
_UNDO_STEPS = 100


@dataclasses.dataclass(frozen=True)
class Saved:
    """What a change did: the draft, the rows written, and every row whose look changed."""

    draft: EnrolmentDraft
    rows: list[EnrolmentDraftRow]
    changed_ids: set[int]


# ── beginning ────────────────────────────────────────────────────────────────
@command
def start(
    *,
    actor: Actor,
    institution_id: int,
    title: str = "",
    rows: Sequence[Mapping[str, str]] = (),
    source_name: str = "",
    blank: int = 0,
    today: datetime.date | None = None,
) -> EnrolmentDraft:
    """Begin a draft with the rows given (columns by name, as typed) and some blank ones.

    Raises:
        NotFound: no such institution within reach.
        NotAllowed: the actor keeps no pupils there.
        UnreadableFile: more rows than one order may have.
    """
    institution = _institution(actor, institution_id)
    draft = EnrolmentDraft.objects.create(
        institution=institution,
        author_id=grant_of(actor),
        title=title or "Зарахування учнів",
        source_name=source_name[:200],
    )
    _append(draft, [*rows, *([{}] * blank)])
    _check(draft, actor, today)
    tell("registry.draft.started", draft, rows=len(rows))
    return draft


@command
def start_from_file(
    *,
    actor: Actor,
    institution_id: int,
    name: str,
    content: bytes,
    today: datetime.date | None = None,
) -> EnrolmentDraft:
    """Begin a draft from an uploaded XLSX or CSV table.

    When a column is not recognised for sure the table waits in the draft until `set_columns`.

    Raises:
        NotFound, NotAllowed: as `start`.
        UnreadableFile: not a table we take; nothing is kept.
    """
    institution = _institution(actor, institution_id)
    try:
        book = reading.read(name, content)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="file", reason=no.code) from no
    sheet = best_sheet(book, HEADINGS)
    told = [name, f"аркуш «{sheet.name}»" if len(book.sheets) > 1 else "", book.unread(sheet)]
    return _from_table(actor, institution, sheet.rows, ". ".join(filter(None, told)), today)


@command
def start_from_paste(
    *, actor: Actor, institution_id: int, text: str, today: datetime.date | None = None
) -> EnrolmentDraft:
    """Begin a draft from cells copied out of a spreadsheet.

    Raises:
        NotFound, NotAllowed, UnreadableFile: as `start_from_file`.
    """
    institution = _institution(actor, institution_id)
    try:
        table = reading.read_pasted(text)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="cells", reason=no.code) from no
    return _from_table(actor, institution, table, "", today)


@part_of_command
def _from_table(
    actor: Actor,
    institution: Institution,
    table: reading.Table,
    name: str,
    today: datetime.date | None,
) -> EnrolmentDraft:
    found = recognise(table, HEADINGS)
    draft = EnrolmentDraft.objects.create(
        institution=institution,
        author_id=grant_of(actor),
        title="Зарахування з таблиці",
        source_name=name[:200],
        waiting=None
        if found.sure
        else {"cells": table, "start": found.first, "columns": found.columns},
    )
    count = sum(any(row) for row in table[found.first :])
    if found.sure:
        count = _take(draft, table[found.first :], found.columns)
        _check(draft, actor, today)
    tell("registry.draft.started", draft, rows=count)
    return draft


@part_of_command
def _take(draft: EnrolmentDraft, data: reading.Table, columns: Sequence[str | None]) -> int:
    try:
        rows = to_rows(data, columns)
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
    today: datetime.date | None = None,
) -> EnrolmentDraft:
    """Say what each column of the waiting table is; its rows enter the draft.

    Raises:
        NotFound, NotAllowed: not the actor's draft.
        DraftClosed: nothing waits.
        UnreadableFile: two columns are said to be the same, or no surname was found.
    """
    draft = _draft(actor, draft_id)
    if draft.waiting is None:
        raise DraftClosed("Стовпці цієї таблиці вже визначено.")
    known = {*BY_NAME, *EXTRA}
    chosen = [column if column in known else None for column in columns]
    named = [column for column in chosen if column]
    if len(named) != len(set(named)):
        raise UnreadableFile("Той самий зміст указано для двох стовпців.", field="columns")
    if not {"surname", FULL_NAME} & set(named):
        raise UnreadableFile("Укажіть стовпець із прізвищем або ПІБ.", field="columns")
    start_at = draft.waiting["start"] or 0
    if start_at == 0 and has_heading:
        start_at = 1
    elif not has_heading:
        start_at = 0
    count = _take(draft, draft.waiting["cells"][start_at:], chosen)
    draft.waiting = None
    draft.save(update_fields=["waiting", "updated_at"])
    _check(draft, actor, today)
    tell("registry.draft.columns_set", draft, rows=count)
    return draft


# ── cells ────────────────────────────────────────────────────────────────────
@command
def save_row(
    *,
    actor: Actor,
    draft_id: Any,
    row_id: int,
    version: int,
    values: Mapping[str, str],
    today: datetime.date | None = None,
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
    typed = _typed(values)
    if row.version != version:
        # Both wrote the same: nothing to argue about.
        clash = {
            name: (row.values.get(name, ""), value)
            for name, value in typed.items()
            if row.values.get(name, "") != value
        }
        if clash:
            raise StaleRow(
                "Рядок тим часом змінено в іншому вікні. Ваше введене не втрачено.",
                row=row,
                theirs={name: pair[0] for name, pair in clash.items()},
                mine={name: pair[1] for name, pair in clash.items()},
            )
    return _write(draft, actor, {row: typed}, "Зміна клітинок", today)


@command
def save_rows(
    *,
    actor: Actor,
    draft_id: Any,
    rows: Mapping[int, tuple[int, Mapping[str, str]]],
    today: datetime.date | None = None,
) -> tuple[Saved, dict[int, dict[str, str]]]:
    """Save a whole page of rows: {row id: (version, values)}, for a browser without scripts.

    Rows that somebody else changed meanwhile are left as they are and told back with what was
    typed here, so that nothing is lost.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    found = {row.id: row for row in draft.rows.filter(id__in=list(rows))}
    writes: dict[EnrolmentDraftRow, dict[str, str]] = {}
    stale: dict[int, dict[str, str]] = {}
    for row_id, (version, values) in rows.items():
        row = found.get(row_id)
        if row is None:
            continue
        typed = {
            name: value
            for name, value in _typed(values).items()
            if row.values.get(name, "") != value
        }
        if not typed:
            continue
        if row.version != version:
            stale[row_id] = typed
        else:
            writes[row] = typed
    return _write(draft, actor, writes, "Зміна сторінки", today), stale


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
    today: datetime.date | None = None,
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
    names = [column.name for column in GRID]
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
    return _write(draft, actor, writes, f"Вставлення {len(block)} рядків", today)


@command
def fill_down(
    *, actor: Actor, draft_id: Any, row_id: int, column: str, today: datetime.date | None = None
) -> Saved:
    """Copy one cell into every row below where that column is empty.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    row = _row(draft, row_id)
    if column not in BY_NAME:
        raise NotFound
    value = row.values.get(column, "")
    below = draft.rows.filter(position__gt=row.position).exclude(state="EMPTY")
    writes = {other: {column: value} for other in below if not other.values.get(column)}
    return _write(draft, actor, writes, f"Заповнення вниз: {BY_NAME[column].label}", today)


@command
def fill_column(
    *, actor: Actor, draft_id: Any, column: str, value: str, today: datetime.date | None = None
) -> Saved:
    """Put one value into a column of every row where it is empty: one class for all, say.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    if column not in BY_NAME:
        raise NotFound
    rows = draft.rows.exclude(state="EMPTY")
    writes = {row: {column: storable(value)} for row in rows if not row.values.get(column)}
    return _write(draft, actor, writes, f"Заповнення стовпця: {BY_NAME[column].label}", today)


@command
def add_rows(
    *,
    actor: Actor,
    draft_id: Any,
    rows: Sequence[Mapping[str, str]] = ({},),
    today: datetime.date | None = None,
) -> list[EnrolmentDraftRow]:
    """Add rows at the end, blank or filled.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        UnreadableFile: more rows than one order may have.
    """
    draft = _draft(actor, draft_id)
    added = _append(draft, rows)
    if any(row.values for row in added):
        _check(draft, actor, today)
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
    today: datetime.date | None = None,
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
    return _write(draft, actor, writes, "Застосування виправлень", today)


@command
def answer(
    *,
    actor: Actor,
    draft_id: Any,
    key: str,
    row_id: int | None = None,
    today: datetime.date | None = None,
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
    return _decided(draft, actor, answered, "registry.draft.warning_answered", today, key=key)


@command
def decide_twin(
    *,
    actor: Actor,
    draft_id: Any,
    row_id: int,
    pupil_id: uuid.UUID,
    same: bool,
    today: datetime.date | None = None,
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
    return _decided(draft, actor, [row], "registry.draft.twin_decided", today, same=same)


@command
def reconsider(
    *, actor: Actor, draft_id: Any, row_id: int, today: datetime.date | None = None
) -> Saved:
    """Take back every answer given in a row.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    row = _row(draft, row_id)
    row.answers = {}
    row.version += 1
    return _decided(draft, actor, [row], "registry.draft.answers_withdrawn", today)


@command
def include(
    *,
    actor: Actor,
    draft_id: Any,
    row_ids: Iterable[int],
    included: bool,
    today: datetime.date | None = None,
) -> Saved:
    """Leave rows out of the order, or take them in again; they stay in the draft either way.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    rows = list(draft.rows.filter(id__in=list(row_ids)))
    if not rows:
        raise NotFound
    for row in rows:
        if included and row.state == "EXCLUDED":
            row.state = "EMPTY"
        elif not included:
            row.state = "EXCLUDED"
        row.version += 1
    code = "registry.draft.rows_included" if included else "registry.draft.rows_excluded"
    return _decided(draft, actor, rows, code, today)


@command
def undo(*, actor: Actor, draft_id: Any, today: datetime.date | None = None) -> Saved:
    """Take the last change of cells back, whoever's computer it was made on.

    A cell changed again since keeps its newer value.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        NothingToUndo: no step is left.
    """
    draft = _draft(actor, draft_id)
    step = draft.changes.order_by("-id").first()
    if step is None:
        raise NothingToUndo
    rows = {row.id: row for row in draft.rows.filter(id__in={cell[0] for cell in step.cells})}
    writes: dict[EnrolmentDraftRow, dict[str, str]] = {}
    for row_id, column, before, after in step.cells:
        row = rows.get(row_id)
        if row is not None and row.values.get(column, "") == after:
            writes.setdefault(row, {})[column] = before
    step.delete()
    return _write(draft, actor, writes, "", today)


# ── the draft as a whole ─────────────────────────────────────────────────────
@command
def save_order_fields(
    *, actor: Actor, draft_id: Any, fields: Mapping[str, str], today: datetime.date | None = None
) -> EnrolmentDraft:
    """Keep what was typed of the order, exactly as typed.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    draft.order_fields = {
        **draft.order_fields,
        **{name: storable(value) for name, value in fields.items()},
    }
    draft.version += 1
    draft.save(update_fields=["order_fields", "version", "updated_at"])
    tell("registry.draft.order_fields_saved", draft)
    return draft


@command
def rename(*, actor: Actor, draft_id: Any, title: str) -> EnrolmentDraft:
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
def discard(*, actor: Actor, draft_id: Any) -> EnrolmentDraft:
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
def restore(*, actor: Actor, draft_id: Any) -> EnrolmentDraft:
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
def check_again(*, actor: Actor, draft_id: Any, today: datetime.date | None = None) -> Saved:
    """Check the whole table against the register as it is now.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = _draft(actor, draft_id)
    changed = _check(draft, actor, today)
    tell("registry.draft.checked", draft, changed=len(changed))
    return Saved(draft, [], changed)


# ── steps ────────────────────────────────────────────────────────────────────
def _institution(actor: Actor, institution_id: int) -> Institution:
    institution = Institution.objects.visible_to(actor).find(pk=institution_id)
    policies.keep.require(actor, institution)
    return institution


def locked(actor: Actor, draft_id: Any) -> EnrolmentDraft:
    """A draft in any state, held until the command ends.

    Raises:
        NotFound, NotAllowed: not a draft of the actor's.
    """
    draft = (
        EnrolmentDraft.objects.visible_to(actor)
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=draft_id)
    )
    policies.keep.require(actor, draft.institution)
    return draft


def _draft(actor: Actor, draft_id: Any) -> EnrolmentDraft:
    draft = locked(actor, draft_id)
    if draft.state == "ORDERED":
        raise DraftClosed(
            "За цією чернеткою сформовано наказ. Щоб виправити рядки, поверніть наказ на доопрацювання."
        )
    if draft.state == "DISCARDED":
        raise DraftClosed("Цю чернетку вилучено. Спершу відновіть її.")
    return draft


def _row(draft: EnrolmentDraft, row_id: Any) -> EnrolmentDraftRow:
    try:
        return draft.rows.get(id=row_id)
    except (EnrolmentDraftRow.DoesNotExist, ValueError, TypeError):
        raise NotFound from None


def _typed(values: Mapping[str, str]) -> dict[str, str]:
    return {name: storable(value) for name, value in values.items() if name in BY_NAME}


def filled_cells(values: Mapping[str, str]) -> dict[str, str]:
    """What a new row keeps of what was typed: known columns that are not blank."""
    return {name: value for name, value in _typed(values).items() if value}


@part_of_command
def _append(draft: EnrolmentDraft, rows: Sequence[Mapping[str, str]]) -> list[EnrolmentDraftRow]:
    last = draft.rows.order_by("-position").values_list("position", flat=True).first() or 0
    if draft.rows.count() + len(rows) > MAX_ROWS:
        raise UnreadableFile(f"В одній чернетці найбільше {MAX_ROWS} рядків.")
    values = [filled_cells(row) for row in rows]
    if len(values) <= 20:
        return EnrolmentDraftRow.objects.bulk_create(
            EnrolmentDraftRow(draft=draft, position=last + number, values=one)
            for number, one in enumerate(values, start=1)
        )
    # A table: one array instead of ten thousand parameters.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_enrolmentdraftrow
                (draft_id, position, values, problems, state, answers, version)
            SELECT %s, x.position, x.values, '[]', 'EMPTY', '{}', 1
            FROM unnest(%s::int[], %s::jsonb[]) AS x(position, values)
            """,
            [
                draft.pk,
                list(range(last + 1, last + len(values) + 1)),
                [orjson.dumps(one).decode() for one in values],
            ],
        )
    return list(draft.rows.filter(position__gt=last).order_by("position"))


@part_of_command
def _write(
    draft: EnrolmentDraft,
    actor: Actor,
    writes: Mapping[EnrolmentDraftRow, Mapping[str, str]],
    what: str,
    today: datetime.date | None,
) -> Saved:
    """Write cells, remember the step (unless `what` is ''), check the table."""
    cells = []
    written = []
    for row, typed in writes.items():
        changes = [
            (name, row.values.get(name, ""), value)
            for name, value in typed.items()
            if row.values.get(name, "") != value
        ]
        if not changes:
            continue
        for name, before, after in changes:
            cells.append([row.id, name, before, after])
            # An answer was about the value that stood here.
            row.answers = {k: v for k, v in row.answers.items() if not k.startswith(f"{name}:")}
        if {name for name, _, _ in changes} & _IDENTITY:
            row.answers = {k: v for k, v in row.answers.items() if not k.startswith("twin:")}
            row.pupil_id = None
        row.values = {name: value for name, value in {**row.values, **typed}.items() if value}
        row.version += 1
        written.append(row)
    if written:
        save_rows_at_once(written)
        if what:
            EnrolmentDraftChange.objects.create(
                draft=draft, what=what, cells=cells, made_by_id=actor.grant_id
            )
            old = draft.changes.order_by("-id").values_list("id", flat=True)[_UNDO_STEPS:]
            draft.changes.filter(id__in=list(old)).delete()
    changed = _check(draft, actor, today) if written else set()
    _touch(draft)
    tell("registry.draft.cells_saved", draft, cells=len(cells))
    fresh = {row.id: row for row in draft.rows.filter(id__in=[row.id for row in writes])}
    return Saved(draft, [fresh[row.id] for row in writes], changed | set(fresh))


_IDENTITY = {"surname", "given_name", "born_on", "document", "document_type", "rnokpp", "unzr"}


@part_of_command
def _decided(
    draft: EnrolmentDraft,
    actor: Actor,
    rows: list[EnrolmentDraftRow],
    code: str,
    today: datetime.date | None,
    **payload: Any,
) -> Saved:
    save_rows_at_once(rows)
    changed = _check(draft, actor, today)
    _touch(draft)
    tell(code, draft, rows=[row.id for row in rows[:100]], count=len(rows), **payload)
    ids = [row.id for row in rows]
    return Saved(
        draft, list(draft.rows.filter(id__in=ids).order_by("position")), changed | set(ids)
    )


@part_of_command
def _touch(draft: EnrolmentDraft) -> None:
    draft.version += 1
    draft.updated_at = timezone.now()
    draft.save(update_fields=["version", "updated_at"])


def tell(code: str, draft: EnrolmentDraft, **payload: Any) -> None:
    """Add what happened to a draft to the open act."""
    audit.record(
        audit.Event(code, "registry.draft", str(draft.pk), payload, unit_id=draft.institution_id)
    )


# ── checking ─────────────────────────────────────────────────────────────────
@part_of_command
def _check(draft: EnrolmentDraft, actor: Actor, today: datetime.date | None) -> set[int]:
    """Check all rows; write those whose problems, state or profile changed; return their ids."""
    day = today or timezone.localdate()
    rows = list(draft.rows.order_by("position"))
    judged = judge(draft, rows, actor, day)
    changed = []
    for row, verdict in zip(rows, judged, strict=True):
        if (row.problems, row.state, row.pupil_id) != (
            verdict.problems,
            verdict.state,
            verdict.pupil_id,
        ):
            row.problems = verdict.problems
            row.state = verdict.state
            row.pupil_id = verdict.pupil_id
            changed.append(row)
    if changed:
        save_rows_at_once(changed)
    return {row.id for row in changed}
