"""Files made to pass for something, to keep us busy or to fill the memory."""

import base64
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from signatures import asic, certificates, der, inspection, oids, work
from signatures.algorithms import native
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, build_token, sign_cms, signed_data, signer_info
from signatures.result import Overall, Reason, VerificationResult
from signatures.trust import TrustStore
from tests.signatures.conftest import NOW, SAMPLES, issue_olena
from tests.signatures.test_asic import zipped
from tests.signatures.test_samples import CZO_2020, DIIA_DAY, trusting

Key = tuple[SigningKey, Certificate]
ROOT = Path(__file__).resolve().parents[2]
HEAD = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"


@pytest.fixture(scope="module")
def trust(authority: Authority) -> TrustStore:
    return authority.trust(NOW)


@pytest.fixture(scope="module")
def diia() -> TrustStore:
    """The signer's certificate lies among the known ones, so that a spoilt copy might be replaced."""
    return trusting(CZO_2020, "certs")


def verify(data: bytes, trust: TrustStore, content: bytes | None = None) -> VerificationResult:
    return inspection.verify_file(data, content, at=NOW, trust=trust)


# ── tampering ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["uapki_diia_bes_detached.p7s", "uapki_diia_bes_attached.p7s"])
def test_no_byte_of_a_signature_may_change(diia: TrustStore, name: str) -> None:
    signed = (SAMPLES / "cades" / name).read_bytes()
    content = (SAMPLES / "cades/uapki_content.txt").read_bytes() if "detached" in name else None

    def valid(data: bytes) -> bool:
        return inspection.verify_file(data, content, at=DIIA_DAY, trust=diia).valid

    assert valid(signed)
    flipped = (
        (at, bytes([*signed[:at], signed[at] ^ mask, *signed[at + 1 :]]))
        for at in range(len(signed))
        for mask in ((0x01,) if at % 5 else (0x01, 0x80, 0xFF))
    )
    assert [at for at, data in flipped if valid(data)] == []


def test_of_a_stamped_signature_only_the_name_of_the_stamp_is_outside_it(diia: TrustStore) -> None:
    """Without its name the time-stamp is an attribute nobody knows, and the level is BES."""
    signed = (SAMPLES / "cades/uapki_diia_t_attached.p7s").read_bytes()
    where = signed.index(der.oid(oids.SIGNATURE_TIMESTAMP))
    name = range(where + 2, where + 2 + 11)

    for at in range(where - 60, where + 200):
        data = bytes([*signed[:at], signed[at] ^ 0x01, *signed[at + 1 :]])
        result = inspection.verify_file(data, at=DIIA_DAY, trust=diia)
        assert result.valid == (at in name), at
        if result.valid:
            assert (result.signers[0].level, result.signers[0].proven_time) == ("BES", None)


