"""Public keys out of certificates, and the check of one signature against one key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes as classic_hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signatures import der, oids, work
from signatures.algorithms import hashes
from signatures.algorithms.curves import BY_DEGREE, BY_OID, Curve
from signatures.algorithms.dstu4145 import Point, PointError, arithmetic
from signatures.algorithms.gost28147 import DKE1

MINIMUM_RSA_BITS = 1024
EC_CURVES = frozenset(
    {
        "1.2.840.10045.3.1.7",  # P-256
        "1.3.132.0.34",  # P-384
        "1.3.132.0.35",  # P-521
        "1.3.132.0.10",  # secp256k1
    }
)


class UnusableKey(ValueError):
    """A key no signature can be checked with; the text says why in one of the codes below."""


UNSUPPORTED = "UNSUPPORTED_ALGORITHM"
NON_STANDARD_CURVE = "NON_STANDARD_CURVE"
BAD_POINT = "BAD_PUBLIC_POINT"
MALFORMED = "MALFORMED_KEY"
TOO_SHORT = "KEY_TOO_SHORT"
UNKNOWN_TABLE = "UNKNOWN_SUBSTITUTION_TABLE"
UNDECIDED = frozenset({UNSUPPORTED, UNKNOWN_TABLE})  # neither good nor bad: nobody can say
# Substitution tables of GOST 34.311 that are believed: DKE No. 1, and the one of authorities
# accredited before 2013 (MASTERKEY, IVK, the tax service). With a table of zeros one signature
# holds over two documents.
TABLES = frozenset(
    {
        DKE1,
        bytes.fromhex(
            "4a92d80e6b1c7f53eb4c6dfa23810759581da342efc7609b7da1089fe46cb253"
            "6c715fd84a9e03b24ba0721d36859cfedb413f590ae7682c1fd057a4923e6b8c"
        ),
    }
)
ORDER_RSA_BITS = 2048  # of what takes effect now; an older document may have a shorter one


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """A signature's algorithm: its identifier, the hash it takes, and of RSA-PSS the salt's size
    and the hash of the mask (the same hash when not named)."""

    oid: str
    hash_oid: str
    pss_salt: int | None = None
    pss_mask_oid: str = ""

    @property
    def name(self) -> str:
        return _NAMES.get(self.oid, self.oid)


_NAMES = {
    oids.DSTU4145_GOST: "ДСТУ 4145 з ГОСТ 34.311",
    oids.DSTU4145_KUPYNA256: "ДСТУ 4145 з Купиною-256",
    oids.DSTU4145_KUPYNA384: "ДСТУ 4145 з Купиною-384",
    oids.DSTU4145_KUPYNA512: "ДСТУ 4145 з Купиною-512",
    "1.2.840.10045.4.3.2": "ECDSA з SHA-256",
    "1.2.840.10045.4.3.3": "ECDSA з SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA з SHA-512",
    oids.EC_PUBLIC_KEY: "ECDSA",
    oids.RSA: "RSA",
    oids.RSA_PSS: "RSA-PSS",
    "1.2.840.113549.1.1.11": "RSA з SHA-256",
    "1.2.840.113549.1.1.12": "RSA з SHA-384",
    "1.2.840.113549.1.1.13": "RSA з SHA-512",
}


def signature_algorithm(node: der.Node, digest_oid: str | None = None) -> SignatureAlgorithm:
    """Read an AlgorithmIdentifier; bare RSA or EC keys take the hash named beside them.

    Raises:
        UnusableKey: the algorithm is not one of ours (optimal normal basis included).
        DerError: not an AlgorithmIdentifier.
    """
    parts = node.parts(1)
    oid = parts[0].oid
    if oid == oids.RSA_PSS:
        return _pss(parts)
    if oid in (oids.RSA, oids.EC_PUBLIC_KEY):
        if digest_oid is None:
            raise UnusableKey(UNSUPPORTED)
        return SignatureAlgorithm(oid, digest_oid)
    hash_oid = oids.SIGNATURE_HASHES.get(oid)
    if hash_oid is None:
        raise UnusableKey(UNSUPPORTED)
    return SignatureAlgorithm(oid, hash_oid)


def _pss(parts: list[der.Node]) -> SignatureAlgorithm:
    hash_oid, mask_oid, salt = oids.SHA1, oids.SHA1, 20
    for option in parts[1].parts() if len(parts) > 1 and parts[1].tag == der.SEQUENCE else []:
        if option.tag == 0xA0:
            hash_oid = option.inner().parts(1)[0].oid
        elif option.tag == 0xA1:
            mask = option.inner().parts(2)
            if mask[0].oid != oids.MGF1:
                raise UnusableKey(UNSUPPORTED)
            mask_oid = mask[1].parts(1)[0].oid
        elif option.tag == 0xA2:
            salt = option.inner().number
    if hash_oid not in _CLASSIC or mask_oid not in _CLASSIC:
        raise UnusableKey(UNSUPPORTED)
    return SignatureAlgorithm(oids.RSA_PSS, hash_oid, salt, mask_oid)


class PublicKey(Protocol):
    """What every key can do."""

    @property
    def table(self) -> bytes: ...

    @property
    def description(self) -> str: ...

    @property
    def weak(self) -> bool:
        """Too weak for what takes effect now."""
        ...

    def verify(self, algorithm: SignatureAlgorithm, digest: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class DstuKey:
    """A DSTU 4145 key on a standard curve, with the substitution table of its parameters."""

    curve: Curve
    point: Point
    table: bytes = field(repr=False)
    big_endian: bool = False
    packed: bytes = field(default=b"", repr=False)

    @property
    def description(self) -> str:
        return f"ДСТУ 4145, {self.curve.m} біт"

    @property
    def weak(self) -> bool:
        return False

    def verify(self, algorithm: SignatureAlgorithm, digest: bytes, signature: bytes) -> bool:
        if not algorithm.oid.startswith(oids.DSTU_PREFIX):
            return False
        pair = split_signature(signature, self.curve.order_bytes, big_endian=self.big_endian)
        if pair is None:
            return False
        work.checking()
        h = hash_to_field(digest, self.curve.m)
        return arithmetic(self.curve.m).verify(self.point, h, *pair)


def hash_to_field(digest: bytes, m: int) -> int:
    """DSTU 4145 5.9 as Ukrainian certificates do it: little-endian, low m bits, 0 becomes 1."""
    return int.from_bytes(digest, "little") & ((1 << m) - 1) or 1


def split_signature(
    signature: bytes, half: int, *, big_endian: bool = False
) -> tuple[int, int] | None:
    """(r, s) of a raw pair, or of one wrapped in an OCTET STRING (BouncyCastle, certificates).

    Which of the two it is, its length says: what a raw value begins with says nothing, one in
    65,536 begins as a wrapped one does. Halves padded to another length are no signature.
    """
    if len(signature) != 2 * half:
        try:
            signature = der.parse(signature).expect(der.OCTET_STRING).content
        except der.DerError:
            return None
        if len(signature) != 2 * half:
            return None
    first, second = signature[:half], signature[half:]
    if big_endian:
        return int.from_bytes(second, "big"), int.from_bytes(first, "big")
    return int.from_bytes(first, "little"), int.from_bytes(second, "little")


_CLASSIC: dict[str, Callable[[], classic_hashes.HashAlgorithm]] = {
    oids.SHA1: classic_hashes.SHA1,
    oids.SHA224: classic_hashes.SHA224,
    oids.SHA256: classic_hashes.SHA256,
    oids.SHA384: classic_hashes.SHA384,
    oids.SHA512: classic_hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class ClassicKey:
    """An RSA key or an elliptic one on a NIST curve."""

    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    table: bytes = field(default=DKE1, repr=False)
    pss_only: bool = False  # the certificate names the key for RSA-PSS alone (RFC 4055 1.2)

    @property
    def description(self) -> str:
        if isinstance(self.key, rsa.RSAPublicKey):
            return f"RSA, {self.key.key_size} біт"
        return f"ECDSA, {self.key.curve.name}"

    @property
    def weak(self) -> bool:
        if not isinstance(self.key, rsa.RSAPublicKey):
            return False
        octets = (self.key.key_size + 7) // 8  # some generators leave the highest bit unset
        return 8 * octets < ORDER_RSA_BITS or self.key.public_numbers().e < 65537

    def verify(self, algorithm: SignatureAlgorithm, digest: bytes, signature: bytes) -> bool:
        maker = _CLASSIC.get(algorithm.hash_oid)
        if maker is None or algorithm.oid.startswith(oids.DSTU_PREFIX):
            return False
        hash_ = maker()
        work.checking()
        try:
            if isinstance(self.key, rsa.RSAPublicKey):
                if not algorithm.oid.startswith("1.2.840.113549.1.1."):
                    return False
                scheme: padding.AsymmetricPadding = padding.PKCS1v15()
                if algorithm.pss_salt is not None:
                    mask = _CLASSIC[algorithm.pss_mask_oid or algorithm.hash_oid]()
                    scheme = padding.PSS(padding.MGF1(mask), algorithm.pss_salt)
                elif self.pss_only:
                    return False
                self.key.verify(signature, digest, scheme, utils.Prehashed(hash_))
            else:
                if not algorithm.oid.startswith("1.2.840.10045."):
                    return False
                self.key.verify(signature, digest, ec.ECDSA(utils.Prehashed(hash_)))
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            return False
        return True


@lru_cache(maxsize=4096)
def public_key(spki: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo.

    Raises:
        UnusableKey: unsupported, not on a standard curve, or not a point of the right order.
    """
    try:
        return _public_key(spki)
    except der.DerError as error:
        raise UnusableKey(MALFORMED) from error


