"""Jobs of the statistics room: generate a run portion by portion; take up what a dead worker left."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from kernel import batch, clock, jobs
from kernel.errors import DomainError
from reports.campaigns import selectors as campaigns
from reports.campaigns.services import gathering, leading
from reports.desk.services import slices
from reports.errors import IssueUnderWay
from reports.open import datasets
from reports.selectors import figures
from reports.services import keeping, runs
from reports.services import nightly as nights
from reports.services import open as open_data


@shared_task(name="reports.generate")
def generate(run_id: str, **_ignored: Any) -> None:
    """Count every portion of a run; each is its own transaction, so nothing is lost with a worker."""
    batch.carry_on(runs.WORK, run_id, actor=_system(), clock=timezone.now)
    if figures.is_nightly(run_id):
        jobs.start(prove, run_id, priority=jobs.Priority.NIGHT)


def _system() -> Actor:
    return actors.system("формування звіту")


@shared_task(name="reports.nightly")
def nightly(**_ignored: Any) -> None:
    """Ask for the figures of the country as of this day."""
    for code in settings.REPORTS_NIGHTLY:
        run = nights.ask(actor=_system(), form_code=code, moment=clock.moment())
        if run is not None:
            jobs.start(generate, str(run.pk), priority=jobs.Priority.NIGHT)


@shared_task(name="reports.put_away")
def put_away(**_ignored: Any) -> None:
    """Put away nights past their time, one by one."""
    moment = clock.moment()
    actor = actors.system("щоденні показники: строк зберігання")
    for run_id in keeping.due(moment.today):
        keeping.put_away(actor=actor, run_id=run_id, today=moment.today, now=moment.now)


@shared_task(name="reports.prove")
def prove(run_id: str, **_ignored: Any) -> None:
    """Compare the sums of a run with what they are sums of."""
    nights.prove(actor=_system(), run_id=run_id, now=timezone.now())


@shared_task(name="reports.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again the runs nobody has touched for two minutes."""
    batch.take_up(
        runs.WORK,
        lambda run_id: jobs.start(generate, str(run_id)),
        actor=_system(),
        now=timezone.now(),
    )


@shared_task(name="reports.gather")
def gather(run_id: str, **_ignored: Any) -> None:
    """Generate the reports of a campaign, portion by portion."""
    batch.carry_on(gathering.WORK, run_id, actor=_campaigns(), clock=timezone.now)


@shared_task(name="reports.campaigns.take_up")
def take_up_campaigns(**_ignored: Any) -> None:
    """Begin campaigns whose day has come in Kyiv, and start again what a dead worker left."""
    moment = clock.moment()
    batch.take_up(
        gathering.WORK,
        lambda run_id: jobs.start(gather, str(run_id)),
        actor=_campaigns(),
        now=moment.now,
    )
    for campaign_id in campaigns.to_open(moment.today):
        run = leading.begin(actor=_campaigns(), campaign_id=campaign_id, moment=moment)
        if run is not None:
            jobs.start(gather, str(run.pk))


@shared_task(name="reports.campaigns.remind")
def remind_campaigns(**_ignored: Any) -> None:
    """Tell those whose last day has passed; once a day."""
    moment = clock.moment()
    for campaign_id in campaigns.open_ones():
        try:
            leading.remind(actor=_campaigns(), campaign_id=campaign_id, moment=moment)
        except DomainError:  # nobody is late there, or it was closed a moment ago
            continue


def _campaigns() -> Actor:
    return actors.system("збір звітності")


@shared_task(name="reports.compose_open")
def compose_open(issue_id: str, **_ignored: Any) -> None:
    """Compose the files of an issue of an open data set."""
    batch.carry_on(
        open_data.WORK, issue_id, actor=actors.system("відкриті дані"), clock=timezone.now
    )


@shared_task(name="reports.take_up_open")
def take_up_open(**_ignored: Any) -> None:
    """Start again the issues nobody has touched for two minutes."""
    batch.take_up(
        open_data.WORK,
        lambda issue_id: jobs.start(compose_open, str(issue_id)),
        actor=actors.system("відкриті дані"),
        now=timezone.now(),
    )


@shared_task(name="reports.publish_monthly")
def publish_monthly(**_ignored: Any) -> None:
    """Ask for a new issue of every set that is made by the calendar; what has not changed gets none."""
    actor = actors.system("відкриті дані: щомісяця")
    for dataset in datasets.every():
        if not dataset.monthly:
            continue
        try:
            issue = open_data.publish(actor=actor, dataset=dataset.code, now=timezone.now())
        except IssueUnderWay:
            continue  # a person asked for the same a moment ago
        jobs.start(compose_open, str(issue.pk))


@shared_task(name="reports.desk.count")
def count_desk(slice_id: int, **_ignored: Any) -> None:
    """Count a day for the desk, cube by cube."""
    batch.carry_on(slices.WORK, slice_id, actor=_desk(), clock=timezone.now)


@shared_task(name="reports.desk.take_up")
def take_up_desk(**_ignored: Any) -> None:
    """Start again the days nobody has touched for two minutes."""
    batch.take_up(
        slices.WORK,
        lambda slice_id: jobs.start(count_desk, slice_id),
        actor=_desk(),
        now=timezone.now(),
    )


@shared_task(name="reports.desk.nightly")
def count_desk_by_night(**_ignored: Any) -> None:
    """Have reference days counted that came or are settled."""
    moment = clock.moment()
    for slice_id in slices.due(actor=_desk(), today=moment.today, now=moment.now):
        jobs.start(count_desk, slice_id)


def _desk() -> Actor:
    return actors.system("аналітика: показники дня")
