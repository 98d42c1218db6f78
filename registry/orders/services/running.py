"""Orders of many rows: formed and signed by a worker, each in one transaction with its run."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from accounts import actors
from accounts.actors import Actor
from kernel import batch
from kernel.clock import Moment, day_of
from kernel.db import command
from kernel.errors import DomainError, NotFound
from registry.drafts import services as drafts
from registry.drafts.errors import DraftClosed
from registry.drafts.models import PREPARE, SIGN, DraftRun
from registry.drafts.services import running
from registry.orders.services.giving_up import locked
from registry.orders.services.preparing import prepare
from registry.orders.services.signing import require_signable, sign
from registry.orders.services.terms import terms_of
from registry.process import kind


@command
def prepare_later(
    *,
    actor: Actor,
    draft_id: Any,
    fields: Mapping[str, str],
    seen: drafts.Sight,
    moment: Moment,
    expected: int | None,
) -> DraftRun:
    """Ask for an order of many rows; its terms are checked at once and kept.

    Raises:
        as `prepare`, but for what only judging the rows can say; RunMoved: it is being formed.
    """
    draft = drafts.locked(actor, draft_id)
    if kind(draft.process).finish:
        raise NotFound
    if draft.state != "OPEN" or draft.waiting:
        raise DraftClosed("За цією чернеткою наказ уже сформовано або її вилучено.")
    drafts.write_terms(draft, fields, seen)
    terms_of(draft.process, draft.institution, fields, moment)
    draft.save(update_fields=["terms", "terms_touched", "version", "updated_at"])
    return running.ask(
        PREPARE,
        actor=actor,
        institution_id=draft.institution_id,
        total=draft.rows.filter(state="READY").count(),
        now=moment.now,
        draft_id=draft.pk,
        told={"fields": dict(fields), "expected": expected},
    )


@command
def sign_later(*, actor: Actor, order_id: Any, cms: bytes, moment: Moment) -> DraftRun | None:
    """Ask that an order of many rows takes effect by this signature; None when it did already.

    Raises:
        NotFound, NotAllowed, OrderNotPrepared: as `sign`; RunMoved: it is taking effect.
    """
    order = locked(actor, order_id)
    if require_signable(order, actor):
        # A command writes what happened: here, that nothing had to.
        last = order.runs.order_by("-id").first()
        if last is not None:
            running.WORK.tell(running.WORK.told.left_alone, last, state=last.state)
        return None
    return running.ask(
        SIGN,
        actor=actor,
        institution_id=order.institution_id,
        total=order.rows_count,
        now=moment.now,
        order_id=order.pk,
        draft_id=order.draft_id,
        signature=cms,
    )


def carry_on(run: DraftRun, clock: Callable[[], datetime.datetime]) -> None:
    """Form the order or let it take effect, as the person who asked; a refusal ends the run in its
    words, and whatever happens happens once: the run is done in the order's own transaction."""
    system = actors.system("робота з великою таблицею")
    batch.begin(actor=system, work=running.WORK, run_id=run.pk, now=clock())
    now = clock()
    moment = Moment(now, day_of(now))
    try:
        person = running.person(run)
        if run.what == PREPARE:
            prepare(
                actor=person,
                draft_id=run.draft_id,
                fields=run.told["fields"],
                expected=run.told["expected"],
                moment=moment,
                run_id=run.pk,
            )
        else:
            sign(
                actor=person,
                order_id=run.order_id,
                cms=bytes(run.signature or b""),
                moment=moment,
                run_id=run.pk,
            )
    except batch.RunMoved:
        return
    except DomainError as refusal:
        batch.fail(actor=system, work=running.WORK, run_id=run.pk, refusal=refusal, now=clock())
    else:
        running.close_run(actor=system, run_id=run.pk, now=clock())
