"""What happens to runs of forms."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, event

RunId = Annotated[uuid.UUID, Subject("reports.run")]


@event("reports.run.requested", version=1)
class RunRequested(Event, frozen=True, kw_only=True):
    """A form is asked for: for every institution under the node, as of a day."""

    subject: RunId
    form: str
    as_of: datetime.date


RUN = batch.told_of("reports.run", RunId)
