"""What happens to runs of forms."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, Words, event

RunId = Annotated[uuid.UUID, Subject("reports.run")]


@event("reports.run.requested", version=1)
class RunRequested(Event, frozen=True, kw_only=True):
    """A form is asked for: for every institution under the node, as of a day."""

    subject: RunId
    form: str
    as_of: datetime.date


RUN = batch.told_of("reports.run", RunId)


@event("reports.run.proven", version=1)
class RunProven(Event, frozen=True, kw_only=True):
    """The figures of a run were added up by another way; in how many places they differ."""

    subject: RunId
    differs: int


@event("reports.run.put_away", version=1)
class RunPutAway(Event, frozen=True, kw_only=True):
    """A night is past its time: what it counted is kept no longer."""

    subject: RunId
    form: str
    as_of: datetime.date


@event("reports.form.published", version=1)
class FormPublished(Event, frozen=True, kw_only=True):
    """A definition of a form holds for days from one on."""

    subject: Annotated[uuid.UUID, Subject("reports.form")]
    form: str
    number: int
    since: datetime.date


@event("reports.subvention.computed", version=1)
class SubventionComputed(Event, frozen=True, kw_only=True):
    """The subvention of the budgets under a node is computed for a day and kept."""

    subject: Annotated[uuid.UUID, Subject("reports.subvention")]
    day: datetime.date


@event("reports.parameters.added", version=1)
class ParametersAdded(Event, frozen=True, kw_only=True):
    """A set of the formula's parameters holds from a day on."""

    subject: Annotated[uuid.UUID, Subject("reports.parameters")]
    since: datetime.date


@event("reports.place.said", version=1)
class PlaceSaid(Event, frozen=True, kw_only=True):
    """The territory of a budget is said from a day on."""

    subject: Annotated[int, Subject("reports.place")]
    since: datetime.date


IssueId = Annotated[uuid.UUID, Subject("reports.open_issue")]


@event("reports.open_issue.asked", version=1)
class OpenIssueAsked(Event, frozen=True, kw_only=True):
    """A new issue of an open data set is asked for."""

    subject: IssueId
    dataset: str


OPEN_ISSUE = batch.told_of("reports.open_issue", IssueId)


@event("reports.open_issue.withdrawn", version=1)
class OpenIssueWithdrawn(Event, frozen=True, kw_only=True):
    """An issue is taken back: its files are given to nobody any more."""

    subject: IssueId
    dataset: str
    number: int
    reason: Words
