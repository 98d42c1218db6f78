"""What happens to the profile of a child."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event

PupilId = Annotated[uuid.UUID, Subject("registry.pupil")]


@event("registry.pupil.closed", version=1)
class PupilClosed(Event, frozen=True, kw_only=True):
    """A profile is closed: death or adulthood."""

    subject: PupilId
    reason: str
    closed_on: datetime.date


@event("registry.pupil.reopened", version=1)
class PupilReopened(Event, frozen=True, kw_only=True):
    """A closed profile stands again: what closed it was a mistake, or was annulled."""

    subject: PupilId
    reason: str
