"""Tables of 5,000 rows of every kind of mistake, for every kind that takes a table: judged by a worker
in portions, as a large upload is."""

from __future__ import annotations

import time

from django.utils import timezone

from accounts import actors
from kernel import batch
from registry.classifiers.services import classifiers
from registry.drafts.models import DraftRun
from registry.drafts.services import running
from tests.bench import Result, bench
from tests.bench.bench_spine import _in_a_database_of_its_own
from tests.registry.kit import TODAY
from tests.registry.movements.test_bad_tables import TYPED, bad_rows, begun
from tests.world import build

ROWS = 5_000


@bench("tables.bad", unit="s")
@_in_a_database_of_its_own
def bad_tables() -> list[Result]:
    """Every kind: seconds from the upload to the last verdict; the page polls meanwhile."""
    world = build()
    classifiers.load(actor=actors.system("довідники"), today=TODAY)
    found = []
    for process in TYPED:
        began = time.perf_counter()
        draft = begun(world, process, bad_rows(process, ROWS))
        uploaded = time.perf_counter() - began
        run = DraftRun.objects.get(draft=draft)
        batch.carry_on(running.WORK, run.pk, actor=actors.system("вимірювання"), clock=timezone.now)
        run.refresh_from_db()
        if (run.state, draft.rows.filter(state="READY").count()) != ("DONE", 0):
            raise AssertionError(f"{process}: {run.state} {run.failure}")
        judged = time.perf_counter() - began
        # What one request would take is the uploading alone: the rest is a worker's.
        found.append(Result(judged, reference=uploaded, n=ROWS, name=f"tables.bad_{process}"))
    return found
