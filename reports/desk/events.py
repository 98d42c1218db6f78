"""What happens at the desk."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, Words, event

SliceId = Annotated[int, Subject("reports.desk_slice")]
QueryId = Annotated[uuid.UUID, Subject("reports.desk_query")]


@event("reports.desk_slice.asked", version=1)
class SliceAsked(Event, frozen=True, kw_only=True):
    """Figures of a day are to be counted."""

    subject: SliceId
    day: datetime.date


SLICE = batch.told_of("reports.desk_slice", SliceId)


@event("reports.desk_query.kept", version=1)
class QueryKept(Event, frozen=True, kw_only=True):
    """A question is kept, renamed, shared or no longer shared."""

    subject: QueryId
    title: Words
    shared: bool


@event("reports.desk_query.removed", version=1)
class QueryRemoved(Event, frozen=True, kw_only=True):
    """A kept question is removed by whoever kept it."""

    subject: QueryId
