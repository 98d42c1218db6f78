"""Tables of the room: what was shown and signed, whom we believed when, whose keys we know."""

from signatures.models.certificates import CertificateSearch, KnownCertificate, KnownKey
from signatures.models.renewal import Preservation
from signatures.models.sessions import (
    SessionEvidence,
    SessionFile,
    SigningSession,
    VerifiedSignature,
)
from signatures.models.trust import TrustCertificate, TrustEntry, TrustListVersion

__all__ = [
    "CertificateSearch",
    "KnownCertificate",
    "KnownKey",
    "Preservation",
    "SessionEvidence",
    "SessionFile",
    "SigningSession",
    "TrustCertificate",
    "TrustEntry",
    "TrustListVersion",
    "VerifiedSignature",
]
