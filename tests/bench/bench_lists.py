"""Lists of pupils at 4,000,000: the same cost for a school and for the ministry, first page or last."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant
from accounts.roles import Role
from kernel import audit, clock
from kernel.paging import encode
from registry.models import Pupil
from registry.people import policies
from registry.people.selectors import filters, lists
from tests.bench import Result, bench, country
from tests.bench.served import get, processor_ms, served, visit, wait

# What issue 2 allows.
IN_DATABASE_MS, SERVED_MS = 3.0, 30.0
LEVELS = {
    "school": Role.HEAD,
    "hromada": Role.HROMADA_ADMIN,
    "oblast": Role.OBLAST_ADMIN,
    "ministry": Role.ANALYST,
}
TIMES = 40


def biggest(role: str) -> Grant:
    """The grant of the role with the most pupils below it."""
    column = {
        Role.HEAD: "institution_id",
        Role.HROMADA_ADMIN: "hromada_id",
        Role.OBLAST_ADMIN: "oblast_id",
    }.get(Role(role))
    held = Grant.objects.select_related("user", "unit").filter(role=role, state="ACTIVE")
    if column is None:
        return held.order_by("id")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM registry_pupil WHERE {column} IS NOT NULL"
            " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        return held.get(unit_id=cursor.fetchone()[0])


def in_database(
    acts: dict[str, Callable[[], object]], *, times: int = TIMES
) -> dict[str, tuple[float, int]]:
    """For each act the median milliseconds the database needs, and how many statements it asks.

    The act runs twice (what the process keeps in memory is asked once); each of its statements is
    then planned and executed by EXPLAIN ANALYZE, the acts taking turns so that what else the
    machine does falls on all alike. The wire and Python are in `lists.served`.
    """
    asked = {name: _statements(act) for name, act in acts.items()}
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(times):
        for name, statements in asked.items():
            taken[name].append(sum(_explained(sql, params) for sql, params in statements))
    return {name: (statistics.median(taken[name]), len(asked[name])) for name in acts}


def _statements(act: Callable[[], object]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    for _ in range(2):
        found.clear()
        with audit.collecting_looks():
            with connection.execute_wrapper(note):
                act()
            # The looks are noted after the page is sent; that is not the list's cost.
            audit._looks.get().clear()  # type: ignore[union-attr]
    return list(found)


def _explained(sql: str, params: Any) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY, FORMAT JSON) {sql}", params)
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]
    return float(plan["Planning Time"]) + float(plan["Execution Time"])


def mark_in(actor: Actor, share: float) -> str:
    """The mark of a page at a share of the actor's list, by the list's own order."""
    rows = Pupil.objects.visible_to(actor).filter(institution__isnull=False)
    named = policies.see_names.allows(actor, None)
    order = ("sort_key", "id") if named else ("id",)
    place = max(0, int(rows.count() * share) - 1)
    row = rows.order_by(*order).values_list(*order)[place]
    return encode(tuple(row))


@bench("lists.db", unit="ms")
def database() -> Iterator[Result]:
    """Each level: first page ÷ 3 ms, then ministry ÷ school, last ÷ first, statements of 1 and 100."""
    country.use()
    nothing = filters.Filters()
    acts: dict[str, Callable[[], object]] = {}
    for level, role in LEVELS.items():
        actor = actors.of_grant(biggest(role))
        # A school of two thousand has twenty pages; elsewhere one page before the end.
        mark = mark_in(actor, 0.9 if level == "school" else 0.9999)
        acts[f"{level} first"] = partial(lists.listing, actor, nothing, today=clock.today())
        acts[f"{level} last"] = partial(
            lists.listing, actor, nothing, today=clock.today(), after=mark
        )
        acts[f"{level} one"] = partial(lists.listing, actor, nothing, today=clock.today(), size=1)
    found = in_database(acts)
    for level in LEVELS:
        (ms, statements), (late, _) = found[f"{level} first"], found[f"{level} last"]
        alone = found[f"{level} one"][1]
        yield Result(ms, reference=IN_DATABASE_MS, n=TIMES, name=f"lists.db_{level}")
        yield Result(late, reference=ms, n=TIMES, name=f"lists.last_to_first_{level}")
        yield Result(statements, "statements", reference=alone, name=f"lists.statements_{level}")
    school, ministry = found["school first"][0], found["ministry first"][0]
    yield Result(ministry, reference=school, n=TIMES, name="lists.ministry_to_school")


@bench("lists.served", unit="ms")
def pages() -> Iterator[Result]:
    """A whole page of a hundred pupils from the web server at each level ÷ 30 ms: by the clock,
    and by the processor time of the web process, which a busy machine changes less."""
    address = country.use()
    cookies = {level: visit(biggest(role)) for level, role in LEVELS.items()}
    connection.close()
    with served(address, workers=int(os.environ.get("WEB_WORKERS", "1"))) as server:
        wait()
        taken = {}
        for level, cookie in cookies.items():
            status, body = get("/pupils/", cookie)
            if status != 200:
                raise RuntimeError(f"/pupils/ for {level} answered {status}")
            took, before = [], processor_ms(server)
            for _ in range(TIMES):
                began = time.perf_counter()
                get("/pupils/", cookie)
                took.append((time.perf_counter() - began) * 1000)
            used = (processor_ms(server) - before) / TIMES
            taken[level] = statistics.median(took)
            yield Result(
                taken[level], reference=SERVED_MS, n=len(body), name=f"lists.served_{level}"
            )
            yield Result(used, reference=SERVED_MS, n=TIMES, name=f"lists.processor_{level}")
        yield Result(
            taken["ministry"], reference=taken["school"], name="lists.served_ministry_to_school"
        )
