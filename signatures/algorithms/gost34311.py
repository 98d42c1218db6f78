"""GOST 34.311-95 with any substitution table (ДКЕ), whole and in a stream."""

import struct

from signatures.algorithms import native
from signatures.algorithms.gost28147 import (
    DKE1,
    Tables,
    byte_tables,
    encrypt_block,
    native_tables,
    word_tables,
)

DIGEST_SIZE = 32
_MASK64 = (1 << 64) - 1
_MASK256 = (1 << 256) - 1
_C3 = int("ff00ffff000000ffff0000ff00ffff0000ff00ff00ff00ffff00ff00ff00ff00", 16)


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


def _step(tables: Tables, state: int, message: int) -> int:
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
            self._native_table = native_tables(table)
            self._hash = native.ffi.new("uint8_t[32]")
            self._sum = native.ffi.new("uint8_t[32]")
        else:
            byte_tables(table)
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
        tables = word_tables(self._table)
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
        tables = word_tables(self._table)
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
