"""A signature that was taken, and what is laid beside it later: time-stamps, certificates, answers.

CMS and XML alike; no signed byte ever changes. `of` reads either.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterable
from typing import Protocol

from lxml import etree

from signatures import archive, certificates, cms, der, keys, oids, revocation, xades, xmldsig
from signatures.xmldsig import DS, XADES

_METHOD = "http://www.w3.org/2001/10/xml-exc-c14n#"  # what stands around has no part in it


class Kept(Protocol):
    """One signature of one signer."""

    @property
    def raw(self) -> bytes: ...

    @property
    def value(self) -> bytes:
        """What a signature time-stamp is over."""

    @property
    def hash_oid(self) -> str | None:
        """The hash that the signature was made over; None when the algorithm is not known."""

    @property
    def algorithms(self) -> set[str]:
        """Every algorithm it stands on, by identifier."""

    def stamped(self, token: bytes) -> Kept:
        """With a signature time-stamp."""

    def widened(self, certificates_: Iterable[bytes], answers: Iterable[bytes]) -> Kept:
        """With certificates, revocation lists and OCSP answers for later."""

    def to_archive(self, content: bytes, hash_oid: str) -> tuple[bytes, bytes]:
        """What a new archive time-stamp must be over, and what belongs into its token.

        Raises:
            DerError, BadSignature: `content` is not what was signed.
        """

    def archived(self, token: bytes) -> Kept:
        """With an archive time-stamp that is ready to be kept."""


def of(raw: bytes) -> Kept:
    """Read a kept signature.

    Raises:
        DerError, BadSignature: not one signature by one signer.
    """
    return InXml(raw) if xades.is_xml(raw) else InCms(raw)


def ready(token: bytes, belongs: bytes) -> bytes:
    """An archive time-stamp's token as it is kept: of CMS with its index inside."""
    if not belongs:
        return token
    return cms.add_unsigned(token, 0, cms.attribute(oids.ATS_HASH_INDEX_V3, belongs))


class InCms:
    """CAdES: signature-time-stamp, values of the container, archive-time-stamp-v3."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.container = cms.parse_signed_data(raw)
        if len(self.container.signers) != 1:
            raise der.DerError("not one signer")
        (self.info,) = self.container.signers

    @property
    def value(self) -> bytes:
        return self.info.signature

    @property
    def hash_oid(self) -> str | None:
        try:
            return keys.signature_algorithm(self.info.algorithm, self.info.digest_oid).hash_oid
        except keys.UnusableKey:
            return None

    @property
    def algorithms(self) -> set[str]:
        return {self.info.digest_oid, self.info.algorithm.parts(1)[0].oid}

    def stamped(self, token: bytes) -> Kept:
        return self._with(oids.SIGNATURE_TIMESTAMP, token)

    def archived(self, token: bytes) -> Kept:
        return self._with(oids.ARCHIVE_TIMESTAMP_V3, token)

    def _with(self, name: str, value: bytes) -> Kept:
        return InCms(cms.add_unsigned(self.raw, 0, cms.attribute(name, value)))

    def widened(self, certificates_: Iterable[bytes], answers: Iterable[bytes]) -> Kept:
        return InCms(cms.add_values(self.raw, certificates_, answers))

    def to_archive(self, content: bytes, hash_oid: str) -> tuple[bytes, bytes]:
        return archive.to_stamp(self.container, 0, content, hash_oid)


class InXml:
    """XAdES: SignatureTimeStamp, TimeStampValidationData, ArchiveTimeStamp of namespace 1.4.1."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.thing = xades.OnlyThing(raw)
        self.signature = self.thing.signature

    @property
    def value(self) -> bytes:
        return self.signature.canonical_value(_METHOD)

    @property
    def hash_oid(self) -> str | None:
        try:
            return self.signature.algorithm().hash_oid
        except keys.UnusableKey:
            return None

    @property
    def algorithms(self) -> set[str]:
        digests = {
            xmldsig.digest_oid(xmldsig.only(one.node, "DigestMethod").get("Algorithm", ""))
            for one in self.signature.references
        }
        with contextlib.suppress(keys.UnusableKey):
            digests |= {self.signature.algorithm().oid, self.hash_oid}
        return {one for one in digests if one is not None}

    def stamped(self, token: bytes) -> Kept:
        return self._with(_stamp(f"{XADES}SignatureTimeStamp", token))

    def archived(self, token: bytes) -> Kept:
        return self._with(_stamp(f"{xades.XADES_141}ArchiveTimeStamp", token))

    def widened(self, certificates_: Iterable[bytes], answers: Iterable[bytes]) -> Kept:
        held = {one.der for one in self.signature.carried}
        said = {one.raw for one in self.signature.came_along}
        node = etree.Element(f"{xades.XADES_141}TimeStampValidationData")
        values = etree.SubElement(node, f"{XADES}CertificateValues")
        for one in dict.fromkeys(certificates_):
            if certificates.load(one).der not in held:
                _put(values, f"{XADES}EncapsulatedX509Certificate", one)
        answered = etree.SubElement(node, f"{XADES}RevocationValues")
        fresh = [one for one in dict.fromkeys(answers) if one not in said]
        for name in ("CRL", "OCSP"):
            of_kind = [one for one in fresh if revocation.is_crl(one) == (name == "CRL")]
            if of_kind:
                holder = etree.SubElement(answered, f"{XADES}{name}Values")
                for one in of_kind:
                    _put(holder, f"{XADES}Encapsulated{name}Value", one)
        for empty in (values, answered):
            if not len(empty):
                node.remove(empty)
        return self._with(node) if len(node) else self

    def to_archive(self, content: bytes, hash_oid: str) -> tuple[bytes, bytes]:
        pieces = self.signature.archive_pieces(_METHOD) if self.thing.is_of(content) else None
        if pieces is None:
            raise xmldsig.BadSignature("another document, or something signed that is not taken")
        return b"".join(bytes(one) for one in pieces), b""

    def _with(self, node: etree._Element) -> Kept:
        """The same document with one more unsigned property, the last."""
        root = xmldsig.parse(self.raw).root
        (properties,) = root.iterfind(f".//{XADES}QualifyingProperties")
        for name in ("UnsignedProperties", "UnsignedSignatureProperties"):
            found = properties.find(XADES + name)
            if found is None:
                found = etree.SubElement(properties, XADES + name)
            properties = found
        properties.append(node)
        return InXml(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True))


def _stamp(name: str, token: bytes) -> etree._Element:
    node = etree.Element(name)
    etree.SubElement(node, f"{DS}CanonicalizationMethod", Algorithm=_METHOD)
    _put(node, f"{XADES}EncapsulatedTimeStamp", token)
    return node


def _put(parent: etree._Element, name: str, value: bytes) -> None:
    etree.SubElement(parent, name).text = base64.b64encode(value).decode()
