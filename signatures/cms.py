"""CMS SignedData (RFC 5652) as slices of the received bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from signatures import certificates, der, oids

MAX_SIGNERS = 64
MAX_CERTIFICATES = 5_000
_ORDER = bytes([0xA0, 0xA1, der.SET])  # certificates, revocation, signers (RFC 5652 5.1)
_OCTETS = (der.OCTET_STRING, der.OCTET_STRING | 0x20)  # whole, or in pieces (BER)


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signature with its attributes; `signed_bytes` is exactly what was signed, or None
    when there are no signed attributes and the content itself was."""

    fields: tuple[bytes, ...] = field(repr=False)  # version to signature, as they came
    sid: der.Node
    digest: der.Node  # its AlgorithmIdentifier
    digest_oid: str
    signed_bytes: bytes | None
    signed: dict[str, list[der.Node]]
    algorithm: der.Node
    signature: bytes
    unsigned: dict[str, list[der.Node]]
    attributes: tuple[der.Node, ...] = field(default=(), repr=False)  # unsigned ones, whole
    repeated: frozenset[str] = frozenset()  # signed attributes present more than once

    def one(self, name: str) -> der.Node | None:
        """The value of a signed attribute that must be there once with one value, else None."""
        values = self.signed.get(name)
        return values[0] if values and len(values) == 1 and name not in self.repeated else None

    def find_certificate(
        self, pool: "list[certificates.Certificate]"
    ) -> "list[certificates.Certificate]":
        """Certificates of the pool that the signer identifier names."""
        if self.sid.tag == der.SEQUENCE:
            issuer, serial = self.sid.parts(2)[:2]
            wanted = serial.expect(der.INTEGER).content.lstrip(b"\0")
            issuer_raw = issuer.raw  # nothing signs the identifier, so not a byte of it may differ
            return [c for c in pool if c.serial.lstrip(b"\0") == wanted and c.issuer == issuer_raw]
        if self.sid.tag in (0x80, 0xA0):
            wanted = self.sid.content if self.sid.tag == 0x80 else self.sid.inner().content
            return [c for c in pool if c.key_identifier == wanted]
        return []


@dataclass(frozen=True, slots=True)
class SignedData:
    """A parsed container."""

    content_type: str
    content: list[memoryview] | None = field(repr=False)
    certificate_choices: list[bytes] = field(repr=False)  # kinds not read here included
    revocation_choices: list[bytes] = field(repr=False)
    certificates: list[bytes] = field(repr=False)
    crls: list[bytes] = field(repr=False)
    ocsp_responses: list[bytes] = field(repr=False)  # whole OCSPResponse structures
    signers: list[SignerInfo]
    # encapContentInfo as it came; a view, for it holds the whole content where that is attached
    encapsulated: memoryview = field(default=memoryview(b""), repr=False)
    beside: tuple[bytes, ...] = field(default=(), repr=False)  # certificates and crls, as they came
    trailing: int = 0  # bytes after the structure

    def content_bytes(self) -> bytes | None:
        return None if self.content is None else b"".join(self.content)


