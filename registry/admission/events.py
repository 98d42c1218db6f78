"""What happens in admission. No event names a child but by the number it has in public."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

ApplicationId = Annotated[uuid.UUID, Subject("registry.application")]
DrawId = Annotated[uuid.UUID, Subject("registry.draw")]
IntakeId = Annotated[int, Subject("registry.intake")]


@event("registry.intake.set", version=1)
class IntakeSet(Event, frozen=True, kw_only=True):
    """A school said how many places its first classes have in a year."""

    subject: IntakeId
    year: str
    classes: int
    places: int


@event("registry.territory.set", version=1)
class TerritorySet(Event, frozen=True, kw_only=True):
    """The streets and houses a school serves were written anew."""

    subject: IntakeId
    streets: int


@event("registry.application.submitted", version=1)
class ApplicationSubmitted(Event, frozen=True, kw_only=True):
    """An application was taken in; the child's wish for this school is of that number."""

    subject: ApplicationId
    number: str
    wish: int


@event("registry.application.changed", version=1)
class ApplicationChanged(Event, frozen=True, kw_only=True):
    """What an application says was changed before it was decided."""

    subject: ApplicationId
    number: str


@event("registry.application.checked", version=1)
class ApplicationChecked(Event, frozen=True, kw_only=True):
    """Documents were seen, and the grounds of the first turn confirmed."""

    subject: ApplicationId
    number: str
    grounds: tuple[str, ...]


@event("registry.application.refused", version=1)
class ApplicationRefused(Event, frozen=True, kw_only=True):
    """An application is not considered, and why."""

    subject: ApplicationId
    number: str
    reason: Words


@event("registry.application.withdrawn", version=1)
class ApplicationWithdrawn(Event, frozen=True, kw_only=True):
    """Parents took their application back."""

    subject: ApplicationId
    number: str
    ground: Words


@event("registry.application.placed", version=1)
class ApplicationPlaced(Event, frozen=True, kw_only=True):
    """The child got a place: by right, by a draw, or a freed one in its turn."""

    subject: ApplicationId
    number: str
    by: str  # right | draw | reserve


@event("registry.application.superseded", version=1)
class ApplicationSuperseded(Event, frozen=True, kw_only=True):
    """The child got a place it wished for more, elsewhere."""

    subject: ApplicationId
    number: str


@event("registry.application.enrolled", version=1)
class ApplicationEnrolled(Event, frozen=True, kw_only=True):
    """The order of enrolment took effect."""

    subject: ApplicationId
    number: str


@event("registry.draw.announced", version=1)
class DrawAnnounced(Event, frozen=True, kw_only=True):
    """The hash of the secret is published, and which public value will be taken."""

    subject: DrawId
    secret_sha256: str
    takes: Words


@event("registry.draw.frozen", version=1)
class DrawFrozen(Event, frozen=True, kw_only=True):
    """Who takes part and how many places there are is fixed and published."""

    subject: DrawId
    inputs_sha256: str
    children: int
    places: int


@event("registry.draw.drawn", version=1)
class DrawDrawn(Event, frozen=True, kw_only=True):
    """The secret is open, the lots are drawn."""

    subject: DrawId
    result_sha256: str
    placed: int
    drawn_on: datetime.date


@event("registry.draw.signed", version=1)
class DrawSigned(Event, frozen=True, kw_only=True):
    """The protocol of the draw is signed."""

    subject: DrawId
    certificate: str
