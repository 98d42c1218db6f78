"""Certificates: what they say, read from the original bytes, and who they say it about.

Identity codes stand in three places over the years; all are read, and a certificate whose places
disagree says so in `conflicts` rather than letting one of them win silently.
"""

import contextlib
import datetime
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from signatures import der, keys, oids
from signatures.algorithms import hashes

Kind = Literal["seal", "employee", "sole_trader", "person", "unknown"]
MAX_SIZE = 64 * 1024
Name = tuple[tuple[str, str], ...]  # as names are compared: type and value, in order

KEY_USAGES = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)
_SHORT_NAMES = {
    oids.COMMON_NAME: "CN",
    oids.SURNAME: "SN",
    oids.SERIAL_NUMBER: "serialNumber",
    oids.COUNTRY: "C",
    oids.LOCALITY: "L",
    oids.STATE: "ST",
    oids.ORGANIZATION: "O",
    oids.ORGANIZATIONAL_UNIT: "OU",
    oids.TITLE: "T",
    oids.GIVEN_NAME: "GN",
    oids.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
}
_UNDERSTOOD = frozenset(
    {
        oids.SUBJECT_DIRECTORY_ATTRIBUTES,
        oids.SUBJECT_KEY_IDENTIFIER,
        oids.KEY_USAGE,
        oids.SUBJECT_ALT_NAME,
        oids.ISSUER_ALT_NAME,
        oids.BASIC_CONSTRAINTS,
        oids.CRL_DISTRIBUTION_POINTS,
        oids.CERTIFICATE_POLICIES,
        oids.AUTHORITY_KEY_IDENTIFIER,
        oids.EXTENDED_KEY_USAGE,
        oids.FRESHEST_CRL,
        oids.AUTHORITY_INFO_ACCESS,
        oids.SUBJECT_INFO_ACCESS,
        oids.QC_STATEMENTS,
    }
)


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """Everything a certificate says about its subject and its use, in plain values."""

    serial: str  # hexadecimal, as printed on Ukrainian certificates
    subject: str
    issuer: str
    issuer_name: str
    common_name: str
    full_name: str  # прізвище, власне імʼя, по батькові
    surname: str
    given_name: str
    organisation: str
    organisational_unit: str
    title: str
    locality: str
    rnokpp: str | None
    edrpou: str | None
    unzr: str | None
    conflicts: tuple[str, ...]  # codes whose places in the certificate disagree
    kind: Kind
    is_seal: bool
    not_before: datetime.datetime
    not_after: datetime.datetime
    fingerprint: str  # SHA-256 of the whole certificate, hexadecimal
    key: str
    key_usage: tuple[str, ...]
    extended_key_usage: tuple[str, ...]
    policies: tuple[str, ...]
    qc_statements: tuple[str, ...]
    qualified: bool
    carrier: Literal["qscd", "file"]
    is_authority: bool
    ocsp_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    tsp_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: whether it must be understood, and its DER value."""

    critical: bool
    value: bytes = field(repr=False)

    @property
    def node(self) -> der.Node:
        return der.parse(self.value)


class Certificate:
    """A certificate as slices of its bytes. Equal when the bytes are equal."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_SIZE:
            raise der.DerError("a certificate of impossible size")
        node = der.parse(data)
        tbs, algorithm, value = node.parts(3)[:3]
        self.der = data
        self.tbs = tbs.raw
        self.algorithm_node = algorithm
        self.signature = value.bits
        parts = tbs.parts(6)
        if parts[0].tag == 0xA0:
            parts = parts[1:]
        if len(parts) < 6:
            raise der.DerError("a part of the certificate is missing")
        self.serial = parts[0].expect(der.INTEGER).content
        if not same_algorithm(parts[1], algorithm):
            raise der.DerError("two different signature algorithms")
        self.issuer_node, self.subject_node = parts[2], parts[4]
        self.issuer, self.subject = parts[2].raw, parts[4].raw
        validity = parts[3].parts(2)
        self.not_before, self.not_after = validity[0].time, validity[1].time
        self.spki = parts[5].raw
        self.extensions: dict[str, Extension] = {}
        for part in parts[6:]:
            if part.tag == 0xA3:
                for item in part.inner().parts():
                    fields = item.parts(2)
                    critical = len(fields) > 2 and fields[1].flag
                    name = fields[0].oid
                    if name in self.extensions:
                        raise der.DerError("an extension twice")
                    self.extensions[name] = Extension(
                        critical, fields[-1].expect(der.OCTET_STRING).content
                    )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"<Certificate {self.info.common_name} {self.serial.hex()}>"

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def public_key(self) -> keys.PublicKey:
        return keys.public_key(self.spki)

    @cached_property
    def self_issued(self) -> bool:
        return self.subject == self.issuer

    @cached_property
    def odd_serial(self) -> bool:
        """Whether its number is none that RFC 5280 4.1.2.2 allows."""
        return not self.serial or self.serial[0] >= 0x80 or not any(self.serial)

    @cached_property
    def subject_names(self) -> dict[str, str]:
        return read_name(self.subject_node)

    @cached_property
    def subject_match(self) -> Name:
        return name_of(self.subject_node)

    @cached_property
    def issuer_match(self) -> Name:
        return name_of(self.issuer_node)

    @cached_property
    def key_identifier(self) -> bytes | None:
        found = self.extensions.get(oids.SUBJECT_KEY_IDENTIFIER)
        try:
            return found.node.content if found else None
        except der.DerError:
            return None

    @cached_property
    def key_identifiers(self) -> frozenset[bytes]:
        """Every identifier under which this key may be asked for: the one the certificate states,
        and hashes of the BIT STRING's whole content, the inner `04 21` of a DSTU key included:
        GOST 34.311 with the default table and with the key's own, Kupyna-256, SHA-1, SHA-256.

        Raises:
            DerError: the certificate has no readable key.
        """
        bits = der.parse(self.spki).parts(2)[1].bits
        found = {
            hashes.digest(oid, bits)
            for oid in (oids.GOST34311, oids.KUPYNA256, oids.SHA1, oids.SHA256)
        }
        with contextlib.suppress(keys.UnusableKey):
            found.add(hashes.digest(oids.GOST34311, bits, self.public_key.table))
        stated = self.key_identifier
        if stated is not None and 16 <= len(stated) <= 64:
            found.add(stated)
        return frozenset(found)

    @property
    def may_sign(self) -> bool:
        """Whether its key is meant for signing documents: a key-agreement key signs just as well,
        and so do the keys of time-stamping authorities and responders."""
        usage, extended = self.key_usage, set(self.extended_key_usage)
        if extended and extended <= {oids.EKU_TIME_STAMPING, oids.EKU_OCSP_SIGNING}:
            return False
        return usage is None or bool(usage & {"digitalSignature", "nonRepudiation"})

    @cached_property
    def weakly_signed(self) -> bool:
        """Whether its signature is over a hash whose collisions can be made."""
        try:
            return keys.signature_algorithm(self.algorithm_node).hash_oid in hashes.BROKEN
        except keys.UnusableKey:
            return False

    def _parts(self, extension: str) -> list[der.Node]:
        """The parts of an extension that only informs; a broken one counts as absent."""
        found = self.extensions.get(extension)
        try:
            return found.node.parts() if found else []
        except der.DerError:
            return []

    @cached_property
    def authority_key_identifier(self) -> bytes | None:
        for part in self._parts(oids.AUTHORITY_KEY_IDENTIFIER):
            if part.tag == 0x80:
                return part.content
        return None

    @cached_property
    def key_usage(self) -> frozenset[str] | None:
        """None when the extension is absent, which permits everything.

        So it reads too when none of the nine bits is set, which RFC 5280 4.2.1.3 forbids and
        some test authorities do (they write the bits at the wrong end of a word).
        """
        found = self.extensions.get(oids.KEY_USAGE)
        if not found:
            return None
        content = found.node.expect(der.BIT_STRING).content
        bits = "".join(f"{byte:08b}" for byte in content[1:])
        return frozenset(n for n, b in zip(KEY_USAGES, bits, strict=False) if b == "1") or None

    @cached_property
    def extended_key_usage(self) -> tuple[str, ...]:
        found = self.extensions.get(oids.EXTENDED_KEY_USAGE)
        return tuple(part.oid for part in found.node.parts()) if found else ()

    @cached_property
    def authority(self) -> tuple[bool, int | None]:
        """Whether this may issue certificates, and how many authorities may follow."""
        found = self.extensions.get(oids.BASIC_CONSTRAINTS)
        if not found:
            return False, None
        parts = found.node.parts()
        may = bool(parts) and parts[0].tag == der.BOOLEAN and parts[0].flag
        depth = parts[-1].number if parts and parts[-1].tag == der.INTEGER else None
        return may, depth

    @cached_property
    def not_understood(self) -> tuple[str, ...]:
        return tuple(
            name for name, e in self.extensions.items() if e.critical and name not in _UNDERSTOOD
        )

    @cached_property
    def policies(self) -> tuple[str, ...]:
        return tuple(part.parts(1)[0].oid for part in self._parts(oids.CERTIFICATE_POLICIES))

    @cached_property
    def qc_statements(self) -> dict[str, der.Node | None]:
        result: dict[str, der.Node | None] = {}
        for part in self._parts(oids.QC_STATEMENTS):
            fields = part.parts(1)
            result[fields[0].oid] = fields[1] if len(fields) > 1 else None
        return result

    @cached_property
    def directory_attributes(self) -> dict[str, str]:
        result: dict[str, str] = {}
        for part in self._parts(oids.SUBJECT_DIRECTORY_ATTRIBUTES):
            fields = part.parts(2)
            values = fields[1].parts(0, der.SET)
            if values:
                result[fields[0].oid] = values[0].text.strip()
        return result

    def urls(self, extension: str, method: str) -> tuple[str, ...]:
        """Addresses of one access method (OCSP, TSP, issuers)."""
        return tuple(
            fields[1].content.decode("ascii", "replace")
            for part in self._parts(extension)
            if len(fields := part.parts(2)) >= 2
            and fields[0].oid == method
            and fields[1].tag == 0x86
        )

    @cached_property
    def crl_urls(self) -> tuple[str, ...]:
        return _addresses(self._points(oids.CRL_DISTRIBUTION_POINTS))

    @cached_property
    def freshest_crl_urls(self) -> tuple[str, ...]:
        """Where delta lists are."""
        return _addresses(self._points(oids.FRESHEST_CRL))

    @cached_property
    def crl_points(self) -> frozenset[bytes]:
        """Names of its distribution points, as encoded."""
        return frozenset(one.raw for one in self._points(oids.CRL_DISTRIBUTION_POINTS))

    def _points(self, extension: str) -> list[der.Node]:
        return [
            general
            for point in self._parts(extension)
            for part in point.parts()
            if part.tag == 0xA0
            for name in part.children
            if name.tag == 0xA0
            for general in name.children
        ]

    @cached_property
    def info(self) -> CertificateInfo:
        """Everything in plain values; raises DerError on a certificate with broken parts."""
        names = self.subject_names
        codes = _Codes.of(self)
        issuer = read_name(self.issuer_node)
        kind = codes.kind
        surname = names.get(oids.SURNAME, "")
        given = names.get(oids.GIVEN_NAME, "")
        common = names.get(oids.COMMON_NAME, "")
        full = " ".join(part for part in (surname, given) if part)
        qc = self.qc_statements
        try:
            key = self.public_key.description
        except keys.UnusableKey as error:
            key = str(error)
        seal_type = qc.get(oids.QC_TYPE)
        types = {p.oid for p in seal_type.parts()} if seal_type else set()
        is_seal = (
            kind == "seal"
            or oids.EKU_SEAL in self.extended_key_usage
            or (oids.QC_TYPE_SEAL in types and oids.QC_TYPE_SIGN not in types)
        )
        return CertificateInfo(
            serial=self.serial.lstrip(b"\0").hex().upper() or "00",
            subject=_name_text(self.subject_node),
            issuer=_name_text(self.issuer_node),
            issuer_name=issuer.get(oids.COMMON_NAME) or issuer.get(oids.ORGANIZATION, ""),
            common_name=common,
            full_name=full or common,
            surname=surname,
            given_name=given,
            organisation=names.get(oids.ORGANIZATION, ""),
            organisational_unit=names.get(oids.ORGANIZATIONAL_UNIT, ""),
            title=names.get(oids.TITLE, ""),
            locality=names.get(oids.LOCALITY, ""),
            rnokpp=codes.rnokpp,
            edrpou=codes.edrpou,
            unzr=codes.unzr,
            conflicts=codes.conflicts,
            kind=kind,
            is_seal=is_seal,
            not_before=self.not_before,
            not_after=self.not_after,
            fingerprint=self.fingerprint,
            key=key,
            key_usage=tuple(n for n in KEY_USAGES if n in (self.key_usage or ())),
            extended_key_usage=self.extended_key_usage,
            policies=self.policies,
            qc_statements=tuple(qc),
            qualified=oids.QC_COMPLIANCE in qc or oids.QC_UKRAINE in qc,
            carrier="qscd" if oids.QC_SSCD in qc else "file",
            is_authority=self.authority[0],
            ocsp_urls=self.urls(oids.AUTHORITY_INFO_ACCESS, oids.ACCESS_OCSP),
            crl_urls=self.crl_urls,
            tsp_urls=self.urls(oids.SUBJECT_INFO_ACCESS, oids.ACCESS_TSP),
        )


