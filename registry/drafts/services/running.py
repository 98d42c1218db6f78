"""Long work on tables and their orders: asked for by a page, done by a worker, told as it goes.

What a request answers within three seconds is done at once: up to `LONG` rows. More is a run
(`kernel.batch`): the page tells how far it is, may be left and come back to, and stops it; a worker
killed at any moment loses one portion at most, and an order takes effect whole and once.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant
from accounts.roles import GrantState
from kernel import audit, batch, clock
from kernel.clock import Moment
from kernel.db import command, part_of_command, violation
from kernel.errors import NotAllowed
from kernel.scoping import grant_of
from registry.drafts import events
from registry.drafts.judging import judge_touched
from registry.drafts.models import SIGN, Draft, DraftRun
from registry.process import kind

LONG = 1_000
PORTION = 500
_ALONE = ("one_draft_run_under_way", "one_order_run_under_way")


@part_of_command
def ask(
    what: str,
    *,
    actor: Actor,
    institution_id: int,
    total: int,
    now: datetime.datetime,
    draft_id: Any = None,
    order_id: Any = None,
    told: Mapping[str, Any] | None = None,
    signature: bytes | None = None,
) -> DraftRun:
    """Put long work into the queue; the page hands it to a worker once the command is done.

    Raises:
        RunMoved: the same table or order is being worked on already.
    """
    with violation(_ALONE, lambda: batch.RunMoved("Над цим уже працюють: дочекайтеся завершення.")):
        run = DraftRun.objects.create(
            what=what,
            institution_id=institution_id,
            draft_id=draft_id,
            order_id=order_id,
            asked_by_id=grant_of(actor),
            told=dict(told or {}),
            signature=signature,
            total=total,
            created_at=now,
            touched_at=now,
        )
    audit.record(events.RunAsked(subject=run.pk, unit=institution_id, what=what, rows=total))
    return run


def person(run: DraftRun) -> Actor:
    """Who asked, as they may act now.

    Raises:
        NotAllowed: the grant is not in force any more.
    """
    grant = Grant.objects.select_related("user", "unit").get(pk=run.asked_by_id)
    if grant.state != GrantState.ACTIVE:
        raise NotAllowed("Повноваження особи, яка почала цю роботу, припинено.")
    return actors.of_grant(grant)


@part_of_command
def _judge_some(run: DraftRun, now: datetime.datetime) -> batch.Portion:
    """Judge the next rows of a table, in its order: each against those above it, and whatever shares
    a key with them anew."""
    draft = (
        Draft.objects.select_related("institution")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=run.draft_id)
    )
    actor = person(run)
    kind(draft.process).keep.require(actor, draft.institution)
    rows = list(draft.rows.filter(position__gt=int(run.cursor or 0)).order_by("position")[:PORTION])
    before = {key for row in rows for key in row.keys}
    if rows:
        judge_touched(draft, rows, before, actor, Moment(now, clock.day_of(now)))
    cursor = str(rows[-1].position) if rows else run.cursor
    return batch.Portion(len(rows), cursor, len(rows) < PORTION)


WORK = batch.Work(
    runs=DraftRun,
    told=events.RUN,
    portion=_judge_some,
    unit_of=lambda run: run.institution_id,
    alone=_ALONE,
)


# ── an order, in one transaction with its run ────────────────────────────────
@part_of_command
def claim(run_id: uuid.UUID, now: datetime.datetime) -> None:
    """Hold the run until the order's transaction ends: whoever stops it comes before, or too late.

    Raises:
        RunMoved: it was stopped.
    """
    waiting = DraftRun.objects.filter(pk=run_id, state__in=batch.UNDER_WAY)
    if not waiting.update(touched_at=now):
        raise batch.RunMoved


@part_of_command
def finish(run_id: uuid.UUID, now: datetime.datetime, order_id: Any = None) -> None:
    """The run is done with the order, in the same transaction; of one done already, nothing."""
    run = DraftRun.objects.get(pk=run_id)
    if run.state not in batch.UNDER_WAY:
        return
    run.state, run.done, run.touched_at, run.finished_at = "DONE", run.total, now, now
    run.order_id = order_id or run.order_id
    run.save(update_fields=["state", "done", "touched_at", "finished_at", "order"])
    WORK.tell(WORK.told.finished, run, done=run.total, total=run.total)


@command
def close_run(*, actor: Actor, run_id: uuid.UUID, now: datetime.datetime) -> None:
    """Finish a run whose order came into effect by another way meanwhile."""
    finish(run_id, now)
    run = DraftRun.objects.get(pk=run_id)
    WORK.tell(WORK.told.left_alone, run, state=run.state)


# ── what a person does with a run ────────────────────────────────────────────
def cancel_run(*, actor: Actor, run: DraftRun, now: datetime.datetime) -> None:
    """Stop a run before its effect; what is judged stays judged.

    Raises:
        NotAllowed: the actor keeps no such tables.
        RunMoved: it has ended already.
    """
    kind(run.process).keep.require(actor, run.institution)
    batch.cancel(actor=actor, work=WORK, run_id=run.pk, now=now)


def resume_run(*, actor: Actor, run: DraftRun, now: datetime.datetime) -> None:
    """Let a stopped or failed run go on from where it stopped.

    Raises:
        NotAllowed: the actor keeps no such tables, or a signature was another person's to give.
        RunMoved: it is done, or under way.
    """
    kind(run.process).keep.require(actor, run.institution)
    if run.what == SIGN and run.asked_by_id != actor.grant_id:
        raise NotAllowed("Підпис цього наказу дав інший керівник.")
    batch.resume(actor=actor, work=WORK, run_id=run.pk, now=now)
