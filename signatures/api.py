"""What other rooms may call. Everything else in this package is its own business.

verify_signature(content, cms, purpose="sign_in", at=now) -> VerificationResult
SignerIdentity.of(result) -> who signed
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.conf import settings
from django.db import DatabaseError

from signatures import letters, pool, ports, verification
from signatures.asic import MIME_E
from signatures.backend import backend
from signatures.certificates import Certificate, CertificateInfo
from signatures.certificates import load as load_certificate
from signatures.enveloped import CannotOpen
from signatures.letters import (
    Letter,
    NotFromPartner,
    OwnKey,
    UnusableKeyFile,
    read_certificates,
    read_own_key,
)
from signatures.packages import (
    Package,
    build_package,
    load_package,
    row_alone,
    row_proof,
    row_proofs,
    rows_file,
    verify_row,
)
from signatures.result import (
    EXPLANATIONS,
    Overall,
    Reason,
    SignerResult,
    VerificationResult,
)
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


def stored_trust(at: datetime.datetime, *, database_optional: bool = False) -> TrustStore:
    """The accepted trust list of a moment, and the demo authority where settings say so.

    With `database_optional` an installation without a database has an empty list.
    """
    from signatures.selectors import trust as selector

    try:
        store = selector.trust_at(at)
    except DatabaseError:
        if not database_optional:
            raise
        store = TrustStore()
    if settings.SIGNATURES_ALGORITHM_ENDS:
        store = replace(store, algorithm_ends=settings.SIGNATURES_ALGORITHM_ENDS)
    if not settings.SIGNATURES_TRUST_DEMO_AUTHORITY:
        return store
    from signatures.demo.authority import demo_trust

    demo = demo_trust(at)
    if not store.anchors:
        return demo
    return TrustStore(
        store.anchors + demo.anchors,
        store.intermediates + demo.intermediates,
        demo.evidence,
        version=f"{store.version}+{demo.version}",
        key_services=store.key_services,
        algorithm_ends=store.algorithm_ends,
    )


def configured_trust(at: datetime.datetime) -> TrustStore:
    """What this installation believes at a moment, with revocation looked up where allowed."""
    store = stored_trust(at)
    lookup = ports.lookup_for(store)
    if lookup is None:
        return store
    if _asking.get("of") is not store:
        _asking.update(of=store, store=replace(store, lookup=lookup))
    return _asking["store"]


_asking: dict[str, TrustStore] = {}


def verify_signature(
    content: bytes, cms: bytes, *, purpose: Purpose, at: datetime.datetime
) -> VerificationResult:
    """Verify a detached (or matching attached) signature of exactly these bytes. Never raises."""
    return backend().verify_cms(
        cms,
        content,
        policy=verification.POLICIES[purpose],
        at=at,
        trust=configured_trust(at),
    )


def verify_upload(files: Sequence[pool.Given], *, at: datetime.datetime) -> VerificationResult:
    """What the public page asks: one or two dropped files, in any order; nothing is kept.

    They are verified in another process, within a limit of time.

    Raises:
        CheckersBusy: too many at once, or too much in one.
    """
    return pool.verify(files, at=at, trust=configured_trust(at))


def open_letter(
    data: bytes, key: OwnKey, partners: Sequence[Certificate], *, at: datetime.datetime
) -> Letter:
    """A partner's letter to us, decrypted and its signature verified as of now.

    Raises:
        CannotOpen: broken, or not for us.
        NotFromPartner: a signature that does not hold or is not by one of `partners`.
    """
    return letters.open_letter(data, key, partners, at=at, trust=configured_trust(at))


__all__ = [
    "EXPLANATIONS",
    "MIME_E",
    "CannotOpen",
    "Letter",
    "NotFromPartner",
    "Overall",
    "OwnKey",
    "Package",
    "Reason",
    "SignerIdentity",
    "SignerResult",
    "TrustStore",
    "UnusableKeyFile",
    "VerificationResult",
    "build_package",
    "configured_trust",
    "load_certificate",
    "load_package",
    "open_letter",
    "read_certificates",
    "read_own_key",
    "row_alone",
    "row_proof",
    "row_proofs",
    "rows_file",
    "stored_trust",
    "verify_row",
    "verify_signature",
    "verify_upload",
]
