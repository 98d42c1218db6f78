"""GOST 28147-89 (ДСТУ ГОСТ 28147:2009) with any substitution table: blocks, feedback, the check
value, and wrapping of keys.

The table (ДКЕ) travels with the key: 64 bytes, two 4-bit values a byte, high half first. Where
nothing names one, ДКЕ №1 of the Ukrainian instruction is meant.
"""

import hmac
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from signatures.algorithms import native

DKE1 = bytes.fromhex(
    "a9d6eb45f13c708280c4967b231f5eadf658eba4c037291d38d96bf025ca4e17"
    "f8e9720dc615b43a28975f0bc1dea36438b564ea2c179fd0123e6db8fac57904"
)
KEY_SIZE = 32
BLOCK = 8
CHECK_SIZE = 4
WRAPPED_SIZE = BLOCK + KEY_SIZE + CHECK_SIZE
# The second pass of wrapping starts from this block (RFC 4357 6.3 has the same).
_WRAP_START = bytes.fromhex("4adda22c79e82105")

Tables = tuple[list[int], list[int]]


class WrongKey(ValueError):
    """The check value of a wrapped key does not hold."""


# ── the block ────────────────────────────────────────────────────────────────
@lru_cache(maxsize=32)
def byte_tables(table: bytes) -> tuple[list[int], ...]:
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
def native_tables(table: bytes) -> Any:
    return native.ffi.new("uint32_t[]", [v for column in byte_tables(table) for v in column])


@lru_cache(maxsize=8)
def word_tables(table: bytes) -> Tables:
    """The same for 16 bits at once: two look-ups a round. 4 MB a table, hence the small cache."""
    t0, t1, t2, t3 = byte_tables(table)
    return (
        [t0[i & 255] ^ t1[i >> 8] for i in range(65536)],
        [t2[i & 255] ^ t3[i >> 8] for i in range(65536)],
    )


_FORWARD = (0, 1, 2, 3, 4, 5, 6, 7)
_BACKWARD = _FORWARD[::-1]
_ENCRYPTING = _FORWARD * 3 + _BACKWARD
_DECRYPTING = _FORWARD + _BACKWARD * 3
_CHECKING = _FORWARD * 2


def _rounds(
    tables: Tables, key: tuple[int, ...], x: int, order: tuple[int, ...]
) -> tuple[int, int]:
    """The halves of a 64-bit number after so many pairs of rounds, never swapped."""
    low, high = tables
    a, b = x & 0xFFFFFFFF, x >> 32
    for i in range(0, len(order), 2):
        t = (a + key[order[i]]) & 0xFFFFFFFF
        b ^= low[t & 65535] ^ high[t >> 16]
        t = (b + key[order[i + 1]]) & 0xFFFFFFFF
        a ^= low[t & 65535] ^ high[t >> 16]
    return a, b


def encrypt_block(tables: Tables, key: tuple[int, ...], x: int) -> int:
    """One encryption of a 64-bit number, halves as the hash reads them."""
    a, b = _rounds(tables, key, x, _ENCRYPTING)
    return a << 32 | b


def _words(key: bytes) -> tuple[int, ...]:
    if len(key) != KEY_SIZE:
        raise ValueError("a key has 32 bytes")
    return struct.unpack("<8I", key)


def ecb_decrypt(key: bytes, data: bytes, table: bytes = DKE1) -> bytes:
    """Whole blocks, each alone: how IIT's Key-6.dat is encrypted."""
    tables, words = word_tables(table), _words(key)
    out = bytearray()
    for block in _blocks(data):
        a, b = _rounds(tables, words, int.from_bytes(block, "little"), _DECRYPTING)
        out += (a << 32 | b).to_bytes(BLOCK, "little")
    return bytes(out)


def _blocks(data: bytes) -> list[bytes]:
    if len(data) % BLOCK:
        raise ValueError("whole blocks of 8 bytes are expected")
    return [data[i : i + BLOCK] for i in range(0, len(data), BLOCK)]


def _cipher(key: bytes, table: bytes) -> Callable[[bytes], bytes]:
    words = _words(key)
    lib = native.library()
    if lib is not None:
        tables, schedule = native_tables(table), native.ffi.new("uint32_t[8]", words)

        def fast(block: bytes) -> bytes:
            out = native.ffi.new("uint8_t[8]", block)
            lib.native_gost28147_block(tables, schedule, out)
            return bytes(native.ffi.buffer(out))

        return fast
    slow_tables = word_tables(table)
    return lambda block: encrypt_block(
        slow_tables, words, int.from_bytes(block, "little")
    ).to_bytes(BLOCK, "little")


# ── feedback ─────────────────────────────────────────────────────────────────
def _cfb(key: bytes, start: bytes, data: bytes, table: bytes, *, encrypting: bool) -> bytes:
    cipher, previous = _cipher(key, table), start
    out = bytearray()
    for i in range(0, len(data), BLOCK):
        piece = data[i : i + BLOCK]
        result = bytes(a ^ b for a, b in zip(piece, cipher(previous), strict=False))
        out += result
        previous = result if encrypting else piece
    return bytes(out)


def cfb_encrypt(key: bytes, start: bytes, data: bytes, table: bytes = DKE1) -> bytes:
    """Encryption with feedback: key containers and enveloped messages."""
    return _cfb(key, start, data, table, encrypting=True)


def cfb_decrypt(key: bytes, start: bytes, data: bytes, table: bytes = DKE1) -> bytes:
    return _cfb(key, start, data, table, encrypting=False)


# ── keys under keys ──────────────────────────────────────────────────────────
def check_value(key: bytes, data: bytes, table: bytes = DKE1) -> bytes:
    """Four bytes over whole blocks (імітовставка, section 5 of the standard): sixteen rounds a
    block, chained."""
    tables, words, state = word_tables(table), _words(key), 0
    for block in _blocks(data):
        a, b = _rounds(tables, words, state ^ int.from_bytes(block, "little"), _CHECKING)
        state = b << 32 | a
    return state.to_bytes(BLOCK, "little")[:CHECK_SIZE]


def wrap(kek: bytes, key: bytes, start: bytes, table: bytes = DKE1) -> bytes:
    """A 32-byte key under another (1.2.804.2.1.1.1.1.1.1.5): the key with its check value in
    feedback, then the whole reversed in feedback again from a fixed start."""
    inner = cfb_encrypt(kek, start, key + check_value(kek, key, table), table)
    return cfb_encrypt(kek, _WRAP_START, (start + inner)[::-1], table)


def unwrap(kek: bytes, wrapped: bytes, table: bytes = DKE1) -> bytes:
    """The key inside.

    Raises:
        WrongKey: another size, or the check value does not hold.
    """
    if len(wrapped) != WRAPPED_SIZE:
        raise WrongKey("a wrapped key has 44 bytes")
    once = cfb_decrypt(kek, _WRAP_START, wrapped, table)[::-1]
    body = cfb_decrypt(kek, once[:BLOCK], once[BLOCK:], table)
    key, check = body[:KEY_SIZE], body[KEY_SIZE:]
    if not hmac.compare_digest(check, check_value(kek, key, table)):
        raise WrongKey("the check value of the wrapped key does not hold")
    return key
