"""Jobs of the statistics room: generate a run portion by portion; take up what a dead worker left."""

from __future__ import annotations

import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from kernel import jobs
from kernel.errors import DomainError
from reports.selectors import figures
from reports.services import runs


@shared_task(name="reports.generate")
def generate(run_id: str, **_ignored: Any) -> None:
    """Count every portion of a run; each is its own transaction, so progress shows and nothing is
    lost when the worker dies. A refusal ends the run in words; a bug leaves it to be taken up."""
    actor = actors.system("формування звіту")
    try:
        runs.begin_run(actor=actor, run_id=run_id, now=timezone.now())
        while runs.count_portion(actor=actor, run_id=run_id, now=timezone.now()):
            pass
    except DomainError as refusal:
        runs.fail_run(actor=actor, run_id=run_id, why=str(refusal.detail), now=timezone.now())


@shared_task(name="reports.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again the runs nobody has touched for two minutes."""
    for run_id in figures.stale(timezone.now() - datetime.timedelta(minutes=2)):
        jobs.start(generate, str(run_id))
