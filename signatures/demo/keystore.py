"""PKCS#12 containers of demo keys, in the scheme of Ukrainian key files.

PBES2 with PBKDF2 over HMAC-GOST 34.311 and GOST 28147 in cipher feedback; the key and its
certificates inside. The browser's opener reads the safe from a fixed place, which needs every
outer length in its four-byte form: a container with a certificate is always long enough for that.
"""

import secrets
from collections.abc import Sequence

from signatures import der, oids
from signatures.algorithms.gost28147 import DKE1, cfb_decrypt, cfb_encrypt
from signatures.algorithms.gost34311 import Gost34311, gost34311
from signatures.certificates import Certificate
from signatures.demo.signing import SigningKey

# A demo password protects an invented person, and browser tests open the file often: 2 × 500
# rounds of GOST in JavaScript are about 0.1 s. Real containers use 10,000.
ITERATIONS = 500


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


def _encrypted(data: bytes, password: str, iterations: int) -> tuple[bytes, bytes]:
    """AlgorithmIdentifier of PBES2 and the ciphertext."""
    salt, start = secrets.token_bytes(32), secrets.token_bytes(8)
    kdf = der.sequence(
        der.oid(oids.PBKDF2),
        der.sequence(
            der.octet_string(salt),
            der.integer(iterations),
            der.sequence(der.oid(oids.HMAC_GOST34311), der.null()),
        ),
    )
    cipher = der.sequence(
        der.oid(oids.GOST28147_CFB),
        der.sequence(der.octet_string(start), der.octet_string(DKE1)),
    )
    algorithm = der.sequence(der.oid(oids.PBES2), der.sequence(kdf, cipher))
    return algorithm, cfb_encrypt(derive(password, salt, iterations), start, data)


def _pkcs12_key(password: str, salt: bytes, iterations: int) -> bytes:
    """The integrity key of PKCS#12 (RFC 7292 appendix B, purpose 3) over GOST 34.311."""
    secret = password.encode("utf-16-be") + b"\0\0"

    def filled(data: bytes) -> bytes:
        return (data * (32 // len(data) + 1 if len(data) < 32 else 2))[: -(-len(data) // 32) * 32]

    result = bytes([3]) * 32 + filled(salt) + filled(secret)
    for _ in range(iterations):
        result = gost34311(result)
    return result


def pack(
    key: SigningKey,
    chain: Sequence[Certificate],
    password: str,
    *,
    name: str = "",
    iterations: int = ITERATIONS,
) -> bytes:
    """A container with one key and its certificates, the key's own certificate first."""
    private = der.sequence(der.integer(0), key.key_algorithm, der.octet_string(key.private_octets))
    algorithm, body = _encrypted(private, password, iterations)
    attributes = [
        der.sequence(der.oid(oids.LOCAL_KEY_ID), der.set_of(der.octet_string(key.identifier)))
    ]
    if name:
        friendly = der.tlv(der.BMP, name.encode("utf-16-be"))
        attributes.append(der.sequence(der.oid(oids.FRIENDLY_NAME), der.set_of(friendly)))
    key_bag = der.sequence(
        der.oid(oids.PKCS12_SHROUDED_KEY),
        der.explicit(0, der.sequence(algorithm, der.octet_string(body))),
        der.set_of(*attributes),
    )
    cert_bags = [
        der.sequence(
            der.oid(oids.PKCS12_CERT_BAG),
            der.explicit(
                0,
                der.sequence(
                    der.oid(oids.X509_CERTIFICATE),
                    der.explicit(0, der.octet_string(certificate.der)),
                ),
            ),
        )
        for certificate in chain
    ]
    cert_algorithm, cert_body = _encrypted(der.sequence(*cert_bags), password, iterations)
    encrypted = der.sequence(
        der.integer(0),
        der.sequence(der.oid(oids.DATA), cert_algorithm, der.tlv(0x80, cert_body)),
    )
    safe = der.sequence(
        der.sequence(der.oid(oids.DATA), der.explicit(0, der.octet_string(der.sequence(key_bag)))),
        der.sequence(der.oid(oids.ENCRYPTED_DATA), der.explicit(0, encrypted)),
    )
    salt = secrets.token_bytes(32)
    integrity = hmac_gost(_pkcs12_key(password, salt, iterations), safe)
    mac = der.sequence(
        der.sequence(
            der.sequence(der.oid(oids.GOST34311), der.null()), der.octet_string(integrity)
        ),
        der.octet_string(salt),
        der.integer(iterations),
    )
    return der.sequence(
        der.integer(3),
        der.sequence(der.oid(oids.DATA), der.explicit(0, der.octet_string(safe))),
        mac,
    )


class WrongPassword(ValueError):
    """The container does not open with this password."""


def unpack(data: bytes, password: str) -> tuple[list[SigningKey], list[bytes]]:
    """Open a container: its keys and certificates. For tests: people's keys are never opened here.

    Raises:
        WrongPassword: integrity does not hold.
        DerError: not a container of this scheme.
    """
    parts = der.parse(data, trailing=True).parts(2)
    safe = parts[1].parts(2)[1].inner().content
    if len(parts) > 2:
        mac = parts[2].parts(2)
        iterations = mac[2].number if len(mac) > 2 else 1
        key = _pkcs12_key(password, mac[1].content, iterations)
        if hmac_gost(key, safe) != mac[0].parts(2)[1].content:
            raise WrongPassword
    keys_found: list[SigningKey] = []
    certificates: list[bytes] = []
    for item in der.parse(safe).parts():
        kind, content = item.parts(2)[:2]
        if kind.oid == oids.ENCRYPTED_DATA:
            fields = content.inner().parts(2)[1].parts(3)
            bags = der.parse(_decrypted(fields[1], fields[2].content, password))
        else:
            bags = der.parse(content.inner().content)
        for bag in bags.parts():
            bag_kind, value = bag.parts(2)[:2]
            if bag_kind.oid == oids.PKCS12_SHROUDED_KEY:
                algorithm, body = value.inner().parts(2)[:2]
                keys_found.append(_key(_decrypted(algorithm, body.content, password)))
            elif bag_kind.oid == oids.PKCS12_CERT_BAG:
                certificates.append(value.inner().parts(2)[1].inner().content)
    return keys_found, certificates


def _decrypted(algorithm: der.Node, body: bytes, password: str) -> bytes:
    scheme = algorithm.parts(2)
    if scheme[0].oid != oids.PBES2:
        raise der.DerError("another scheme")
    kdf, cipher = scheme[1].parts(2)[:2]
    salt, iterations = kdf.parts(2)[1].parts(2)[:2]
    start, table = cipher.parts(2)[1].parts(2)[:2]
    key = derive(password, salt.content, iterations.number)
    return cfb_decrypt(key, start.content, body, table.content)


def _key(private: bytes) -> SigningKey:
    from signatures.algorithms.curves import BY_OID
    from signatures.keys import _explicit

    parts = der.parse(private, trailing=True).parts(3)
    parameters = parts[1].parts(2)[1].parts(1)
    named = parameters[0].tag == der.OID
    curve = BY_OID[parameters[0].oid] if named else _explicit(parameters[0], big_endian=False)
    table = parameters[1].content if len(parameters) > 1 else DKE1
    return SigningKey(curve, int.from_bytes(parts[2].content, "little"), table)
