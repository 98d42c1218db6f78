"""Opening the key files of Ukrainian providers: PKCS#8, PBES2, PKCS#12 and IIT's Key-6.dat.

For the one secret that lives on a server: the installation's own key-agreement key, to which
answers are encrypted (`enveloped`). People's signing keys are opened in their browsers and never
come here.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from signatures import der, keys, oids
from signatures.algorithms.curves import Curve
from signatures.algorithms.dstu4145 import arithmetic
from signatures.algorithms.gost28147 import BLOCK, DKE1, cfb_decrypt, ecb_decrypt
from signatures.algorithms.gost34311 import Gost34311, gost34311
from signatures.certificates import Certificate

MAX_SIZE = 256 * 1024
MAX_ITERATIONS = 100_000  # providers use 10,000
_IIT_ITERATIONS = 10_000
_TABLE_SIZE = 64


class WrongPassword(ValueError):
    """The container does not open with this password."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A secret DSTU 4145 key with the substitution table of its parameters."""

    curve: Curve
    d: int = field(repr=False)
    table: bytes = field(default=DKE1, repr=False)

    def belongs_to(self, certificate: Certificate) -> bool:
        """Whether the certificate carries this key's public half."""
        try:
            public = certificate.public_key
        except keys.UnusableKey:
            return False
        return (
            isinstance(public, keys.DstuKey)
            and public.curve == self.curve
            and public.point == arithmetic(self.curve.m).public_key(self.d)
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a container holds."""

    keys: tuple[SecretKey, ...]
    certificates: tuple[bytes, ...] = ()


def open_container(data: bytes, password: str = "") -> Opened:
    """The keys and certificates of a key file, whichever of the known kinds it is.

    Raises:
        WrongPassword: it does not open with this password.
        DerError: not a key file of these kinds.
    """
    if len(data) > MAX_SIZE:
        raise der.DerError("a key file of impossible size")
    binary = bytes(der.unarmour(data))
    parts = der.parse(binary, trailing=True).parts(2)
    try:
        if parts[0].tag == der.INTEGER and parts[1].parts(1)[0].tag == der.OID:
            if parts[1].parts(1)[0].oid == oids.DATA:
                return _pkcs12(parts, password)
            return Opened(tuple(_private_keys(binary)))
        return Opened(tuple(_private_keys(_encrypted_key(parts, password))))
    except (keys.UnusableKey, OverflowError) as error:
        raise der.DerError(str(error)) from error


# ── secrets of passwords ─────────────────────────────────────────────────────
def hmac_gost(key: bytes, data: bytes) -> bytes:
    """HMAC (RFC 2104) over GOST 34.311 with 32-byte blocks."""
    if len(key) > 32:
        key = gost34311(key)
    key = key.ljust(32, b"\0")
    inner = gost34311(bytes(b ^ 0x36 for b in key) + data)
    return gost34311(bytes(b ^ 0x5C for b in key) + inner)


def derive(password: str, salt: bytes, iterations: int) -> bytes:
    """PBKDF2 (RFC 8018 5.2), one block of 32 bytes."""
    key = password.encode()
    if len(key) > 32:
        key = gost34311(key)
    key = key.ljust(32, b"\0")
    inner_pad, outer_pad = bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)

    def mac(data: bytes) -> bytes:
        return Gost34311(outer_pad + Gost34311(inner_pad + data).digest()).digest()

    block = mac(salt + b"\0\0\0\1")
    result = int.from_bytes(block, "big")
    for _ in range(iterations - 1):
        block = mac(block)
        result ^= int.from_bytes(block, "big")
    return result.to_bytes(32, "big")


def integrity_key(password: str, salt: bytes, iterations: int) -> bytes:
    """The integrity key of PKCS#12 (RFC 7292 appendix B, purpose 3) over GOST 34.311."""
    secret = password.encode("utf-16-be") + b"\0\0"

    def filled(data: bytes) -> bytes:
        return (data * (32 // len(data) + 1 if len(data) < 32 else 2))[: -(-len(data) // 32) * 32]

    result = bytes([3]) * 32 + filled(salt) + filled(secret)
    for _ in range(iterations):
        result = gost34311(result)
    return result


def _iterations(node: der.Node) -> int:
    if not 0 < node.number <= MAX_ITERATIONS:
        raise der.DerError("an impossible number of rounds")
    return node.number


# ── kinds of containers ──────────────────────────────────────────────────────
def _pkcs12(parts: list[der.Node], password: str) -> Opened:
    safe = parts[1].parts(2)[1].inner().octets()
    if len(parts) > 2:
        mac = parts[2].parts(2)
        salt = mac[1].octets()
        if not salt:
            raise der.DerError("an integrity check without salt")
        key = integrity_key(password, salt, _iterations(mac[2]) if len(mac) > 2 else 1)
        if not hmac.compare_digest(hmac_gost(key, safe), mac[0].parts(2)[1].octets()):
            raise WrongPassword
    found: list[SecretKey] = []
    held: list[bytes] = []
    for kind, value in _bags(safe, password):
        if kind == oids.PKCS12_SHROUDED_KEY:
            found += _private_keys(_encrypted_key(value.inner().parts(2), password))
        elif kind == oids.PKCS12_CERT_BAG:
            held.append(value.inner().parts(2)[1].inner().octets())
    return Opened(tuple(found), tuple(held))


def _bags(safe: bytes, password: str) -> Iterator[tuple[str, der.Node]]:
    for item in der.parse(safe).parts():
        kind, content = item.parts(2)[:2]
        if kind.oid == oids.ENCRYPTED_DATA:
            fields = content.inner().parts(2)[1].parts(3)
            inside = _pbes2(fields[1].parts(2), fields[2].octets(), password)
        else:
            inside = content.inner().octets()
        for bag in der.parse(inside, trailing=True).parts():
            name, value = bag.parts(2)[:2]
            yield name.oid, value


def _encrypted_key(parts: list[der.Node], password: str) -> bytes:
    """EncryptedPrivateKeyInfo under PBES2, or IIT's own scheme."""
    scheme, body = parts[0].parts(2), parts[1].octets()
    if scheme[0].oid == oids.IIT_STORE:
        return _iit(scheme, body, password)
    return _pbes2(scheme, body, password)


def _pbes2(scheme: list[der.Node], body: bytes, password: str) -> bytes:
    if scheme[0].oid != oids.PBES2:
        raise der.DerError("another scheme of encryption")
    kdf, cipher = scheme[1].parts(2)[:2]
    salt, iterations = kdf.parts(2)[1].parts(2)[:2]
    name, parameters = cipher.parts(2)[:2]
    if name.oid != oids.GOST28147_CFB:
        raise der.DerError("another cipher")
    start, table = cfb_parameters(parameters)
    key = derive(password, salt.octets(), _iterations(iterations))
    return cfb_decrypt(key, start, body, table)


def cfb_parameters(node: der.Node) -> tuple[bytes, bytes]:
    """The starting block and the substitution table of a cipher in feedback.

    Some implementations write more bytes than a block has; the first ones count.

    Raises:
        DerError: no whole block, or a table of another size.
    """
    fields = node.parts(1)
    start = fields[0].expect(der.OCTET_STRING).content[:BLOCK]
    table = fields[1].expect(der.OCTET_STRING).content if len(fields) > 1 else DKE1
    if len(start) != BLOCK or len(table) != _TABLE_SIZE:
        raise der.DerError("parameters of an impossible size")
    return start, table


def _iit(scheme: list[der.Node], body: bytes, password: str) -> bytes:
    """IIT's Key-6.dat: block by block under a password hashed again and again; the last block is
    completed by bytes kept beside."""
    key = password.encode()
    for _ in range(_IIT_ITERATIONS):
        key = gost34311(key)
    rest = scheme[1].parts(2)[1].octets()
    if (len(body) + len(rest)) % BLOCK:
        raise der.DerError("the encrypted key is cut short")
    return ecb_decrypt(key, body + rest)[: len(body)]


# ── the keys ─────────────────────────────────────────────────────────────────
def _private_keys(data: bytes) -> Iterator[SecretKey]:
    """The key of a PrivateKeyInfo and, where IIT keeps it, the second one in its attributes."""
    try:
        parts = der.parse(data, trailing=True).parts(3)
        algorithm = parts[1].parts(2)
        is_dstu = algorithm[0].oid.startswith(oids.DSTU_PREFIX)
    except der.DerError as error:
        # A wrong password gives noise; only a container's own check could say so for sure.
        raise WrongPassword from error
    if not is_dstu:
        raise der.DerError("not a DSTU 4145 key")
    curve, table = keys.dstu_parameters(algorithm[1])
    yield _secret(curve, parts[2].octets(), table)
    for part in parts[3:]:
        if part.tag == 0xA0:
            yield from _second_key(part)


def _second_key(attributes: der.Node) -> Iterator[SecretKey]:
    named = {
        name.oid: values.parts(1, der.SET)[0]
        for name, values in (attribute.parts(2)[:2] for attribute in attributes.children)
    }
    if oids.IIT_KEY_CURVE in named and oids.IIT_KEY_BITS in named:
        curve, table = keys.dstu_parameters(named[oids.IIT_KEY_CURVE])
        mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in named[oids.IIT_KEY_BITS].bits)
        yield _secret(curve, mirrored, table)


def _secret(curve: Curve, octets: bytes, table: bytes) -> SecretKey:
    d = int.from_bytes(octets, "little") % curve.n
    if not d:
        raise der.DerError("a secret of zero")
    return SecretKey(curve, d, table)
