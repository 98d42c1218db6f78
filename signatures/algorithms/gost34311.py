"""GOST 34.311-95 with any substitution table (ДКЕ), whole and in a stream; GOST 28147 blocks.

The table travels with the key: 64 bytes, two 4-bit values a byte, high half first. Where the
certificate names none, ДКЕ №1 of the Ukrainian instruction is meant.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from signatures.algorithms import native

DKE1 = bytes.fromhex(
    "a9d6eb45f13c708280c4967b231f5eadf658eba4c037291d38d96bf025ca4e17"
    "f8e9720dc615b43a28975f0bc1dea36438b564ea2c179fd0123e6db8fac57904"
)
DIGEST_SIZE = 32
_MASK64 = (1 << 64) - 1
_MASK256 = (1 << 256) - 1
_C3 = int("ff00ffff000000ffff0000ff00ffff0000ff00ff00ff00ffff00ff00ff00ff00", 16)


@lru_cache(maxsize=32)
def _byte_tables(table: bytes) -> tuple[list[int], ...]:
    """Substitution and rotation by 11, a table for each byte of a half-block."""
    if len(table) != 64:
        raise ValueError("a substitution table has 64 bytes")
    nibbles = [half for byte in table for half in (byte >> 4, byte & 15)]
    result = []
    for k in range(4):
        column = []
        for i in range(256):
            high = nibbles[16 * (2 * k + 1) + (i >> 4)]
            v = (high << 4 | nibbles[32 * k + (i & 15)]) << (8 * k)
            column.append((v << 11 | v >> 21) & 0xFFFFFFFF)
        result.append(column)
    return tuple(result)


@lru_cache(maxsize=32)
def _native_tables(table: bytes) -> Any:
    return native.ffi.new("uint32_t[]", [v for column in _byte_tables(table) for v in column])


@lru_cache(maxsize=8)
def _word_tables(table: bytes) -> tuple[list[int], list[int]]:
    """The same for 16 bits at once: two look-ups a round. 4 MB a table, hence the small cache."""
    t0, t1, t2, t3 = _byte_tables(table)
    return (
        [t0[i & 255] ^ t1[i >> 8] for i in range(65536)],
        [t2[i & 255] ^ t3[i >> 8] for i in range(65536)],
    )


def _psi_multipliers(times: int) -> list[int]:
    """psi^times as multipliers: psi is linear over 16-bit words, so each input word contributes
    itself to a fixed set of output words."""
    rows = [1 << i for i in range(16)]
    for _ in range(times):
        new = rows[0] ^ rows[1] ^ rows[2] ^ rows[3] ^ rows[12] ^ rows[15]
        rows = [*rows[1:], new]
    return [sum(1 << (16 * i) for i in range(16) if rows[i] >> j & 1) for j in range(16)]


_PSI61, _PSI62, _PSI74 = (_psi_multipliers(times) for times in (61, 62, 74))


def _apply(x: int, multipliers: list[int]) -> int:
    r = 0
    for w, m in zip(struct.unpack("<16H", x.to_bytes(32, "little")), multipliers, strict=True):
        r ^= w * m
    return r


def _permuted_key(w: int) -> tuple[int, ...]:
    y = w.to_bytes(32, "little")
    return struct.unpack("<8I", b"".join(y[i::8] for i in range(8)))


def _shift(y: int) -> int:
    return ((y ^ (y >> 64)) & _MASK64) << 192 | y >> 64


_FORWARD = (0, 1, 2, 3, 4, 5, 6, 7)
_ORDER = _FORWARD * 3 + _FORWARD[::-1]


def encrypt_block(tables: tuple[list[int], list[int]], key: tuple[int, ...], x: int) -> int:
    """One GOST 28147 encryption of a 64-bit number, halves as the hash reads them."""
    low, high = tables
    a, b = x & 0xFFFFFFFF, x >> 32
    for i in range(0, 32, 2):
        t = (a + key[_ORDER[i]]) & 0xFFFFFFFF
        b ^= low[t & 65535] ^ high[t >> 16]
        t = (b + key[_ORDER[i + 1]]) & 0xFFFFFFFF
        a ^= low[t & 65535] ^ high[t >> 16]
    return a << 32 | b


def _step(tables: tuple[list[int], list[int]], state: int, message: int) -> int:
    u, v = state, message
    s = encrypt_block(tables, _permuted_key(u ^ v), state & _MASK64)
    for i in (1, 2, 3):
        u, v = _shift(u), _shift(_shift(v))
        if i == 2:
            u ^= _C3
        block = encrypt_block(tables, _permuted_key(u ^ v), state >> (64 * i) & _MASK64)
        s |= block << (64 * i)
    # psi^61(H + psi(M + psi^12(S))), spread over the sum
    return _apply(state, _PSI61) ^ _apply(message, _PSI62) ^ _apply(s, _PSI74)


class Gost34311:
    """A running hash with hashlib's manners: update, digest."""

    digest_size = DIGEST_SIZE

    def __init__(
        self, data: bytes = b"", *, table: bytes = DKE1, accelerated: bool | None = None
    ) -> None:
        lib = native.library() if accelerated in (None, True) else None
        if accelerated and lib is None:
            raise RuntimeError(
                "The accelerator is not built: python -m signatures.algorithms.build"
            )
        self._lib = lib
        self._table = table
        self._length = 0
        self._rest = b""
        if lib is not None:
            self._native_table = _native_tables(table)
            self._hash = native.ffi.new("uint8_t[32]")
            self._sum = native.ffi.new("uint8_t[32]")
        else:
            _byte_tables(table)
            self._state = self._total = 0
        if data:
            self.update(data)

    def update(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        self._length += len(view)
        if self._rest:
            take = 32 - len(self._rest)
            self._rest += bytes(view[:take])
            view = view[take:]
            if len(self._rest) < 32:
                return
            self._blocks(memoryview(self._rest))
            self._rest = b""
        whole = len(view) & ~31
        if whole:
            self._blocks(view[:whole])
        self._rest = bytes(view[whole:])

    def _blocks(self, view: memoryview) -> None:
        if self._lib is not None:
            with native.ffi.from_buffer("uint8_t[]", view) as data:
                self._lib.native_gost_blocks(
                    self._native_table, self._hash, self._sum, data, len(view) // 32
                )
            return
        tables = _word_tables(self._table)
        state, total = self._state, self._total
        for i in range(0, len(view), 32):
            message = int.from_bytes(view[i : i + 32], "little")
            state = _step(tables, state, message)
            total = (total + message) & _MASK256
        self._state, self._total = state, total

    def digest(self) -> bytes:
        tail = self._rest.ljust(32, b"\0") if self._rest else b""
        length = (self._length * 8 & _MASK256).to_bytes(32, "little")
        if self._lib is not None:
            ffi = native.ffi
            state = ffi.new("uint8_t[32]", ffi.buffer(self._hash)[:])
            total = ffi.new("uint8_t[32]", ffi.buffer(self._sum)[:])
            step = self._lib.native_gost_blocks
            if tail:
                step(self._native_table, state, total, tail, 1)
            step(self._native_table, state, ffi.NULL, length, 1)
            step(self._native_table, state, ffi.NULL, ffi.buffer(total)[:], 1)
            return bytes(ffi.buffer(state))
        tables = _word_tables(self._table)
        state, total = self._state, self._total
        if tail:
            message = int.from_bytes(tail, "little")
            state = _step(tables, state, message)
            total = (total + message) & _MASK256
        state = _step(tables, state, int.from_bytes(length, "little"))
        return _step(tables, state, total).to_bytes(32, "little")


def gost34311(data: bytes, table: bytes = DKE1) -> bytes:
    """The 32-byte hash of `data`."""
    return Gost34311(data, table=table).digest()


def _cipher(key: bytes, table: bytes) -> Callable[[bytes], bytes]:
    words = struct.unpack("<8I", key)
    lib = native.library()
    if lib is not None:
        tables, schedule = _native_tables(table), native.ffi.new("uint32_t[8]", words)

        def fast(block: bytes) -> bytes:
            out = native.ffi.new("uint8_t[8]", block)
            lib.native_gost28147_block(tables, schedule, out)
            return bytes(native.ffi.buffer(out))

        return fast
    slow_tables = _word_tables(table)
    return lambda block: encrypt_block(
        slow_tables, words, int.from_bytes(block, "little")
    ).to_bytes(8, "little")


def _cfb(key: bytes, start: bytes, data: bytes, table: bytes, *, encrypting: bool) -> bytes:
    cipher, previous = _cipher(key, table), start
    out = bytearray()
    for i in range(0, len(data), 8):
        piece = data[i : i + 8]
        result = bytes(a ^ b for a, b in zip(piece, cipher(previous), strict=False))
        out += result
        previous = result if encrypting else piece
    return bytes(out)


def cfb_encrypt(key: bytes, start: bytes, data: bytes, table: bytes = DKE1) -> bytes:
    """GOST 28147 with feedback: how Ukrainian key containers are encrypted."""
    return _cfb(key, start, data, table, encrypting=True)


def cfb_decrypt(key: bytes, start: bytes, data: bytes, table: bytes = DKE1) -> bytes:
    return _cfb(key, start, data, table, encrypting=False)
