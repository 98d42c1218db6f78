"""Tables of the room: what was shown and signed, and whom we believed when."""

from signatures.models.sessions import SessionEvidence, SigningSession
from signatures.models.trust import TrustCertificate, TrustEntry, TrustListVersion

__all__ = [
    "SessionEvidence",
    "SigningSession",
    "TrustCertificate",
    "TrustEntry",
    "TrustListVersion",
]
