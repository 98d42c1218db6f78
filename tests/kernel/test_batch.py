"""Long work in portions: killed, cancelled, resumed, taken up; by one worker at a time."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from accounts import actors
from kernel import batch
from kernel.errors import DomainError
from reports import events
from reports.models import ReportRun
from reports.services import runs
from tests.kit.racing import Held, beside
from tests.kit.waiting import until
from tests.reports import NOW, requested

ACTOR = actors.system("тест")
LATER = NOW + datetime.timedelta(minutes=3)


class Refused(DomainError):
    code = "refused"
    title = "Так не можна"


def work(portion) -> batch.Work[ReportRun]:
    """Work over rows of reports: the kernel has no table of its own to try with."""
    return batch.Work(runs=ReportRun, told=events.RUN, portion=portion, alone="one_run_under_way")


def step(run, now):
    return batch.Portion(1, str(run.done + 1), run.done + 1 == 3)


@pytest.fixture
def run(world):
    return requested(world, "olena", "school1")


def state(run):
    run.refresh_from_db()
    return run.state, run.done, run.cursor


def test_a_run_goes_portion_by_portion_to_the_end(run):
    batch.carry_on(work(step), run.pk, actor=ACTOR, clock=lambda: NOW)
    assert state(run) == ("DONE", 3, "3")
    assert run.finished_at == NOW
    assert not batch.portion(actor=ACTOR, work=work(step), run_id=run.pk, now=NOW)
    assert state(run) == ("DONE", 3, "3")


def test_a_refusal_ends_the_run_in_its_words_and_resuming_goes_on_from_there(run):
    def refuse(run, now):
        if run.done == 1:
            raise Refused("Бракує даних.")
        return step(run, now)

    batch.carry_on(work(refuse), run.pk, actor=ACTOR, clock=lambda: NOW)
    assert state(run) == ("FAILED", 1, "1")
    assert run.failure == "Бракує даних."
    batch.resume(actor=ACTOR, work=work(step), run_id=run.pk, now=NOW)
    batch.carry_on(work(step), run.pk, actor=ACTOR, clock=lambda: NOW)
    assert state(run) == ("DONE", 3, "3")
    with pytest.raises(batch.RunMoved):
        batch.resume(actor=ACTOR, work=work(step), run_id=run.pk, now=NOW)


def test_a_run_cancelled_while_a_portion_is_under_way_keeps_nothing_of_it(run):
    def cancelled_meanwhile(run, now):
        ReportRun.objects.filter(pk=run.pk).update(state="CANCELLED")
        return step(run, now)

    with pytest.raises(batch.RunMoved):
        batch.portion(actor=ACTOR, work=work(cancelled_meanwhile), run_id=run.pk, now=NOW)
    assert state(run) == ("QUEUED", 0, "")
    batch.cancel(actor=ACTOR, work=work(step), run_id=run.pk, now=NOW)
    batch.carry_on(work(step), run.pk, actor=ACTOR, clock=lambda: NOW)
    assert state(run) == ("CANCELLED", 0, "")
    with pytest.raises(batch.RunMoved):
        batch.cancel(actor=ACTOR, work=work(step), run_id=run.pk, now=NOW)


def test_a_run_is_not_resumed_beside_the_same_begun_anew(world, run):
    batch.cancel(actor=ACTOR, work=runs.WORK, run_id=run.pk, now=NOW)
    requested(world, "olena", "school1")
    with pytest.raises(batch.RunMoved, match="почато знову"):
        batch.resume(actor=ACTOR, work=runs.WORK, run_id=run.pk, now=NOW)


def test_a_silent_run_is_taken_up_and_a_fresh_one_is_not(run):
    begun = []
    batch.take_up(work(step), begun.append, actor=ACTOR, now=NOW + datetime.timedelta(seconds=90))
    assert begun == []
    batch.take_up(work(step), begun.append, actor=ACTOR, now=LATER)
    assert begun == [run.pk]
    batch.take_up(work(step), begun.append, actor=ACTOR, now=LATER)
    assert begun == [run.pk]


def test_a_run_that_breaks_at_the_same_place_three_times_ends_and_says_so(run):
    now = NOW
    for _ in range(4):
        now += datetime.timedelta(minutes=3)
        batch.take_up(work(step), lambda run_id: None, actor=ACTOR, now=now)
    assert state(run)[0] == "FAILED"
    assert "тричі" in run.failure


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_the_same_portion(world):
    run = requested(world, "olena", "school1")
    inside = []

    def note(run, now):
        inside.append(run.pk)
        return step(run, now)

    held = Held(note)

    def act():
        batch.portion(actor=ACTOR, work=work(held), run_id=run.pk, now=NOW)

    assert beside(act, act, held) == ["done", "done"]
    assert len(inside) == 1
    assert state(run) == ("RUNNING", 1, "1")


@pytest.mark.django_db(transaction=True)
def test_a_living_worker_in_a_long_portion_is_not_taken_for_dead(world):
    run = requested(world, "olena", "school1")
    begun, held = [], Held(step)

    def act():
        batch.portion(actor=ACTOR, work=work(held), run_id=run.pk, now=NOW)

    def look():
        batch.take_up(work(step), begun.append, actor=ACTOR, now=LATER)

    assert beside(act, look, held) == ["done", "done"]
    assert begun == []
    batch.take_up(work(step), begun.append, actor=ACTOR, now=LATER)
    assert begun == [run.pk]


KILLED = """
import datetime, os, signal, sys, time
import django
django.setup()
from accounts import actors
from kernel import batch
from reports.models import ReportRun
from reports import events
now = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
def portion(run, at):
    if run.done == 1:
        ReportRun.objects.filter(pk=run.pk).update(failure="half of a portion")
        print("inside", flush=True)
        time.sleep(3600)
    return batch.Portion(1, str(run.done + 1), run.done + 1 == 3)
work = batch.Work(runs=ReportRun, told=events.RUN, portion=portion)
batch.carry_on(work, sys.argv[1], actor=actors.system("тест"), clock=lambda: now)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_inside_a_portion_loses_only_that_portion(world):
    run = requested(world, "olena", "school1")
    place = connection.settings_dict
    address = f"postgresql://{place['USER']}@/{place['NAME']}?host={place['HOST']}"
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(run.pk)],
        stdout=subprocess.PIPE,
        env=os.environ | {"DATABASE_URL": address},
    )
    try:
        assert worker.stdout.readline() == b"inside\n"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert state(run) == ("RUNNING", 1, "1")
    assert run.failure == ""
    begun = []

    def taken_up():  # the server notices the lost connection in a moment
        batch.take_up(work(step), begun.append, actor=ACTOR, now=LATER)
        return begun

    until(taken_up)
    assert begun == [run.pk]
    batch.carry_on(work(step), run.pk, actor=ACTOR, clock=lambda: LATER)
    assert state(run) == ("DONE", 3, "3")
