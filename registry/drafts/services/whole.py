"""The draft as a whole: terms of its order, put away, taken out again, checked anew."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command
from registry.classifiers.errors import NoSchoolYear
from registry.drafts.errors import DraftClosed
from registry.drafts.events import DraftChecked, DraftDiscarded, DraftRestored, TermsSaved
from registry.drafts.models import Draft
from registry.drafts.services.steps import (
    Saved,
    Sight,
    judge_now_or_later,
    locked,
    opened,
    tell,
    write_terms,
)


@command
def save_terms(
    *, actor: Actor, draft_id: Any, seen: Sight, fields: Mapping[str, str], moment: Moment
) -> Draft:
    """Keep what was typed of the order, exactly as typed; a new first day judges the table anew.

    Two people in different terms are both right, whatever they saw of the others.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
        StaleTerms: others wrote another value into one of these terms than the form showed.
    """
    draft = opened(actor, draft_id)
    before = draft.terms.get("effective_on")
    write_terms(draft, fields, seen)
    draft.save(update_fields=["terms", "terms_touched", "version", "updated_at"])
    if draft.terms.get("effective_on") != before:
        with contextlib.suppress(NoSchoolYear):  # told when the order is formed
            judge_now_or_later(draft, actor, moment)
    tell(TermsSaved, draft)
    return draft


@command
def discard(*, actor: Actor, draft_id: Any) -> Draft:
    """Put the draft away. Its rows are kept, so that a mistake can be mended by `restore`.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    draft.state = "DISCARDED"
    draft.save(update_fields=["state", "updated_at"])
    tell(DraftDiscarded, draft)
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
    tell(DraftRestored, draft)
    return draft


@command
def check_again(*, actor: Actor, draft_id: Any, moment: Moment) -> Saved:
    """Check the whole table against the register as it is now.

    Raises:
        NotFound, NotAllowed, DraftClosed: not an open draft of the actor's.
    """
    draft = opened(actor, draft_id)
    changed = judge_now_or_later(draft, actor, moment)
    tell(DraftChecked, draft, changed=len(changed))
    return Saved(draft, [], changed)