def parse_signed_data(data: bytes | memoryview) -> SignedData:
    """Read a container; base64 and PEM must be undone before (`der.unarmour`).

    Raises:
        DerError: not SignedData, broken, or of absurd size.
    """
    root = der.parse(data, trailing=True)
    parts = root.parts(2)
    if parts[0].oid != oids.SIGNED_DATA:
        raise der.DerError("not signed data")
    fields = parts[1].expect(0xA0).inner().parts(4)
    _check_version(fields[0], (1, 3, 4, 5))
    announced = frozenset(item.parts(1)[0].oid for item in fields[1].expect(der.SET).children)
    content_info = fields[2].parts(1)
    certificates_: list[der.Node] = []
    revocation: list[der.Node] = []
    signers: list[SignerInfo] = []
    seen = [part.tag for part in fields[3:]]
    if seen != sorted(set(seen), key=_ORDER.find) or der.SET not in seen:
        raise der.DerError("parts of signed data twice, or out of their order")
    for part in fields[3:]:
        if part.tag == 0xA0:
            if len(part.children) > MAX_CERTIFICATES:
                raise der.DerError("too many certificates")
            certificates_ = part.children
        elif part.tag == 0xA1:
            revocation = part.children
        else:
            if len(part.children) > MAX_SIGNERS:
                raise der.DerError("too many signers")
            signers = [parse_signer(child) for child in part.children]
    if announced and any(info.digest_oid not in announced for info in signers):
        raise der.DerError("a hash that the container does not announce")  # RFC 5652 5.3
    crls, responses = _revocation(revocation)
    return SignedData(
        content_type=content_info[0].oid,
        content=_content(content_info),
        certificate_choices=[child.raw for child in certificates_],
        revocation_choices=[child.raw for child in revocation],
        certificates=[child.raw for child in certificates_ if _is_certificate(child)],
        crls=crls,
        ocsp_responses=responses,
        signers=signers,
        encapsulated=fields[2].buffer[fields[2].start : fields[2].end],
        beside=tuple(part.raw for part in fields[3:] if part.tag != der.SET),
        trailing=len(data) - root.end,
    )


def _content(info: list[der.Node]) -> list[memoryview] | None:
    """The pieces of the attached content; None when it lies elsewhere."""
    if len(info) < 2:
        return None
    holder = info[1].expect(0xA0).inner()
    if info[0].oid not in (oids.DATA, oids.TST_INFO) and holder.tag not in _OCTETS:
        return [_body(holder)]  # PKCS#7 before CMS allowed any type here; its body was signed
    return holder.expect(*_OCTETS).views()


def _revocation(choices: list[der.Node]) -> tuple[list[bytes], list[bytes]]:
    """Revocation lists and OCSP answers that came along (RFC 5652 10.2.1, RFC 5940)."""
    crls = [child.raw for child in choices if child.tag == der.SEQUENCE]
    others = [child.children[:2] for child in choices if child.tag == 0xA1]
    return crls, [value.raw for kind, value in others if kind.oid == oids.OCSP_RESPONSE_OTHER]


def _check_version(node: der.Node, known: tuple[int, ...]) -> None:
    if node.number not in known:
        raise der.DerError("a version nobody has defined")


def _is_certificate(node: der.Node) -> bool:
    """Whether this is a certificate, not one of the other kinds RFC 5652 10.2.2 names."""
    return node.expect(der.SEQUENCE, 0xA0, 0xA1, 0xA2, 0xA3).tag == der.SEQUENCE


def _body(node: der.Node) -> memoryview:
    return node.buffer[node.body : node.stop]


def parse_signer(node: der.Node) -> SignerInfo:
    """One SignerInfo, of a container or of a countersignature.

    Raises:
        DerError: broken.
    """
    parts = node.parts(5)
    _check_version(parts[0], (1, 3))
    sid, digest = parts[1], parts[2].parts(1)[0].oid
    if (sid.tag == der.SEQUENCE) != (parts[0].number == 1):  # RFC 5652 5.3
        raise der.DerError("a version that does not fit the signer's identifier")
    rest = parts[3:]
    signed_bytes = None
    signed: dict[str, list[der.Node]] = {}
    repeated: set[str] = set()
    if rest[0].tag == 0xA0:
        attributes = rest.pop(0)
        # RFC 5652 5.4: hashed as a SET OF, byte for byte as it came (some do not sort it)
        signed_bytes = _as_set(attributes)
        for name, values in _attributes(attributes):
            if name in signed:
                repeated.add(name)
            signed.setdefault(name, []).extend(values)
    if len(rest) < 2:
        raise der.DerError("a signature is missing")
    unsigned: dict[str, list[der.Node]] = {}
    attributes_: tuple[der.Node, ...] = ()
    if len(rest) > 2:
        attributes_ = tuple(rest[2].expect(0xA1).children)
        for name, values in _attributes(rest[2]):
            unsigned.setdefault(name, []).extend(values)
    return SignerInfo(
        fields=tuple(part.raw for part in parts[: len(parts) - len(rest) + 2]),
        sid=sid,
        digest=parts[2],
        digest_oid=digest,
        signed_bytes=signed_bytes,
        signed=signed,
        algorithm=rest[0],
        signature=rest[1].expect(*_OCTETS).octets(),
        unsigned=unsigned,
        attributes=attributes_,
        repeated=frozenset(repeated),
    )


