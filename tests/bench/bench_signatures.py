"""Signatures: verification with and without the accelerator, hashes, whole containers, packages.

BouncyCastle is measured in the same run where Java and Debian's libbcprov-java are present.
"""

import datetime
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from signatures import inspection, packages, verification
from signatures.algorithms import dstu4145, hashes, native
from signatures.algorithms.curves import BY_DEGREE
from signatures.algorithms.dstu4145 import Arithmetic
from signatures.algorithms.gost34311 import Gost34311
from signatures.certificates import Certificate
from signatures.demo import keystore
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, sign_cms
from signatures.oids import GOST34311, KUPYNA256, SHA256
from signatures.trust import TrustStore
from tests.bench import Result, bench, median_ms, per_second
from tests.signatures import xml_documents
from tests.signatures.test_pdf import PAGE, signed_pdf

NOW = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
MEGABYTE = bytes(range(256)) * 4096
_JAR = Path("/usr/share/java/bcprov.jar")


@cache
def bouncy_castle() -> tuple[float, float] | None:
    """(verifications of m=257 a second, MB/s of GOST 34.311), or None where it is not here."""
    java = shutil.which("java")
    if java is None or not _JAR.exists():
        return None
    program = str(Path(__file__).with_name("BouncyCastle.java"))
    done = subprocess.run(
        [java, "-cp", str(_JAR), program], capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        return None
    verify, speed = map(float, done.stdout.split())
    return verify, speed


def arithmetic(m: int, mode: str) -> Arithmetic:
    """A curve in one of three modes: pclmul, portable, python."""
    before = os.environ.get("AIKOM_NATIVE")
    os.environ["AIKOM_NATIVE"] = {"pclmul": "", "portable": "portable", "python": "off"}[mode]
    native.library.cache_clear()
    try:
        return Arithmetic(BY_DEGREE[m])
    finally:
        os.environ.pop("AIKOM_NATIVE")
        if before is not None:
            os.environ["AIKOM_NATIVE"] = before
        native.library.cache_clear()


def _verify(m: int, mode: str, seconds: float = 2.0) -> Result:
    math = arithmetic(m, mode)
    public = math.public_key(123456789)
    h = 2**160 - 12345
    r, s = math.sign(123456789, h)
    assert math.verify(public, h, r, s)
    return per_second(lambda: math.verify(public, h, r, s), seconds=seconds)


@bench("signatures.verify", unit="per second")
def verify() -> Iterable[Result]:
    castle = bouncy_castle()
    for m in (163, 257, 431):
        for mode in ("pclmul", "portable", "python"):
            if mode != "python" and native.library() is None:
                continue
            found = _verify(m, mode)
            reference = castle[0] if castle and m == 257 and mode == "pclmul" else None
            yield Result(
                found.value,
                reference=reference,
                n=found.n,
                name=f"signatures.verify_m{m}_{mode}",
            )
    if castle:
        yield Result(castle[0], name="signatures.verify_m257_bouncycastle")


@bench("signatures.hash", unit="MB per second")
def hash_speeds() -> Iterable[Result]:
    castle = bouncy_castle()

    def speed(act: Callable[[], object], size: float = 1.0) -> Result:
        found = per_second(act, seconds=1.0)
        return Result(found.value * size, n=found.n)

    for name, oid in (("gost34311", GOST34311), ("kupyna256", KUPYNA256), ("sha256", SHA256)):
        found = speed(lambda oid=oid: hashes.digest(oid, MEGABYTE))
        reference = castle[1] if castle and oid == GOST34311 else None
        yield Result(found.value, reference=reference, n=found.n, name=f"signatures.hash_{name}")
    slow = Gost34311.__new__(Gost34311)

    def pure() -> None:
        slow._lib, slow._length, slow._rest = None, 0, b""
        slow._table = keystore.DKE1
        slow._state = slow._total = 0
        slow.update(MEGABYTE[:32768])
        slow.digest()

    found = speed(pure, 1 / 32)
    yield Result(found.value, n=found.n, name="signatures.hash_gost34311_python")


@cache
def world() -> tuple[Authority, bytes, bytes]:
    authority = Authority.in_memory()
    key, certificate = authority.issue_person(
        full_name="Шкільна Олена Василівна", rnokpp="7146711424", edrpou="39301337", at=NOW
    )
    content = b"challenge " * 20
    return authority, content, sign_cms(content, key, certificate, signing_time=NOW)


@bench("signatures.cades_bes_full", unit="per second")
def cades_bes_full() -> Result:
    """Parse, hash, ESS, signature, chain, revocation list, policy: what a sign-in costs."""
    authority, content, signed = world()
    trust = authority.trust(NOW)

    def act() -> None:
        result = verification.verify_cms(
            signed, content, policy=verification.SIGN_IN, at=NOW, trust=trust
        )
        assert result.valid

    return per_second(act, seconds=2.0)


@bench("signatures.pades_10_mb", unit="seconds")
def pades() -> Result:
    """A signed PDF of 10 MB, whole (issue 9: at most a second); processor time."""
    trust, key = signer()
    data = signed_pdf(key, PAGE + bytes(10_000_000))
    began = time.process_time()
    assert inspection.verify_file(data, at=NOW, trust=trust).valid
    return Result(time.process_time() - began)


@bench("signatures.xades_full", unit="per second")
def xades_full() -> Result:
    """A small enveloped document with its properties."""
    trust, key = signer()
    data = xml_documents.enveloped(key)
    return per_second(lambda: inspection.verify_file(data, at=NOW, trust=trust))


@bench("signatures.xades_10_mb", unit="seconds")
def xades_large() -> Result:
    """A document of 10 MB in 150,000 elements; processor time."""
    trust, key = signer()
    body = b"<row xmlns=''>" + b"x" * 55 + b"</row>"
    data = xml_documents.enveloped(key, b"<order>" + body * 150_000 + b"</order>")
    began = time.process_time()
    assert inspection.verify_file(data, at=NOW, trust=trust).valid
    return Result(time.process_time() - began)


def signer() -> tuple[TrustStore, tuple[SigningKey, Certificate]]:
    authority = Authority.in_memory()
    key = authority.issue_person(full_name="Шкільна Олена", rnokpp="7146711424", at=NOW)
    return authority.trust(NOW), key


@bench("signatures.sign_in_python", unit="ms")
def sign_in_without_accelerator() -> Result:
    """The same without a compiler."""
    authority, content, signed = world()
    trust = authority.trust(NOW)
    os.environ["AIKOM_NATIVE"] = "off"
    native.library.cache_clear()
    dstu4145.arithmetic.cache_clear()
    try:

        def act() -> None:
            assert verification.verify_cms(
                signed, content, policy=verification.SIGN_IN, at=NOW, trust=trust
            ).valid

        return median_ms(act)
    finally:
        del os.environ["AIKOM_NATIVE"]
        native.library.cache_clear()
        dstu4145.arithmetic.cache_clear()


@bench("signatures.rows_10000", unit="seconds")
def rows() -> Iterable[Result]:
    """10,000 rows after the one signature: loaded against the root, and each by its own proof."""
    package = packages.build_package(
        {"number": "1-з"},
        [{"index": i, "pupil": f"Учень {i}", "class": "1-А"} for i in range(10_000)],
    )
    began = time.perf_counter()
    packages.load_package(package.manifest, package.rows, package.kept)
    yield Result(time.perf_counter() - began, name="signatures.rows_10000_loaded", n=10_000)
    proofs = packages.row_proofs(package)
    began = time.perf_counter()
    for row, proof in zip(package.rows, proofs, strict=True):
        assert packages.verify_row(package.manifest, row, proof, package.head)
    yield Result(time.perf_counter() - began, name="signatures.rows_10000_by_proof", n=10_000)
