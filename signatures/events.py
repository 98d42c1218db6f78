"""What happens to signatures, certificates and trust lists."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

SessionId = Annotated[uuid.UUID, Subject("signatures.session")]
Sessions = Annotated[str, Subject("signatures.session")]  # several at once: ""
Fingerprint = Annotated[str, Subject("signatures.certificate")]
KeyIdentifier = Annotated[str, Subject("signatures.key")]  # hex; "" for several at once
TrustListId = Annotated[int, Subject("signatures.trust_list")]


@event("signatures.session.verified", version=1)
class SessionVerified(Event, frozen=True, kw_only=True):
    """A signature of the frozen bytes was found good; nothing takes effect by this."""

    subject: SessionId


@event("signatures.cloud.asked", version=1)
class CloudKeyAsked(Event, frozen=True, kw_only=True):
    """A person was asked on the phone to sign with their key in the cloud."""

    subject: SessionId
    service: str
    serial: str


@event("signatures.session.stamped", version=1)
class SessionStamped(Event, frozen=True, kw_only=True):
    """A time-stamp was added to a finished signature."""

    subject: SessionId


@event("signatures.sessions.expired", version=1)
class SessionsExpired(Event, frozen=True, kw_only=True):
    """Sessions nobody signed in time were closed."""

    subject: Sessions = ""
    closed: int


@event("signatures.certificate.seen", version=1)
class CertificateSeen(Event, frozen=True, kw_only=True):
    """A visitor's certificate is kept for their next visit."""

    subject: Fingerprint


@event("signatures.certificate.searched", version=1)
class CertificateSearched(Event, frozen=True, kw_only=True):
    """Somebody asked for certificates by identifiers of a key; what they were given."""

    subject: KeyIdentifier
    address: str | None
    keys: tuple[str, ...]
    found: tuple[str, ...]
    outcome: str


@event("signatures.searches.forgotten", version=1)
class SearchesForgotten(Event, frozen=True, kw_only=True):
    """The count of old searches was dropped."""

    subject: KeyIdentifier = ""
    rows: int


@event("signatures.trust_list.accepted", version=1)
class TrustListAccepted(Event, frozen=True, kw_only=True):
    """A list of trusted certificates is in force from now on."""

    subject: TrustListId
    source: Words
    sha256: str
    signer: str
    anchors: int
    certificates: int
    key_services: int
    difference: str
