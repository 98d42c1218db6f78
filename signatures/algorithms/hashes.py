"""The hash an object identifier names: whole, or in a stream."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Protocol

from signatures import oids
from signatures.algorithms import kupyna
from signatures.algorithms.gost28147 import DKE1
from signatures.algorithms.gost34311 import Gost34311


class UnknownHash(ValueError):
    """An identifier of no hash known here."""


class RunningHash(Protocol):
    """What every hash here can do: hashlib's manners."""

    def update(self, data: bytes | memoryview, /) -> None: ...
    def digest(self) -> bytes: ...


_PLAIN: dict[str, Callable[[], RunningHash]] = {
    oids.SHA1: lambda: hashlib.sha1(usedforsecurity=False),
    oids.SHA224: hashlib.sha224,
    oids.SHA256: hashlib.sha256,
    oids.SHA384: hashlib.sha384,
    oids.SHA512: hashlib.sha512,
    oids.KUPYNA256: kupyna.Kupyna256,
    oids.KUPYNA384: kupyna.Kupyna384,
    oids.KUPYNA512: kupyna.Kupyna512,
}
SIZES = {
    oids.GOST34311: 32,
    oids.SHA1: 20,
    oids.SHA224: 28,
    oids.SHA256: 32,
    oids.SHA384: 48,
    oids.SHA512: 64,
    oids.KUPYNA256: 32,
    oids.KUPYNA384: 48,
    oids.KUPYNA512: 64,
}
PIECE = 1024 * 1024  # some hashes copy what they are given

# Collisions can be made: such a digest may be read in an old signature but proves nothing new.
BROKEN = frozenset({oids.SHA1})


def new(oid: str, table: bytes = DKE1) -> RunningHash:
    """A running hash; `table` matters to GOST 34.311 only.

    Raises:
        UnknownHash: another identifier.
    """
    if oid == oids.GOST34311:
        return Gost34311(table=table)
    try:
        return _PLAIN[oid]()
    except KeyError:
        raise UnknownHash(oid) from None


def digest(oid: str, data: bytes | memoryview, table: bytes = DKE1) -> bytes:
    """The hash of `data`.

    Raises:
        UnknownHash: another identifier.
    """
    running = new(oid, table)
    running.update(data)
    return running.digest()


def digest_of(oid: str, chunks: Iterable[bytes | memoryview], table: bytes = DKE1) -> bytes:
    """The hash of a stream, in constant memory."""
    running = new(oid, table)
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE):
            running.update(chunk[start : start + PIECE])
    return running.digest()
