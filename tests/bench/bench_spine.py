"""The spine: what history costs a write, and how far the settled log is behind a busy country.

In a database of its own: rows are written for the measurement alone.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

import pgtrigger
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
            "UPDATE accounts_user SET email = md5(email) WHERE person_code LIKE '99%%' AND person_code < %s",
            [f"99{size:08d}"],
        )


# The trigger as it was before the spine (ADR 0003): no check of the transaction, no unit, a plain
# table. The reference that «≤ 10 % of the write path» is measured against.
_BEFORE = """
    CREATE TABLE IF NOT EXISTS bench_row_version (id bigserial PRIMARY KEY, act_id bigint NOT NULL,
        table_name text NOT NULL, row_pk text NOT NULL, operation varchar(1) NOT NULL, old jsonb);
    CREATE INDEX IF NOT EXISTS bench_by_row ON bench_row_version (table_name, row_pk, id);
    CREATE OR REPLACE FUNCTION bench_history() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE act bigint := nullif(current_setting('aikom.act', true), '')::bigint;
    BEGIN
        IF act IS NULL THEN RAISE EXCEPTION 'No act is open'; END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        INSERT INTO bench_row_version (act_id, table_name, row_pk, operation, old)
        VALUES (act, TG_TABLE_NAME, OLD.id::text, 'U', to_jsonb(OLD));
        RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER bench_history AFTER UPDATE ON accounts_user
        FOR EACH ROW EXECUTE FUNCTION bench_history();
    ALTER TABLE accounts_user DISABLE TRIGGER bench_history
"""


@bench("spine.history_us_per_row", unit="µs")
@_in_a_database_of_its_own
def history() -> list[Result]:
    """An UPDATE in a command, a row: without history, with what was before the spine, and now.

    And a whole command of one row, as people write: there the whole of the act is counted.
    """
    _people(actor=SYSTEM)
    trigger = pgtrigger.registered("accounts.User:history_update")[0][1]
    ours = trigger.get_pgid(User)
    spent: dict[str, list[float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE)
    for size, times in ((ROWS, 20), (1, 200)):
        for _ in range(4):
            for what, on, off in (
                ("none", "", f"{ours},bench_history"),
                ("before", "bench_history", ours),
                ("now", ours, "bench_history"),
            ):
                with connection.cursor() as cursor:
                    for name in filter(None, off.split(",")):
                        cursor.execute(f"ALTER TABLE accounts_user DISABLE TRIGGER {name}")
                    if on:
                        cursor.execute(f"ALTER TABLE accounts_user ENABLE TRIGGER {on}")
                began = time.perf_counter()
                for _ in range(times):
                    _update(actor=SYSTEM, size=size)
                took = (time.perf_counter() - began) / times / size * 1e6
                spent.setdefault(f"{what} {size}", []).append(took)
    best = {what: min(all_) for what, all_ in spent.items()}
    return [
        Result(best[f"now {ROWS}"], reference=best[f"before {ROWS}"], n=ROWS),
        Result(
            best[f"now {ROWS}"],
            reference=best[f"none {ROWS}"],
            n=ROWS,
            name="spine.history_against_none",
        ),
        Result(best["now 1"], reference=best["before 1"], name="spine.command_of_one_row_us"),
    ]


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
