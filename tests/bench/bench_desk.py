"""The analyst's desk over the country: a day counted, the national table, the slowest questions."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from accounts import actors
from accounts.models import Grant, OrgUnit
from reports.desk import selectors
from reports.desk.measures import measures
from reports.desk.models import DeskCell, DeskSlice
from reports.desk.question import asked, cols_of, rows_of
from reports.desk.services import slices
from tests.bench import Result, bench, country, median_ms

DAY = datetime.date(2026, 10, 1)
LIMIT_MS, NATIONAL_MS = 2000.0, 100.0  # issue of statistics: any question; the country by oblasts


@bench("desk.question", unit="ms")
def questions() -> Iterator[Result]:
    """Every measure in every shape, the slowest of them; then the national table."""
    country.use()
    root = OrgUnit.objects.get(parent=None)
    actor = actors.of_grant(Grant.objects.select_related("user", "unit").get(unit=root))
    area = selectors.area_of(actor, "")
    slowest, count, told = 0.0, 0, ""
    for code, measure in measures().items():
        for rows, _ in rows_of(measure, area):
            for cols in ("", *(name for name, _ in cols_of(measure) if name != rows)):
                question = asked({"m": code, "rows": rows, "cols": cols}, area)
                began = time.perf_counter()
                selectors.answer(actor, question)
                took = (time.perf_counter() - began) * 1000
                count += 1
                if took > slowest:
                    slowest, told = took, f"{code} {rows} {cols}"
    yield Result(slowest, reference=LIMIT_MS, n=count, name=f"desk.slowest ({told.strip()})")
    national = asked({"rows": "oblast", "cols": "grade"}, area)
    once = median_ms(lambda: selectors.answer(actor, national))
    yield Result(once.value, "ms", reference=NATIONAL_MS, n=once.n, name="desk.national")
    oblast = OrgUnit.objects.filter(kind="OBLAST").order_by("pk")[0]
    schools = asked({"rows": "school", "cols": "grade"}, oblast)
    once = median_ms(lambda: selectors.answer(actor, schools))
    yield Result(once.value, "ms", reference=LIMIT_MS, n=once.n, name="desk.schools_of_an_oblast")
    began = time.perf_counter()
    made = slices.count_now(actor=actor, day=DAY, today=DAY, now=timezone.now())
    seconds = time.perf_counter() - began
    cells = DeskCell.objects.filter(slice=made).count()
    yield Result(seconds, "s", n=cells, name="desk.day_counted")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (pg_total_relation_size('reports_deskcell')"
            " + pg_total_relation_size('reports_desksum'))::float"
        )
        size = cursor.fetchone()[0] / max(DeskSlice.objects.filter(state="DONE").count(), 1)
    yield Result(size / 2**20, "MB a day", n=cells, name="desk.size")
