"""Large tables and orders: done by a worker in portions, told as it goes, once whatever happens."""

from __future__ import annotations

import dataclasses
import datetime
import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.actors import system
from accounts.notices.models import Notice
from kernel import batch, clock, jobs
from kernel.audit import outbox
from kernel.db import command
from registry.drafts import services as drafts
from registry.drafts import tasks
from registry.drafts.errors import DraftClosed
from registry.drafts.models import JUDGE, DraftRun
from registry.drafts.services import running
from registry.models import Draft, Order, PupilCategory
from registry.orders import services as orders
from tests.kit.acts import noted
from tests.registry.kit import MOMENT, TODAY, signature_of
from tests.registry.movements import contract
from tests.registry.movements.test_withdraw import enrolled
from tests.world import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
# Rows that share keys across portions, wrong ones, and blank ones.
ROWS = [
    {"pupil": name, "born_on": born, "document": "довідка"}
    for name, born in (
        ("Ґудзь Оксана", "02.03.2016"), ("Іваненко Іван", "01.03.2016"), ("Нема Такої", "1.1.2016"),
        ("Ґудзь Оксана", "02.03.2016"), ("Іваненко Іван", "5.5.2015"), ("", ""),
        ("Іваненко Іван", "01.03.2016"),
    )
]  # fmt: skip


@pytest.fixture(autouse=True)
def short(world, monkeypatch):
    """Three rows are many, two make a portion; the broker takes jobs and nobody works yet."""
    monkeypatch.setattr(running, "LONG", 3)
    monkeypatch.setattr(running, "PORTION", 2)
    monkeypatch.setattr("registry.orders.portal.orders.LONG", 1)
    handed = []
    monkeypatch.setattr(jobs, "start", lambda task, run_id: handed.append(run_id) or True)
    return handed


def begun(world, rows=ROWS) -> Draft:
    return drafts.start(
        actor=world.actor("olena"), institution_id=world.units["school1"].id, process="meals",
        rows=rows, moment=MOMENT,
    )  # fmt: skip


def verdicts(draft):
    return [
        (row.state, [one["code"] for one in row.problems], row.pupil_id)
        for row in draft.rows.order_by("position")
    ]


@command
def left_long_ago(run, *, actor) -> None:
    noted()
    DraftRun.objects.filter(pk=run.pk).update(
        touched_at=timezone.now() - datetime.timedelta(minutes=3)
    )


def test_a_large_table_is_judged_in_portions_as_it_would_be_at_once(
    world, client, short, monkeypatch
):
    sign_in(client, world.grants["olena"])
    lines = ["Учень\tДата народження\tПідстава", *("\t".join(row.values()) for row in ROWS)]
    answer = client.post(
        reverse("draft_start", args=["meals"]), {"how": "paste", "cells": "\n".join(lines)}
    )
    draft, run = Draft.objects.get(), DraftRun.objects.get()
    assert (run.what, run.state, short) == (JUDGE, "QUEUED", [str(run.pk)])
    # The table is not shown half judged: its page leads to the work, which tells how far it is.
    answer = client.get(answer["Location"])
    assert answer["Location"] == reverse("draft_run", args=[run.pk])
    assert "У черзі: 7 рядків" in client.get(answer["Location"]).content.decode()
    with pytest.raises(DraftClosed):
        drafts.check_again(actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT)

    # Stopped after the first portion, it goes on from there.
    real, told = running._judge_some, []

    def stopped(run, now):
        if len(told) == 1:
            raise KeyboardInterrupt
        told.append(run.pk)
        return real(run, now)

    monkeypatch.setattr(running, "WORK", dataclasses.replace(running.WORK, portion=stopped))
    with pytest.raises(KeyboardInterrupt):
        tasks.carry_on(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done) == ("RUNNING", 2)
    page = client.get(reverse("draft_run_progress", args=[run.pk]), headers={"HX-Request": "true"})
    assert "Перевірено рядків: 2 із 7" in page.content.decode()
    client.post(reverse("draft_run_cancel", args=[run.pk]))
    assert (
        "Зупинено: перевірено рядків 2 із 7"
        in client.get(reverse("draft_run", args=[run.pk])).content.decode()
    )
    told.extend([run.pk] * 2)
    client.post(reverse("draft_run_resume", args=[run.pk]))
    tasks.carry_on(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == ("DONE", 7, 7)
    portions = verdicts(draft)
    monkeypatch.setattr(running, "LONG", 100)
    drafts.check_again(actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT)
    assert verdicts(draft) == portions
    assert [state for state, _, _ in portions] == ["READY", "READY", *["FIX"] * 5]
    # Whoever asked is told, and led to the result.
    outbox.drain()
    notice = Notice.objects.get(grant=world.grants["olena"], code="registry.draft.run.ready")
    assert notice.subject == str(run.pk)
    result = client.get(reverse("draft_run", args=[run.pk]))
    assert result["Location"] == reverse("draft_detail", args=["meals", draft.pk])
    assert client.get(result["Location"]).status_code == 200


KILLED = """
import os, signal, sys
import django
django.setup()
from django.utils import timezone
from kernel import clock
from registry.drafts import tasks
from registry.drafts.services import running
from registry.orders.services import signing
running.PORTION = 2
told = []
def dies(step, at):
    def killed(*args, **kwargs):
        done = step(*args, **kwargs)
        told.append(1)
        if len(told) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return killed
running.judge_touched = dies(running.judge_touched, 2)
if sys.argv[2:]:  # the worker works on the day of the signature, and dies where it is told
    from tests.registry.kit import MOMENT, TODAY
    timezone.now, clock.today = lambda: MOMENT.now, lambda: TODAY
    if sys.argv[2] == "written":
        signing.close_draft = dies(signing.close_draft, 1)
    else:
        running.close_run = dies(lambda **_: None, 1)
tasks.carry_on(sys.argv[1])
"""


def killed(run, *where: str) -> None:
    """A worker that dies by kill −9: in the middle of the run's second portion, with its effect
    «written» and not committed, or with it «committed» and nothing after."""
    at = connection.settings_dict
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, str(run.pk), *where],
        env={**os.environ, "DATABASE_URL": f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]