def _public_key(spki: bytes) -> PublicKey:
    algorithm, bits = der.parse(spki).parts(2)[:2]
    parts = algorithm.parts(1)
    oid = parts[0].oid
    if oid.startswith(oids.DSTU_PREFIX):
        if oid not in (oids.DSTU4145_GOST, oids.DSTU4145_BIG_ENDIAN):
            raise UnusableKey(UNSUPPORTED)
        if len(parts) < 2:
            raise UnusableKey(MALFORMED)
        return _dstu_key(parts[1], bits.bits, big_endian=oid == oids.DSTU4145_BIG_ENDIAN)
    if oid not in (oids.RSA, oids.RSA_PSS, oids.EC_PUBLIC_KEY):
        raise UnusableKey(UNSUPPORTED)
    if oid == oids.EC_PUBLIC_KEY and (len(parts) < 2 or parts[1].tag != der.OID):
        raise UnusableKey(NON_STANDARD_CURVE)  # explicit parameters: the CurveBall pattern
    if oid == oids.EC_PUBLIC_KEY and parts[1].oid not in EC_CURVES:
        raise UnusableKey(UNSUPPORTED)
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(MALFORMED) from error
    if isinstance(key, rsa.RSAPublicKey):
        if not MINIMUM_RSA_BITS <= key.key_size <= 16384:
            raise UnusableKey(TOO_SHORT)
        return ClassicKey(key, pss_only=oid == oids.RSA_PSS)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return ClassicKey(key)
    raise UnusableKey(UNSUPPORTED)


