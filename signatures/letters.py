"""Letters of partners: encrypted to us, signed by them, in either order.

The one secret key that lives on a server is the one such letters are encrypted to; it signs
nothing. A letter is believed only when a certificate expected from this partner signed it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from signatures import cms, containers, der, enveloped, oids, verification
from signatures.backend import backend
from signatures.bundles import load_many
from signatures.certificates import Certificate
from signatures.containers import SecretKey
from signatures.result import VerificationResult
from signatures.trust import TrustStore

MAX_LAYERS = 4


class UnusableKeyFile(ValueError):
    """The files that settings name do not make a key to read letters with; the text says why."""


class NotFromPartner(ValueError):
    """A signature that does not hold, or is somebody else's; `result` is the verdict."""

    def __init__(self, result: VerificationResult) -> None:
        super().__init__(f"{result.overall} {result.reason or ''}".strip())
        self.result = result


@dataclass(frozen=True, slots=True)
class OwnKey:
    """The secret key that letters are encrypted to, with its certificate."""

    secret: SecretKey = field(repr=False)
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Letter:
    """The innermost content, and what was around it.

    `signed_by` and `encrypted_by` are fingerprints of certificates: "" for a letter nobody signed,
    and for one encrypted with a key made for the occasion.
    """

    content: bytes = field(repr=False)
    signed_by: str = ""
    encrypted: bool = False
    encrypted_by: str = ""


def read_certificates(path: str | Path) -> tuple[Certificate, ...]:
    """The certificates of a file: one, PEM, or a bundle (p7b).

    Raises:
        UnusableKeyFile: none there.
    """
    try:
        found = tuple(load_many(Path(path).read_bytes()))
    except OSError as error:
        raise UnusableKeyFile(f"{path}: {error.strerror}") from error
    except der.DerError as error:
        raise UnusableKeyFile(f"{path}: not a certificate ({error})") from error
    if not found:
        raise UnusableKeyFile(f"{path}: no certificate inside")
    return found


def read_own_key(certificate: str | Path, key: str | Path, password: str) -> OwnKey:
    """The key for letters out of the files an operator keeps; remembered while they stay the same.

    Raises:
        UnusableKeyFile: no such files, a wrong password, a key of another certificate, or a
            certificate that is not for agreement on keys.
    """
    try:
        changed = tuple(Path(path).stat().st_mtime_ns for path in (certificate, key))
    except OSError as error:
        raise UnusableKeyFile(f"{error.filename}: {error.strerror}") from error
    return _own_key(Path(certificate), Path(key), password, changed)


@lru_cache(maxsize=4)
def _own_key(certificate: Path, key: Path, password: str, changed: tuple[int, ...]) -> OwnKey:
    # Several certificates may lie in one file: the signing one beside the one for agreement.
    candidates = [
        found
        for found in read_certificates(certificate)
        if found.key_usage is None or "keyAgreement" in found.key_usage
    ]
    if not candidates:
        raise UnusableKeyFile(f"{certificate}: not a certificate for agreement on keys")
    try:
        opened = containers.open_container(key.read_bytes(), password)
    except OSError as error:
        raise UnusableKeyFile(f"{key}: {error.strerror}") from error
    except containers.WrongPassword as error:
        raise UnusableKeyFile(f"{key}: does not open with the password given") from error
    except der.DerError as error:
        raise UnusableKeyFile(f"{key}: not a key file ({error})") from error
    for found in candidates:
        for secret in opened.keys:
            if secret.belongs_to(found):
                return OwnKey(secret, found)
    raise UnusableKeyFile(f"{key}: no key of the certificate in {certificate}")


def open_letter(
    data: bytes,
    key: OwnKey,
    partners: Sequence[Certificate],
    *,
    at: datetime.datetime,
    trust: TrustStore,
) -> Letter:
    """Undo the layers of a letter: envelopes to us and signatures of the partner.

    Raises:
        CannotOpen: an envelope that is broken or not for us.
        NotFromPartner: a signature that does not hold or is not by one of `partners`.
    """
    letter, data = Letter(b""), bytes(der.unarmour(data))
    for _ in range(MAX_LAYERS):
        kind = _kind(data)
        if kind == oids.ENVELOPED_DATA:
            opened = enveloped.open_envelope(
                data, key.secret, key.certificate, originators=partners
            )
            sender = opened.originator.fingerprint if opened.originator else ""
            letter = replace(letter, encrypted=True, encrypted_by=sender)
            data = _whole(opened.content_type, opened.content)
        elif kind == oids.SIGNED_DATA:
            signer, data = _signed(data, partners, at, trust)
            letter = replace(letter, signed_by=signer)
        else:
            return replace(letter, content=data)
    raise enveloped.NotAnEnvelope("too many layers")


def _kind(data: bytes) -> str:
    """The content type of CMS; "" for anything else, such as JSON."""
    try:
        first = der.parse(data, trailing=True).parts(2)[0]
        return first.oid if first.tag == der.OID else ""
    except der.DerError:
        return ""


def _whole(content_type: str, content: bytes) -> bytes:
    """CMS inside an envelope may come without the outermost layer that names it (RFC 5652 6.1)."""
    if content_type == oids.DATA or _kind(content) == content_type:
        return content
    return der.sequence(der.oid(content_type), der.explicit(0, content))


def _signed(
    data: bytes, partners: Sequence[Certificate], at: datetime.datetime, trust: TrustStore
) -> tuple[str, bytes]:
    result = backend().verify_cms(data, None, policy=verification.PARTNER, at=at, trust=trust)
    expected = {partner.fingerprint for partner in partners}
    signers = {one.certificate.fingerprint if one.certificate else "" for one in result.signers}
    if not result.valid or not signers or not signers <= expected:
        raise NotFromPartner(result)
    container = cms.parse_signed_data(data)
    content = container.content_bytes()
    if content is None:  # a detached signature says nothing of what we hold
        raise NotFromPartner(result)
    return min(signers), _whole(container.content_type, content)
