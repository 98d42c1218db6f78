"""Jobs of a week made by the solver: its steps, and what a dead worker left."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from journals.services import planning
from kernel import batch, jobs

_WHO = "складання розкладу"


@shared_task(name="journals.solver.plan_week")
def plan_week(run_id: str, **_ignored: Any) -> None:
    """Look for the week of a school, step by step; each is kept with its place."""
    planning.work(run_id, actor=actors.system(_WHO), clock=timezone.now)


@shared_task(name="journals.solver.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again what nobody has touched for two minutes."""
    batch.take_up(
        planning.WORK,
        lambda run_id: jobs.start(plan_week, str(run_id)),
        actor=actors.system(_WHO),
        now=timezone.now(),
    )
