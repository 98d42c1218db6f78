"""DSTU 4145-2002: points, verification and (for the demo authority and tests) signing.

Numbers are plain integers: bit i is the coefficient of x^i. Byte order, hashes and encodings
belong to `keys`. Formulas: López-Dahab coordinates, interleaved non-adjacent forms of windows 8
(base point) and 5 (public key), 4-bit comb multiplication in pure Python.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import cache
from typing import Any

from signatures.algorithms import native
from signatures.algorithms.curves import BY_DEGREE, Curve

Point = tuple[int, int]
Projective = tuple[int, int, int]

_BASE_WINDOW = 8
_KEY_WINDOW = 5


class PointError(ValueError):
    """Not a usable point: off the curve, of small order, or out of the field."""


def multiply(a: int, b: int) -> int:
    """The product in GF(2)[x], by 4-bit comb."""
    a2, a4, a8 = a << 1, a << 2, a << 3
    a3, a5, a6 = a2 ^ a, a4 ^ a, a4 ^ a2
    a7 = a6 ^ a
    table = (
        0, a, a2, a3, a4, a5, a6, a7,
        a8, a8 ^ a, a8 ^ a2, a8 ^ a3, a8 ^ a4, a8 ^ a5, a8 ^ a6, a8 ^ a7,
    )  # fmt: skip
    r = 0
    for c in b.to_bytes((b.bit_length() + 7) >> 3, "big"):
        r = (((r << 4) ^ table[c >> 4]) << 4) ^ table[c & 15]
    return r


def square(a: int) -> int:
    """The square in GF(2)[x]: binary digits read as digits to the base four."""
    return int(bin(a)[2:], 4)


def _reducer(m: int, exponents: tuple[int, ...]) -> Callable[[int], int]:
    mask = (1 << m) - 1
    if len(exponents) == 1:
        (e,) = exponents

        def reduce(p: int) -> int:
            h = p >> m
            r = (p & mask) ^ h ^ (h << e)
            h = r >> m
            return (r & mask) ^ h ^ (h << e) if h else r

    else:
        e, e2, e3 = exponents

        def reduce(p: int) -> int:
            h = p >> m
            r = (p & mask) ^ h ^ (h << e) ^ (h << e2) ^ (h << e3)
            h = r >> m
            return (r & mask) ^ h ^ (h << e) ^ (h << e2) ^ (h << e3) if h else r

    return reduce


class Arithmetic:
    """One curve ready for use. Tables are built on first need; get it with `arithmetic(m)`."""

    def __init__(self, curve: Curve, *, accelerated: bool | None = None) -> None:
        self.curve = curve
        self.m = curve.m
        self.polynomial = (1 << curve.m) | 1 | sum(1 << e for e in curve.exponents)
        self._reduce = _reducer(curve.m, curve.exponents)
        self._lib: Any = native.library() if accelerated in (None, True) else None
        if accelerated and self._lib is None:
            raise RuntimeError(
                "The accelerator is not built: python -m signatures.algorithms.build"
            )
        self._trace_mask: int | None = None
        self._half_trace_tables: list[list[int]] | None = None
        self._base_multiples: list[tuple[int, int, int]] | None = None
        if self._lib is not None:
            self._prepare_native()

    # ── the field ────────────────────────────────────────────────────────────
    def mul(self, a: int, b: int) -> int:
        return self._reduce(multiply(a, b))

    def sqr(self, a: int) -> int:
        return self._reduce(int(bin(a)[2:], 4))

    def inv(self, a: int) -> int:
        """1/a by Euclid's algorithm on polynomials; a must not be 0."""
        if not a:
            raise ZeroDivisionError("0 has no inverse in a field")
        u, v, g1, g2 = a, self.polynomial, 1, 0
        while u != 1:
            j = u.bit_length() - v.bit_length()
            if j < 0:
                u, v, g1, g2, j = v, u, g2, g1, -j
            u ^= v << j
            g1 ^= g2 << j
        return self._reduce(g1)

    def sqrt(self, a: int) -> int:
        for _ in range(self.m - 1):
            a = self.sqr(a)
        return a

    def trace(self, a: int) -> int:
        if self._trace_mask is None:
            self._trace_mask = self._make_trace_mask()
        return (a & self._trace_mask).bit_count() & 1

    def half_trace(self, a: int) -> int:
        """z with z² + z = a + trace(a) (m is odd)."""
        if self._lib is not None:
            out = native.ffi.new("uint64_t[7]")
            self._lib.native_half_trace(self._native, self._words(a), out)
            return self._number(out)
        if self._half_trace_tables is None:
            self._half_trace_tables = self._make_half_trace_tables()
        r = 0
        for table, byte in zip(
            self._half_trace_tables, a.to_bytes((self.m + 7) // 8, "little"), strict=True
        ):
            r ^= table[byte]
        return r

    def _make_trace_mask(self) -> int:
        # trace(c²) = trace(c), so only odd powers are summed.
        traces = [0] * self.m
        for i in range(self.m):
            if i and i % 2 == 0:
                traces[i] = traces[i // 2]
                continue
            t = power = 1 << i
            for _ in range(self.m - 1):
                t = self.sqr(t) ^ power
            traces[i] = t & 1
        return sum(bit << i for i, bit in enumerate(traces))

    def _make_half_trace_tables(self) -> list[list[int]]:
        # half_trace(c²) = half_trace(c) + c + trace(c), so again only odd powers cost anything.
        basis = [0] * self.m
        for i in range(self.m):
            power = 1 << i
            if i and i % 2 == 0:
                root = 1 << (i // 2)
                basis[i] = basis[i // 2] ^ root ^ self.trace(root)
                continue
            t = power
            for _ in range((self.m - 1) // 2):
                t = self.sqr(self.sqr(t)) ^ power
            basis[i] = t
        tables = []
        for start in range(0, self.m, 8):
            bits = basis[start : start + 8] + [0] * 8
            table = [0] * 256
            for value in range(1, 256):
                low = value & -value
                table[value] = table[value ^ low] ^ bits[low.bit_length() - 1]
            tables.append(table)
        return tables

    # ── points ───────────────────────────────────────────────────────────────
    def on_curve(self, point: Point) -> bool:
        x, y = point
        if x >> self.m or y >> self.m:
            return False
        x2 = self.sqr(x)
        left = self.sqr(y) ^ self.mul(x, y)
        return left == self.mul(x2, x) ^ (x2 if self.curve.a else 0) ^ self.curve.b

    def negate(self, point: Point) -> Point:
        return point[0], point[0] ^ point[1]

    def compress(self, point: Point) -> int:
        """DSTU 4145 6.9: x with its lowest bit replaced by trace(y/x)."""
        x, y = point
        if not x:
            return 0
        return (x & ~1) | self.trace(self.mul(y, self.inv(x)))

    def expand(self, packed: int) -> Point:
        """The point of the prime-order subgroup that `packed` stands for (DSTU 4145 6.10).

        Raises:
            PointError: no such point, or one outside the subgroup.
        """
        if packed <= 1 or packed >> self.m:
            raise PointError("the key is not a point of the field")
        sign, x = packed & 1, packed & ~1
        if self.trace(x) != self.curve.a:
            x ^= 1
        if not x:
            raise PointError("a point of order two")
        beta = x ^ self.curve.a ^ self.mul(self.curve.b, self.sqr(self.inv(x)))
        if self.trace(beta):
            raise PointError("no such point on the curve")
        z = self.half_trace(beta)
        if self.trace(z) != sign:
            z ^= 1
        y = self.mul(x, z)
        # trace(x) = a already says that the point is twice another. With cofactor 4 that other
        # one must itself be twice a third; its x squared is y + x(λ+1) where λ² + λ = x + a.
        if not self.curve.a:
            half = y ^ self.mul(x, self.half_trace(x) ^ 1)
            if self.trace(half):
                raise PointError("a point outside the subgroup of prime order")
        return x, y

    def add(self, p: Point | None, q: Point | None) -> Point | None:
        """Affine addition; None is the point at infinity."""
        if p is None:
            return q
        if q is None:
            return p
        (x1, y1), (x2, y2) = p, q
        if x1 == x2:
            if y1 != y2 or not x1:
                return None
            slope = x1 ^ self.mul(y1, self.inv(x1))
            x3 = self.sqr(slope) ^ slope ^ self.curve.a
            return x3, self.sqr(x1) ^ self.mul(slope ^ 1, x3)
        slope = self.mul(y1 ^ y2, self.inv(x1 ^ x2))
        x3 = self.sqr(slope) ^ slope ^ x1 ^ x2 ^ self.curve.a
        return x3, self.mul(slope, x1 ^ x3) ^ x3 ^ y1

    def times(self, k: int, point: Point) -> Point | None:
        """k·point, affine and slow: for checks."""
        result: Point | None = None
        for bit in bin(k)[2:]:
            result = self.add(result, result)
            if bit == "1":
                result = self.add(result, point)
        return result

    def times_base(self, k: int) -> Point:
        """k·P for a secret k in 1…n-1."""
        return self.times_secret(k, (self.curve.x, self.curve.y))

    def times_secret(self, k: int, point: Point) -> Point:
        """k·point for a secret k in 1…n-1 and a point of order n: the Montgomery ladder over a
        fixed number of steps.

        Every step does the same operations in the same order whatever the bits are. Without the
        accelerator they are done on Python's integers, which are not constant-time themselves: one
        reason why no person's key ever comes to the server.
        """
        x, y = point
        n = self.curve.n
        k = k + n if (k + n).bit_length() > n.bit_length() else k + 2 * n
        mul, sqr = self.mul, self.sqr
        if self._lib is not None:
            x1, z1, x2, z2 = self._native_ladder(x, k)
        else:
            x1, z1, x2, z2 = self._ladder(x, k)
        if not z1:
            raise PointError("the point at infinity")
        xa = mul(x1, self.inv(z1))
        if not z2:  # the next multiple is infinity, so this one is -P
            return self.negate((x, y))
        xb = mul(x2, self.inv(z2))
        # y from x(kP), x((k+1)P) and P
        t = mul(xa ^ x, mul(xa ^ x, xb ^ x) ^ sqr(x) ^ y)
        return xa, mul(t, self.inv(x)) ^ y

    def _ladder(self, x: int, k: int) -> tuple[int, int, int, int]:
        """k·P and (k+1)·P as x1:z1 and x2:z2, x-coordinates only (López and Dahab 1999)."""
        mul, sqr, b = self.mul, self.sqr, self.curve.b
        pair = [[x, 1], [sqr(sqr(x)) ^ b, sqr(x)]]
        for bit in bin(k)[3:]:
            i = int(bit)
            (x1, z1), (x2, z2) = pair
            left, right = mul(x1, z2), mul(x2, z1)
            z3 = sqr(left ^ right)
            x3 = mul(x, z3) ^ mul(left, right)
            xd, zd = pair[i]
            xd2, zd2 = sqr(xd), sqr(zd)
            doubled = [sqr(xd2) ^ mul(b, sqr(zd2)), mul(xd2, zd2)]
            pair[i] = doubled
            pair[1 - i] = [x3, z3]
        (x1, z1), (x2, z2) = pair
        return x1, z1, x2, z2

    # ── verification ─────────────────────────────────────────────────────────
    def verify(self, key: Point, h: int, r: int, s: int) -> bool:
        """DSTU 4145 section 12: h is the hash as a field element, not 0."""
        n = self.curve.n
        if not (0 < r < n and 0 < s < n):
            return False
        if self._lib is not None:
            value = self._native_value(key, h, r, s)
        else:
            value = self._python_value(key, h, r, s)
        return value is not None and value & ((1 << (n.bit_length() - 1)) - 1) == r

    def _python_value(self, key: Point, h: int, r: int, s: int) -> int | None:
        total = self._two_products(s, r, self._odd_multiples(key, 1 << (_KEY_WINDOW - 2)))
        if total is None or not total[2]:
            return None
        return self.mul(h, self.mul(total[0], self.inv(total[2])))

    def _two_products(
        self, s: int, r: int, key_multiples: list[tuple[int, int, int]]
    ) -> Projective | None:
        """s·P + r·Q in projective coordinates."""
        base = self.base_multiples()
        ds, dr = non_adjacent(s, _BASE_WINDOW), non_adjacent(r, _KEY_WINDOW)
        length = max(len(ds), len(dr))
        ds += [0] * (length - len(ds))
        dr += [0] * (length - len(dr))
        total: Projective | None = None
        for i in range(length - 1, -1, -1):
            if total is not None:
                total = self._double(*total)
            for digit, table in ((ds[i], base), (dr[i], key_multiples)):
                if digit:
                    x, y, xy = table[abs(digit) >> 1]
                    total = self._add_affine(total, x, y if digit > 0 else xy)
        return total

    def _double(self, x: int, y: int, z: int) -> Projective | None:
        mul, sqr = self.mul, self.sqr
        z2, x2 = sqr(z), sqr(x)
        z3 = mul(x2, z2)
        if not z3:
            return None
        bz4 = mul(self.curve.b, sqr(z2))
        x3 = sqr(x2) ^ bz4
        t = sqr(y) ^ bz4
        if self.curve.a:
            t ^= z3
        return x3, mul(bz4, z3) ^ mul(x3, t), z3

    def _add_affine(self, p: Projective | None, x2: int, y2: int) -> Projective | None:
        if p is None:
            return x2, y2, 1
        x1, y1, z1 = p
        mul, sqr = self.mul, self.sqr
        z12 = sqr(z1)
        a = y1 ^ mul(y2, z12)
        b = x1 ^ mul(x2, z1)
        if not b:
            return None if a else self._double(x2, y2, 1)
        c = mul(z1, b)
        d = mul(sqr(b), c ^ z12 if self.curve.a else c)
        z3 = sqr(c)
        e = mul(a, c)
        x3 = sqr(a) ^ d ^ e
        f = x3 ^ mul(x2, z3)
        return x3, mul(e ^ z3, f) ^ mul(x2 ^ y2, sqr(z3)), z3

    def base_multiples(self) -> list[tuple[int, int, int]]:
        """Odd multiples of the base point as (x, y, x+y); 64 of them."""
        if self._base_multiples is None:
            base = self.curve.x, self.curve.y
            self._base_multiples = self._odd_multiples(base, 1 << (_BASE_WINDOW - 2))
        return self._base_multiples

    def _odd_multiples(self, point: Point, count: int) -> list[tuple[int, int, int]]:
        twice = self.add(point, point)
        if twice is None:
            raise PointError("a point of order two")
        projective: list[Projective] = [(*point, 1)]
        for _ in range(count - 1):
            following = self._add_affine(projective[-1], *twice)
            if following is None:
                raise PointError("a point of small order")
            projective.append(following)
        # one inversion for all: Montgomery's trick
        prefixes, t = [], 1
        for _, _, z in projective:
            prefixes.append(t)
            t = self.mul(t, z)
        inverse = self.inv(t)
        result: list[tuple[int, int, int]] = []
        for (x, y, z), prefix in zip(reversed(projective), reversed(prefixes), strict=True):
            one = self.mul(inverse, prefix)
            inverse = self.mul(inverse, z)
            ax, ay = self.mul(x, one), self.mul(y, self.sqr(one))
            result.append((ax, ay, ax ^ ay))
        result.reverse()
        return result

    # ── agreement ────────────────────────────────────────────────────────────
    def shared_secret(self, d: int, key: Point) -> int:
        """The x that both sides of a cofactor Diffie-Hellman agreement arrive at (DSTU 4145 keys,
        ISO/IEC 15946-3). `key` must be a point of order n, as `expand` gives it.

        Raises:
            PointError: the secret is a multiple of n.
        """
        cofactor = 2 if self.curve.a else 4
        k = d * cofactor % self.curve.n
        if not k:
            raise PointError("the point at infinity")
        return self.times_secret(k, key)[0]

    # ── signing: the demo authority and tests only ───────────────────────────
    def public_key(self, d: int) -> Point:
        """Q = -dP (DSTU 4145 9.2)."""
        return self.negate(self.times_base(d))

    def sign(self, d: int, h: int) -> tuple[int, int]:
        """(r, s) for the hash h (a field element, not 0) under the secret d."""
        n = self.curve.n
        mask = (1 << (n.bit_length() - 1)) - 1
        while True:
            e = self._nonce(d, h)
            r = self.mul(h, self.times_base(e)[0]) & mask
            s = (e + d * r) % n
            if r and s:
                return r, s

    def _nonce(self, d: int, h: int) -> int:
        """A secret number below n: fresh randomness mixed with the key and the hash, so that a
        weak generator alone does not give the key away (hedged, after RFC 6979)."""
        width = (self.m + 7) // 8
        material = d.to_bytes(width, "big") + h.to_bytes(width, "big") + secrets.token_bytes(64)
        stream = hmac.new(material, b"DSTU4145 nonce", hashlib.sha512).digest()
        stream += hmac.new(material, stream, hashlib.sha512).digest()
        return 1 + int.from_bytes(stream, "big") % (self.curve.n - 1)

    # ── the accelerator ──────────────────────────────────────────────────────
    def _prepare_native(self) -> None:
        curve, ffi = self.curve, native.ffi
        self._width = (curve.m + 63) // 64
        c = ffi.new("curve *")
        c.m, c.words, c.a = curve.m, self._width, curve.a
        c.terms = len(curve.exponents) + 1
        for i, e in enumerate((*curve.exponents, 0)):
            c.exponents[i] = e
        c.carryless = int(native.carryless())
        for i in range(self._width):
            c.b[i] = (curve.b >> (64 * i)) & 0xFFFFFFFFFFFFFFFF
        self._native = c
        self._base_table: Any = None

    def _words(self, value: int) -> Any:
        return native.ffi.from_buffer("uint64_t[]", value.to_bytes(8 * self._width, "little"))

    def _number(self, out: Any) -> int:
        return int.from_bytes(native.ffi.buffer(out, 8 * self._width), "little")

    def _native_ladder(self, x: int, k: int) -> tuple[int, int, int, int]:
        size = 8 * self._width
        out = native.ffi.new("uint64_t[28]")
        # One word more than a field element takes: k is longer than the order of the base point.
        secret = native.ffi.from_buffer("uint64_t[]", k.to_bytes(size + 8, "little"))
        self._lib.native_ladder(self._native, self._words(x), secret, k.bit_length() - 1, out)
        four = native.ffi.buffer(out, 4 * size)[:]
        x1, z1, x2, z2 = (
            int.from_bytes(four[at : at + size], "little") for at in range(0, 4 * size, size)
        )
        return x1, z1, x2, z2

    def _native_value(self, key: Point, h: int, r: int, s: int) -> int | None:
        ffi, size = native.ffi, 8 * self._width
        if self._base_table is None:
            packed = b"".join(
                v.to_bytes(size, "little") for x, y, _ in self.base_multiples() for v in (x, y)
            )
            self._base_table = ffi.from_buffer("uint64_t[]", packed)
        out = ffi.new("uint64_t[7]")
        point = key[0].to_bytes(size, "little") + key[1].to_bytes(size, "little")
        done = self._lib.native_verify(
            self._native,
            self._base_table,
            ffi.from_buffer("uint64_t[]", point),
            self._words(h),
            self._words(r),
            self._words(s),
            out,
        )
        return self._number(out) if done else None


def non_adjacent(k: int, width: int) -> list[int]:
    """The width-w non-adjacent form, lowest digit first."""
    out: list[int] = []
    whole, half = 1 << width, 1 << (width - 1)
    while k:
        if k & 1:
            digit = k & (whole - 1)
            if digit >= half:
                digit -= whole
            k -= digit
            out.append(digit)
        else:
            out.append(0)
        k >>= 1
    return out


@cache
def arithmetic(m: int) -> Arithmetic:
    """The curve of degree m, built once a process (milliseconds accelerated, 0.1-0.5 s not)."""
    return Arithmetic(BY_DEGREE[m])
