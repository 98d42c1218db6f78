"""What happens to orders."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event

OrderId = Annotated[uuid.UUID, Subject("registry.order")]


@event("registry.order.prepared", version=1)
class OrderPrepared(Event, frozen=True, kw_only=True):
    """The ready rows of a draft are frozen and wait for the head's signature."""

    subject: OrderId
    number: str
    rows: int


@event("registry.order.given_up", version=1)
class OrderGivenUp(Event, frozen=True, kw_only=True):
    """A prepared order will not be signed; its draft is open again."""

    subject: OrderId
    number: str


@event("registry.order.signed", version=1)
class OrderSigned(Event, frozen=True, kw_only=True):
    """The head signed; what the order brings is in the register."""

    subject: OrderId
    number: str
    rows: int
    certificate: str


@event("registry.order.annulled", version=1)
class OrderAnnulled(Event, frozen=True, kw_only=True):
    """What the order wrote is taken back by another signed order."""

    subject: OrderId
    number: str
    by: uuid.UUID


@event("registry.order.asked", version=1)
class OrderAsked(Event, frozen=True, kw_only=True):
    """A signed order asks another institution for its own order, by a day."""

    subject: OrderId
    number: str
    process: str
    due_on: datetime.date


@event("registry.order.answered", version=1)
class OrderAnswered(Event, frozen=True, kw_only=True):
    """A signed order is the answer to what another institution's order asked."""

    subject: OrderId
    number: str
    task: int
