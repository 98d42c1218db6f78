"""Certificates by key identifier, asked of a provider's CMP service the way IIT's software asks.

Not RFC 4210: both sides wrap a fixed layout of little-endian words in CMS content of type data.
The layout is known from open implementations (jkurwa's `services/cmp`, dstucrypt/agent), not from
a published standard:

request   00 0D; 08 number of places (2); 0C two identifiers in places of 32 octets; 6C 01; 70 01
answer    00 0D; 04 result, 1 when found; 08 a CMS SignedData whose only content is certificates
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from signatures import cms, der, oids

CONTENT_TYPE = "application/octet-stream"
PLACE = 32
# GOST 34.311, Kupyna and SHA-256 fill a place; SHA-1, by which some providers name RSA and elliptic
# keys, leaves zeros behind it. How IIT writes it is not published: tried against our double alone.
SIZES = (32, 20)
AT_ONCE = 2  # identifiers that one request has places for
_MESSAGE = 0x0D
_REQUEST = struct.Struct("<III32s32s32xIII")
_HEAD = struct.Struct("<II")
_FOUND = 1


class NotFound(LookupError):
    """The provider knows no certificate of these keys."""


def request(identifiers: Sequence[bytes]) -> bytes:
    """A question about one key or two, by their subject key identifiers.

    Raises:
        ValueError: none, more, or of another size: the layout has no place for them.
    """
    sizes = {len(one) for one in identifiers}
    if not 1 <= len(identifiers) <= AT_ONCE or not sizes <= set(SIZES):
        raise ValueError("one or two identifiers of 32 or 20 octets")
    body = _REQUEST.pack(_MESSAGE, 0, AT_ONCE, identifiers[0], identifiers[-1], 1, 1, 0)
    return der.sequence(der.oid(oids.DATA), der.explicit(0, der.octet_string(body)))


def parse_response(data: bytes) -> list[bytes]:
    """Certificates (DER) of an answer; whose they are is for the caller to judge.

    Raises:
        NotFound: the provider has none.
        DerError: not an answer.
    """
    body = _unwrapped(data)
    if len(body) < _HEAD.size:
        raise der.DerError("a short answer")
    _, result = _HEAD.unpack_from(body)
    if result != _FOUND:
        raise NotFound(f"result {result}")
    return cms.parse_signed_data(body[_HEAD.size :]).certificates


def _unwrapped(data: bytes) -> bytes:
    parts = der.parse(data, trailing=True).parts(2)
    if parts[0].oid != oids.DATA:
        raise der.DerError("not CMS data")
    return parts[1].expect(0xA0).inner().octets()
