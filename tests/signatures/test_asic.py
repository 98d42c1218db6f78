"""ASiC containers: what is covered, what is not, what is missing, and what tries to harm."""

import io
import zipfile
import zlib

import pytest

from signatures import asic, inspection, oids
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, build_token, sign_cms
from signatures.result import Overall, Reason, VerificationResult
from signatures.trust import TrustStore
from tests.signatures.conftest import NOW

Key = tuple[SigningKey, Certificate]
FILES = {"Наказ № 1.pdf": b"%PDF order", "pupils.csv": b"name;class\n"}


@pytest.fixture(scope="module")
def trust(authority: Authority) -> TrustStore:
    return authority.trust(NOW)


def verify(container: bytes, trust: TrustStore) -> VerificationResult:
    return inspection.verify_file(container, at=NOW, trust=trust)


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def container(key: Key, files: dict[str, bytes] = FILES, hash_oid: str = oids.SHA256) -> bytes:
    manifest = asic.build_manifest(files, hash_oid=hash_oid)
    return asic.build_asic_e(files, manifest, sign_cms(manifest, *key))


@pytest.mark.parametrize("hash_oid", [oids.SHA256, oids.SHA512, oids.GOST34311, oids.KUPYNA256])
def test_a_container_covers_its_files(olena: Key, trust: TrustStore, hash_oid: str) -> None:
    result = verify(container(olena, hash_oid=hash_oid), trust)

    assert (result.kind, result.overall, result.reason) == ("asic-e", Overall.VALID, None)
    assert result.covered == tuple(sorted(FILES))
    assert result.uncovered == result.missing == ()
    assert len(result.signers) == 1


def test_a_file_slipped_in_is_told(olena: Key, trust: TrustStore) -> None:
    manifest = asic.build_manifest(FILES)
    forged = asic.build_asic_e(
        {**FILES, "another.pdf": b"not signed"}, manifest, sign_cms(manifest, *olena)
    )

    result = verify(forged, trust)

    assert result.valid
    assert result.uncovered == ("another.pdf",)
    assert "another.pdf" not in result.covered


def test_a_file_taken_out_is_missing(olena: Key, trust: TrustStore) -> None:
    manifest = asic.build_manifest(FILES)
    rest = {"pupils.csv": FILES["pupils.csv"]}

    result = verify(asic.build_asic_e(rest, manifest, sign_cms(manifest, *olena)), trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.SIGNED_DATA_NOT_FOUND)
    assert result.missing == ("Наказ № 1.pdf",)


def test_a_changed_file_is_not_covered(olena: Key, trust: TrustStore) -> None:
    manifest = asic.build_manifest(FILES)
    changed = {**FILES, "pupils.csv": b"name;class\nX;1"}

    result = verify(asic.build_asic_e(changed, manifest, sign_cms(manifest, *olena)), trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)
    assert result.covered == ("Наказ № 1.pdf",)


def test_a_manifest_changed_after_signing_covers_nothing(olena: Key, trust: TrustStore) -> None:
    signature = sign_cms(asic.build_manifest(FILES), *olena)
    other = {**FILES, "pupils.csv": b"others"}

    result = verify(asic.build_asic_e(other, asic.build_manifest(other), signature), trust)

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)
    assert result.covered == ()


def test_the_simple_container_signs_its_one_file(olena: Key, trust: TrustStore) -> None:
    signed = asic.build_asic_s("Довідка.txt", b"text", sign_cms(b"text", *olena))
    other = asic.build_asic_s("Довідка.txt", b"tekst", sign_cms(b"text", *olena))

    assert verify(signed, trust).covered == ("Довідка.txt",)
    assert verify(other, trust).reason is Reason.HASH_FAILURE


def test_two_signatures_over_two_manifests(
    authority: Authority, olena: Key, trust: TrustStore
) -> None:
    one = asic.build_manifest({"a.txt": b"a"}, signature="META-INF/signature001.p7s")
    two = asic.build_manifest({"b.txt": b"b"}, signature="META-INF/signature002.p7s")
    both = zipped(
        {
            "a.txt": b"a",
            "b.txt": b"b",
            "META-INF/ASiCManifest001.xml": one,
            "META-INF/ASiCManifest002.xml": two,
            "META-INF/signature001.p7s": sign_cms(one, *olena),
            "META-INF/signature002.p7s": sign_cms(two, *olena),
        }
    )

    result = verify(both, trust)

    assert result.valid
    assert result.covered == ("a.txt", "b.txt")
    assert len(result.signers) == 2


def test_a_file_time_stamp_is_read(authority: Authority, trust: TrustStore) -> None:
    tsa_key, tsa = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    token = build_token(b"text", key=tsa_key, certificate=tsa, at=NOW)
    stamped = zipped({"a.txt": b"text", "META-INF/timestamp.tst": token})

    assert verify(stamped, trust.with_more([tsa])).covered == ("a.txt",)
    assert verify(stamped, trust).covered == ()


def test_a_digest_method_nobody_knows_is_undecided(olena: Key, trust: TrustStore) -> None:
    manifest = asic.build_manifest(FILES).replace(b"xmlenc#sha256", b"xmlenc#whirlpool")

    result = verify(asic.build_asic_e(FILES, manifest, sign_cms(manifest, *olena)), trust)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.CRYPTO_CONSTRAINTS_FAILURE,
    )


def bomb() -> bytes:
    """50 MB of zeros in 50 KB."""
    return zipped({"a.txt": bytes(50_000_000), "META-INF/signature.p7s": b"x"})


def lying_bomb() -> bytes:
    """The central directory says that the file has ten bytes."""
    data = bytearray(bomb())
    real, said = (50_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    return bytes(data.replace(real, said))


@pytest.mark.parametrize(
    "make",
    [
        bomb,
        lying_bomb,
        lambda: zipped({f"{i}.txt": b"" for i in range(asic.MAX_ENTRIES + 1)}),
        lambda: zipped({"a.txt": b"a"}),
        lambda: zipped({"META-INF/ASiCManifest.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
        lambda: zipped({"META-INF/ASiCManifest.xml": b"<a/>"}),
        lambda: b"PK\x03\x04" + bytes(200),
        lambda: zipped({"a.txt": b"a", "META-INF/signature.p7s": b"no"})[:-30],
    ],
    ids=["bomb", "lying bomb", "many files", "no signature", "entities", "other XML",
         "rubbish", "cut"],
)  # fmt: skip
def test_harmful_archives_are_malformed(trust: TrustStore, make: object) -> None:
    result = verify(make(), trust)  # type: ignore[operator]

    assert result.overall is Overall.MALFORMED


def test_compressed_bytes_broken_inside_are_malformed(olena: Key, trust: TrustStore) -> None:
    whole = container(olena, {"a.txt": b"0123456789" * 500})
    compressed = zlib.compress(b"0123456789" * 500)[2:20]
    position = whole.find(compressed[:10])
    assert position > 0

    broken = bytearray(whole)
    broken[position] ^= 0xFF

    assert verify(bytes(broken), trust).overall in (Overall.MALFORMED, Overall.INVALID)


def test_two_files_of_one_name_are_malformed_even_when_one_is_signed(
    olena: Key, trust: TrustStore
) -> None:
    """Readers differ on which of the two they show."""
    buffer = io.BytesIO(container(olena))
    with (
        zipfile.ZipFile(buffer, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("pupils.csv", FILES["pupils.csv"])

    assert verify(buffer.getvalue(), trust).overall is Overall.MALFORMED
