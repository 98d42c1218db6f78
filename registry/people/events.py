"""What happens to a child's profile."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from accounts.events import UnitUid
from kernel.audit.events import Event, Subject, Words, event

PupilId = Annotated[uuid.UUID, Subject("registry.pupil")]


@event("registry.pupil.corrected", version=1)
class PupilCorrected(Event, frozen=True, kw_only=True):
    """What identifies a child is corrected: of each field, what it was and what it is."""

    subject: PupilId
    changed: dict[str, tuple[Words, Words]]
    ground: Words


@event("registry.pupil.document_added", version=1)
class DocumentAdded(Event, frozen=True, kw_only=True):
    """A document is added to the profile; earlier ones stay."""

    subject: PupilId
    document: int
    type: str
    number: Words


@event("registry.pupil.guardian_saved", version=1)
class GuardianSaved(Event, frozen=True, kw_only=True):
    """Who represents the child was written or corrected. A correction of a person is told of every
    child they represent. `changed` names the fields; empty when the person is new to the child."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: Words
    changed: tuple[str, ...] = ()


@event("registry.pupil.guardianship_ended", version=1)
class GuardianshipEnded(Event, frozen=True, kw_only=True):
    """The person represents the child no longer, from that day on."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: Words
    ends_on: datetime.date


@event("registry.pupil.guardianship_voided", version=1)
class GuardianshipVoided(Event, frozen=True, kw_only=True):
    """The person never represented the child: it was written by mistake."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: Words


@event("registry.pupil.guardian_confirmed", version=1)
class GuardianConfirmed(Event, frozen=True, kw_only=True):
    """A worker of the school saw by what the person represents the child (the act's ground): the
    parents' window is open to them."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: Words


@event("registry.pupil.guardian_unconfirmed", version=1)
class GuardianUnconfirmed(Event, frozen=True, kw_only=True):
    """A confirmation is taken back: the parents' window is closed to the person."""

    subject: PupilId
    guardianship: int
    guardian: int
    relation: str
    name: Words


@event("registry.pupil.residence_moved", version=1)
class ResidenceMoved(Event, frozen=True, kw_only=True):
    """The child's register by residence was kept by `left` and is kept by `entered`, on whose
    timeline this stands."""

    subject: PupilId
    left: int
    entered: int


@event("registry.pupil.address_saved", version=1)
class AddressSaved(Event, frozen=True, kw_only=True):
    """Where the child is registered or lives is written."""

    subject: PupilId
    kind: str
    before: Words
    line: Words


@event("registry.pupil.address_voided", version=1)
class AddressVoided(Event, frozen=True, kw_only=True):
    """The child never lived there nor was registered: it was written by mistake."""

    subject: PupilId
    kind: str
    line: Words


@event("registry.pupil.category_added", version=1)
class CategoryAdded(Event, frozen=True, kw_only=True):
    """The child has a category from a day on; the act's ground is its document."""

    subject: PupilId
    category: int
    code: str
    starts_on: datetime.date


@event("registry.pupil.category_ended", version=1)
class CategoryEnded(Event, frozen=True, kw_only=True):
    """A category of the child ends on a day."""

    subject: PupilId
    category: int
    code: str
    ends_on: datetime.date


@event("registry.pupil.category_voided", version=1)
class CategoryVoided(Event, frozen=True, kw_only=True):
    """A category never was so: it was written by mistake."""

    subject: PupilId
    category: int
    code: str


@event("registry.pupil.contact_noted", version=1)
class ContactNoted(Event, frozen=True, kw_only=True):
    """Contact with the child or its representatives is lost, or restored, from a day on."""

    subject: PupilId
    contact: int
    status: str
    starts_on: datetime.date


@event("registry.pupil.contact_voided", version=1)
class ContactVoided(Event, frozen=True, kw_only=True):
    """A state of contact never was so; the one before it lasts on."""

    subject: PupilId
    contact: int
    status: str


@event("registry.pupil.closed", version=1)
class PupilClosed(Event, frozen=True, kw_only=True):
    """A profile is closed: death or adulthood."""

    subject: PupilId
    reason: str
    closed_on: datetime.date


@event("registry.pupil.reopened", version=1)
class PupilReopened(Event, frozen=True, kw_only=True):
    """A closed profile stands again: what closed it was a mistake, or was annulled."""

    subject: PupilId
    reason: str


@event("registry.pupils.exported", version=1)
class PupilsExported(Event, frozen=True, kw_only=True):
    """So many children of an institution, or so many of a community who learn nowhere, went out as a
    file; `filters` are those that were on."""

    subject: UnitUid
    filters: tuple[str, ...]
    rows: int
