"""The demo authority: a root, an issuing authority below it, and keys for invented people.

`Authority.in_memory` is for tests; `stored` keeps everything under `settings.SIGNATURES_DEMO_DIR`
(files 0600, never in git), so that keys handed out yesterday still open the door today.
"""

import contextlib
import datetime
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.utils import timezone

from signatures import oids, revocation
from signatures.algorithms.curves import BY_DEGREE
from signatures.certificates import Certificate, load
from signatures.demo import keystore
from signatures.demo.signing import (
    AUTHORITY_USAGE,
    SIGN_USAGE,
    Name,
    SigningKey,
    build_certificate,
    build_crl,
    encode_name,
)
from signatures.trust import TrustStore

Kind = Literal["seal", "employee", "person"]

_BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
_END = datetime.datetime(2049, 1, 1, tzinfo=datetime.UTC)
_CRL_LIFETIME = datetime.timedelta(days=7)
_ROOT_NAME: Name = (
    (oids.COUNTRY, "UA"),
    (oids.ORGANIZATION, "ТЕСТОВИЙ центральний засвідчувальний орган АІКОМ"),
    (oids.COMMON_NAME, "ТЕСТОВИЙ кореневий сертифікат (вигадані особи)"),
)
_ISSUER_NAME: Name = (
    (oids.COUNTRY, "UA"),
    (oids.ORGANIZATION, "ТЕСТОВИЙ надавач АІКОМ"),
    (oids.COMMON_NAME, "ТЕСТОВИЙ надавач електронних довірчих послуг АІКОМ"),
)
AFFILIATION_CHANGED = 3


