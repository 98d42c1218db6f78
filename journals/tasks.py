"""Background jobs of the room."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from accounts import actors
from journals.selectors import absences
from journals.services import partitions
from journals.solver.tasks import plan_week, take_up
from kernel import clock
from kernel.errors import NotFound
from registry.coverage import services as coverage

# Celery finds the jobs of the room here.
__all__ = ["make_years", "plan_week", "take_up", "tell_absences"]


@shared_task(name="journals.tasks.tell_absences")
def tell_absences(**_ignored: Any) -> int:
    """Tell the children's register who missed ten school days in a row; how many records go on or
    were opened. Each evening whatever the register does not know yet is told, so neither late marks
    nor an evening without this job lose a child's days."""
    moment = clock.moment()
    actor = actors.system("пропуски за журналами")
    told = 0
    for institution in absences.with_journals(moment.today):
        for one in absences.streaks(institution, moment.today):
            try:
                record = coverage.report_absence(
                    actor=actor,
                    pupil_id=one.pupil,
                    institution_id=institution,
                    since=one.since,
                    until=one.until,
                    reason=one.reason,
                    ground="Електронний журнал",
                    moment=moment,
                )
            except NotFound:  # it left the school meanwhile
                continue
            told += record is not None
    return told


@shared_task(name="journals.tasks.make_years")
def make_years(**_ignored: Any) -> int:
    """Make partitions of the school years to come; how many tables."""
    return partitions.make_ahead(clock.today())
