"""Jobs of drafts: long work on a table or its order, and what a dead worker left of it."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from kernel import batch, jobs
from registry.drafts import ports
from registry.drafts import selectors as reads
from registry.drafts.models import JUDGE
from registry.drafts.services import running

_WHO = "робота з великою таблицею"


@shared_task(name="registry.drafts.carry_on")
def carry_on(run_id: str, **_ignored: Any) -> None:
    """Do what a run asks, to its end."""
    run = reads.run_of_job(run_id)
    if run.what == JUDGE:
        batch.carry_on(running.WORK, run.pk, actor=actors.system(_WHO), clock=timezone.now)
    else:
        ports.carry_on_order(run, timezone.now)


@shared_task(name="registry.drafts.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again what nobody has touched for two minutes."""
    batch.take_up(
        running.WORK,
        lambda run_id: jobs.start(carry_on, str(run_id)),
        actor=actors.system(_WHO),
        now=timezone.now(),
    )