def _as_set(node: der.Node) -> bytes:
    raw = node.raw
    if node.end == node.stop:
        return b"\x31" + raw[1:]
    return der.tlv(der.SET, node.content)  # indefinite length: DER of the same content


def _attributes(node: der.Node) -> Iterator[tuple[str, list[der.Node]]]:
    for attribute in node.children:
        name, values = attribute.parts(2)[:2]
        yield name.oid, values.parts(0, der.SET)


def add_unsigned(data: bytes, index: int, attribute: bytes) -> bytes:
    """The same container with one more unsigned attribute for one signer.

    Only lengths around it change; every signed byte stays as it was. For adding a signature
    time-stamp after the person signed.

    Raises:
        DerError: not SignedData, or no such signer.
    """
    root = der.parse(data, trailing=True)
    parts = root.parts(2)
    fields = parts[1].expect(0xA0).inner().parts(4)
    signer_set = fields[-1].expect(der.SET)
    signers = signer_set.children
    if not 0 <= index < len(signers):
        raise der.DerError("no such signer")
    pieces = signers[index].parts(5)
    if pieces[-1].tag == 0xA1:
        unsigned = der.tlv(0xA1, pieces[-1].content, attribute)
        kept = pieces[:-1]
    else:
        unsigned, kept = der.tlv(0xA1, attribute), pieces
    changed = der.sequence(*(piece.raw for piece in kept), unsigned)
    rebuilt = der.tlv(der.SET, *(changed if i == index else s.raw for i, s in enumerate(signers)))
    body = der.sequence(*(field.raw for field in fields[:-1]), rebuilt)
    return der.sequence(parts[0].raw, der.explicit(0, body))


def without_content(data: bytes) -> bytes:
    """The same signature, detached: what it is of lies elsewhere. No signed byte changes.

    Raises:
        DerError: not SignedData.
    """
    root = der.parse(data, trailing=True)
    parts = root.parts(2)
    fields = parts[1].expect(0xA0).inner().parts(4)
    bare = der.sequence(fields[2].parts(1)[0].raw)
    body = der.sequence(fields[0].raw, fields[1].raw, bare, *(field.raw for field in fields[3:]))
    return der.sequence(parts[0].raw, der.explicit(0, body))


def attribute(name: str, value: bytes) -> bytes:
    """An attribute of one value, as `add_unsigned` takes it."""
    return der.sequence(der.oid(name), der.tlv(der.SET, value))


def add_values(data: bytes, certificates_: Iterable[bytes], answers: Iterable[bytes]) -> bytes:
    """The same container with more certificates, revocation lists and OCSP answers beside its
    signatures, after those that are there; nothing signed changes.

    Raises:
        DerError: not SignedData.
    """
    root = der.parse(data, trailing=True)
    parts = root.parts(2)
    fields = parts[1].expect(0xA0).inner().parts(4)
    held = {field.tag: [child.raw for child in field.children] for field in fields[3:]}
    choices = [
        one if der.parse(one).parts(1)[0].tag == der.SEQUENCE
        else der.tlv(0xA1, der.oid(oids.OCSP_RESPONSE_OTHER), one)
        for one in answers
    ]  # fmt: skip
    for tag, more in ((0xA0, list(certificates_)), (0xA1, choices)):
        held[tag] = list(dict.fromkeys([*held.get(tag, []), *more]))
    others = any(one[0] == 0xA1 for one in held[0xA1])
    version = der.integer(5) if others else fields[0].raw  # RFC 5652 5.1
    beside = [der.tlv(tag, *held[tag]) for tag in (0xA0, 0xA1) if held[tag]]
    body = der.sequence(version, *(field.raw for field in fields[1:3]), *beside, fields[-1].raw)
    return der.sequence(parts[0].raw, der.explicit(0, body))
