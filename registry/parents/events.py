"""What happens to requests of parents and questions to them."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event

RequestId = Annotated[uuid.UUID, Subject("registry.parent_request")]


@event("registry.parent_request.asked", version=1)
class ParentAsked(Event, frozen=True, kw_only=True):
    """A parent asked the school to correct a field of the child's card."""

    subject: RequestId
    field: str


@event("registry.parent_request.parents_asked", version=1)
class ParentsAsked(Event, frozen=True, kw_only=True):
    """A school asked the child's representatives what a field should be."""

    subject: RequestId
    field: str


@event("registry.parent_request.answered", version=1)
class ParentAnswered(Event, frozen=True, kw_only=True):
    """A parent answered the school's question; the school decides about the answer."""

    subject: RequestId
    field: str


@event("registry.parent_request.accepted", version=1)
class RequestAccepted(Event, frozen=True, kw_only=True):
    """The school corrected the card as the parent asked or answered."""

    subject: RequestId
    field: str


@event("registry.parent_request.declined", version=1)
class RequestDeclined(Event, frozen=True, kw_only=True):
    """The school left the card as it is, and said why."""

    subject: RequestId
    field: str


@event("registry.parent_request.withdrawn", version=1)
class RequestWithdrawn(Event, frozen=True, kw_only=True):
    """Whoever asked took it back before it was decided."""

    subject: RequestId
