"""What happens to enrolments."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event
from registry.people.events import PupilId

RollId = Annotated[int, Subject("registry.roll")]  # the children of one institution, by its unit


@event("registry.enrolment.opened", version=1)
class EnrolmentOpened(Event, frozen=True, kw_only=True):
    """A child is enrolled by an order."""

    subject: PupilId
    order: uuid.UUID
    class_label: str
    starts_on: datetime.date


@event("registry.enrolment.closed", version=1)
class EnrolmentClosed(Event, frozen=True, kw_only=True):
    """A child is withdrawn by an order; `reason` is the kind of withdrawal."""

    subject: PupilId
    order: uuid.UUID
    class_label: str
    ends_on: datetime.date
    reason: str


@event("registry.supplementary.opened", version=1)
class SupplementaryOpened(Event, frozen=True, kw_only=True):
    """A child begins to learn at an institution beside its main one, by an order."""

    subject: PupilId
    order: uuid.UUID
    class_label: str
    starts_on: datetime.date


@event("registry.supplementary.closed", version=1)
class SupplementaryClosed(Event, frozen=True, kw_only=True):
    """A child ends learning at an institution beside its main one, by an order."""

    subject: PupilId
    order: uuid.UUID
    class_label: str
    ends_on: datetime.date
    reason: str


@event("registry.placement.moved", version=1)
class PlacementMoved(Event, frozen=True, kw_only=True):
    """A child goes on in another class or by another form of education, by an order of that kind."""

    subject: PupilId
    order: uuid.UUID
    kind: str
    from_class: str
    class_label: str
    form: str
    starts_on: datetime.date


@event("registry.enrolments.turned", version=1)
class EnrolmentsTurned(Event, frozen=True, kw_only=True):
    """A day turned: the main enrolments that begin or end are mirrored anew."""

    subject: RollId
    day: datetime.date
    pupils: int
