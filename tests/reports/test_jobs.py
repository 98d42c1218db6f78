"""Long work of statistics: who goes first, how much one may ask for, what is told, the country's nights."""

from __future__ import annotations

import datetime
from collections import Counter

import kombu
import pytest
from django.urls import reverse

from accounts.notices.models import Notice
from aikom.celery import app
from kernel import jobs, replica
from kernel.clock import Moment
from kernel.db import command
from kernel.embedded import valkey
from registry.models import ClassPlacement
from reports import tasks
from reports.desk.services import slices
from reports.errors import TooManyUnderWay
from reports.events import RUN
from reports.models import ReportCount, ReportRun, ReportSum
from reports.selectors import figures, proof
from reports.services import nightly, runs
from tests.accounts.test_notices import tell
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.reports import DAY, NOW, generate, requested
from tests.reports.campaigns import SYSTEM, refusal
from tests.world import sign_in

AT_NIGHT = datetime.datetime(2026, 9, 4, 22, 40, tzinfo=datetime.UTC)  # 1:40 of 5 September in Kyiv


def test_the_broker_gives_what_a_person_waits_for_first(tmp_path, settings):
    valkey.start(tmp_path)
    try:
        with kombu.Connection(
            valkey.url(tmp_path), transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS
        ) as broker:
            queue = broker.SimpleQueue(jobs.COUNTING)
            for step in (jobs.Priority.NIGHT, jobs.Priority.USUAL, jobs.Priority.WAITED_FOR):
                queue.put(step.name, priority=int(step))
            took = [queue.get(block=False).payload for _ in range(3)]
            queue.close()
        assert took == ["WAITED_FOR", "USUAL", "NIGHT"]
    finally:
        valkey.wipe(tmp_path)


def test_counting_waits_in_a_queue_of_its_own_and_letters_never_behind_it():
    def queue_of(task):
        return app.amqp.router.route({}, task)["queue"].name

    assert queue_of("reports.generate") == queue_of("reports.gather") == jobs.COUNTING
    assert queue_of("accounts.tasks.send_due_invitations") == jobs.USUAL_QUEUE
    assert queue_of("reports.take_up") == jobs.USUAL_QUEUE
    # A worker that is told nothing serves both.
    assert set(app.amqp.queues) == {jobs.USUAL_QUEUE, jobs.COUNTING}


def test_one_person_and_one_node_have_only_so_many_under_way(richer, settings):
    settings.REPORTS_MOST_OF_PERSON = 2
    days = [DAY + datetime.timedelta(n) for n in range(5)]
    ask = lambda who, n: refusal(requested, richer, who, "school1", as_of=days[n])  # noqa: E731
    assert [ask("olena", n) for n in range(3)] == ["", "", "too_many_runs"]
    assert refusal(requested, richer, "petro", "school2") == ""
    run = ReportRun.objects.filter(requested_by=richer.grants["olena"]).first()
    runs.cancel_run(actor=richer.actor("olena"), run=run, now=NOW)
    assert ask("olena", 3) == ""
    again = {"actor": richer.actor("olena"), "run": run, "now": NOW}
    assert refusal(runs.resume_run, **again) == "too_many_runs"
    settings.REPORTS_MOST_OF_PERSON, settings.REPORTS_MOST_OF_NODE = 5, 2
    with pytest.raises(TooManyUnderWay, match="працівники вашого органу чи закладу"):
        requested(richer, "olena", "school1", as_of=days[4])


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_are_counted_one_after_another(world, settings, monkeypatch):
    settings.REPORTS_MOST_OF_PERSON = 1
    held = Held(runs._asked)
    monkeypatch.setattr(runs, "_asked", held)

    def ask(n):
        return lambda: requested(world, "olena", "school1", as_of=DAY + datetime.timedelta(n))

    assert sorted(beside(ask(0), ask(1), held)) == ["done", "too_many_runs"]


def test_a_form_is_kept_with_who_asked_and_why_and_told_when_it_took_long(richer, client):
    sign_in(client, richer.grants["olena"])
    given = {"form": "ZNZ1-1", "as_of": "05.09.2026", "purpose": "REQUEST"}
    assert client.post(reverse("reports"), {**given, "purpose": "NIGHTLY"}).status_code == 422
    page = client.get(client.post(reverse("reports"), given).url).content.decode()
    assert ", відповідь на запит." in page
    assert "Відповідь на запит" in client.get(reverse("reports")).content.decode()
    run = ReportRun.objects.get()
    told = Notice.objects.filter(grant=richer.grants["olena"], closed_at=None)
    tell(RUN.finished, run.pk, done=1, total=1)
    assert [one.code for one in told.all()] == []  # it was waited for at its page

    @command
    def earlier(*, actor):
        ReportRun.objects.update(created_at=NOW - datetime.timedelta(days=30))
        noted()

    earlier(actor=SYSTEM)
    tell(RUN.finished, run.pk, done=1, total=1)
    assert [one.code for one in told.all()] == ["reports.run.ready"]
    tell(RUN.failed, run.pk, why="gave_up")
    assert {one.code for one in told.all()} == {"reports.run.ready", "reports.run.stopped"}


