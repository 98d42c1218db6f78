"""Kupyna (DSTU 7564:2014): by dstu-core, or in pure Python where that library is absent or wrong.

dstu-core has no 384-bit output, so that one is always pure Python (no certificate uses it yet).
"""

from functools import cache
from typing import Any

# The four substitutions of DSTU 7564 (the same as in DSTU 7624), rows of 32 values.
_BOXES = (
    bytes.fromhex(
        "a8435f066b756c5971df879517f0d8096df31dcbc94d2caf79e097fd6f4b4539"
        "3edda34fb4b69a0e1fbf15e149d293c692729e61d163faeef419d5ad58a4bba1"
        "dcf2833742e47a329cccab4a8f6e04272ee7e25a9616232bc265660fbca94741"
        "3448fcb76a88a55386f95bdb387bc31e2233242836c7b23b8e77baf5149f0855"
        "9b4cfe605cda1846cd7d21b03f1b89ffeb84693a9dd7d3706740b5de5d3091b1"
        "781101e5006898a0c502a6742d0ba276b3becebdaee98a311cecf19994aaf626"
        "2fefe88c3503d47ffb05c15e90203d82f7ea0a0d7ef8501ac40757b83c62e3c8"
        "ac526410d0d9130c122951b9cfd6738d8154c0ed4e44a72a8525e6ca7c8b5680"
    ),
    bytes.fromhex(
        "cebbeb92eacb13c1e93ad6b2d29017f8421556b4651c8843c55c36baf557678d"
        "31f664589ef422aa750f02b1df6d734d7c262ef7085d443e9f14c8ae5410d8bc"
        "1a6b69f3bd33abfad19b684e169591ee4c638e5bcc3c19a181497bd96f3760ca"
        "e72b48fd9645fc41120d79e5898ce32030dcb76c4ab53f97d4622d06a4a5835f"
        "2adac9007ea255bf11d59ccf0e0a3d517d931bfec44709860b8f9d6a07b9b098"
        "1832714bef3b70a0e440ffc3a9e678f98b46801e38e1b8a8e00c23761d252405"
        "f16e94289a84e8a34f77d385e252f282507a2f7453b361af3935decd1f99acad"
        "722cddd087be5ea6ec04c60334fbdb59b6c201f05aeda766217f8a27c7c029d7"
    ),
    bytes.fromhex(
        "93d99ab5982245fcba6adf029fdc51594a172bc294f4bba362e471d4cd7016e1"
        "493cc0d85c9bad8553a17ac82de0d172a62cc4e37678b7b4093b0e414cdeb290"
        "25a5d7031100c32e92ef4e129d7dcb3510d54f9e4da955c6d07b1897d336e648"
        "56818f77cc9cb9e2acb82f15a47cda381e0b05d6146e6c7e66fdb1e560af5e33"
        "87c9f05d6d3f888dc7f71de9eced802927cf99a8500f3724283095d23e5b4083"
        "b369571f071c8abc20ebce8eabee31a273f9ca3a1afb0dc1fefaf26fbd96dd43"
        "52b608f3aebe19893226b0ea4b6484826bf579bf015f75631b233d682a65e891"
        "f6ff1358f1470a7fc5a7e7615a0646444204a0db398654aa8c34218bf80c7467"
    ),
    bytes.fromhex(
        "688dca4d734b4e2ad45226b3541e191f2203463d2d4a5383138ab7d52579f5bd"
        "582f0d02ed519e11f23e555ed1163c66705df34540cce8945608ce1a3ad2e1df"
        "b5386e0ee5f4f986e94fd68523cf32993114aeeec848d330a19241b118c42c71"
        "724415fd37be5faa9b88d8ab899cfa60eabc620c24a6a8ec6720db7c28ddac5b"
        "347e10f17b8f63a0059a437721bf2709c39fb6d729c2ebc0a48b8c1dfbffc1b2"
        "972ef865f67507044933e4d9b9d042c76c90008e6f5001c5da473fcd69a2e27a"
        "a7c6930f0a06e62b96a31caf6a128439e7b082f7fe9d875c8135deb4a5fc80ef"
        "cbbb6b76ba5a7d780b95e3ad74983b36646ddcf059a94c177f91b8c9571be061"
    ),
)
_COLUMN = (1, 1, 5, 1, 8, 6, 7, 4)
_POLYNOMIAL = 0x11D


