"""Rows of a draft: added, chosen from the register, left out of the order or taken in again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotFound
from registry.drafts.events import RowsAdded, RowsChosen, RowsExcluded, RowsIncluded
from registry.drafts.judging import judge_touched
from registry.drafts.models import DraftRow
from registry.drafts.selectors import chosen_lines
from registry.drafts.services.steps import (
    Saved,
    append,
    decided,
    opened,
    tell,
    touch,
)
from registry.process import kind


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
    draft = opened(actor, draft_id)
    added = append(draft, rows)
    if any(row.values for row in added):
        judge_touched(draft, added, (), actor, moment)
    touch(draft)
    tell(RowsAdded, draft, rows=len(added))
    return added


@command
def choose(*, actor: Actor, draft_id: Any, keys: Sequence[str], moment: Moment) -> Saved:
    """Add rows for the lines chosen from the register; those that are in the table already stay.

    Raises:
        NotFound: the process takes no chosen rows.
        NotAllowed, DraftClosed: not an open draft of the actor's.
        UnreadableFile: more rows than one order may have.
    """
    draft = opened(actor, draft_id)
    source = kind(draft.process).chosen
    if source is None:
        raise NotFound
    here = chosen_lines(draft)
    picked = [
        one
        for one in source.pick(actor, draft.institution, keys, moment)
        if str(one.pupil_id or one.values.get(source.key)) not in here
    ]
    added = append(draft, [one.values for one in picked], [one.pupil_id for one in picked])
    changed = judge_touched(draft, added, (), actor, moment) if added else set()
    touch(draft)
    tell(RowsChosen, draft, rows=len(added))
    return Saved(draft, added, changed | {row.id for row in added})


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
    draft = opened(actor, draft_id)
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
    told = RowsIncluded if included else RowsExcluded
    return decided(draft, actor, rows, told, moment, keys)
