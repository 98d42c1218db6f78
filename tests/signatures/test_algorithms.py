"""Two implementations of each algorithm give the same answers, and wrong inputs get none."""

import hashlib
import random
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signatures import keys, oids
from signatures.algorithms import build, hashes, native
from signatures.algorithms.curves import BY_DEGREE, STANDARD, Curve
from signatures.algorithms.dstu4145 import Arithmetic, PointError, arithmetic, multiply, square
from signatures.algorithms.gost28147 import DKE1, cfb_decrypt, cfb_encrypt
from signatures.algorithms.gost34311 import Gost34311, gost34311
from signatures.algorithms.kupyna import Kupyna256, Kupyna384, Kupyna512
from signatures.demo.signing import SigningKey

needs_accelerator = pytest.mark.skipif(
    build.compiler() is None, reason="no C compiler here: only pure Python to test"
)
ids = [f"m={curve.m}" for curve in STANDARD]


def slow(curve: Curve) -> Arithmetic:
    """Pure Python, whatever this machine has."""
    made = Arithmetic(curve)
    made._lib = None
    return made


# Its tables are made once, not for each example drawn.
PURE_257 = slow(BY_DEGREE[257])


@needs_accelerator
def test_the_accelerator_is_built_where_there_is_a_compiler() -> None:
    assert native.library() is not None, "run: python -m signatures.algorithms.build"


@pytest.mark.parametrize("curve", STANDARD, ids=ids)
def test_the_base_point_has_the_stated_order(curve: Curve) -> None:
    math = arithmetic(curve.m)
    base = curve.x, curve.y

    assert math.on_curve(base)
    assert math.times(curve.n, base) is None
    assert math.expand(math.compress(base)) == base


@pytest.mark.parametrize("curve", STANDARD, ids=ids)
def test_what_is_signed_verifies_on_every_curve_both_ways(curve: Curve) -> None:
    fast, pure = arithmetic(curve.m), slow(curve)
    d = 1 + secrets.randbelow(curve.n - 1)
    public = fast.public_key(d)
    h = secrets.randbits(min(curve.m, 256)) or 1
    r, s = fast.sign(d, h)

    for math in (fast, pure):
        assert math.verify(public, h, r, s)
        assert not math.verify(public, h ^ 2, r, s)
        assert not math.verify(public, h, r ^ 1, s)
        assert not math.verify(public, h, r, s ^ 1)
        assert not math.verify(math.negate(public), h, r, s)


@pytest.mark.parametrize("curve", STANDARD, ids=ids)
def test_out_of_range_pairs_are_no_signatures(curve: Curve) -> None:
    fast, pure = arithmetic(curve.m), slow(curve)
    public = fast.public_key(5)

    for r, s in [(0, 1), (1, 0), (curve.n, 1), (1, curve.n), (curve.n + 1, curve.n + 1)]:
        assert not fast.verify(public, 1, r, s)
        assert not pure.verify(public, 1, r, s)


@pytest.mark.parametrize("curve", STANDARD, ids=ids)
def test_points_of_small_order_and_outside_the_subgroup_are_refused(curve: Curve) -> None:
    """x = 0 is the point of order two; adding it to a good point leaves the subgroup (cofactor 4)."""
    math = arithmetic(curve.m)
    small = 0, math.sqrt(curve.b)
    for packed in (0, 1, math.compress(small)):
        with pytest.raises(PointError):
            math.expand(packed)

    moved = math.add((curve.x, curve.y), small)
    assert moved is not None
    assert math.on_curve(moved)
    try:
        reached = math.expand(math.compress(moved))
    except PointError:
        return
    assert reached != moved
    assert math.times(curve.n, reached) is None


@pytest.mark.parametrize("curve", [c for c in STANDARD if c.m in (163, 257)], ids=["163", "257"])
def test_every_accepted_key_is_of_prime_order(curve: Curve) -> None:
    math, pure = arithmetic(curve.m), slow(curve)
    generator = random.Random(4145)
    accepted = 0
    for _ in range(24):
        packed = generator.getrandbits(curve.m)
        try:
            point = math.expand(packed)
        except PointError:
            with pytest.raises(PointError):
                pure.expand(packed)
            continue
        accepted += 1
        assert pure.expand(packed) == point
        assert math.times(curve.n, point) is None
    assert accepted


@settings(max_examples=60, deadline=None)
@given(a=st.integers(0, 2**257 - 1), b=st.integers(0, 2**257 - 1), c=st.integers(0, 2**257 - 1))
def test_the_field_obeys_its_laws(a: int, b: int, c: int) -> None:
    math, pure = arithmetic(257), PURE_257

    assert multiply(a, a) == square(a)
    assert math.mul(a, b) == math.mul(b, a)
    assert math.mul(a, math.mul(b, c)) == math.mul(math.mul(a, b), c)
    assert math.mul(a, b ^ c) == math.mul(a, b) ^ math.mul(a, c)
    if a:
        assert math.mul(a, math.inv(a)) == 1
    z = math.half_trace(a)
    assert math.sqr(z) ^ z == a ^ math.trace(a)
    assert pure.half_trace(a) == z


