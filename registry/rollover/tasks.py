"""Jobs of the passage to the next year: begin plans school by school, take up what a worker left."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from kernel import batch, jobs
from registry.rollover import services


@shared_task(name="registry.rollover.begin_plans")
def begin_plans(run_id: str, **_ignored: Any) -> None:
    """Begin plans portion by portion; each commits with its place, so a dead worker loses nothing."""
    actor = actors.system("складання планів переведення")
    batch.carry_on(services.WORK, run_id, actor=actor, clock=timezone.now)


@shared_task(name="registry.rollover.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again what nobody has touched for two minutes."""
    batch.take_up(
        services.WORK,
        lambda run_id: jobs.start(begin_plans, str(run_id)),
        actor=actors.system("складання планів переведення"),
        now=timezone.now(),
    )
