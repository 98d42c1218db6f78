"""Rivals who write, number and tell at once and are killed anywhere: a program of its own.

    python -m tests.kernel.rivals NAME_OF_DATABASE

It forks its rivals from a process that has neither threads nor connections, which the suite's
processes after a day of browsers have, and ends when enough was killed and enough was written.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Sequence

import django
from django.conf import settings

if not settings.configured or __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aikom.settings.test")
    django.setup()

from django.db import connection

from accounts import actors
from accounts.models import User
from kernel.audit import outbox
from kernel.audit.outbox import Settled
from kernel.db import command
from kernel.errors import Busy
from tests.kit import acts, database
from tests.kit.waiting import LONG, until

PEOPLE = 6
KILLS = 40
RENAMES = 40


@command
def be_born(*, actor: actors.Actor) -> None:
    """Make the people whose names will change."""
    acts.noted()
    for number in range(PEOPLE):
        User.objects.create(
            surname="Перша",
            given_name=str(number),
            person_code=f"{number:010d}",
            email="a@example.com",
        )


@command
def rename(*, actor: actors.Actor, numbers: Sequence[int], pause: float) -> None:
    """Change some people one by one, slowly, as rivals do."""
    for number in numbers:
        row = User.objects.select_for_update().get(person_code=f"{number:010d}")
        row.surname = f"{int(row.surname) + 1}" if row.surname.isdigit() else "1"
        row.save(update_fields=["surname"])
        acts.noted(number)
        time.sleep(pause)


class Copy:
    """A consumer whose whole knowledge is a copy of the rows it was told of."""

    name = "tests.copy"

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.told: list[int] = []

    def take(self, batch: Sequence[Settled]) -> None:
        """Take over the rows as they are now."""
        self.told += [item.seq for item in batch]
        for item in batch:
            if item.code == "accounts.user" and item.kind == "C":
                self.rows[item.subject_id] = User.objects.get(pk=item.subject_id).surname


def rows(sql: str) -> list[tuple]:
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _write() -> None:
    numbers = random.sample(range(PEOPLE), random.randint(1, 3))
    with contextlib.suppress(Busy):
        rename(actor=actors.system("перевірка"), numbers=numbers, pause=random.random() / 100)


def _settle() -> None:
    outbox.settle()
    time.sleep(0.01)


def _tell() -> None:
    outbox.advance(Copy())
    time.sleep(0.01)


JOBS = (_write, _write, _write, _settle, _settle, _tell)


def _child(ready: mmap.mmap, place: int) -> int:
    connection.close()
    ready[place] = 0
    if pid := os.fork():
        return pid
    gc.disable()
    try:
        random.seed()
        while True:
            JOBS[place]()
            ready[place] = 1  # it has done its work once
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(1)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def main(name: str) -> None:
    """Let them be killed at any point of their work until enough has happened."""
    database.use(name)
    ready = mmap.mmap(-1, len(JOBS))
    living = [_child(ready, place) for place in range(len(JOBS))]
    try:
        killed, deadline = 0, time.monotonic() + 2 * LONG
        while killed < KILLS or rows("SELECT count(*) FROM audit_change WHERE op = 'U'") < [
            (RENAMES,)
        ]:
            assert time.monotonic() < deadline, "too little was done between the kills"
            place = random.randrange(len(living))
            until(lambda at=place: bool(ready[at]))  # type: ignore[misc]
            time.sleep(random.random() / 10)  # anywhere in its work
            _kill(living[place])
            killed += 1
            living[place] = _child(ready, place)
    finally:
        for pid in living:
            _kill(pid)


if __name__ == "__main__":
    main(sys.argv[1])
