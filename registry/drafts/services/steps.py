"""What every command of drafts does: take the draft and hold it, write, judge what was touched, tell.

A change is judged by what it touches: the rows written and those that share a key with them (5,000
rows: a cell in under 100 ms). A whole table is judged when it arrives, when the first day of its
order changes, and when its order is formed.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection
from django.db.models import Exists, OuterRef

from accounts.actors import Actor
from kernel import audit, batch
from kernel.audit.events import Event
from kernel.clock import Moment
from kernel.db import part_of_command
from kernel.errors import NotFound
from kernel.tables import reading
from kernel.tables.cells import storable
from registry.drafts.errors import DraftClosed, StaleTerms, UnreadableFile
from registry.drafts.events import CellsSaved
from registry.drafts.judging import judge_touched, judge_whole, keep, save_rows_at_once
from registry.drafts.models import JUDGE, Draft, DraftRow, DraftRun, DraftStep
from registry.drafts.services import running
from registry.process import AnyProcess, kind

MAX_ROWS = reading.MAX_ROWS

_UNDO_STEPS = 100


@dataclasses.dataclass(frozen=True)
class Saved:
    """What a change did: the draft, the rows written, and every row whose look changed."""

    draft: Draft
    rows: list[DraftRow]
    changed_ids: set[int]


def locked(actor: Actor, draft_id: Any) -> Draft:
    """A draft in any state, held until the command ends.

    Raises:
        NotFound, NotAllowed: not a draft of the actor's.
    """
    under_way = DraftRun.objects.filter(draft_id=OuterRef("pk"), state__in=batch.UNDER_WAY)
    draft = (
        Draft.objects.visible_to(actor)
        .annotate(is_worked_on=Exists(under_way))
        .select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .find(pk=draft_id)
    )
    kind(draft.process).keep.require(actor, draft.institution)
    return draft


def opened(actor: Actor, draft_id: Any) -> Draft:
    draft = locked(actor, draft_id)
    if draft.state == "ORDERED":
        raise DraftClosed(
            "За цією чернеткою сформовано наказ. Щоб виправити рядки, поверніть наказ на доопрацювання."
        )
    if draft.state == "DISCARDED":
        raise DraftClosed("Цю чернетку вилучено. Спершу відновіть її.")
    if draft.is_worked_on:
        raise DraftClosed("Таблицю ще перевіряють: зачекайте або зупиніть перевірку.")
    return draft


def row_of(draft: Draft, row_id: Any) -> DraftRow:
    try:
        return draft.rows.get(id=row_id)
    except (DraftRow.DoesNotExist, ValueError, TypeError):
        raise NotFound from None


def typed_cells(draft: Draft, values: Mapping[str, str]) -> dict[str, str]:
    """Of what was sent, the cells that a person may type in."""
    columns = kind(draft.process).by_name
    return {
        name: columns[name].code_of(storable(value))
        for name, value in values.items()
        if name in columns and not columns[name].fixed
    }


def filled_cells(process: AnyProcess, values: Mapping[str, str]) -> dict[str, str]:
    """What a new row keeps of what was given: known columns that are not blank."""
    return {
        name: cell
        for name, value in values.items()
        if name in process.by_name and (cell := storable(value))
    }


@part_of_command
def append(
    draft: Draft,
    rows: Sequence[Mapping[str, str]],
    pupils: Sequence[uuid.UUID | None] | None = None,
    lines: Sequence[int | None] | None = None,
) -> list[DraftRow]:
    last = draft.rows.order_by("-position").values_list("position", flat=True).first() or 0
    if draft.rows.count() + len(rows) > MAX_ROWS:
        raise UnreadableFile(f"В одній чернетці найбільше {MAX_ROWS} рядків.")
    process = kind(draft.process)
    pupils = pupils or [None] * len(rows)
    lines = lines or [None] * len(rows)
    added = [
        DraftRow(
            draft=draft,
            position=position,
            values=filled_cells(process, row),
            pupil_id=pupil,
            line=line,
        )
        for position, (row, pupil, line) in enumerate(
            zip(rows, pupils, lines, strict=True), start=last + 1
        )
    ]
    if len(added) <= 20:
        return DraftRow.objects.bulk_create(added)
    # A table: one document instead of ten thousand parameters.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registry_draftrow
                (draft_id, position, values, pupil_id, line, problems, state, answers, touched, keys, seen,
                 version)
            SELECT %s, x.position, x.values, x.pupil_id, x.line, '[]', 'EMPTY', '{}', '{}', '{}', '{}', 1
            FROM jsonb_to_recordset(%s::jsonb)
                AS x(position int, values jsonb, pupil_id uuid, line int)
            RETURNING position, id
            """,
            [
                draft.pk,
                orjson.dumps(
                    [
                        {
                            name: getattr(row, name)
                            for name in ("position", "values", "pupil_id", "line")
                        }
                        for row in added
                    ]
                ).decode(),
            ],
        )
        ids = dict(cursor.fetchall())
    for row in added:
        row.pk = ids[row.position]
        row._state.adding = False
    return added