@dataclass
class Authority:
    """Root and issuing authority with their keys; issues, revokes and publishes lists."""

    root_key: SigningKey
    root: Certificate
    issuer_key: SigningKey
    issuer: Certificate
    revoked: dict[bytes, datetime.datetime] = field(default_factory=dict)
    crl_number: int = 0

    @classmethod
    def in_memory(cls, m: int = 257, hash_oid: str = oids.GOST34311) -> "Authority":
        """A fresh authority; another one has the same names but other keys."""
        return cls.from_keys(SigningKey.generate(m, hash_oid), SigningKey.generate(m, hash_oid))

    @classmethod
    def from_keys(cls, root_key: SigningKey, issuer_key: SigningKey) -> "Authority":
        root_name = encode_name(_ROOT_NAME)
        root = build_certificate(
            subject=_ROOT_NAME,
            spki=root_key.spki,
            identifier=root_key.identifier,
            issuer=root_name,
            issuer_key=root_key,
            serial=_serial(),
            not_before=_BEGIN,
            not_after=_END,
            key_usage=AUTHORITY_USAGE,
            authority=True,
        )
        issuer = build_certificate(
            subject=_ISSUER_NAME,
            spki=issuer_key.spki,
            identifier=issuer_key.identifier,
            issuer=root_name,
            issuer_key=root_key,
            serial=_serial(),
            not_before=_BEGIN,
            not_after=_END,
            key_usage=AUTHORITY_USAGE,
            authority=True,
            path_length=0,
        )
        return cls(root_key, root, issuer_key, issuer)

    @property
    def chain(self) -> tuple[Certificate, Certificate]:
        return self.issuer, self.root

    def issue(
        self,
        subject: Name,
        *,
        key: SigningKey | None = None,
        at: datetime.datetime,
        not_before: datetime.datetime | None = None,
        not_after: datetime.datetime | None = None,
        key_usage: Sequence[str] = SIGN_USAGE,
        extended_key_usage: Sequence[str] = (),
        directory: Sequence[tuple[str, str]] = (),
        qualified: bool = True,
        more: Sequence[bytes] = (),
        spki: bytes | None = None,
    ) -> tuple[SigningKey, Certificate]:
        """A key and its certificate, by default valid from a day ago for two years."""
        key = key or SigningKey.generate()
        certificate = build_certificate(
            subject=subject,
            spki=spki or key.spki,
            identifier=key.identifier,
            issuer=self.issuer.subject,
            issuer_key=self.issuer_key,
            serial=_serial(),
            not_before=not_before or at - datetime.timedelta(days=1),
            not_after=not_after or at + datetime.timedelta(days=730),
            key_usage=key_usage,
            extended_key_usage=extended_key_usage,
            directory=directory,
            qualified=qualified,
            more=more,
        )
        return key, certificate

    def issue_person(
        self,
        *,
        full_name: str,
        surname: str = "",
        given_name: str = "",
        rnokpp: str | None = None,
        edrpou: str | None = None,
        organisation: str = "",
        title: str = "",
        kind: Kind = "employee",
        at: datetime.datetime,
        key: SigningKey | None = None,
        not_before: datetime.datetime | None = None,
        not_after: datetime.datetime | None = None,
        key_usage: Sequence[str] = SIGN_USAGE,
    ) -> tuple[SigningKey, Certificate]:
        """A key for an invented person or organisation.

        A seal carries no РНОКПП and a private person no ЄДРПОУ, whatever is passed.
        """
        if kind == "seal":
            rnokpp, surname, given_name, title = None, "", "", ""
        if kind == "person":
            edrpou, organisation, title = None, "", ""
        fields = (
            (oids.COUNTRY, "UA"),
            (oids.ORGANIZATION, organisation),
            (oids.COMMON_NAME, full_name),
            (oids.SURNAME, surname),
            (oids.GIVEN_NAME, given_name),
            (oids.TITLE, title),
            (oids.SERIAL_NUMBER, f"TINUA-{rnokpp}" if rnokpp else ""),
            (oids.ORGANIZATION_IDENTIFIER, f"NTRUA-{edrpou}" if edrpou else ""),
        )
        codes = ((oids.SDA_RNOKPP, rnokpp), (oids.SDA_EDRPOU, edrpou))
        return self.issue(
            tuple((oid, text) for oid, text in fields if text),
            at=at,
            key=key,
            not_before=not_before,
            not_after=not_after,
            key_usage=key_usage,
            extended_key_usage=(oids.EKU_SEAL,) if kind == "seal" else (),
            directory=[(oid, code) for oid, code in codes if code],
        )

    def revoke(self, certificate: Certificate, at: datetime.datetime) -> None:
        """From now on the list names this certificate."""
        self.revoked[certificate.serial] = at

    def crls(self, at: datetime.datetime) -> tuple[bytes, bytes]:
        """Fresh lists of the issuing authority and of the root."""
        self.crl_number += 1
        issued, root = (
            build_crl(
                issuer=certificate,
                key=key,
                number=self.crl_number,
                this_update=at,
                next_update=at + _CRL_LIFETIME,
                revoked=[(s, t, AFFILIATION_CHANGED) for s, t in sorted(entries.items())],
                keeps_expired_since=_BEGIN,
            )
            for certificate, key, entries in (
                (self.issuer, self.issuer_key, self.revoked),
                (self.root, self.root_key, {}),
            )
        )
        return issued, root

    def trust(self, at: datetime.datetime, *, with_crls: bool = True) -> TrustStore:
        """A trust store whose only anchor is this authority's root."""
        lists = self.crls(at) if with_crls else ()
        return TrustStore(
            anchors=(self.root,),
            intermediates=(self.issuer,),
            evidence=tuple(revocation.parse_crl(item) for item in lists),
            version="demo",
        )


def _serial() -> int:
    """Twenty octets, the highest bit clear and the next set (RFC 5280 4.1.2.2; as QTSPs do)."""
    return int.from_bytes(secrets.token_bytes(20), "big") >> 1 | 1 << 157


