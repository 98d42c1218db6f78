"""What people answer about a row: the value is right, this is the same child or another."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotFound
from registry.drafts.errors import StaleAnswer
from registry.drafts.events import AnswersWithdrawn, TwinDecided, WarningAnswered
from registry.drafts.judging import mark, said_of
from registry.drafts.services.steps import (
    Saved,
    decided,
    opened,
    row_of,
)
from registry.process import kind


@command
def answer(
    *,
    actor: Actor,
    draft_id: Any,
    key: str,
    seen: str,
    row_id: int | None = None,
    moment: Moment,
) -> Saved:
    """Confirm that a doubted value is right, in one row or in every row with the same doubt.

    `key` is «field:code» of the warning, `seen` the mark of the values the person looked at.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        StaleAnswer: other values are doubted now, or in other rows.
    """
    draft = opened(actor, draft_id)
    rows = draft.rows.exclude(state__in=["EXCLUDED", "EMPTY"])
    if row_id is not None:
        rows = rows.filter(id=row_id)
    answered = [
        row
        for row in rows
        if key not in row.answers
        and any(
            p["level"] == "warning" and f"{p['field']}:{p['code']}" == key for p in row.problems
        )
    ]
    about = said_of(kind(draft.process), key.partition(":")[0])
    if answered and mark(answered, about) != seen:
        raise StaleAnswer
    for row in answered:
        row.answers = {**row.answers, key: "confirmed"}
        row.version += 1
    return decided(draft, actor, answered, WarningAnswered, moment, key=key)


@command
def decide_twin(
    *,
    actor: Actor,
    draft_id: Any,
    row_id: int,
    pupil_id: uuid.UUID,
    same: bool,
    seen: str,
    why: str = "",
    moment: Moment,
) -> Saved:
    """Say whether a row is the child whose profile was shown: the same one, or another, and why.

    `seen` is the mark of what identifies the child of the row, as the person looked at it; `why` a
    code of `registry.identity.services.doubts.REASONS`, remembered with the pair once the order is in effect.

    Raises:
        NotFound: no such row, or that profile was not offered for it.
        StaleAnswer: the row is about another child now.
        NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    row = row_of(draft, row_id)
    offered = {p.get("pupil") for p in row.problems}
    if str(pupil_id) not in offered:
        raise NotFound
    if mark([row], sorted(kind(draft.process).identity)) != seen:
        raise StaleAnswer
    row.answers = {**row.answers, f"twin:{pupil_id}": "same" if same else "other"}
    if why and not same:
        row.answers[f"why:{pupil_id}"] = why[:20]
    row.version += 1
    return decided(draft, actor, [row], TwinDecided, moment, same=same)


@command
def reconsider(*, actor: Actor, draft_id: Any, row_id: int, moment: Moment) -> Saved:
    """Take back every answer given in a row.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    row = row_of(draft, row_id)
    row.answers = {}
    row.version += 1
    return decided(draft, actor, [row], AnswersWithdrawn, moment)
