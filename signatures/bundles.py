"""Files of certificates as people and providers give them."""

import re

from signatures import cms, der
from signatures.certificates import Certificate, load


def load_many(data: bytes) -> list[Certificate]:
    """Certificates of a file: one certificate, PEM or base64, or a PKCS#7 bundle (p7b).

    Broken certificates inside a bundle are left out.

    Raises:
        DerError: nothing of the kind.
    """
    if data.count(b"-----BEGIN CERTIFICATE-----") > 1:
        pieces = re.split(rb"(?=-----BEGIN CERTIFICATE-----)", data)
        return [load(bytes(der.unarmour(piece))) for piece in pieces if b"BEGIN" in piece]
    binary = bytes(der.unarmour(data))
    node = der.parse(binary, trailing=True)
    first = node.parts(1)[0]
    if first.tag != der.OID:
        return [load(node.raw)]
    found = []
    for raw in cms.parse_signed_data(binary).certificates:
        try:
            found.append(load(raw))
        except der.DerError:
            continue
    return found