def test_the_ladder_gives_every_multiple() -> None:
    math = arithmetic(257)
    n, base = math.curve.n, (math.curve.x, math.curve.y)

    for k in (1, 2, 3, n - 2, n - 1, n // 2, secrets.randbelow(n - 1) + 1):
        assert math.times_base(k) == math.times(k, base)


@needs_accelerator
@pytest.mark.parametrize("carryless", [False, True], ids=["portable", "carryless"])
@pytest.mark.parametrize("curve", STANDARD, ids=ids)
def test_the_ladder_of_the_accelerator_climbs_as_python_s(curve: Curve, carryless: bool) -> None:
    fast, pure = Arithmetic(curve), slow(curve)
    fast._native.carryless = int(carryless and native.carryless())
    k = 1 + random.Random(curve.m).randrange(curve.n - 1)

    for secret in (1, k, curve.n - 1):
        assert fast.times_base(secret) == pure.times_base(secret)


def test_two_signatures_of_one_hash_never_share_their_nonce() -> None:
    math = arithmetic(257)

    assert math.sign(7, 9) != math.sign(7, 9)


# ── hashes ───────────────────────────────────────────────────────────────────
# Worked out by two independent implementations (our prototype and BouncyCastle 1.72).
GOST_ABC = "a34a53504d8ba070cb73a583146167a0a3c226d793440d9cea24465fe02251f2"


def test_gost34311_of_a_known_text() -> None:
    assert gost34311(b"abc").hex() == GOST_ABC


@pytest.mark.usefixtures("pure_python")
def test_gost34311_of_a_known_text_without_a_compiler() -> None:
    assert native.library() is None
    assert gost34311(b"abc").hex() == GOST_ABC


@needs_accelerator
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    data=st.binary(max_size=200), cut=st.integers(0, 200), table=st.binary(min_size=64, max_size=64)
)
def test_gost34311_is_the_same_in_pieces_and_in_python(data: bytes, cut: int, table: bytes) -> None:
    fast = Gost34311(table=table)
    fast.update(data[:cut])
    fast.update(data[cut:])
    pure = Gost34311.__new__(Gost34311)
    pure._lib, pure._table, pure._length, pure._rest = None, table, 0, b""
    pure._state = pure._total = 0
    pure.update(data)

    assert fast.digest() == pure.digest() == gost34311(data, table)


def test_the_substitution_table_changes_the_hash() -> None:
    assert gost34311(b"abc", DKE1[::-1]) != gost34311(b"abc")


@pytest.mark.parametrize("size", [0, 1, 51, 52, 63, 64, 65, 111, 112, 127, 128, 300])
def test_kupyna_of_the_library_and_of_python_agree(size: int) -> None:
    data = bytes(range(256)) * 2
    for kind in (Kupyna256, Kupyna512):
        assert kind(data[:size]).digest() == kind(data[:size], pure=True).digest()


def test_kupyna_384_is_the_longer_hash_cut() -> None:
    """DSTU 7564 takes the last n bits of the 1024-bit state."""
    assert Kupyna384(b"abc").digest() == Kupyna512(b"abc").digest()[-48:]


def test_hashes_of_a_stream_equal_those_of_the_whole() -> None:
    data = secrets.token_bytes(3_000_000)
    for oid in (oids.GOST34311, oids.KUPYNA256, oids.SHA256):
        pieces = [data[i : i + 777_777] for i in range(0, len(data), 777_777)]
        assert hashes.digest_of(oid, pieces) == hashes.digest(oid, data)
    assert hashes.digest(oids.SHA256, data) == hashlib.sha256(data).digest()


def test_cipher_feedback_comes_back() -> None:
    key, start = bytes(range(32)), b"12345678"

    sealed = cfb_encrypt(key, start, b"Ukrainian key container")

    assert sealed != b"Ukrainian key container"
    assert cfb_decrypt(key, start, sealed) == b"Ukrainian key container"


# ── keys ─────────────────────────────────────────────────────────────────────
def test_the_hash_of_zero_becomes_one() -> None:
    """DSTU 4145 5.9; otherwise every signature of it would have r = 0."""
    assert keys.hash_to_field(bytes(32), 257) == 1


@pytest.mark.parametrize(
    "hash_oid", [oids.GOST34311, oids.KUPYNA256, oids.KUPYNA384, oids.KUPYNA512]
)
def test_hashes_longer_and_shorter_than_the_field_sign(hash_oid: str) -> None:
    for m in (163, 257, 431):
        key = SigningKey.generate(m, hash_oid)
        public = keys.public_key(key.spki)
        algorithm = keys.SignatureAlgorithm(oids.DSTU4145_GOST, hash_oid)
        digest = hashes.digest(hash_oid, b"data")

        assert public.verify(algorithm, digest, key.sign(b"data"))
        assert not public.verify(algorithm, hashes.digest(hash_oid, b"date"), key.sign(b"data"))
