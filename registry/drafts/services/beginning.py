"""Beginning a draft: blank, from a file, from pasted cells; and saying what its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from kernel.scoping import grant_of
from kernel.tables import reading
from kernel.tables.headings import best_sheet, recognise
from registry.drafts.errors import DraftClosed, UnreadableFile
from registry.drafts.events import ColumnsSet, DraftStarted
from registry.drafts.models import Draft, DraftRow
from registry.drafts.services.steps import (
    append,
    judge_all,
    opened,
    tell,
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
    moment: Moment,
) -> Draft:
    """Begin a draft with the rows given (columns by name, as typed) and some blank ones.

    Raises:
        NotFound: no such institution within reach, or no such process.
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
    judge_all(draft, actor, moment, append(draft, [*rows, *([{}] * blank)]))
    tell(DraftStarted, draft, rows=len(rows))
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
    institution = kept_by(actor, institution_id, process)
    source = typed_source(process)
    try:
        book = reading.read(content)
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
    institution = kept_by(actor, institution_id, process)
    typed_source(process)
    try:
        table = reading.read_pasted(text)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, field="cells", reason=no.code) from no
    return _from_table(actor, institution, process, table, "", moment)


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
    draft = opened(actor, draft_id)
    if draft.waiting is None:
        raise DraftClosed("Стовпці цієї таблиці вже визначено.")
    headings = typed_source(draft.process).headings
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
    count = len(_take(draft, draft.waiting["cells"][start_at:], chosen))
    draft.waiting = None
    draft.save(update_fields=["waiting", "updated_at"])
    judge_all(draft, actor, moment)
    tell(ColumnsSet, draft, rows=count)
    return draft


@part_of_command
def _from_table(
    actor: Actor,
    institution: Institution,
    process: str,
    table: reading.Table,
    name: str,
    moment: Moment,
) -> Draft:
    found = recognise(table, typed_source(process).headings)
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
        taken = _take(draft, table[found.first :], found.columns)
        count = len(taken)
        judge_all(draft, actor, moment, taken)
    tell(DraftStarted, draft, rows=count)
    return draft


@part_of_command
def _take(draft: Draft, data: reading.Table, columns: Sequence[str | None]) -> list[DraftRow]:
    try:
        rows = typed_source(draft.process).to_rows(data, columns)
    except reading.UnreadableTable as no:
        raise UnreadableFile(no.detail, reason=no.code) from no
    if not rows:
        raise UnreadableFile("У таблиці немає рядків з даними під назвами стовпців.")
    return append(draft, rows)


def kept_by(actor: Actor, institution_id: int, process: str) -> Institution:
    institution: Institution = Institution.objects.visible_to(actor).find(pk=institution_id)
    kind(process).keep.require(actor, institution)
    return institution


def typed_source(process: str) -> Typed:
    source = kind(process).source
    if not isinstance(source, Typed):
        raise NotFound
    return source
