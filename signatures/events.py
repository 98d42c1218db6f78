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


@event("signatures.renewals.watched", version=1)
class RenewalsWatched(Event, frozen=True, kw_only=True):
    """Signed documents are watched from now on, until when their evidence proves itself."""

    subject: Sessions = ""
    documents: int


@event("signatures.renewals.taken", version=1)
class RenewalsTaken(Event, frozen=True, kw_only=True):
    """A worker took up documents whose evidence is to be renewed."""

    subject: Sessions = ""
    documents: int


@event("signatures.session.renewed", version=1)
class SessionRenewed(Event, frozen=True, kw_only=True):
    """An archive time-stamp was added: the evidence proves itself until then."""

    subject: SessionId
    until: str


@event("signatures.session.renewal_failed", version=1)
class RenewalFailed(Event, frozen=True, kw_only=True):
    """The evidence could not be renewed; it is tried again later."""

    subject: SessionId
    failure: str
    attempts: int


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
