"""Enhanced security services: which certificate a signature itself names (RFC 5035, RFC 2634).

Without it, the certificate beside a signature could be replaced by another of the same key.
"""

from collections.abc import Iterator
from functools import lru_cache

from signatures import der, oids
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.cms import SignerInfo

# Attribute → the hash it means where it names none.
_ATTRIBUTES = {oids.SIGNING_CERTIFICATE_V2: oids.SHA256, oids.SIGNING_CERTIFICATE: oids.SHA1}


def names(info: SignerInfo, certificate: Certificate) -> Iterator[bool]:
    """Of each signing-certificate attribute that is there, the second version first: whether it
    means this certificate.

    Raises:
        DerError: an attribute of another shape.
    """
    for name, default in _ATTRIBUTES.items():
        if name in info.signed:
            value = info.one(name)
            yield value is not None and _means(value, name, default, certificate)


@lru_cache(maxsize=512)
def _digest(hash_oid: str, certificate: Certificate) -> bytes:
    return hashes.digest(hash_oid, certificate.der)


def _means(value: der.Node, name: str, default: str, certificate: Certificate) -> bool:
    parts = value.parts(1)[0].parts(1)[0].parts(1)
    hash_oid = default
    if parts[0].tag == der.SEQUENCE and name == oids.SIGNING_CERTIFICATE_V2:
        hash_oid, parts = parts[0].parts(1)[0].oid, parts[1:]
    if not parts:
        return False
    try:
        # GOST here is always with the default table (trap 10)
        computed = _digest(hash_oid, certificate)
    except hashes.UnknownHash:
        return False
    if computed != parts[0].expect(der.OCTET_STRING).content:
        return False
    if len(parts) > 1 and parts[1].tag == der.SEQUENCE:
        serial = parts[1].parts(2)[1].expect(der.INTEGER).content
        return serial.lstrip(b"\0") == certificate.serial.lstrip(b"\0")
    return True
