"""The settled log: dense, whole, in order for each row, and told at least once, whoever is killed."""

import contextlib
import gc
import mmap
import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from accounts import actors
from accounts.models import User
from kernel.audit import outbox
from kernel.audit.outbox import Settled
from kernel.db import command
from kernel.errors import Busy
from tests.kit import acts

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


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


Ready = mmap.mmap  # a byte a child, shared: set when it has done its work once


def _child(work: Callable[[], None], ready: Ready, place: int) -> int:
    connection.close()
    ready[place] = 0
    if pid := os.fork():
        return pid
    gc.disable()  # a collection would copy the whole of the parent's memory first
    try:
        random.seed()
        while True:
            work()
            ready[place] = 1
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(1)


def until(met: Callable[[], object], what: str) -> None:
    """Wait for a condition, not for a time: the machine may be busy."""
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline, f"not met within a minute: {what}"
        time.sleep(0.01)


def _write() -> None:
    numbers = random.sample(range(PEOPLE), random.randint(1, 3))
    with contextlib.suppress(Busy):
        rename(actor=actors.system("перевірка"), numbers=numbers, pause=random.random() / 100)


class Copy:
    """A consumer whose whole knowledge is a copy of the rows it was told of."""

    name = "tests.copy"

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.told: list[int] = []

    def take(self, batch: Sequence[Settled]) -> None:
        self.told += [item.seq for item in batch]
        for item in batch:
            if item.code == "accounts.user" and item.kind == "C":
                self.rows[item.subject_id] = User.objects.get(pk=item.subject_id).surname


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def consumers(monkeypatch: pytest.MonkeyPatch) -> dict[str, outbox.Consumer]:
    """Only the test's own consumers."""
    alone: dict[str, outbox.Consumer] = {}
    monkeypatch.setattr(outbox, "consumers", alone)
    return alone


@pytest.mark.slow
def test_whoever_is_killed_nothing_is_lost_twice_or_out_of_order(consumers) -> None:
    be_born(actor=actors.system("перевірка"))
    copy = Copy()

    def tell() -> None:
        outbox.advance(Copy())
        time.sleep(0.01)

    def settle() -> None:
        outbox.settle()
        time.sleep(0.01)

    jobs = [_write, _write, _write, settle, settle, tell]
    ready = mmap.mmap(-1, len(jobs))
    living = [_child(job, ready, place) for place, job in enumerate(jobs)]
    changes = "SELECT count(*) FROM audit_change WHERE op = 'U'"
    killed = 0
    deadline = time.monotonic() + 300
    while killed < 40 or rows(changes) < [(40,)]:
        assert time.monotonic() < deadline, "too little was done between the kills"
        place = random.randrange(len(living))
        until(lambda at=place: ready[at], f"child {place} works")
        time.sleep(random.random() / 10)  # anywhere in its work
        os.kill(living[place], signal.SIGKILL)
        os.waitpid(living[place], 0)
        killed += 1
        living[place] = _child(jobs[place], ready, place)
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    alive = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
        " AND pid <> pg_backend_pid()"
    )
    until(lambda: not rows(alive), "transactions of the dead are over")
    outbox.settle()

    ((count, first, last),) = rows("SELECT count(*), min(seq), max(seq) FROM audit_settled")
    assert (first, last) == (1, count), "dense"
    assert rows("SELECT count(*) FROM audit_act") == rows(
        "SELECT count(DISTINCT act_id) FROM audit_settled WHERE kind = 'A'"
    )
    for kind, table in (("E", "audit_event"), ("C", "audit_change")):
        assert rows(f"SELECT id FROM {table} ORDER BY id") == rows(
            f"SELECT item_id FROM audit_settled WHERE kind = '{kind}' ORDER BY item_id"
        ), f"each once: {table}"
    images = rows(
        "SELECT c.row_pk, c.op, c.old ->> 'surname' FROM audit_settled s JOIN audit_change c"
        " ON s.kind = 'C' AND c.id = s.item_id WHERE c.resource = 'accounts.user' ORDER BY s.seq"
    )
    seen: dict[str, int] = {}
    for pk, op, old in images:
        if op == "U":
            assert int(old if old.isdigit() else 0) == seen[pk], "each row in its own order"
        seen[pk] = seen.get(pk, -1) + 1
    assert sum(seen.values()) > 30
    outbox.register(copy)
    outbox.replay(copy.name)
    outbox.drain()
    assert copy.rows == {str(user.pk): user.surname for user in User.objects.all()}
    assert copy.told == sorted(set(copy.told))


