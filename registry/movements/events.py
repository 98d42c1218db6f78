"""What movements bring about beside enrolments."""

from __future__ import annotations

import datetime
import uuid

from kernel.audit.events import Event, event
from registry.classes.events import ClassUid
from registry.people.events import PupilId
from registry.staff.events import PostId


@event("registry.movement.annulled", version=1)
class MovementAnnulled(Event, frozen=True, kw_only=True):
    """A counter-order takes back what an order did to a child."""

    subject: PupilId
    order: uuid.UUID
    annulled: uuid.UUID
    kind: str


@event("registry.movement.released", version=1)
class PupilReleased(Event, frozen=True, kw_only=True):
    """The school that a child left by a transfer gave its own order about it."""

    subject: PupilId
    order: uuid.UUID
    transfer: uuid.UUID
    left_on: datetime.date


@event("registry.staff.annulled", version=1)
class StaffOrderAnnulled(Event, frozen=True, kw_only=True):
    """A counter-order takes back what an order did to a post, its load or its holder."""

    subject: PostId
    order: uuid.UUID
    annulled: uuid.UUID
    kind: str


@event("registry.class.annulled", version=1)
class ClassOrderAnnulled(Event, frozen=True, kw_only=True):
    """A counter-order takes back what an order did to a class."""

    subject: ClassUid
    order: uuid.UUID
    annulled: uuid.UUID
    kind: str
