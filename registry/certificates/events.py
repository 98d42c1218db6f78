"""What happens to certificates of study."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event
from registry.people.events import PupilId

IssueId = Annotated[uuid.UUID, Subject("registry.certificate_issue")]


@event("registry.certificates.prepared", version=1)
class CertificatesPrepared(Event, frozen=True, kw_only=True):
    """Certificates were drawn up and wait for the head's signature."""

    subject: IssueId
    first: int
    count: int


@event("registry.certificates.given_up", version=1)
class CertificatesGivenUp(Event, frozen=True, kw_only=True):
    """They will not be signed as they are; their numbers are free again."""

    subject: IssueId
    first: int
    count: int


@event("registry.certificates.signed", version=1)
class CertificatesSigned(Event, frozen=True, kw_only=True):
    """One signature issued them."""

    subject: IssueId
    first: int
    count: int
    certificate: str


@event("registry.pupil.certificate_issued", version=1)
class CertificateIssued(Event, frozen=True, kw_only=True):
    """A certificate of study was issued to the child."""

    subject: PupilId
    number: int
    issued_on: datetime.date
    recipient: Words


@event("registry.pupil.certificate_voided", version=1)
class CertificateVoided(Event, frozen=True, kw_only=True):
    """A certificate of study holds no more; `reason` is a key of `VOIDED_FOR`."""

    subject: PupilId
    number: int
    issued_on: datetime.date
    reason: str
    note: Words