def test_a_long_act_holds_nobody_back_and_comes_in_the_turn_of_its_end() -> None:
    be_born(actor=actors.system("перевірка"))
    outbox.settle()
    begun, hold = threading.Event(), threading.Event()

    @command
    def slowly(*, actor: actors.Actor) -> None:
        acts.noted(77)
        begun.set()
        hold.wait(60)

    def go() -> None:
        slowly(actor=actors.system("довга дія"))
        connection.close()

    thread = threading.Thread(target=go)
    thread.start()
    assert begun.wait(60)
    rename(actor=actors.system("швидка"), numbers=[1], pause=0)
    assert outbox.settle() == 3, "the act, its event and its change"
    hold.set()
    thread.join()
    assert outbox.settle() == 2
    assert outbox.settle() == 0


def test_a_poison_item_stops_its_consumer_alone_and_what_was_before_it_goes_through(
    consumers,
) -> None:
    class Picky(Copy):
        name = "tests.picky"
        angry = True

        def take(self, batch: Sequence[Settled]) -> None:
            if self.angry and any(
                item.event == acts.Changed(subject="1", number=3) for item in batch
            ):
                raise ValueError("not this one")
            super().take(batch)

    be_born(actor=actors.system("перевірка"))
    for number in range(1, 5):
        rename(actor=actors.system("перевірка"), numbers=[number], pause=0)
    picky, calm = Picky(), Copy()
    outbox.register(picky)
    outbox.register(calm)
    for _ in range(12):  # each failure halves the batch, until the item stands alone
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_cursor SET retry_at = NULL")
        outbox.drain()
    lag = {one.name: one for one in outbox.lags()}
    assert (lag["tests.copy"].behind, lag["tests.copy"].failures) == (0, 0)
    assert lag["tests.picky"].behind
    assert lag["tests.picky"].failures
    assert "not this one" in lag["tests.picky"].error
    assert len(picky.told) > 3, "the good ones before it went through"
    waiting = len(picky.told)
    outbox.drain()
    assert len(picky.told) == waiting, "it rests until its next try"
    picky.angry = False
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_cursor SET retry_at = NULL")
    outbox.drain()
    assert picky.told == calm.told


def test_derived_columns_make_no_versions_and_a_move_to_another_view_leaves_a_mark(world) -> None:
    ivan, other = world.pupils["ivan"], world.institutions["school2"]

    @command
    def mirror(*, actor: actors.Actor) -> None:
        acts.noted()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE registry_pupil SET grade = 6 WHERE id = %s", [ivan.pk])
            cursor.execute(
                "UPDATE registry_pupil SET institution_id = %s WHERE id = %s", [other.pk, ivan.pk]
            )

    mirror(actor=actors.system("перевірка"))
    told = rows(
        "SELECT op, unit_old, unit_new, old IS NULL FROM audit_change"
        f" WHERE resource = 'registry.pupil' AND row_pk = '{ivan.pk}' ORDER BY id DESC LIMIT 1"
    )
    assert told == [("M", ivan.institution_id, other.pk, True)]
    ((count,),) = rows(f"SELECT count(*) FROM audit_change WHERE row_pk = '{ivan.pk}' AND op = 'U'")
    assert count == 0


def test_a_row_of_a_month_nobody_made_is_kept_and_moves_when_the_month_is_made() -> None:
    be_born(actor=actors.system("перевірка"))
    ((part,),) = rows("SELECT tableoid::regclass::text FROM audit_change LIMIT 1")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_change DETACH PARTITION {part}")
        cursor.execute(f"DROP TABLE {part}")
    rename(actor=actors.system("перевірка"), numbers=[1, 2], pause=0)
    assert rows("SELECT count(*) FROM audit_change_rest") == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(3)")
    assert rows("SELECT count(*) FROM audit_change_rest") == [(0,)]
    assert rows(f"SELECT count(*) FROM {part}") == [(2,)]