# ── kept in files ────────────────────────────────────────────────────────────
class _Folder:
    """The demo authority of one folder, shared by every process of the machine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "authority"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def write(self, name: str, data: bytes) -> Path:
        """A file appears whole, readable by its owner alone."""
        path = self.directory / name
        unfinished = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        unfinished.replace(path)
        return path

    def open(self) -> Authority:
        """The authority of this folder, created on first use."""
        try:
            return self.read()
        except FileNotFoundError:
            pass
        with self.locked():
            try:
                return self.read()
            except FileNotFoundError:
                authority = Authority.in_memory()
                self.write("root.cer", authority.root.der)
                self.write("issuer.cer", authority.issuer.der)
                self.write_state(authority)
                return authority

    def read(self) -> Authority:
        state = json.loads((self.directory / "state.json").read_text())
        keys_ = [SigningKey(BY_DEGREE[257], int(state[name], 16)) for name in ("root", "issuer")]
        return Authority(
            root_key=keys_[0],
            root=load((self.directory / "root.cer").read_bytes()),
            issuer_key=keys_[1],
            issuer=load((self.directory / "issuer.cer").read_bytes()),
            revoked={
                bytes.fromhex(serial): datetime.datetime.fromisoformat(moment)
                for serial, moment in state["revoked"].items()
            },
            crl_number=state["crl_number"],
        )

    def write_state(self, authority: Authority) -> None:
        """Last, because its presence says that the rest is there."""
        state = {
            "root": f"{authority.root_key.d:x}",
            "issuer": f"{authority.issuer_key.d:x}",
            "revoked": {s.hex(): t.isoformat() for s, t in sorted(authority.revoked.items())},
            "crl_number": authority.crl_number,
        }
        self.write("state.json", json.dumps(state, indent=1).encode())

    def publish(self, at: datetime.datetime) -> None:
        """Write fresh revocation lists."""
        with self.locked():
            authority = self.read()
            issued, root = authority.crls(at)
            self.write("issuer.crl", issued)
            self.write("root.crl", root)
            self.write_state(authority)


def _folder(directory: Path | None) -> _Folder:
    return _Folder(Path(directory or settings.SIGNATURES_DEMO_DIR))


def stored(directory: Path | None = None) -> Authority:
    """The authority of the demo folder, created on first use."""
    return _folder(directory).open()


def issue_demo_key(
    *,
    full_name: str,
    surname: str = "",
    given_name: str = "",
    rnokpp: str | None = None,
    edrpou: str | None = None,
    organisation: str = "",
    title: str = "",
    password: str,
    kind: Kind = "employee",
    at: datetime.datetime | None = None,
    directory: Path | None = None,
) -> tuple[str, bytes, bytes]:
    """A key file for an invented person: (file name, PKCS#12 bytes, certificate DER).

    The file opens with the password in the signing page of the portal; it is not written here.
    """
    authority = stored(directory)
    key, certificate = authority.issue_person(
        full_name=full_name,
        surname=surname,
        given_name=given_name,
        rnokpp=rnokpp,
        edrpou=edrpou,
        organisation=organisation,
        title=title,
        kind=kind,
        at=at or timezone.now(),
    )
    data = keystore.pack(key, [certificate, authority.issuer], password, name=full_name)
    code = edrpou if kind == "seal" else rnokpp
    stem = "-".join(part for part in (_latin(surname or full_name), code) if part)
    return f"{stem}.p12", data, certificate.der


def revoke_demo_certificate(
    certificate_der: bytes, *, at: datetime.datetime | None = None, directory: Path | None = None
) -> None:
    """Put a demo certificate on the list; the next sign-in with it is refused."""
    folder, moment = _folder(directory), at or timezone.now()
    folder.open()
    with folder.locked():
        authority = folder.read()
        authority.revoke(load(certificate_der), moment)
        folder.write_state(authority)
    folder.publish(moment)


def demo_trust(at: datetime.datetime, directory: Path | None = None) -> TrustStore:
    """Trust in the demo root, with its current revocation lists; none where there is no root."""
    folder = _folder(directory)
    if not (folder.directory / "state.json").exists():
        return TrustStore()
    path = folder.directory / "issuer.crl"
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        folder.publish(at)
        stamp = path.stat().st_mtime_ns
    key = (str(folder.directory), stamp)
    if key not in _stores:
        _stores.clear()
        _stores[key] = _read_trust(folder)
    store = _stores[key]
    limits = [crl.next_update for crl in store.evidence if isinstance(crl, revocation.Crl)]
    if any(limit is not None and limit < at for limit in limits):
        folder.publish(at)
        return _read_trust(folder)
    return store


_stores: dict[tuple[str, int], TrustStore] = {}


def _read_trust(folder: _Folder) -> TrustStore:
    read = [(folder.directory / name).read_bytes() for name in ("issuer.crl", "root.crl")]
    return TrustStore(
        anchors=(load((folder.directory / "root.cer").read_bytes()),),
        intermediates=(load((folder.directory / "issuer.cer").read_bytes()),),
        evidence=tuple(revocation.parse_crl(item) for item in read),
        version="demo",
    )


# Romanisation of cabinet resolution 55 of 27.01.2010, enough for file names.
_LATIN = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        [
            "a",
            "b",
            "v",
            "h",
            "g",
            "d",
            "e",
            "ie",
            "zh",
            "z",
            "y",
            "i",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "",
            "iu",
            "ia",
        ],
        strict=True,
    )
)


def _latin(text: str) -> str:
    plain = "".join(_LATIN.get(letter, letter) for letter in text.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("ʼ", "").replace("'", "")).strip("-") or "key"
