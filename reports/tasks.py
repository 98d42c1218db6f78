"""Jobs of the statistics room: generate a run portion by portion; take up what a dead worker left."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from accounts.actors import Actor
from kernel import batch, clock, jobs
from kernel.errors import DomainError
from reports.campaigns import selectors as campaigns
from reports.campaigns.services import gathering, leading
from reports.errors import IssueUnderWay
from reports.open import datasets
from reports.services import open as open_data
from reports.services import runs


@shared_task(name="reports.generate")
def generate(run_id: str, **_ignored: Any) -> None:
    """Count every portion of a run; each is its own transaction, so nothing is lost with a worker."""
    batch.carry_on(runs.WORK, run_id, actor=actors.system("формування звіту"), clock=timezone.now)


@shared_task(name="reports.take_up")
def take_up(**_ignored: Any) -> None:
    """Start again the runs nobody has touched for two minutes."""
    batch.take_up(
        runs.WORK,
        lambda run_id: jobs.start(generate, str(run_id)),
        actor=actors.system("формування звіту"),
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
