"""What movements bring about beside enrolments."""

from __future__ import annotations

import uuid

from kernel.audit.events import Event, event
from registry.people.events import PupilId
from registry.staff.events import PostId


@event("registry.movement.annulled", version=1)
class MovementAnnulled(Event, frozen=True, kw_only=True):
    """A counter-order takes back what an order did to a child."""

    subject: PupilId
    order: uuid.UUID
    annulled: uuid.UUID
    kind: str


@event("registry.staff.annulled", version=1)
class StaffOrderAnnulled(Event, frozen=True, kw_only=True):
    """A counter-order takes back what an order did to a post, its load or its holder."""

    subject: PostId
    order: uuid.UUID
    annulled: uuid.UUID
    kind: str