def test_every_night_the_country_is_counted_proven_and_kept_as_it_was(richer, time_machine, client):
    time_machine.move_to(AT_NIGHT, tick=False)
    tasks.nightly()
    tasks.nightly()  # a second beat of the same night asks for nothing
    first = ReportRun.objects.get()
    assert (first.purpose, first.state, first.differs) == ("NIGHTLY", "DONE", 0)
    assert first.proven_at == AT_NIGHT

    # Base data, asked another way: children of each institution on the day.
    there = Counter(
        ClassPlacement.objects.filter(enrolment__kind="MAIN", starts_on__lte=DAY)
        .exclude(ends_on__lte=DAY)
        .exclude(enrolment__ends_on__lte=DAY)
        .values_list("enrolment__institution_id", flat=True)
    )
    for unit, own in (("school1", True), ("hub", True), ("mon", False)):
        node = richer.units[unit]
        found = figures.figures(first, node, own=own).cell("1.12", "1")
        assert found == (there[node.pk] if own else there.total())

    # The register goes on: the past night stays, the next one knows more.
    @command
    def leave(*, actor):
        ClassPlacement.objects.filter(enrolment__institution_id=richer.units["school1"].pk).update(
            ends_on=DAY
        )
        noted()

    leave(actor=SYSTEM)
    time_machine.move_to(AT_NIGHT + datetime.timedelta(1), tick=False)
    tasks.nightly()
    second = ReportRun.objects.exclude(pk=first.pk).get()
    total = lambda run: figures.figures(run, richer.units["mon"]).cell("1.12", "1")  # noqa: E731
    assert (total(first), total(second)) == (
        there.total(),
        there.total() - there[richer.units["school1"].pk],
    )
    assert proof.differences(first) == []


@pytest.mark.parametrize("spoilt", [ReportSum, ReportCount])
def test_sums_that_differ_from_what_they_are_sums_of_are_found_and_told(richer, client, spoilt):
    run = generate(richer, "maria", "mon")
    assert proof.differences(run) == []
    one = spoilt.objects.filter(run=run).order_by("pk")[0]
    one.counts[0] += 1
    one.save(update_fields=["counts"])
    assert nightly.prove(actor=SYSTEM, run_id=str(run.pk), now=NOW) > 0
    sign_in(client, richer.grants["maria"])
    page = client.get(reverse("report_run", args=[run.pk])).content.decode()
    assert "Зведені показники не збігаються з первинними." in page


def test_a_night_outside_school_years_asks_for_nothing(richer):
    moment = Moment(NOW, datetime.date(2010, 9, 5))
    assert nightly.ask(actor=SYSTEM, form_code="ZNZ1-1", moment=moment) is None


LAGS = "Копія бази для звітності відстає на 40 с: показано з основної бази."


@pytest.mark.parametrize("lag", ["", LAGS])
def test_reads_of_counted_figures_go_to_the_replica_and_a_lag_is_told(
    richer, client, monkeypatch, lag
):
    asked = []

    def ask(read, *, knows):
        asked.append(knows())
        return read(), lag

    run = generate(richer, "maria", "mon")
    slices.count_now(actor=richer.actor("maria"), day=DAY, today=NOW.date(), now=NOW)
    monkeypatch.setattr(replica, "ask", ask)
    sign_in(client, richer.grants["maria"])
    cell = {"row": "1.12", "column": "1"}
    for address, query, tells in (
        (reverse("report_run", args=[run.pk]), {}, True),
        (reverse("report_cell", args=[run.pk]), cell, True),
        (reverse("report_xlsx", args=[run.pk]), {}, False),
        (reverse("desk"), {"rows": "oblast"}, True),
        (reverse("desk_file", args=["csv"]), {"rows": "oblast"}, False),
    ):
        asked.clear()
        answer = client.get(address, query)
        assert (answer.status_code, asked) == (200, [True]), address
        if tells:
            assert (LAGS in answer.content.decode()) == bool(lag), address
