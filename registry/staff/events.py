"""What happens to posts."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event

PostId = Annotated[uuid.UUID, Subject("registry.post")]


@event("registry.staff.hired", version=1)
class StaffHired(Event, frozen=True, kw_only=True):
    """A person got a post at an institution; the ground is the act's."""

    subject: PostId
    employee: uuid.UUID
    position: str
    is_main: bool
    starts_on: datetime.date


@event("registry.staff.corrected", version=1)
class StaffCorrected(Event, frozen=True, kw_only=True):
    """A post or the person who holds it was changed: names of the fields, and from which day on."""

    subject: PostId
    employee: uuid.UUID
    changed: tuple[str, ...]
    since: datetime.date | None = None


@event("registry.staff.dismissed", version=1)
class StaffDismissed(Event, frozen=True, kw_only=True):
    """A post ends: the day after the last day of work; `reason` is a code of dismissal_ground, of
    those written before grounds were asked for empty."""

    subject: PostId
    employee: uuid.UUID
    ends_on: datetime.date
    reason: str = ""


@event("registry.staff.load_changed", version=1)
class LoadChanged(Event, frozen=True, kw_only=True):
    """A signed order set lines of a post's load: how many, from which day on."""

    subject: PostId
    order: uuid.UUID
    lines: int
    since: datetime.date


@event("registry.staff.attested", version=1)
class StaffAttested(Event, frozen=True, kw_only=True):
    """The decision of an attestation commission about the holder of a post."""

    subject: PostId
    order: uuid.UUID
    category: str
    held_on: datetime.date


@event("registry.staff.trained", version=1)
class StaffTrained(Event, frozen=True, kw_only=True):
    """Qualification courses of the holder of a post count."""

    subject: PostId
    order: uuid.UUID
    ended_on: datetime.date


@event("registry.staff.deferred", version=1)
class StaffDeferred(Event, frozen=True, kw_only=True):
    """The deferment of a post was prolonged; until when is known to the head alone."""

    subject: PostId
    order: uuid.UUID


@event("registry.staff.educated", version=1)
class StaffEducated(Event, frozen=True, kw_only=True):
    """A diploma of the holder of a post was written down, or voided as a mistake."""

    subject: PostId
    employee: uuid.UUID
    diploma: uuid.UUID
    voided: bool = False


VacancyId = Annotated[uuid.UUID, Subject("registry.vacancy")]


@event("registry.vacancy.opened", version=1)
class VacancyOpened(Event, frozen=True, kw_only=True):
    """A school has a place to fill."""

    subject: VacancyId
    position: str
    teaches: str
    rate: str


@event("registry.vacancy.changed", version=1)
class VacancyChanged(Event, frozen=True, kw_only=True):
    """What a vacancy says was changed: names of the fields."""

    subject: VacancyId
    changed: tuple[str, ...]


@event("registry.vacancy.closed", version=1)
class VacancyClosedBy(Event, frozen=True, kw_only=True):
    """A place is filled by a post, or withdrawn (`post` is none)."""

    subject: VacancyId
    closed_on: datetime.date
    post: uuid.UUID | None
