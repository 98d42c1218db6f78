"""The subvention of every budget of the country, from a generated contingent."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.utils import timezone

from accounts import actors
from accounts.models import Grant, OrgUnit
from reports.models import ReportRun, Subvention
from reports.selectors import subvention as reads
from reports.services import subvention
from tests.bench import Result, bench, country

LIMIT = 30.0  # seconds, of all hromadas (issue of statistics)


@bench("subvention.country", unit="s")
def everybody() -> Iterator[Result]:
    """Every budget reckoned and kept; the contingent alone is a form (`reports.*`)."""
    country.use()
    root = OrgUnit.objects.get(kind="OWNER")
    asks = actors.of_grant(Grant.objects.select_related("user", "unit").get(unit=root))
    run = ReportRun.objects.filter(form=reads.FORM, unit=root, state="DONE").latest("id")
    given = reads.parameter_sets(asks)[0]
    began = time.perf_counter()
    made = subvention.compute(
        actor=asks, run_id=run.pk, parameters_id=given.pk, day=run.as_of, now=timezone.now()
    )
    seconds = time.perf_counter() - began
    lines = Subvention.objects.get(pk=made.pk).lines.count()
    yield Result(seconds, reference=LIMIT, n=lines)
