"""Publishing open data: asked for by the ministry or the calendar, composed by a job, never altered;
a mistake is withdrawn in words and published anew."""

from __future__ import annotations

import datetime
import uuid

from django.db import connection
from django.db.models import Max

from accounts.actors import Actor
from kernel import audit, batch, clock
from kernel.db import command, part_of_command, violation
from kernel.errors import NotFound
from kernel.text import clean_lines
from reports import errors, events, policies
from reports.models import OpenFile, OpenIssue, ReportRun
from reports.open import datasets, formats
from reports.selectors import open as reads


@command
def publish(
    *, actor: Actor, dataset: str, run_id: uuid.UUID | str | None = None, now: datetime.datetime
) -> OpenIssue:
    """Ask for a new issue of a set; `run_id` chooses the generated form it is made from.

    Raises:
        NotAllowed: neither the ministry nor the calendar asks.
        NotFound: no such set, or no such run of its form for the whole country.
        RunNeeded: a set of a form was asked for without a run.
        IssueUnderWay: an issue of the set is being composed.
    """
    policies.publish_open_data.require(actor)
    found = reads.dataset(dataset)
    run: ReportRun | None = None
    if found.form:
        if not run_id:
            raise errors.RunNeeded("Виберіть, який звіт оприлюднити.", field="run")
        # Held, so that a night is not put away beneath the issue.
        run = reads.runs_of(found.form).filter(pk=run_id).select_for_update(of=["self"]).first()
        if run is None:
            raise NotFound
    with violation(
        "one_open_issue_under_way",
        lambda: errors.IssueUnderWay("Дочекайтеся завершення, його видно нижче."),
    ):
        issue = OpenIssue.objects.create(
            dataset=dataset,
            as_of=run.as_of if run else clock.day_of(now),
            run=run,
            total=1,
            requested_by_id=actor.grant_id,
            created_at=now,
            touched_at=now,
        )
    audit.record(events.OpenIssueAsked(subject=issue.pk, dataset=dataset))
    return issue


@part_of_command
def _compose(issue: OpenIssue, now: datetime.datetime) -> batch.Portion:
    """Compose every file of an issue in one go: a set is the register of one moment."""
    try:
        found = datasets.of(issue.dataset)
    except KeyError:
        raise errors.SetGone from None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '300s'")
    table = found.compose(issue.as_of, issue.run)
    files, rows = formats.compose(table)
    same = reads.same_as(issue.dataset, {one.kind: one.sha256 for one in files})
    told = {
        "rows": rows,
        "hidden": table.hidden(),
        "fields": [
            {
                "name": f.name,
                "title": f.title,
                "kind": f.kind,
                "about": f.about,
                "required": f.required,
            }
            for f in table.fields
        ],
    }
    if same is not None:
        OpenIssue.objects.filter(pk=issue.pk).update(same_as=same, **told)
        return batch.Portion(done=1, cursor="", last=True)
    last = OpenIssue.objects.filter(dataset=issue.dataset).aggregate(most=Max("number"))["most"]
    OpenIssue.objects.filter(pk=issue.pk).update(number=(last or 0) + 1, **told)
    OpenFile.objects.bulk_create(
        OpenFile(issue=issue, kind=one.kind, sha256=one.sha256, size=one.size, packed=one.packed)
        for one in files
    )
    return batch.Portion(done=1, cursor="", last=True)


WORK = batch.Work(
    runs=OpenIssue, told=events.OPEN_ISSUE, portion=_compose, alone="one_open_issue_under_way"
)


def publish_now(*, actor: Actor, dataset: str, now: datetime.datetime) -> None:
    """Publish a set and compose it here and now, where there is no worker yet.

    Raises:
        NotAllowed, NotFound, RunNeeded, IssueUnderWay: as `publish`.
    """
    issue = publish(actor=actor, dataset=dataset, now=now)
    batch.carry_on(WORK, issue.pk, actor=actor, clock=lambda: now)


def stop(*, actor: Actor, issue_id: uuid.UUID | str, now: datetime.datetime) -> None:
    """Stop composing an issue: nothing of it is kept.

    Raises:
        NotAllowed: not the ministry.
        NotFound: no such issue.
        RunMoved: it has ended already.
    """
    policies.publish_open_data.require(actor)
    batch.cancel(actor=actor, work=WORK, run_id=issue_id, now=now)


def go_on(*, actor: Actor, issue_id: uuid.UUID | str, now: datetime.datetime) -> None:
    """Compose an issue that was stopped or failed.

    Raises:
        NotAllowed: not the ministry.
        NotFound: no such issue.
        RunMoved: it is done or under way, or another of the set is.
    """
    policies.publish_open_data.require(actor)
    batch.resume(actor=actor, work=WORK, run_id=issue_id, now=now)


@command
def withdraw(
    *, actor: Actor, issue_id: uuid.UUID | str, reason: str, now: datetime.datetime
) -> OpenIssue:
    """Take an issue back: its page says so with the reason, its files are not given any more.

    Raises:
        NotAllowed: not the ministry.
        NotFound: no such issue in public.
        ReasonNeeded: without a word why.
        IssueWithdrawn: it was taken back already.
    """
    policies.publish_open_data.require(actor)
    why = clean_lines(reason)
    if not why:
        raise errors.ReasonNeeded("Напишіть, чому випуск відкликано.", field="reason")
    issue = OpenIssue.objects.select_for_update().filter(pk=issue_id, number__isnull=False).first()
    if issue is None:
        raise NotFound
    if issue.withdrawn_at is not None:
        raise errors.IssueWithdrawn
    issue.withdrawn_at, issue.withdrawn_by_id, issue.withdrawn_why = now, actor.grant_id, why
    issue.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    audit.record(
        events.OpenIssueWithdrawn(
            subject=issue.pk, dataset=issue.dataset, number=issue.number or 0, reason=why
        )
    )
    return issue
