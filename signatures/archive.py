"""What an archive time-stamp covers: CAdES-A.

archive-time-stamp-v3 (ETSI EN 319 122-1 5.5.3): the token's imprint is over the content's hash, the signer's own fields, and an index: hashes of
each certificate, revocation value and unsigned attribute that were there. What the index names and
the container still holds is proven to have existed at the token's time; what was added later is
not covered and may be added freely.

The older archive-time-stamp-v2 (RFC 5126 6.4.1, ETSI TS 101 733) has no index: its imprint is over
everything that was there, as it was written. Only archive time-stamps made later are left out; any
other attribute or certificate added since breaks it.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from signatures import cms, der, oids, timestamps, work
from signatures.algorithms import hashes
from signatures.cms import SignedData, SignerInfo


@dataclass(frozen=True, slots=True)
class Cover:
    """One archive time-stamp's reach. `imprint` are the pieces its token must be over, None when
    the content that belongs to them was not given."""

    imprint: Iterable[bytes | memoryview] | None = field(repr=False)
    hash_oid: str
    indexed: frozenset[bytes] = field(repr=False)

    def attribute(self, name: str, value: der.Node) -> bool:
        """Whether an unsigned attribute's value is among what the time-stamp proves."""
        return hashes.digest(self.hash_oid, _attribute(name, value)) in self.indexed


class Incomplete(der.DerError):
    """The index is missing, or names what the container does not hold."""


def cover(
    token: bytes,
    info: SignerInfo,
    container: SignedData,
    content_digest: Callable[[str], bytes | None],
) -> Cover:
    """Read a token's index and compare it with the container.

    Raises:
        Incomplete: something the time-stamp covered is gone or changed.
        DerError, UnknownHash: not such a token.
    """
    parsed = timestamps.parse_token(token)
    index = _index(parsed.container.signers)
    parts = index.parts(3)
    hash_oid = oids.SHA256  # where an older index leaves it out
    if len(parts) > 3:
        hash_oid, parts = parts[0].parts(1)[0].oid, parts[1:]
    found = [
        {child.expect(der.OCTET_STRING).content for child in part.parts()} for part in parts[:3]
    ]
    held: list[Iterable[bytes]] = [
        container.certificate_choices,
        container.revocation_choices,
        (_attribute(name, value) for name, values in info.unsigned.items() for value in values),
    ]
    for named, present in zip(found, held, strict=True):
        if named and not named <= {hashes.digest(hash_oid, one) for one in present}:
            raise Incomplete("what the archive time-stamp covered is gone")
    content = content_digest(parsed.imprint_oid)
    pieces = None
    if content is not None:
        pieces = [der.oid(container.content_type), content, *info.fields, index.raw]
    return Cover(pieces, hash_oid, frozenset().union(*found))


def to_stamp(
    container: SignedData, index: int, content: bytes, hash_oid: str
) -> tuple[bytes, bytes]:
    """What a new archive-time-stamp-v3 of one signer must be over, and its ATSHashIndexV3 over
    everything that is there now."""
    info = container.signers[index]
    values = (_attribute(name, one) for name, held in info.unsigned.items() for one in held)
    groups = (container.certificate_choices, container.revocation_choices, values)
    named = der.sequence(
        der.sequence(der.oid(hash_oid)),
        *(
            der.sequence(*(der.octet_string(hashes.digest(hash_oid, one)) for one in group))
            for group in groups
        ),
    )
    pieces = [
        der.oid(container.content_type),
        hashes.digest(hash_oid, content),
        *info.fields,
        named,
    ]
    return b"".join(pieces), named


def cover_older(
    token: bytes,
    info: SignerInfo,
    container: SignedData,
    content: Iterable[bytes | memoryview] | None,
) -> Cover:
    """The reach of an archive-time-stamp-v2: all but the archive time-stamps of its time or later.

    Raises:
        DerError: not such a token.
    """
    made = timestamps.parse_token(token).time
    kept = [one for one in info.attributes if not _archived_since(one, made)]
    unsigned = [der.tlv(0xA1, *(one.raw for one in kept))] if kept else []
    indexed = frozenset(
        hashes.digest(oids.SHA256, _attribute(one.parts(2)[0].oid, value))
        for one in kept
        for value in one.parts(2)[1].children
    )
    attached = container.content is not None
    if content is None and not attached:
        return Cover(None, oids.SHA256, indexed)
    work.hashing(len(container.encapsulated))
    pieces = itertools.chain(
        _in_pieces(container.encapsulated),
        [] if attached or content is None else content,
        [*container.beside, *info.fields, *unsigned],
    )
    return Cover(pieces, oids.SHA256, indexed)


def _in_pieces(view: memoryview) -> Iterable[memoryview]:
    return (view[start : start + hashes.PIECE] for start in range(0, len(view), hashes.PIECE))


def _archived_since(attribute: der.Node, made: datetime.datetime) -> bool:
    name, values = attribute.parts(2)[:2]
    return name.oid in (oids.ARCHIVE_TIMESTAMP_V2, oids.ARCHIVE_TIMESTAMP_V3) and any(
        timestamps.time_of(value) >= made for value in values.children
    )


def _index(signers: list[cms.SignerInfo]) -> der.Node:
    values = signers[0].unsigned.get(oids.ATS_HASH_INDEX_V3, []) if len(signers) == 1 else []
    if len(values) != 1:
        raise Incomplete("an archive time-stamp without its index")
    return values[0]


def _attribute(name: str, value: der.Node) -> bytes:
    return der.oid(name) + value.raw