@part_of_command
def write(
    draft: Draft,
    actor: Actor,
    writes: Mapping[DraftRow, Mapping[str, str]],
    what: str,
    moment: Moment,
) -> Saved:
    """Write cells, remember the step (unless `what` is ''), judge what they touch."""
    process = kind(draft.process)
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
            about = (f"{name}:", f"{process.judged_with.get(name, name)}:")
            row.answers = {k: v for k, v in row.answers.items() if not k.startswith(about)}
        if {name for name, _, _ in changes} & process.identity:
            row.answers = {
                k: v for k, v in row.answers.items() if not k.startswith(("twin:", "why:"))
            }
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
    touch(draft)
    tell(CellsSaved, draft, cells=len(cells))
    fresh = {row.id: row for row in draft.rows.filter(id__in=[row.id for row in writes])}
    return Saved(draft, [fresh[row.id] for row in writes], changed | set(fresh))


@part_of_command
def decided(
    draft: Draft,
    actor: Actor,
    rows: list[DraftRow],
    told: type[Event],
    moment: Moment,
    keys: Iterable[str] = (),
    **fields: Any,
) -> Saved:
    save_rows_at_once(rows)
    changed = judge_touched(draft, rows, keys, actor, moment)
    touch(draft)
    tell(told, draft, rows=tuple(row.id for row in rows[:100]), count=len(rows), **fields)
    ids = [row.id for row in rows]
    return Saved(
        draft, list(draft.rows.filter(id__in=ids).order_by("position")), changed | set(ids)
    )


@part_of_command
def touch(draft: Draft) -> None:
    draft.version += 1
    draft.save(update_fields=["version", "updated_at"])


@dataclasses.dataclass(frozen=True)
class Sight:
    """What a form of an order showed: the draft's version then, and which window it is.

    A window saves its terms one by one and does not read the others anew, so its version stays;
    what it wrote itself since is no surprise to it.
    """

    version: int
    window: str = ""

    def missed(self, draft: Draft) -> set[str]:
        """Terms that others wrote since."""
        return {
            name
            for name, (version, window) in draft.terms_touched.items()
            if version > self.version and not (window and window == self.window)
        }


@part_of_command
def write_terms(draft: Draft, fields: Mapping[str, str], seen: Sight) -> None:
    """Put terms of the order into the draft, as typed; the caller saves them.

    Raises:
        StaleTerms: others wrote another value into one of them than the form showed.
    """
    typed = {name: storable(value) for name, value in fields.items()}
    changed = {name for name, value in typed.items() if draft.terms.get(name, "") != value}
    if theirs := changed & seen.missed(draft):
        raise StaleTerms(theirs={name: draft.terms.get(name, "") for name in sorted(theirs)})
    draft.version += 1
    draft.terms = {**draft.terms, **typed}
    draft.terms_touched |= {name: [draft.version, seen.window] for name in changed}


@part_of_command
def judge_all(
    draft: Draft, actor: Actor, moment: Moment, rows: Sequence[DraftRow] | None = None
) -> set[int]:
    """Judge all rows (given, when the caller has just made them); write those whose problems, state
    or profile changed; return their ids."""
    rows = list(draft.rows.order_by("position")) if rows is None else rows
    return keep(rows, judge_whole(draft, rows, actor, moment))


@part_of_command
def judge_now_or_later(
    draft: Draft, actor: Actor, moment: Moment, rows: Sequence[DraftRow] | None = None
) -> set[int]:
    """Judge all rows at once, or ask a worker when they are many; then nothing has changed yet."""
    count = draft.rows.count() if rows is None else len(rows)
    if count <= running.LONG:
        return judge_all(draft, actor, moment, rows)
    draft.asked = running.ask(
        JUDGE,
        actor=actor,
        institution_id=draft.institution_id,
        total=count,
        now=moment.now,
        draft_id=draft.pk,
    )
    return set()


def tell(kind: type[Event], draft: Draft, **fields: Any) -> None:
    """Add what happened to a draft to the open act."""
    audit.record(kind(subject=draft.pk, unit=draft.institution_id, **fields))  # type: ignore[call-arg]
