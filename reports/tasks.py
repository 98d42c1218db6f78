"""Jobs of the statistics room: generate a run portion by portion; take up what a dead worker left."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from kernel import batch, jobs
from reports.services import runs


@shared_task(name="reports.generate")
def generate(run_id: str, **_ignored: Any) -> None:
    """Count every portion of a run; each is its own transaction, so nothing is lost with a worker."""
    batch.carry_on(runs.WORK, run_id, actor=actors.system("формування звіту"), clock=timezone.now)


@shared_task(name="reports.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again the runs nobody has touched for two minutes."""
    batch.take_up(
        runs.WORK,
        lambda run_id: jobs.start(generate, str(run_id)),
        actor=actors.system("формування звіту"),
        now=timezone.now(),
    )
