"""Nights of the country past their time: what stays by the rule, by whatever rests on it, and what goes."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from kernel.clock import Moment
from kernel.db import command
from reports import errors, keeping, tasks
from reports.models import ReportCount, ReportInput, ReportRun, ReportSum
from reports.selectors import figures, proof
from reports.services import keeping as nights
from reports.services import open as open_data
from tests.kit.acts import noted
from tests.kit.racing import Held, beside
from tests.reports import DAY, NOW, generate
from tests.reports.campaigns import SYSTEM
from tests.world import sign_in

OLD = datetime.date(2026, 9, 10)  # no reference day and no end of a month


@command
def name_nights(*, actor, runs, days):
    for run, day in zip(runs, days, strict=True):
        ReportRun.objects.filter(pk=run.pk).update(purpose="NIGHTLY", as_of=day)
    noted()


def night_of(world, *days):
    for _ in days:
        generate(world, "maria", "mon")
    name_nights(actor=SYSTEM, runs=ReportRun.objects.order_by("pk"), days=days)
    return [ReportRun.objects.get(as_of=day) for day in days]


def kept(run) -> bool:
    """Whether everything of it is there; nothing may be there by half."""
    there = [
        rows.objects.filter(run=run).exists() for rows in (ReportInput, ReportCount, ReportSum)
    ]
    assert len(set(there)) == 1
    return there[0]


def test_nights_go_by_the_rule_and_yesterday_stays(richer, time_machine, client):
    today = datetime.date(2026, 11, 20)
    days = [
        OLD,
        datetime.date(2026, 9, 5),
        datetime.date(2026, 9, 30),
        datetime.date(2026, 10, 1),
        datetime.date(2026, 10, 15),  # 36 days ago: the first that goes
        datetime.date(2026, 10, 16),
        datetime.date(2026, 11, 19),
    ]
    runs = night_of(richer, *days)
    before = {run.pk: figures.figures(run, richer.units["mon"]).values for run in runs}
    time_machine.move_to(datetime.datetime(2026, 11, 20, 2, 20, tzinfo=datetime.UTC), tick=False)
    tasks.put_away()
    tasks.put_away()  # nothing is left to do
    assert [run.as_of for run in runs if not kept(run)] == [OLD, days[4]]
    assert not nights.due(today)
    for run in runs:
        if kept(run):
            assert figures.figures(run, richer.units["mon"]).values == before[run.pk]
            assert proof.differences(run) == []

    sign_in(client, richer.grants["maria"])
    gone = client.get(reverse("report_run", args=[runs[0].pk]))
    assert gone.status_code == 410
    assert "на 10.09.2026 зберігали 35 днів" in gone.content.decode()
    page = client.get(reverse("reports")).content.decode()
    assert page.count("Щоденні показники") == len(days) - 2


def test_nights_of_the_country_hide_no_form_of_the_school_from_its_parents(richer):
    own = generate(richer, "olena", "school1")
    night_of_days = [OLD + datetime.timedelta(days=n) for n in range(figures.MADE)]
    for _ in night_of_days:
        generate(richer, "maria", "mon")
    country = ReportRun.objects.filter(unit=richer.units["mon"]).order_by("pk")
    name_nights(actor=SYSTEM, runs=country, days=night_of_days)
    told = figures.made_of(richer.units["school1"].pk, NOW.date())
    assert [(one.whose, one.since) for one in told] == [
        (richer.units["mon"].name, night_of_days[-1]),
        (richer.units["school1"].name, own.as_of),
    ]


def test_the_newest_night_stays_however_old(richer):
    first, newest = night_of(richer, OLD, OLD + datetime.timedelta(1))
    assert nights.due(datetime.date(2027, 6, 1)) == [first.pk]
    args = {"actor": SYSTEM, "today": datetime.date(2027, 6, 1), "now": NOW}
    assert not nights.put_away(run_id=newest.pk, **args)
    assert kept(newest)


def test_what_rests_on_a_night_keeps_it_and_a_signed_figure_is_never_touched(richer):
    old, _, newest = night_of(richer, OLD, DAY, OLD + datetime.timedelta(2))
    open_data.publish(actor=richer.actor("maria"), dataset="znz1-1", run_id=old.pk, now=NOW)
    others = generate(richer, "maria", "mon", as_of=OLD)  # asked for by a person, of the same day
    assert nights.due(datetime.date(2027, 6, 1)) == []
    assert kept(old)
    assert kept(others)
    assert kept(newest)


def test_a_night_put_away_is_not_published_nor_put_away_twice(richer):
    old, _ = night_of(richer, OLD, OLD + datetime.timedelta(1))
    args = {"actor": SYSTEM, "run_id": old.pk, "today": datetime.date(2026, 11, 20), "now": NOW}
    assert nights.put_away(**args)
    assert not nights.put_away(**args)
    with pytest.raises(errors.RunPutAway):
        figures.run(richer.actor("maria"), old.pk)


@pytest.mark.django_db(transaction=True)
def test_an_issue_begun_beside_the_putting_away_rests_on_whole_figures(world, monkeypatch):
    old, _ = night_of(world, OLD, OLD + datetime.timedelta(1))
    held = Held(nights._gone)
    monkeypatch.setattr(nights, "_gone", held)

    def put_away():
        nights.put_away(actor=SYSTEM, run_id=old.pk, today=datetime.date(2026, 11, 20), now=NOW)

    def publish():
        open_data.publish(actor=world.actor("maria"), dataset="znz1-1", run_id=old.pk, now=NOW)

    ended = beside(put_away, publish, held)
    assert ended.count("done") == (1 if "not_found" in ended else 2)
    assert kept(old) == ("not_found" not in ended)


def test_each_line_of_the_rule_has_its_reason():
    rule = keeping.rule()
    assert all(one.why for one in (rule, *rule.stay))
    stay = [datetime.date(2026, 9, day) for day in range(1, 31)]
    assert [day.day for day in stay if keeping.stays(day)] == [1, 5, 30]
    assert Moment(NOW, DAY).today - keeping.last_gone(DAY) == datetime.timedelta(rule.days + 1)
