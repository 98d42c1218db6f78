"""CMS EnvelopedData (RFC 5652 6) as Ukrainian services write it: a message for one recipient.

Two DSTU 4145 keys agree on a secret by cofactor Diffie-Hellman, GOST 34.311 makes a key of it,
that key wraps the content's own by GOST 28147, and GOST 28147 with feedback encrypts the content
(order of the Administration of DSSZZI 739 of 18.12.2012; RFC 5753 for the shape).

Nothing here says who wrote the content: feedback encryption can be changed by whoever carries it.
Whoever needs to know verifies a signature inside or around the envelope.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from signatures import der, keys, oids
from signatures.algorithms.dstu4145 import PointError, arithmetic
from signatures.algorithms.gost28147 import (
    BLOCK,
    DKE1,
    KEY_SIZE,
    WrongKey,
    cfb_decrypt,
    cfb_encrypt,
    unwrap,
    wrap,
)
from signatures.algorithms.gost34311 import gost34311
from signatures.certificates import Certificate, load
from signatures.containers import SecretKey, cfb_parameters

MAX_SIZE = 4 * 1024 * 1024
MAX_RECIPIENTS = 64
_UKM_SIZE = 64


class CannotOpen(ValueError):
    """The message was not opened; the class says why and the text tells the details."""


class NotAnEnvelope(CannotOpen):
    """The bytes are not EnvelopedData of the algorithms known here."""


class NotForUs(CannotOpen):
    """No recipient of the message is the given certificate."""


class UnknownOriginator(CannotOpen):
    """The message names its sender's certificate and nobody gave it."""


class WrongSecret(CannotOpen):
    """The keys do not agree: another secret key, or a message damaged on its way."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was inside, and the certificate of whoever wrapped it when the message names one."""

    content: bytes = field(repr=False)
    content_type: str
    originator: Certificate | None


def is_enveloped(data: bytes) -> bool:
    """Whether this reads as EnvelopedData at all."""
    try:
        return der.parse(data, trailing=True).parts(2)[0].oid == oids.ENVELOPED_DATA
    except der.DerError:
        return False


def open_envelope(
    data: bytes,
    secret: SecretKey,
    certificate: Certificate,
    *,
    originators: Sequence[Certificate] = (),
) -> Opened:
    """Decrypt a message for `certificate`, whose secret half is `secret`.

    A sender named by certificate is looked for among `originators` and in the message itself.

    Raises:
        NotAnEnvelope, NotForUs, UnknownOriginator, WrongSecret: and nothing else for any input.
    """
    if len(data) > MAX_SIZE:
        raise NotAnEnvelope("a message of impossible size")
    try:
        return _open(data, secret, certificate, originators)
    except (der.DerError, keys.UnusableKey, RecursionError) as error:
        raise NotAnEnvelope(str(error)) from error
    except (WrongKey, PointError) as error:
        raise WrongSecret(str(error)) from error


def _open(
    data: bytes, secret: SecretKey, certificate: Certificate, originators: Sequence[Certificate]
) -> Opened:
    parts = der.parse(data, trailing=True).parts(2)
    if parts[0].oid != oids.ENVELOPED_DATA:
        raise der.DerError("not enveloped data")
    fields = parts[1].expect(0xA0).inner().parts(3)[1:]
    carried: list[Certificate] = []
    if fields[0].tag == 0xA0:
        carried = list(_carried(fields.pop(0)))
    if len(fields) < 2:
        raise der.DerError("the content is missing")
    agreement, wrapped = _ours(fields[0], certificate)
    sender, public = _originator(agreement[1], certificate, [*originators, *carried])
    if public.curve != secret.curve:
        raise WrongSecret("the keys are on different curves")
    x = arithmetic(secret.curve.m).shared_secret(secret.d, public.point)
    material = _material(agreement)
    key = _unwrapped(x, secret.curve.m, material, wrapped)
    content_type, algorithm, body = fields[1].parts(3)[:3]
    name, parameters = algorithm.parts(2)[:2]
    if name.oid != oids.GOST28147_CFB:
        raise der.DerError("another cipher")
    start, table = cfb_parameters(parameters)
    content = cfb_decrypt(key, start, body.expect(0x80, 0xA0).octets(), table)
    return Opened(content, content_type.oid, sender)


