"""The spine: what history costs a write, and how far the settled log is behind a busy country.

In a database of its own: rows are written for the measurement alone.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts import actors
from accounts.models import User
from kernel.audit import outbox
from kernel.db import command
from tests.bench import Result, bench
from tests.kit import acts, database

ROWS = 200
SECONDS = 10
PER_SECOND = 1_000
SYSTEM = actors.system("вимірювання")
_PEOPLE = "spine-"


def _in_a_database_of_its_own(measure: Callable[[], Any]) -> Callable[[], Any]:
    @functools.wraps(measure)
    def run() -> Any:
        before = connection.settings_dict["NAME"]
        source = database.template()
        database.clone(source, "bench_spine")
        database.use("bench_spine")
        try:
            return measure()
        finally:
            database.use(before)
            database.drop("bench_spine")

    return run


@command
def _people(*, actor: actors.Actor) -> None:
    acts.noted()
    User.objects.bulk_create(
        User(
            surname="1", given_name="1", person_code=f"99{n:08d}", email=f"{_PEOPLE}{n}@example.com"
        )
        for n in range(ROWS)
    )


@command
def _update(*, actor: actors.Actor, size: int) -> None:
    acts.noted()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET surname = (surname::int + 1)::text WHERE email LIKE 'spine-%%'"
            " AND person_code < %s",
            [f"99{size:08d}"],
        )


@bench("spine.history_us_per_row", unit="µs")
@_in_a_database_of_its_own
def history() -> Result:
    """An UPDATE of 200 rows in a command, with and without the history trigger."""
    _people(actor=SYSTEM)
    spent = {}
    for what in ("with", "without", "with", "without"):
        if what == "without":
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE accounts_user DISABLE TRIGGER USER")
        try:
            began = time.perf_counter()
            for _ in range(30):
                _update(actor=SYSTEM, size=ROWS)
            spent[what] = time.perf_counter() - began
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE accounts_user ENABLE TRIGGER USER")
    per_row = {what: seconds / 30 / ROWS * 1e6 for what, seconds in spent.items()}
    return Result(per_row["with"], reference=per_row["without"], n=ROWS)


class _Watch:
    """A consumer that measures how late it is told."""

    name = "bench.watch"

    def __init__(self) -> None:
        self.worst = 0.0
        self.told = 0

    def take(self, batch):
        now = time.time()
        self.worst = max(self.worst, *(now - item.at.timestamp() for item in batch))
        self.told += len(batch)


@bench("spine.lag_s", unit="s")
@_in_a_database_of_its_own
def lag() -> list[Result]:
    """The oldest item a consumer was told, while commands change 1,000 rows a second."""
    _people(actor=SYSTEM)
    while outbox.settle():
        pass
    watch = _Watch()
    outbox.consumers.clear()
    outbox.register(watch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq), 0) FROM audit_outbox")
        (seq,) = cursor.fetchone()
        cursor.execute("DELETE FROM audit_cursor WHERE name = %s", [watch.name])
        cursor.execute(
            "INSERT INTO audit_cursor (name, seq, failures, error) VALUES (%s, %s, 0, '')",
            [watch.name, seq],
        )
    stop = threading.Event()
    spine = threading.Thread(target=outbox.run, args=(stop,))
    spine.start()
    began, done = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        if done < PER_SECOND * (time.monotonic() - began):
            _update(actor=SYSTEM, size=10)
            done += 10
        else:
            time.sleep(0.002)
    rate = done / (time.monotonic() - began)
    time.sleep(2)
    stop.set()
    spine.join()
    return [
        Result(watch.worst, n=watch.told),
        Result(rate, unit="changes/s", name="spine.lag_at_changes_per_second"),
    ]
