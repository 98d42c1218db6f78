"""How many bytes one file may make us hash, so that a small upload cannot keep a server busy.

A container of a few megabytes may unpack to a gigabyte, carry 64 signatures over it and ask for
another hash in each: what is bounded is the sum.
"""

from collections.abc import Iterable, Iterator

from signatures import der
from signatures.algorithms import native

MAX_HASHED = 1024 * 1024 * 1024
# GOST 34.311 takes over a second a megabyte without the accelerator.
MAX_HASHED_SLOW = 32 * 1024 * 1024


class TooMuchWork(der.DerError):
    """Beyond what any honest file asks for."""


class Budget:
    """Bytes that may still be hashed."""

    def __init__(self) -> None:
        self.left = MAX_HASHED_SLOW if native.library() is None else MAX_HASHED

    def spend(self, size: int) -> None:
        """Count so many bytes.

        Raises:
            TooMuchWork: they are too many.
        """
        self.left -= size
        if self.left < 0:
            raise TooMuchWork("too much to hash")


class Counted:
    """Pieces of content that may be walked again and again, within one budget."""

    def __init__(self, pieces: Iterable[bytes | memoryview]) -> None:
        self.pieces, self.budget = pieces, Budget()

    def __iter__(self) -> Iterator[bytes | memoryview]:
        for piece in self.pieces:
            self.budget.spend(len(piece))
            yield piece