def _times(a: int, b: int) -> int:
    r = 0
    while b:
        if b & 1:
            r ^= a
        a <<= 1
        if a & 0x100:
            a ^= _POLYNOMIAL
        b >>= 1
    return r


@cache
def _tables() -> list[list[int]]:
    """Substitution and mixing together: row k, value v → the whole column it adds to."""
    return [
        [sum(_times(_COLUMN[(k - j) % 8], box[v]) << (8 * j) for j in range(8)) for v in range(256)]
        for k, box in enumerate(_BOXES * 2)
    ]


class _Pure:
    """Kupyna with a hash of `bits` in plain Python: about 0.4 ms a block."""

    def __init__(self, bits: int) -> None:
        self.digest_size = bits // 8
        self._columns = 8 if bits <= 256 else 16
        self._rounds = 10 if bits <= 256 else 14
        self._size = 8 * self._columns
        self._state = [self._size] + [0] * (self._columns - 1)
        self._rest = b""
        self._length = 0

    def update(self, data: bytes | memoryview) -> None:
        data = bytes(data)
        self._length += len(data)
        data = self._rest + data
        whole = len(data) // self._size * self._size
        for i in range(0, whole, self._size):
            self._state = self._compress(self._state, data[i : i + self._size])
        self._rest = data[whole:]

    def _permute(self, state: list[int], *, additive: bool) -> list[int]:
        count, tables = self._columns, _tables()
        shifts = [*range(7), 7 if count == 8 else 11]
        for r in range(self._rounds):
            if additive:
                state = [
                    (w + (0x00F0F0F0F0F0F0F3 + ((((count - 1 - j) << 4) ^ r) << 56)))
                    & 0xFFFFFFFFFFFFFFFF
                    for j, w in enumerate(state)
                ]
            else:
                state = [w ^ (j << 4) ^ r for j, w in enumerate(state)]
            mixed = []
            for j in range(count):
                column = 0
                for k in range(8):
                    source = state[(j - shifts[k]) % count]
                    column ^= tables[k][source >> (8 * k) & 255]
                mixed.append(column)
            state = mixed
        return state

    def _compress(self, state: list[int], block: bytes) -> list[int]:
        m = [int.from_bytes(block[i : i + 8], "little") for i in range(0, self._size, 8)]
        left = self._permute([a ^ b for a, b in zip(state, m, strict=True)], additive=False)
        right = self._permute(m, additive=True)
        return [a ^ b ^ c for a, b, c in zip(left, right, state, strict=True)]

    def digest(self) -> bytes:
        zeros = (-len(self._rest) - 13) % self._size
        tail = self._rest + b"\x80" + bytes(zeros) + (8 * self._length).to_bytes(12, "little")
        state = self._state
        for i in range(0, len(tail), self._size):
            state = self._compress(state, tail[i : i + self._size])
        last = self._permute(state, additive=False)
        whole = b"".join((a ^ b).to_bytes(8, "little") for a, b in zip(last, state, strict=True))
        return whole[-self.digest_size :]


@cache
def _library() -> Any | None:
    """dstu-core after its own self-test; None where it is missing or fails it."""
    try:
        import dstu_core
    except ImportError:
        return None
    try:
        if dstu_core.selftest() is False:
            return None
        empty = dstu_core.kupyna256(b"")
    except Exception:
        return None
    return dstu_core if empty == _Pure(256).digest() else None


class _Kupyna:
    """A running hash with hashlib's manners; digest() may be asked once."""

    bits: int

    def __init__(self, data: bytes = b"", *, pure: bool = False) -> None:
        self.digest_size = self.bits // 8
        lib = None if pure or self.bits == 384 else _library()
        self._pure = _Pure(self.bits) if lib is None else None
        if lib is not None:
            maker = lib.Kupyna256Hasher if self.bits == 256 else lib.Kupyna512Hasher
            self._fast = maker()
        if data:
            self.update(data)

    def update(self, data: bytes | memoryview) -> None:
        if self._pure is not None:
            self._pure.update(data)
        else:
            self._fast.update(bytes(data))

    def digest(self) -> bytes:
        return self._pure.digest() if self._pure is not None else bytes(self._fast.finalize())


class Kupyna256(_Kupyna):
    bits = 256


class Kupyna384(_Kupyna):
    bits = 384


class Kupyna512(_Kupyna):
    bits = 512
