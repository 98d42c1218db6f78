"""Statistics: what every test of the room asks for."""

import datetime

from accounts import actors
from kernel import batch
from reports.models import ReportRun, Subvention
from reports.services import runs, subvention
from reports.subvention import parameters

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


# A salary and a share are in no source we have; thresholds would leave the small world empty.
VALUES = parameters.beginning() | {
    "salary": "15 000", "shares": "01.01.2025; 0,89\n01.09.2025; 0,97", "thresholds": "",
}  # fmt: skip


def subvention_of(world, who="maria", unit="mon") -> Subvention:
    """A computation of everything under a node, by a set of its own; no territory is said."""
    run = generate(world, who, unit, form="SUBV-1")
    given = subvention.add_parameters(
        actor=world.actor("maria"), title="Для перевірки", act="постанова",
        since=datetime.date(2026, 1, 1), values=VALUES, now=NOW,
    )  # fmt: skip
    return subvention.compute(
        actor=world.actor(who), run_id=run.pk, parameters_id=given.pk,
        day=datetime.date(2026, 1, 1), now=NOW,
    )  # fmt: skip