def _addresses(names: list[der.Node]) -> tuple[str, ...]:
    return tuple(one.content.decode("ascii", "replace") for one in names if one.tag == 0x86)


@dataclass(frozen=True, slots=True)
class _Codes:
    """The subject's codes after reading every place they are written in."""

    rnokpp: str | None
    edrpou: str | None
    unzr: str | None
    conflicts: tuple[str, ...]
    document: str | None = None  # the number of an identity card or a passport

    @classmethod
    def of(cls, certificate: Certificate) -> "_Codes":
        names, attributes = certificate.subject_names, certificate.directory_attributes
        serial = names.get(oids.SERIAL_NUMBER, "")
        organisation = names.get(oids.ORGANIZATION_IDENTIFIER, "")
        places = {
            "rnokpp": [attributes.get(oids.SDA_RNOKPP), _after("TINUA-", serial)],
            "edrpou": [attributes.get(oids.SDA_EDRPOU), _after("NTRUA-", organisation)],
            "unzr": [attributes.get(oids.SDA_UNZR), _after("PNOUA-", serial)],
        }
        conflicts, chosen = [], {}
        for name, values in places.items():
            known = {clean for value in values if (clean := _clean(value))}
            if len(known) > 1:
                conflicts.append(name)
            chosen[name] = known.pop() if len(known) == 1 else None
        documents = (_clean(_after(prefix, serial)) for prefix in ("IDCUA-", "PASUA-"))
        document = next((one for one in documents if one), None)
        return cls(**chosen, conflicts=tuple(conflicts), document=document)

    @property
    def kind(self) -> Kind:
        person = self.rnokpp or self.unzr or self.document
        if self.edrpou and person:
            return "sole_trader" if self.edrpou == person else "employee"
        if self.edrpou:
            return "seal"
        return "person" if person else "unknown"


