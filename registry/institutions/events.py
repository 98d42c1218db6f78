"""What happens to cards of institutions."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

InstitutionUid = Annotated[uuid.UUID, Subject("registry.institution")]
Source = Annotated[str, Subject("registry.institutions")]  # where cards come from: "edebo"


@event("registry.institution.created", version=1)
class InstitutionCreated(Event, frozen=True, kw_only=True):
    """A card is made; `source` says of what import, empty when a person made it."""

    subject: InstitutionUid
    name: Words
    status: str
    branch: bool
    source: str = ""


@event("registry.institution.updated", version=1)
class InstitutionUpdated(Event, frozen=True, kw_only=True):
    """Fields of a card are corrected."""

    subject: InstitutionUid
    fields: tuple[str, ...]


@event("registry.institution.confirmed", version=1)
class InstitutionConfirmed(Event, frozen=True, kw_only=True):
    """The authority above confirms the data of a card."""

    subject: InstitutionUid
    status: str


@event("registry.institution.status_changed", version=1)
class InstitutionStatusChanged(Event, frozen=True, kw_only=True):
    """An institution is in another state from a day on, by an order or by an import."""

    subject: InstitutionUid
    before: str
    to: str
    since: datetime.date
    order: Words = ""
    source: str = ""


@event("registry.institution.placed", version=1)
class InstitutionPlaced(Event, frozen=True, kw_only=True):
    """An institution stands under another authority, or under a hub as its branch, from a day on."""

    subject: InstitutionUid
    left: int | None
    under: int
    name: Words
    document: Words


@event("registry.institutions.imported", version=1)
class InstitutionsImported(Event, frozen=True, kw_only=True):
    """A register of institutions was taken in: how many rows met which fate."""

    subject: Source
    counts: dict[str, int]
