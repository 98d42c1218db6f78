"""Keys of the demo's provider and of the installation that it answers, by the demo authority."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import os
from pathlib import Path

from signatures.certificates import Certificate, load
from signatures.containers import SecretKey
from signatures.demo import keystore
from signatures.demo.authority import Authority
from signatures.demo.signing import SIGN_USAGE, SigningKey

PASSWORD = "demo"  # noqa: S105 - protects an invented key
_AGREEMENT_USAGE = ("keyAgreement",)


@dataclasses.dataclass(frozen=True)
class ProviderKeys:
    """With what the provider signs its answers and agrees on keys for them."""

    signing: SigningKey
    signing_certificate: Certificate
    agreement: SecretKey
    agreement_certificate: Certificate


@dataclasses.dataclass(frozen=True)
class KeyFiles:
    """A folder with what settings of the installation name and what the provider opens."""

    folder: Path

    @property
    def own_certificate(self) -> Path:
        """`ISEI_CERTIFICATE`."""
        return self.folder / "aikom.cer"

    @property
    def own_key(self) -> Path:
        """`ISEI_KEY`, with `PASSWORD`."""
        return self.folder / "aikom.p12"

    @property
    def partner_certificates(self) -> Path:
        """`ISEI_PARTNER_CERTIFICATES`."""
        return self.folder / "isei.pem"

    @property
    def signing(self) -> Path:
        return self.folder / "isei-signing.p12"

    @property
    def agreement(self) -> Path:
        return self.folder / "isei-agreement.p12"

    def provider_keys(self) -> ProviderKeys:
        """What the provider needs of the folder."""
        (signing,), signed = keystore.unpack(self.signing.read_bytes(), PASSWORD)
        (agreement,), agreed = keystore.unpack(self.agreement.read_bytes(), PASSWORD)
        return ProviderKeys(
            signing,
            load(signed[0]),
            SecretKey(agreement.curve, agreement.d, agreement.table),
            load(agreed[0]),
        )


def issue(authority: Authority, folder: Path, *, at: datetime.datetime) -> KeyFiles:
    """The key files of a folder, made where any is missing."""
    files = KeyFiles(folder)
    wanted = (
        files.own_certificate,
        files.own_key,
        files.partner_certificates,
        files.signing,
        files.agreement,
    )
    if all(path.is_file() for path in wanted):
        return files
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own_key, own = _seal(authority, "Навчальний АІКОМ", "99000011", at, _AGREEMENT_USAGE)
    signing_key, signing = _seal(authority, "Навчальна ІСЕІ", "99000999", at, SIGN_USAGE)
    agreed_key, agreed = _seal(authority, "Навчальна ІСЕІ", "99000999", at, _AGREEMENT_USAGE)
    for path, content in (
        (files.own_key, keystore.pack(own_key, [own], PASSWORD)),
        (files.signing, keystore.pack(signing_key, [signing], PASSWORD)),
        (files.agreement, keystore.pack(agreed_key, [agreed], PASSWORD)),
        (files.own_certificate, own.der),
        (files.partner_certificates, _pem(signing) + _pem(agreed)),
    ):
        _write(path, content)
    return files


def _seal(
    authority: Authority,
    name: str,
    edrpou: str,
    at: datetime.datetime,
    usage: tuple[str, ...],
) -> tuple[SigningKey, Certificate]:
    return authority.issue_person(
        full_name=name, organisation=name, edrpou=edrpou, kind="seal", at=at, key_usage=usage
    )


def _pem(certificate: Certificate) -> bytes:
    text = base64.encodebytes(certificate.der)
    return b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"


def _write(path: Path, content: bytes) -> None:
    """Whole, and readable by its owner alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
