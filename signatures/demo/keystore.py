"""PKCS#12 containers of demo keys, in the scheme of Ukrainian key files.

PBES2 with PBKDF2 over HMAC-GOST 34.311 and GOST 28147 in cipher feedback; the key and its
certificates inside. The browser's opener reads the safe from a fixed place, which needs every
outer length in its four-byte form: a container with a certificate is always long enough for that.
"""

import secrets
from collections.abc import Sequence

from signatures import containers, der, oids
from signatures.algorithms.gost28147 import DKE1, cfb_encrypt
from signatures.certificates import Certificate
from signatures.demo.signing import SigningKey

# A demo password protects an invented person, and browser tests open the file often: 2 × 500
# rounds of GOST in JavaScript are about 0.1 s. Real containers use 10,000.
ITERATIONS = 500


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
    return algorithm, cfb_encrypt(containers.derive(password, salt, iterations), start, data)


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
    integrity = containers.hmac_gost(containers.integrity_key(password, salt, iterations), safe)
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


def unpack(data: bytes, password: str) -> tuple[list[SigningKey], list[bytes]]:
    """What `pack` made: its keys, able to sign, and certificates. For tests and the demo.

    Raises:
        WrongPassword: integrity does not hold.
        DerError: not a container of this scheme.
    """
    opened = containers.open_container(data, password)
    return [SigningKey(k.curve, k.d, k.table) for k in opened.keys], list(opened.certificates)
