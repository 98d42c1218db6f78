"""Figures of the country of every day: counted at night, added up, and proven against what they are
sums of. A day that is past stays as it was known then."""

from __future__ import annotations

import datetime

import structlog

from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel import audit
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import NotFound
from reports import errors, events
from reports.models import ReportRun
from reports.selectors import proof
from reports.services import runs

log = structlog.get_logger(__name__)


def ask(*, actor: Actor, form_code: str, moment: Moment) -> ReportRun | None:
    """Ask for a form of the whole country as of today; nothing when it is there, or today is in no
    school year.

    Raises:
        FormUnknown: no such form.
    """
    root = OrgUnit.objects.filter(parent=None).first()
    if (
        root is None
        or ReportRun.objects.filter(
            form=form_code, unit=root, as_of=moment.today, purpose="NIGHTLY"
        ).exists()
    ):
        return None
    try:
        return runs.request_run(
            actor=actor,
            form_code=form_code,
            unit_uid=root.uid,
            as_of=moment.today,
            purpose="NIGHTLY",
            today=moment.today,
            now=moment.now,
        )
    except (errors.RunUnderWay, errors.DayOutOfRange):
        return None


@command
def prove(*, actor: Actor, run_id: str, now: datetime.datetime) -> int:
    """Add the figures of a run up by another way and keep what came of it: in how many places they
    differ.

    Raises:
        NotFound: no such run.
        RunNotDone: it is not counted to its end.
    """
    run = ReportRun.objects.select_related("unit", "edition").filter(pk=run_id).first()
    if run is None:
        raise NotFound
    if run.state != "DONE":
        raise errors.RunNotDone
    found = proof.differences(run)
    if found:
        log.error("report_sums_differ", run=str(run.pk), places=found[:20])
    run.proven_at, run.differs = now, len(found)
    run.save(update_fields=["proven_at", "differs"])
    audit.record(events.RunProven(subject=run.pk, unit=run.unit_id, differs=len(found)))
    return len(found)