def _after(prefix: str, value: str) -> str | None:
    return value[len(prefix) :] if value.upper().startswith(prefix) else None


def _clean(value: str | None) -> str | None:
    """A code without spaces; all zeros or a dash stand for absence in old certificates."""
    text = re.sub(r"\s", "", value or "").upper()
    return None if not text or set(text) <= {"0", "-"} else text[:32]


def same_algorithm(inner: der.Node, outer: der.Node) -> bool:
    """Whether the signed and the unsigned algorithm agree (RFC 5280 4.1.1.2).

    Some Ukrainian authorities write DSTU parameters in one and leave them out in the other;
    those parameters say nothing of the signature. Parameters of RSA-PSS do, so there not.
    """
    if inner.raw == outer.raw:
        return True
    name = outer.parts(1)[0].oid
    return inner.parts(1)[0].oid == name and name.startswith(oids.DSTU_PREFIX)


def read_name(node: der.Node) -> dict[str, str]:
    """The first value of each attribute of a distinguished name."""
    result: dict[str, str] = {}
    for rdn in node.parts():
        for pair in rdn.parts(0, der.SET):
            name, value = pair.parts(2)[:2]
            result.setdefault(name.oid, value.text.strip())
    return result


def _name_text(node: der.Node) -> str:
    shown = []
    for rdn in node.parts():
        for pair in rdn.parts(0, der.SET):
            name, value = pair.parts(2)[:2]
            shown.append(f"{_SHORT_NAMES.get(name.oid, name.oid)}={value.text.strip()}")
    return ", ".join(shown)


def name_of(node: der.Node) -> Name:
    """A name as RFC 5280 7.1 compares it: case and runs of spaces do not matter."""
    return tuple(
        (pair.parts(2)[0].oid, " ".join(pair.parts(2)[1].text.casefold().split()))
        for rdn in node.parts()
        for pair in rdn.parts(0, der.SET)
    )


@lru_cache(maxsize=1024)  # about 20 KB each
def load(data: bytes) -> Certificate:
    """Parse once, use often.

    Raises:
        DerError: not a certificate.
    """
    return Certificate(data)


# By fingerprints alone, so that the cache keeps no certificate alive.
_known: dict[tuple[str, str], bool] = {}


def signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key made this certificate's signature; remembered.

    An unusable key or algorithm counts as no.
    """
    pair = (certificate.fingerprint, issuer.fingerprint)
    if pair not in _known:
        if len(_known) >= 16384:
            _known.clear()
        try:
            algorithm = keys.signature_algorithm(certificate.algorithm_node)
            _known[pair] = keys.verify(
                issuer.spki, algorithm, certificate.tbs, certificate.signature
            )
        except ValueError:
            _known[pair] = False
    return _known[pair]