def _carried(node: der.Node) -> Iterator[Certificate]:
    """Certificates of OriginatorInfo."""
    for part in node.children:
        if part.tag == 0xA0:
            for child in part.children:
                if child.tag == der.SEQUENCE:
                    yield load(child.raw)


def _ours(recipients: der.Node, certificate: Certificate) -> tuple[list[der.Node], bytes]:
    """The parts of the agreement that names our certificate, and the key wrapped for it."""
    infos = recipients.parts(1, der.SET)
    if len(infos) > MAX_RECIPIENTS:
        raise der.DerError("too many recipients")
    for info in infos:
        if info.tag != 0xA1:  # other kinds of recipients are not key agreement
            continue
        parts = info.children
        if len(parts) < 4:
            raise der.DerError("a part of the agreement is missing")
        for entry in parts[-1].parts(1)[:MAX_RECIPIENTS]:
            rid, wrapped = entry.parts(2)[:2]
            if _names(rid, certificate):
                _expect_algorithms(parts[-2])
                return parts, wrapped.expect(der.OCTET_STRING).octets()
    raise NotForUs("the message is for another certificate")


def _names(identifier: der.Node, certificate: Certificate) -> bool:
    """Whether an identifier of sender or recipient means this certificate."""
    if identifier.tag == der.SEQUENCE:
        issuer, serial = identifier.parts(2)[:2]
        wanted = serial.expect(der.INTEGER).content.lstrip(b"\0")
        return issuer.raw == certificate.issuer and wanted == certificate.serial.lstrip(b"\0")
    if identifier.tag == 0xA0:  # RecipientKeyIdentifier
        parts = identifier.children
        return bool(parts) and parts[0].content == certificate.key_identifier
    return identifier.tag == 0x80 and identifier.content == certificate.key_identifier


def _expect_algorithms(node: der.Node) -> None:
    agreement, wrapping = node.parts(2)[:2]
    if agreement.oid != oids.DH_COFACTOR_GOST34311:
        raise der.DerError("another way to agree on a key")
    if wrapping.parts(1)[0].oid != oids.GOST28147_WRAP:
        raise der.DerError("another way to wrap a key")


def _originator(
    node: der.Node, certificate: Certificate, known: Iterable[Certificate]
) -> tuple[Certificate | None, keys.DstuKey]:
    named = node.expect(0xA0).inner()
    if named.tag == 0xA1:
        return None, _bare_key(named, certificate)
    for candidate in known:
        if _names(named, candidate):
            return candidate, _dstu(candidate.spki)
    raise UnknownOriginator("the certificate of the sender is not known here")


def _bare_key(node: der.Node, certificate: Certificate) -> keys.DstuKey:
    """OriginatorPublicKey; one without parameters is on the recipient's curve (RFC 5753 7.1.1)."""
    if len(node.children) < 2:
        raise der.DerError("a part of the sender's key is missing")
    algorithm, bits = node.children[:2]
    has_parameters = len(algorithm.parts(1)) > 1 and algorithm.parts(2)[1].tag == der.SEQUENCE
    if not has_parameters:
        algorithm = der.parse(certificate.spki).parts(2)[0]
    return _dstu(der.sequence(algorithm.raw, bits.expect(der.BIT_STRING).raw))


def _dstu(spki: bytes) -> keys.DstuKey:
    found = keys.public_key(spki)
    if not isinstance(found, keys.DstuKey):
        raise der.DerError("not a DSTU 4145 key")
    return found


