"""What happens to a child's profile."""

from __future__ import annotations

import uuid
from typing import Annotated

import msgspec

from kernel.audit.events import Event, Subject, event

PupilId = Annotated[uuid.UUID, Subject("registry.pupil")]


class Place(msgspec.Struct, frozen=True):
    """An address as it was written: country, code of КАТОТТГ, street line."""

    country: str
    territory: str
    line: str


@event("registry.pupil.guardian_saved", version=1)
class GuardianSaved(Event, frozen=True, kw_only=True):
    """Who represents the child was written or corrected. A correction of a person is told of every
    child they represent. `changed` names the fields; empty when the person is new to the child."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: str
    changed: tuple[str, ...] = ()


@event("registry.pupil.guardianship_ended", version=1)
class GuardianshipEnded(Event, frozen=True, kw_only=True):
    """The person represents the child no longer, from that day on."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: str
    ends_on: str


@event("registry.pupil.address_written", version=1)
class AddressWritten(Event, frozen=True, kw_only=True):
    """One of the child's addresses is another now."""

    subject: PupilId
    kind: str
    was: Place | None
    now: Place


@event("registry.pupil.residence_moved", version=1)
class ResidenceMoved(Event, frozen=True, kw_only=True):
    """The child's register by residence is kept by `entered` now, and was by `left`; `unit` is the
    one that keeps it now."""

    subject: PupilId
    left: int | None
    entered: int