def test_a_spoilt_certificate_inside_is_not_replaced_by_a_good_one(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    _, certificate = olena
    known = trust.with_more([certificate])
    bare = signed_data(None, [signer_info(b"x", *olena)], [])
    assert verify(bare, known, b"x").valid  # left out, it may come from elsewhere

    renamed = certificate.der.replace("Шкільна".encode(), "Шкільня".encode())
    assert renamed != certificate.der
    spoilt = signed_data(None, [signer_info(b"x", *olena)], [certificates.load(renamed)])
    other = authority.issue_person(full_name="Хтось", rnokpp="7146712113", kind="person", at=NOW)
    foreign = signed_data(None, [signer_info(b"x", *olena)], [other[1]])

    assert verify(spoilt, known, b"x").reason is Reason.NO_SIGNING_CERTIFICATE_FOUND
    assert verify(foreign, known, b"x").valid  # another's certificate beside harms nobody


# ── shapes ───────────────────────────────────────────────────────────────────
def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = der.tlv(der.SEQUENCE, inner)
    return inner


@pytest.mark.parametrize(
    "data",
    [
        nested(10_000),
        b"\x30\x80" * 10_000 + b"\0\0" * 10_000,
        b"\x24\x80" * 10_000,
        HEAD + b"\x30\x80" * 10_000,
        b"\x30\x84\xff\xff\xff\xff" + HEAD,
        b"\x30\x88" + b"\xff" * 8 + HEAD,
        b"\x30\xff" + b"\xff" * 127,
        der.tlv(der.SEQUENCE, b"\x05\0" * 300_000),
        b"-----BEGIN CERTIFICATE-----\n" * 100_000,
        b"0" * 5_000_000,
        b"MII" + b"A" * 5_000_000,
        b"MII" + b"=" * 5_000_000,
    ],
    ids=["deep", "deep BER", "deep octets", "deep inside", "4 GB", "18 EB", "long length", "wide",
         "PEM heads", "zeroes", "base64 A", "base64 padding"],
)  # fmt: skip
def test_shapes_that_break_parsers_are_answered_at_once(trust: TrustStore, data: bytes) -> None:
    began = time.process_time()

    assert verify(data, trust).overall is Overall.MALFORMED
    assert time.process_time() - began < 3


# ── containers ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["../a.txt", "/etc/passwd", "a/../../b", "..\\a.txt", "C:\\a.txt"])
def test_a_name_that_would_unpack_elsewhere_spoils_the_container(
    olena: Key, trust: TrustStore, name: str
) -> None:
    result = verify(asic.build_asic_s(name, b"a", sign_cms(b"a", *olena)), trust)

    assert (result.overall, result.covered) == (Overall.MALFORMED, ())
    assert "leads outside" in result.detail


def test_dots_in_a_name_are_only_dots(olena: Key, trust: TrustStore) -> None:
    made = asic.build_asic_s("клас/Наказ..2026.txt", b"a", sign_cms(b"a", *olena))

    assert verify(made, trust).covered == ("клас/Наказ..2026.txt",)


def test_a_manifest_naming_a_path_outside_finds_nothing(olena: Key, trust: TrustStore) -> None:
    manifest = asic.build_manifest({"../../etc/passwd": b""})
    made = asic.build_asic_e({"a.txt": b"a"}, manifest, sign_cms(manifest, *olena))

    result = verify(made, trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.SIGNED_DATA_NOT_FOUND)
    assert (result.missing, result.uncovered) == (("../../etc/passwd",), ("a.txt",))


@pytest.mark.parametrize("make", [asic.build_asic_s, None], ids=["simple", "extended"])
def test_a_file_beside_a_container_must_be_the_signed_one(
    olena: Key, trust: TrustStore, make: Callable[..., bytes] | None
) -> None:
    if make:
        made = make("a.txt", b"a", sign_cms(b"a", *olena))
    else:
        manifest = asic.build_manifest({"a.txt": b"a"})
        made = asic.build_asic_e(
            {"a.txt": b"a", "b.txt": b"b"}, manifest, sign_cms(manifest, *olena)
        )

    assert verify(made, trust, b"a").valid
    for other in (b"b", b""):
        result = verify(made, trust, other)
        assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)


def test_entity_tricks_and_endless_nesting_in_a_manifest_are_refused(trust: TrustStore) -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
    began = time.process_time()

    for manifest in (laughs, b"<a>" * 300_000, b"<a/>" * 300_000, b" " * 2_000_000):
        made = zipped({"a.txt": b"a", "META-INF/ASiCManifest.xml": manifest})
        assert verify(made, trust).overall is Overall.MALFORMED
    assert time.process_time() - began < 5