def _material(agreement: list[der.Node]) -> bytes | None:
    """What the sender mixed in (UserKeyingMaterial), if anything."""
    ukm = agreement[2]
    return ukm.inner().expect(der.OCTET_STRING).octets() if ukm.tag == 0xA1 else None


# ── the key of the key ───────────────────────────────────────────────────────
def _unwrapped(x: int, m: int, material: bytes | None, wrapped: bytes) -> bytes:
    """The content's key; its check value tells which form of the secret the sender hashed.

    Raises:
        WrongKey: it holds for none.
    """
    refusal: WrongKey | None = None
    for octets in _forms(x, m):
        try:
            return unwrap(_derived(octets, material), wrapped)
        except WrongKey as error:
            refusal = error
    raise refusal or WrongKey("no form of the secret")


def _forms(x: int, m: int) -> Iterator[bytes]:
    """The agreed secret as octets. Implementations drop one leading zero octet (jkurwa), none
    (RFC 5753), or all; only one secret in 256 has two, so the first form nearly always fits."""
    whole = x.to_bytes((m + 7) // 8, "big")
    yield from dict.fromkeys((whole.removeprefix(b"\0"), whole, whole.lstrip(b"\0")))


def _derived(secret: bytes, material: bytes | None) -> bytes:
    """The key that wraps (X9.63 derivation, one block): always ДКЕ №1, whatever the keys carry."""
    shared = der.sequence(
        _wrapping(),
        *([] if material is None else [der.explicit(0, der.octet_string(material))]),
        der.explicit(2, der.octet_string((8 * KEY_SIZE).to_bytes(4, "big"))),
    )
    return gost34311(secret + b"\0\0\0\1" + shared)


def _wrapping() -> bytes:
    return der.sequence(der.oid(oids.GOST28147_WRAP), der.null())


# ── sealing: the demo provider, tests, the opener's own proof ────────────────
def seal_envelope(
    content: bytes,
    *,
    to: Certificate,
    secret: SecretKey,
    sender: Certificate,
    content_type: str = oids.DATA,
) -> bytes:
    """A message that only the holder of `to`'s secret key opens, from `sender`, whose secret half
    is `secret`.

    Raises:
        NotAnEnvelope: the recipient's key cannot agree with the sender's.
    """
    try:
        public = _dstu(to.spki)
    except (der.DerError, keys.UnusableKey) as error:
        raise NotAnEnvelope(str(error)) from error
    if public.curve != secret.curve:
        raise NotAnEnvelope("the keys are on different curves")
    m = secret.curve.m
    material, start, key = (secrets.token_bytes(size) for size in (_UKM_SIZE, BLOCK, KEY_SIZE))
    octets = next(_forms(arithmetic(m).shared_secret(secret.d, public.point), m))
    wrapped = wrap(_derived(octets, material), key, secrets.token_bytes(BLOCK))
    agreement = der.tlv(
        0xA1,
        der.integer(3),
        der.explicit(0, _issuer_and_serial(sender)),
        der.explicit(1, der.octet_string(material)),
        der.sequence(der.oid(oids.DH_COFACTOR_GOST34311), _wrapping()),
        der.sequence(der.sequence(_issuer_and_serial(to), der.octet_string(wrapped))),
    )
    encrypted = der.sequence(
        der.oid(content_type),
        der.sequence(
            der.oid(oids.GOST28147_CFB),
            der.sequence(der.octet_string(start), der.octet_string(DKE1)),
        ),
        der.tlv(0x80, cfb_encrypt(key, start, content)),
    )
    body = der.sequence(der.integer(2), der.set_of(agreement), encrypted)
    return der.sequence(der.oid(oids.ENVELOPED_DATA), der.explicit(0, body))


def _issuer_and_serial(certificate: Certificate) -> bytes:
    return der.sequence(certificate.issuer, der.tlv(der.INTEGER, certificate.serial))