def test_a_worker_killed_in_the_middle_loses_one_portion_and_another_takes_the_table_up(
    world, short
):
    draft = begun(world)
    run = DraftRun.objects.get()
    killed(run)
    run.refresh_from_db()
    assert (run.state, run.done) == ("RUNNING", 2)
    tasks.take_up()
    assert short == []  # its worker may live: two minutes of silence first
    left_long_ago(run, actor=system("тест"))
    tasks.take_up()
    assert short == [str(run.pk)]
    tasks.carry_on(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done) == ("DONE", run.total)
    assert [state for state, _, _ in verdicts(draft)] == ["READY", "READY", *["FIX"] * 5]


def ordered(world, client) -> tuple[Order, DraftRun]:
    """An order of two children that waits, with the head's signature given for a worker to apply."""
    pupils = enrolled(world, world.actor("olena"))
    draft = contract.drafted(
        world, world.actor("olena"), "meals", pupils, "23.11.2026", document="довідка"
    )
    order = orders.prepare(
        actor=world.actor("olena"), draft_id=draft.pk, moment=MOMENT,
        fields=contract.TERMS | {"number": "9-у"},
    )  # fmt: skip
    run = orders.sign_later(
        actor=world.actor("olena"), order_id=order.pk, moment=MOMENT,
        cms=signature_of(order, "olena"),
    )  # fmt: skip
    assert run is not None
    return order, run


@pytest.fixture
def that_day(monkeypatch):
    """The worker works on the day of the signature."""
    monkeypatch.setattr(timezone, "now", lambda: MOMENT.now)
    monkeypatch.setattr(clock, "today", lambda: TODAY)


@pytest.mark.parametrize("where", ["written", "committed"])
def test_an_order_whose_worker_is_killed_takes_effect_whole_and_once(
    world, client, short, that_day, where
):
    order, run = ordered(world, client)
    before = PupilCategory.objects.count()
    killed(run, where)
    order.refresh_from_db()
    run.refresh_from_db()
    done = ("PREPARED", "RUNNING", 0) if where == "written" else ("EFFECTIVE", "DONE", 2)
    assert (order.state, run.state, PupilCategory.objects.count() - before) == done
    left_long_ago(run, actor=system("тест"))
    tasks.take_up()
    assert short == ([str(run.pk)] if where == "written" else [])
    for _ in range(2):
        tasks.carry_on(str(run.pk))
        order.refresh_from_db()
        run.refresh_from_db()
        assert (order.state, run.state) == ("EFFECTIVE", "DONE")
        assert PupilCategory.objects.count() == before + 2


def test_work_that_was_stopped_before_its_effect_has_none(world, client, short, that_day):
    order, run = ordered(world, client)
    running.cancel_run(actor=world.actor("olena"), run=run, now=MOMENT.now)
    tasks.carry_on(str(run.pk))
    order.refresh_from_db()
    assert order.state == "PREPARED"
    running.resume_run(actor=world.actor("olena"), run=run, now=MOMENT.now)
    tasks.carry_on(str(run.pk))
    order.refresh_from_db()
    run.refresh_from_db()
    assert order.state == "EFFECTIVE"
    with pytest.raises(batch.RunMoved):
        running.cancel_run(actor=world.actor("olena"), run=run, now=MOMENT.now)


def test_an_order_of_many_rows_is_formed_by_a_worker_and_wrong_terms_are_told_at_once(
    world, client, short
):
    pupils = enrolled(world, world.actor("olena"))
    draft = contract.drafted(
        world, world.actor("olena"), "meals", pupils, "22.11.2026", document="довідка"
    )
    sign_in(client, world.grants["olena"])
    terms = contract.TERMS | {"effective_on": "22.11.2026", "number": "9-у", "expected": "2"}
    form = reverse("order_prepare", args=["meals", draft.pk])
    assert client.post(form, terms | {"number": ""}).status_code == 422
    assert not DraftRun.objects.exists()
    there = client.post(form, terms | {"version": "99"})["Location"]
    run = DraftRun.objects.get()
    assert there == reverse("draft_run", args=[run.pk])
    assert client.get(form)["Location"] == there  # not formed twice
    tasks.carry_on(str(run.pk))
    order = Order.objects.get(number="9-у")
    assert client.get(there)["Location"] == reverse("order_detail", args=[order.pk])
    # What its rows refuse ends the work in words.
    run.refresh_from_db()
    assert (order.rows_count, run.order_id, run.state) == (2, order.pk, "DONE")