# ── work ─────────────────────────────────────────────────────────────────────
def test_many_signatures_over_one_large_file_are_not_all_hashed(
    olena: Key, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MAX_HASHED", 2_500_000)
    large = os.urandom(1_000_000)
    signature = sign_cms(large, *olena)
    twice, often = (
        zipped({"a.bin": large} | {f"META-INF/signature{n}.p7s": signature for n in range(count)})
        for count in (2, 5)
    )

    assert verify(twice, trust).valid
    assert verify(often, trust).overall is Overall.MALFORMED


def test_many_content_stamps_over_one_large_file_are_not_all_hashed(
    authority: Authority, olena: Key, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MAX_HASHED", 2_500_000)
    large = os.urandom(1_000_000)
    tsa_key, tsa = authority.issue(
        [(oids.COMMON_NAME, "TSA")], at=NOW, extended_key_usage=(oids.EKU_TIME_STAMPING,)
    )
    trust = trust.with_more([tsa])
    token = build_token(large, key=tsa_key, certificate=tsa, at=NOW, hash_oid=oids.SHA256)

    def stamped(times: int) -> bytes:
        tokens = der.sequence(der.oid(oids.CONTENT_TIMESTAMP), der.tlv(der.SET, *[token] * times))
        return sign_cms(large, *olena, more_signed=[tokens])

    assert verify(stamped(1), trust, large).valid
    assert verify(stamped(5), trust, large).overall is not Overall.VALID


@pytest.mark.usefixtures("pure_python")
def test_without_the_accelerator_the_allowance_is_smaller() -> None:
    assert native.library() is None
    assert work.Budget().bytes == work.MAX_HASHED_SLOW


PEAK = """
import runpy, sys
sys.argv = ["manage.py", "verify_signature", *sys.argv[1:], "--json"]
try:
    runpy.run_module("manage", run_name="__main__")
finally:
    lines = open("/proc/self/status").read().splitlines()
    print(next(line for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


def peak(folder: Path, *more: str) -> float:
    """Megabytes that the program took at most for the file `a` of a folder."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "a", *more,
         "--trust", "root.cer", "--extra-certs", "issuer.cer", "--at", NOW.isoformat()],
        cwd=folder, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "AIKOM_VAR": str(folder), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert '"overall": "VALID"' in done.stdout[:30], done.stdout[:300]
    return int(done.stderr.split()[-2]) / 1024


@pytest.fixture(scope="module")
def of_a_small_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> float:
    folder = tmp_path_factory.mktemp("small")
    signed = sign_cms(b"x", *issue_olena(authority), detached=False)
    for name, data in (
        ("root.cer", authority.root.der), ("issuer.cer", authority.issuer.der), ("a", signed),
    ):  # fmt: skip
        (folder / name).write_bytes(data)
    return peak(folder)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("kind", ["detached", "attached", "base64", "container"])
def test_a_large_file_is_not_held_in_memory(
    authority: Authority, olena: Key, tmp_path: Path, kind: str, of_a_small_file: float
) -> None:
    """Pages of the mapped file count as ours though the system may drop them at will: allowed is
    the file itself, of base64 its decoded bytes too, and 16 MB."""
    megabytes = 24  # one more copy of them is past what is allowed
    large = random.Random(48).randbytes(1024 * 1024) * megabytes  # the same in every run
    files = {"root.cer": authority.root.der, "issuer.cer": authority.issuer.der}
    more: list[str] = []
    if kind == "detached":
        files |= {"a": sign_cms(large, *olena), "content": large}
        more = ["--content", "content"]
    elif kind == "container":
        manifest = asic.build_manifest({"a.bin": large})
        files["a"] = asic.build_asic_e({"a.bin": large}, manifest, sign_cms(manifest, *olena))
    else:
        attached = sign_cms(large, *olena, detached=False)
        files["a"] = base64.encodebytes(attached) if kind == "base64" else attached
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    mapped = megabytes * (1.36 if kind == "base64" else 1)
    decoded = megabytes if kind == "base64" else 0
    assert peak(tmp_path, *more) - of_a_small_file < mapped + decoded + 16


@pytest.mark.parametrize(
    "head",
    [b"M", b"M=", b"Mz=\n", b"0", b"0\x01\x05", b"0\x80", b"=", b"-", b"-----BEGIN CMS-----\n", b"\xef\xbb\xbfM",
     b"PK\x03\x04", b"%PDF-1.7\n", b"<a", "Наказ".encode(), b"\0"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["detached", "attached", "second"])
def test_whatever_a_large_file_begins_with_it_is_not_copied(
    olena: Key, trust: TrustStore, monkeypatch: pytest.MonkeyPatch, kind: str, head: bytes
) -> None:
    """What looks like text is tried as base64 and PEM: by pieces, and given up at the first that is
    neither. Content that began with «M» was once held twice more."""
    monkeypatch.setattr(der, "_PIECE", 10_000)
    large = head + random.Random(1).randbytes(1_000_000)
    assert b"=" in large[:10_000]
    signed = sign_cms(large, *olena, detached=kind != "attached")
    tracemalloc.start()
    try:
        if kind == "second":
            given = [("a.bin", large), ("a.p7s", signed)]
            result = inspection.verify_files(given, at=NOW, trust=trust)
        else:
            result = verify(signed, trust, large if kind == "detached" else None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.valid
    assert peak < 500_000
