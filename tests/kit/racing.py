"""Two commands side by side: the second comes while the first stands in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from kernel.errors import DomainError
from tests.kit.waiting import LONG, until


def waits_for_a_lock() -> bool:
    """Whether somebody of this database waits for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


class Held:
    """Stops the first who comes to a step until told to go on; before the step, or after it."""

    def __init__(self, step: Callable[..., Any], *, before: bool = False):
        self.step, self.before = step, before
        self.here, self.go, self.first = threading.Event(), threading.Event(), True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        first, self.first = self.first, False
        if first and self.before:
            self._stand()
        done = self.step(*args, **kwargs)
        if first and not self.before:
            self._stand()
        return done

    def _stand(self) -> None:
        self.here.set()
        assert self.go.wait(LONG)


def beside(first: Callable[[], Any], second: Callable[[], Any], held: Held) -> list[str]:
    """Start the second while the first stands in the middle; what came of each."""
    outcomes = ["", ""]
    threads = [_Hand(outcomes, n, job) for n, job in enumerate((first, second))]
    threads[0].start()
    try:
        until(lambda: held.here.is_set() or not threads[0].is_alive())
        threads[1].start()
        until(lambda: waits_for_a_lock() or not threads[1].is_alive())
    finally:
        held.go.set()
        for thread in threads:
            if thread.ident:
                thread.join()
    return outcomes


def together(*jobs: Callable[[], Any]) -> list[str]:
    """All from one moment, each with a connection of its own; what came of each."""
    outcomes = [""] * len(jobs)
    gate = threading.Barrier(len(jobs))
    threads = [_Hand(outcomes, n, job, gate) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


class _Hand(threading.Thread):
    """One of those who act at once: "done", the codes of a refusal, or the name of a crash."""

    def __init__(
        self,
        outcomes: list[str],
        place: int,
        job: Callable[[], Any],
        gate: threading.Barrier | None = None,
    ):
        super().__init__()
        self.outcomes, self.place, self.job, self.gate = outcomes, place, job, gate

    def run(self) -> None:
        try:
            connection.ensure_connection()
            if self.gate:
                self.gate.wait(LONG)
            self.job()
            self.outcomes[self.place] = "done"
        except DomainError as refusal:
            problems = getattr(refusal, "problems", [])
            told = ",".join(sorted(p.code for p in problems)) or refusal.code
            self.outcomes[self.place] = told
        except Exception as error:  # a crash is an outcome to be seen, not a thread lost
            self.outcomes[self.place] = type(error).__name__
        finally:
            connection.close()
