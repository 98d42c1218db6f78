"""Two commands side by side: the second comes while the first stands in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from kernel.errors import DomainError
from tests.kit.waiting import until


def waits_for_a_lock() -> bool:
    """Whether somebody of this database waits for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


class Held:
    """Stops the first who comes to a step until told to go on."""

    def __init__(self, step: Callable[..., Any]):
        self.step, self.here, self.go, self.first = (
            step, threading.Event(), threading.Event(), True,
        )  # fmt: skip

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        done = self.step(*args, **kwargs)
        if self.first:
            self.first = False
            self.here.set()
            assert self.go.wait(30)
        return done


def beside(first: Callable[[], Any], second: Callable[[], Any], held: Held) -> list[str]:
    """Start the second while the first stands in the middle; what came of each."""
    outcomes = ["", ""]

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            with connection.cursor() as cursor:  # however slow the machine, the second waits
                cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'")
            job()
            outcomes[place] = "done"
        except DomainError as refusal:
            problems = getattr(refusal, "problems", [])
            outcomes[place] = ",".join(sorted(p.code for p in problems)) or refusal.code
        except Exception as error:  # a crash is an outcome to be seen, not a thread lost
            outcomes[place] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate((first, second))]
    threads[0].start()
    try:
        assert held.here.wait(30)
        threads[1].start()
        until(lambda: waits_for_a_lock() or not threads[1].is_alive())
    finally:
        held.go.set()
        for thread in threads:
            if thread.ident:
                thread.join()
    return outcomes
