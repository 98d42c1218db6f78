"""Statistics: what every test of the room asks for."""

import datetime

from accounts import actors
from kernel import batch
from reports.models import ReportRun
from reports.services import runs

DAY = datetime.date(2026, 9, 5)
NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)


def requested(world, who, unit, *, form="ZNZ1-1", as_of=DAY) -> ReportRun:
    return runs.request_run(
        actor=world.actor(who),
        form_code=form,
        unit_uid=world.units[unit].uid,
        as_of=as_of,
        today=NOW.date(),
        now=NOW,
    )


def generate(world, who, unit, **values) -> ReportRun:
    run = requested(world, who, unit, **values)
    batch.carry_on(runs.WORK, run.pk, actor=actors.system("тест"), clock=lambda: NOW)
    return ReportRun.objects.get(pk=run.pk)
