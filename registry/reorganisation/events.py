"""What reorganisation brings about."""

from __future__ import annotations

import datetime
import uuid

from kernel.audit.events import Event, Words, event
from registry.institutions.events import InstitutionUid
from registry.orders.events import OrderId
from registry.people.events import PupilId
from registry.staff.events import PostId


@event("registry.order.taken_up", version=1)
class OrderTakenUp(Event, frozen=True, kw_only=True):
    """An order of an authority begins to write: its changes stand in the log between this event and
    its signature, so that a counter-order finds them."""

    subject: OrderId
    number: str


@event("registry.institution.reorganised", version=1)
class InstitutionReorganised(Event, frozen=True, kw_only=True):
    """Children and staff of an institution passed to its successors by an order of the authority."""

    subject: InstitutionUid
    order: uuid.UUID
    way: str
    successors: tuple[Words, ...]
    pupils: int
    posts: int


@event("registry.enrolment.passed", version=1)
class EnrolmentPassed(Event, frozen=True, kw_only=True):
    """A child goes on learning at the successor of its school."""

    subject: PupilId
    order: uuid.UUID
    from_class: str
    class_label: str
    passed_on: datetime.date


@event("registry.staff.passed", version=1)
class PostPassed(Event, frozen=True, kw_only=True):
    """A person goes on working at the successor, by a post of its own."""

    subject: PostId
    order: uuid.UUID
    passed_on: datetime.date