def dstu_parameters(parameters: der.Node, *, big_endian: bool = False) -> tuple[Curve, bytes]:
    """The curve and the substitution table of a DSTU 4145 key, public or secret.

    Raises:
        UnusableKey: not one of the standard curves, or a table of another size.
        DerError: not parameters at all.
    """
    parts = parameters.parts(1)
    if parts[0].tag == der.OID:
        named = BY_OID.get(parts[0].oid)
        if named is None:
            raise UnusableKey(NON_STANDARD_CURVE)
        curve = named
    else:
        curve = _explicit(parts[0], big_endian=big_endian)
    table = DKE1
    if len(parts) > 1:
        table = parts[1].expect(der.OCTET_STRING).content
        if len(table) != 64:
            raise UnusableKey(MALFORMED)
    return curve, table


def _dstu_key(parameters: der.Node, bits: bytes, *, big_endian: bool) -> DstuKey:
    curve, table = dstu_parameters(parameters, big_endian=big_endian)
    if table not in TABLES:
        raise UnusableKey(UNKNOWN_TABLE)
    packed = der.parse(bits).expect(der.OCTET_STRING).content
    if len(packed) > (curve.m + 7) // 8:
        raise UnusableKey(BAD_POINT)
    number = int.from_bytes(packed, "big" if big_endian else "little")
    try:
        point = arithmetic(curve.m).expand(number)
    except PointError as error:
        raise UnusableKey(BAD_POINT) from error
    return DstuKey(curve, point, table, big_endian, packed)


def _explicit(node: der.Node, *, big_endian: bool) -> Curve:
    """The standard curve that explicit parameters repeat to the last bit.

    Raises:
        UnusableKey: any difference, the base point included.
    """
    order = "big" if big_endian else "little"
    parts = node.parts(5)
    if parts[0].tag == 0xA0:
        parts = parts[1:]
    if len(parts) < 5:
        raise UnusableKey(MALFORMED)
    field_, a, b, n, base = parts[:5]
    degree, reduction = field_.parts(2)[:2]
    if reduction.tag == der.INTEGER:
        exponents: tuple[int, ...] = (reduction.number,)
    else:
        exponents = tuple(sorted((part.number for part in reduction.parts()), reverse=True))
    curve = BY_DEGREE.get(degree.number)
    if (
        curve is None
        or exponents != curve.exponents
        or a.number != curve.a
        or n.number != curve.n
        or int.from_bytes(b.expect(der.OCTET_STRING).content, order) != curve.b  # type: ignore[arg-type]
    ):
        raise UnusableKey(NON_STANDARD_CURVE)
    packed = int.from_bytes(base.expect(der.OCTET_STRING).content, order)  # type: ignore[arg-type]
    if packed != _packed_base(curve.m):
        raise UnusableKey(NON_STANDARD_CURVE)
    return curve


@lru_cache(maxsize=16)
def _packed_base(m: int) -> int:
    curve = BY_DEGREE[m]
    return arithmetic(m).compress((curve.x, curve.y))


def verify(spki: bytes, algorithm: SignatureAlgorithm, data: bytes, signature: bytes) -> bool:
    """Whether `signature` is over `data` by the key in `spki`.

    Raises:
        UnusableKey: the key cannot be used at all.
        UnknownHash: nor can the hash.
    """
    key = public_key(spki)
    work.hashing(len(data))
    digest = hashes.digest(algorithm.hash_oid, data, key.table)
    return key.verify(algorithm, digest, signature)
