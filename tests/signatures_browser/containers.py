"""Making the key files that people bring, of every kind the browser opens.

Only what no library makes: Ukrainian containers and Java key stores. PEM and PKCS#12 of ECDSA and
RSA keys come from `cryptography`.
"""

import hashlib
import secrets
import struct
from collections.abc import Sequence

from signatures import der, oids
from signatures.algorithms.curves import Curve
from signatures.algorithms.gost28147 import DKE1, encrypt_block, word_tables
from signatures.algorithms.gost34311 import gost34311
from signatures.demo import keystore
from signatures.demo.signing import SigningKey

JKS_KEY = "1.3.6.1.4.1.42.2.17.1.1"


def pkcs8(key: SigningKey, *more: bytes, algorithm: bytes | None = None) -> bytes:
    """PrivateKeyInfo of a DSTU key; `more` goes after the key (attributes)."""
    return der.sequence(
        der.integer(0), algorithm or key.key_algorithm, der.octet_string(key.private_octets), *more
    )


def explicit_algorithm(curve: Curve, *, b: int | None = None) -> bytes:
    """AlgorithmIdentifier with the parameters written out; another `b` makes a foreign curve."""
    size = (curve.m + 7) // 8
    middle = [der.integer(k) for k in sorted(curve.exponents)]
    field = der.sequence(
        der.integer(curve.m), middle[0] if len(middle) == 1 else der.sequence(*middle)
    )
    parameters = der.sequence(
        field,
        der.integer(curve.a),
        der.octet_string((curve.b if b is None else b).to_bytes(size, "little")),
        der.integer(curve.n),
        der.octet_string(curve.x.to_bytes(size, "little")),
    )
    return der.sequence(
        der.oid(oids.DSTU4145_GOST), der.sequence(parameters, der.octet_string(DKE1))
    )


def pbes2(plain: bytes, password: str, iterations: int = 10_000) -> bytes:
    """EncryptedPrivateKeyInfo under GOST, as .pk8 and .zs2 files are."""
    algorithm, body = keystore._encrypted(plain, password, iterations)
    return der.sequence(algorithm, der.octet_string(body))


def second_key(key: SigningKey) -> bytes:
    """The key-agreement key, in attributes, the way IIT's Key-6.dat keeps it."""
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in key.private_octets)
    parameters = der.sequence(der.oid(key.curve.oid), der.octet_string(key.table))
    return der.tlv(
        0xA0,
        der.sequence(der.oid(oids.IIT_KEY_CURVE), der.set_of(parameters)),
        der.sequence(der.oid(oids.IIT_KEY_BITS), der.set_of(der.bit_string(mirrored))),
    )


def iit_store(plain: bytes, password: str) -> bytes:
    """IIT's Key-6.dat: GOST 28147 block by block under a key hashed 10,000 times."""
    return iit_store_of_bytes(plain, password.encode())


def iit_store_of_bytes(plain: bytes, key: bytes) -> bytes:
    for _ in range(10_000):
        key = gost34311(key)
    tables, words = word_tables(DKE1), struct.unpack("<8I", key)
    padded = plain + bytes(-len(plain) % 8)
    cipher = b"".join(
        encrypt_block(tables, words, int.from_bytes(padded[at : at + 8], "little")).to_bytes(
            8, "little"
        )
        for at in range(0, len(padded), 8)
    )
    checks = der.sequence(der.octet_string(bytes(4)), der.octet_string(cipher[len(plain) :]))
    algorithm = der.sequence(der.oid(oids.IIT_STORE), checks)
    return der.sequence(algorithm, der.octet_string(cipher[: len(plain)]))


def jks(plain: bytes, chain: Sequence[bytes], password: str) -> bytes:
    """A Java key store with one key and its chain."""
    secret, start = password.encode("utf-16-be"), secrets.token_bytes(20)
    block, stream = start, b""
    while len(stream) < len(plain):
        block = hashlib.sha1(secret + block, usedforsecurity=False).digest()
        stream += block
    body = bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    check = hashlib.sha1(secret + plain, usedforsecurity=False).digest()
    entry = der.sequence(
        der.sequence(der.oid(JKS_KEY), der.null()), der.octet_string(start + body + check)
    )
    out = struct.pack(">III", 0xFEEDFEED, 2, 1)
    out += struct.pack(">IH", 1, 3) + b"key" + bytes(8) + struct.pack(">I", len(entry)) + entry
    out += struct.pack(">I", len(chain))
    for certificate in chain:
        out += struct.pack(">H", 5) + b"X.509" + struct.pack(">I", len(certificate)) + certificate
    return out + hashlib.sha1(secret + b"Mighty Aphrodite" + out, usedforsecurity=False).digest()


def with_iterations(algorithm: bytes, iterations: int) -> bytes:
    """The same AlgorithmIdentifier of PBES2, asking for another number of rounds."""
    name, parameters = der.parse(algorithm).parts(2)
    kdf, cipher = parameters.parts(2)
    salt, _, prf = kdf.parts(2)[1].parts(3)
    changed = der.sequence(salt.raw, der.integer(iterations), prf.raw)
    derived = der.sequence(kdf.parts(2)[0].raw, changed)
    return der.sequence(name.raw, der.sequence(derived, cipher.raw))
