"""What happens to requests for support."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event

RequestId = Annotated[uuid.UUID, Subject("registry.support")]


@event("registry.support.asked", version=1)
class SupportAsked(Event, frozen=True, kw_only=True):
    """Somebody asked the level above, or the technical administrator."""

    subject: RequestId
    number: int
    about: str


@event("registry.support.passed_on", version=1)
class SupportPassedOn(Event, frozen=True, kw_only=True):
    """A level could not answer, and asked the one above it."""

    subject: RequestId
    number: int


@event("registry.support.written", version=1)
class SupportWritten(Event, frozen=True, kw_only=True):
    """The author wrote more: an answer, or that it is not solved."""

    subject: RequestId
    number: int


@event("registry.support.answered", version=1)
class SupportAnswered(Event, frozen=True, kw_only=True):
    """Whoever handles it wrote to the author; `state` is how it stands now."""

    subject: RequestId
    number: int
    state: str


@event("registry.support.closed", version=1)
class SupportClosed(Event, frozen=True, kw_only=True):
    """It is over: the author agreed, or time ran out."""

    subject: RequestId
    number: int


@event("registry.support.tidied", version=1)
class SupportTidied(Event, frozen=True, kw_only=True):
    """The night's job closed what nobody answered in time."""

    subject: Annotated[str, Subject("registry.support")] = ""
    closed: int
