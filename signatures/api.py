"""What other rooms may call. Everything else in this package is its own business.

verify_signature(content, cms, purpose="sign_in", at=now) -> VerificationResult
SignerIdentity.of(result) -> who signed
"""

import datetime
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from signatures import verification
from signatures.certificates import CertificateInfo
from signatures.packages import Package, build_package, load_package, row_proof, verify_row
from signatures.result import EXPLANATIONS, Overall, Reason, SignerResult, VerificationResult
from signatures.trust import TrustStore

Purpose = Literal["sign_in", "order", "archive"]


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """Who a signature says the signer is, from the certificate."""

    rnokpp: str | None
    edrpou: str | None
    unzr: str | None
    full_name: str
    surname: str
    given_name: str
    organisation: str
    title: str
    serial: str
    issuer: str
    not_before: datetime.datetime
    not_after: datetime.datetime
    fingerprint: str
    is_seal: bool
    qualified: bool
    carrier: Literal["qscd", "file"]

    @classmethod
    def from_certificate(cls, info: CertificateInfo) -> "SignerIdentity":
        return cls(
            rnokpp=info.rnokpp,
            edrpou=info.edrpou,
            unzr=info.unzr,
            full_name=info.full_name,
            surname=info.surname,
            given_name=info.given_name,
            organisation=info.organisation,
            title=info.title,
            serial=info.serial,
            issuer=info.issuer_name,
            not_before=info.not_before,
            not_after=info.not_after,
            fingerprint=info.fingerprint,
            is_seal=info.is_seal,
            qualified=info.qualified,
            carrier=info.carrier,
        )

    @classmethod
    def of(cls, result: VerificationResult) -> "SignerIdentity | None":
        """The one signer of a VALID result; None otherwise, also when several signed."""
        if not result.valid or len(result.signers) != 1:
            return None
        certificate = result.signers[0].certificate
        return cls.from_certificate(certificate) if certificate else None


def configured_trust(at: datetime.datetime) -> TrustStore:
    """The anchors this installation believes at a moment: the accepted trust list, and the demo
    authority where settings say so."""
    store = TrustStore()
    if settings.SIGNATURES_TRUST_DEMO_AUTHORITY:
        from signatures.demo.authority import demo_trust

        demo = demo_trust(at)
        store = (
            TrustStore(
                store.anchors + demo.anchors,
                store.intermediates + demo.intermediates,
                store.evidence + demo.evidence,
                version="+".join(part for part in (store.version, demo.version) if part),
                lookup=store.lookup,
            )
            if store.anchors
            else demo
        )
    return store


def verify_signature(
    content: bytes, cms: bytes, *, purpose: Purpose, at: datetime.datetime
) -> VerificationResult:
    """Verify a detached (or matching attached) signature of exactly these bytes. Never raises."""
    return verification.verify_cms(
        cms,
        content,
        policy=verification.POLICIES[purpose],
        at=at,
        trust=configured_trust(at),
    )


__all__ = [
    "EXPLANATIONS",
    "Overall",
    "Package",
    "Reason",
    "SignerIdentity",
    "SignerResult",
    "TrustStore",
    "VerificationResult",
    "build_package",
    "configured_trust",
    "load_package",
    "row_proof",
    "verify_row",
    "verify_signature",
]
