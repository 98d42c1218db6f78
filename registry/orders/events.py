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


TaskId = Annotated[int, Subject("registry.task")]


@event("registry.task.asked", version=1)
class TaskAsked(Event, frozen=True, kw_only=True):
    """A signed order asks another institution for its own order about some rows, by a day."""

    subject: TaskId
    order: uuid.UUID
    process: str
    rows: int
    due_on: datetime.date


@event("registry.task.objected", version=1)
class TaskObjected(Event, frozen=True, kw_only=True):
    """The institution asked says that some children should not have been taken."""

    subject: TaskId
    order: uuid.UUID
    objection: str
    rows: int


@event("registry.task.settled", version=1)
class TaskSettled(Event, frozen=True, kw_only=True):
    """Every row that was asked about is answered by an order or an objection."""

    subject: TaskId
    order: uuid.UUID
    state: str


@event("registry.task.reopened", version=1)
class TaskReopened(Event, frozen=True, kw_only=True):
    """The order that answered was annulled: the answer is awaited again."""

    subject: TaskId
    order: uuid.UUID


@event("registry.task.called_off", version=1)
class TaskCalledOff(Event, frozen=True, kw_only=True):
    """The order that asked was annulled: nothing is asked any more."""

    subject: TaskId
    order: uuid.UUID
