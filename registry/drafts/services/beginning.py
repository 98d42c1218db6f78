"""Beginning a draft: blank, from a file, from pasted cells; and saying what its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from kernel.scoping import grant_of
from kernel.tables import reading
from kernel.tables.layout import Layout, followed, propose
from registry.drafts.errors import DraftClosed, UnreadableFile
from registry.drafts.events import ColumnsSet, DraftStarted
from registry.drafts.models import Draft, DraftTable
from registry.drafts.services.steps import (
    append,
    filled_cells,
    judge_now_or_later,
    opened,
    tell,
    write,
)
from registry.institutions.models.institutions import Institution
from registry.process import Typed, kind


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
    keys: Sequence[str] = (),
    moment: Moment,
) -> Draft:
    """Begin a draft with the rows given (columns by name, as typed) and some blank ones, or with
    the lines of these keys chosen from the register (an unknown key is left out).

    Raises:
        NotFound: no such institution within reach, no such process, or one that takes no chosen rows.
        NotAllowed: the actor keeps no pupils there.
        UnreadableFile: more rows than one order may have.
    """
    institution = kept_by(actor, institution_id, process)
    draft = Draft.objects.create(
        process=process,
        institution=institution,
        author_id=grant_of(actor),
        title=title or kind(process).name,
        source_name=source_name[:200],
    )
    source = kind(process).chosen
    if keys and source is None:
        raise NotFound
    picked = source.pick(actor, institution, keys, moment) if source is not None else []
    values = [*rows, *(one.values for one in picked), *([{}] * blank)]
    about = [None] * len(rows) + [one.pupil_id for one in picked] + [None] * blank
    judge_now_or_later(draft, actor, moment, append(draft, values, about))
    tell(DraftStarted, draft, rows=len(rows) + len(picked))
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
    """Begin a draft from an uploaded XLSX, XLS, ODS or CSV table.

    When a sheet or a column is not recognised for sure the table waits until `set_columns`.

    Raises:
        NotFound, NotAllowed: as `start`.
        UnreadableFile: not a table we take; nothing is kept.
    """
    institution = kept_by(actor, institution_id, process)
    typed_source(process)
    try:
        book = reading.read(content)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="file", reason=no.code) from no
    return _from_table(actor, institution, process, book, name, moment)


@command
def start_from_paste(
    *, actor: Actor, institution_id: int, process: str, text: str, moment: Moment
) -> Draft:
    """Begin a draft from cells copied out of a spreadsheet.

    Raises:
        NotFound, NotAllowed, UnreadableFile: as `start_from_file`.
    """
    institution = kept_by(actor, institution_id, process)
    typed_source(process)
    try:
        book = reading.Book((reading.Sheet("", reading.read_pasted(text)),))
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="cells", reason=no.code) from no
    return _from_table(actor, institution, process, book, "", moment)


@command
def set_columns(*, actor: Actor, draft_id: Any, layout: Layout, moment: Moment) -> Draft:
    """Say which sheets of the draft's table are taken and what each column is, for the first time or
    anew. Said anew, cells that nobody touched since follow the columns; what was typed stays, rows
    that a person put in, left out or emptied stay as they are.

    Raises:
        NotFound, NotAllowed: not the actor's draft.
        DraftClosed: the draft is closed, or its table is gone.
        UnreadableFile: no rows, or too many.
    """
    draft = opened(actor, draft_id)
    table = DraftTable.objects.select_for_update().filter(draft=draft).first()
    if table is None:
        raise DraftClosed("Таблиця цієї чернетки вже не зберігається: стовпці змінити не можна.")
    before = {} if draft.waiting else _rows_of(draft, msgspec.convert(table.layout, Layout))
    after = _rows_of(draft, layout)
    table.layout = msgspec.to_builtins(layout)
    table.save(update_fields=["layout"])
    _follow(draft, actor, before, after, moment)
    draft.waiting = False
    draft.unread = layout.told(after)
    draft.save(update_fields=["waiting", "unread", "updated_at"])
    judge_now_or_later(draft, actor, moment)
    tell(ColumnsSet, draft, rows=len(after))
    return draft


@part_of_command
def _follow(
    draft: Draft,
    actor: Actor,
    before: Mapping[int, Mapping[str, str]],
    after: Mapping[int, Mapping[str, str]],
    moment: Moment,
) -> None:
    made = {row.line: row for row in draft.rows.order_by("position") if row.line is not None}
    writes, gone = {}, []
    for line, row in made.items():
        was, to = before.get(line, {}), after.get(line, {})
        if not to and row.values == was:
            gone.append(row.id)
        elif changes := followed(row.values, was, to):
            writes[row] = changes
    draft.rows.filter(id__in=gone).delete()
    write(draft, actor, writes, "", moment)
    new = {
        line: values for line, values in after.items() if line not in made and line not in before
    }
    append(draft, list(new.values()), lines=list(new))


@part_of_command
def _from_table(
    actor: Actor,
    institution: Institution,
    process: str,
    book: reading.Book,
    name: str,
    moment: Moment,
) -> Draft:
    layout = propose(book, typed_source(process).headings)
    draft = Draft.objects.create(
        process=process,
        institution=institution,
        author_id=grant_of(actor),
        title=f"{kind(process).name}: таблиця",
        source_name=name[:200],
        waiting=not layout.sure,
    )
    DraftTable.objects.create(draft=draft, layout=msgspec.to_builtins(layout))
    count = sum(1 for _ in layout.lines())
    if layout.sure:
        rows = _rows_of(draft, layout)
        taken = append(draft, list(rows.values()), lines=list(rows))
        draft.unread, count = layout.told(rows), len(rows)
        draft.save(update_fields=["unread"])
        judge_now_or_later(draft, actor, moment, taken)
    tell(DraftStarted, draft, rows=count)
    return draft


def _rows_of(draft: Draft, layout: Layout) -> dict[int, dict[str, str]]:
    """Rows by the numbers of their lines, as a draft keeps them."""
    try:
        rows = layout.rows(typed_source(draft.process).to_rows)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, reason=no.code) from no
    if not rows:
        raise UnreadableFile("У таблиці немає рядків з даними під назвами стовпців.")
    process = kind(draft.process)
    return {line: filled_cells(process, values) for line, values in rows.items()}


def kept_by(actor: Actor, institution_id: int, process: str) -> Institution:
    if kind(process).page:  # its orders are made of no draft
        raise NotFound
    institution: Institution = Institution.objects.visible_to(actor).find(pk=institution_id)
    kind(process).keep.require(actor, institution)
    return institution


def typed_source(process: str) -> Typed:
    source = kind(process).typed
    if source is None:
        raise NotFound
    return source
