"""Every carried sample gives the result its index states, with the accelerator and without."""

import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from signatures import certificates, containers, inspection
from signatures.demo import keystore
from signatures.result import Overall, Reason, Status, VerificationResult
from signatures.trust import TrustStore, load_files
from tests.signatures.conftest import SAMPLES

Sample = Callable[[str], bytes]
DIIA_DAY = datetime.datetime(2023, 9, 20, tzinfo=datetime.UTC)
MINIPKI_DAY = datetime.datetime(2016, 9, 27, tzinfo=datetime.UTC)
TODAY = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
CZO_2020 = "certs/CAO-05E19E2CD92EA2990100000001000000C1000000.cer"


def trusting(anchor: str, folder: str) -> TrustStore:
    """One file as the anchor, a folder of others to build with."""
    extra = load_files([SAMPLES / folder])
    return TrustStore(
        anchors=(certificates.load((SAMPLES / anchor).read_bytes()),),
        intermediates=extra.certificates,
    )


@pytest.fixture(scope="module")
def diia() -> TrustStore:
    return trusting(CZO_2020, "certs")


@pytest.fixture(scope="module")
def minipki() -> TrustStore:
    return trusting("minipki_m257/root_certificate.cer", "minipki_m257")


def verify(
    trust: TrustStore, at: datetime.datetime, name: str, content: str | None = None
) -> VerificationResult:
    signed = (SAMPLES / content).read_bytes() if content else None
    return inspection.verify_file((SAMPLES / name).read_bytes(), signed, at=at, trust=trust)


def test_the_samples_are_the_ones_of_the_index(index: list[dict[str, str]]) -> None:
    for entry in index:
        digest = hashlib.sha256((SAMPLES / entry["file"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"], entry["file"]


DIIA = [
    ("cades/uapki_diia_bes_attached.p7s", None, "BES"),
    ("cades/uapki_diia_t_attached.p7s", None, "T"),
    ("cades/uapki_diia_bes_attached_custom_attr.p7s", None, "BES"),
    ("cades/uapki_diia_bes_detached.p7s", "cades/uapki_content.txt", "BES"),
]


@pytest.mark.parametrize(("name", "content", "level"), DIIA)
def test_a_diia_seal_is_valid_on_its_day(
    diia: TrustStore, name: str, content: str | None, level: str
) -> None:
    result = verify(diia, DIIA_DAY, name, content)

    assert (result.overall, result.reason) == (Overall.VALID, None)
    (signer,) = result.signers
    assert signer.level == level
    assert {signer.crypto, signer.digest, signer.ess, signer.chain} == {Status.VALID}
    assert signer.certificate is not None
    assert (signer.certificate.edrpou, signer.certificate.kind) == ("43395033", "seal")
    assert signer.qualified


def test_an_unknown_provider_is_named_before_its_unproven_time_stamps(minipki: TrustStore) -> None:
    result = verify(minipki, DIIA_DAY, "cades/uapki_diia_t_attached.p7s")

    assert result.reason is Reason.NO_CERTIFICATE_CHAIN_FOUND
    assert any("timestamp" in note for note in result.signers[0].notes)


@pytest.mark.usefixtures("pure_python")
@pytest.mark.parametrize(("name", "content", "level"), DIIA)
def test_the_answer_is_the_same_without_a_compiler(
    diia: TrustStore, name: str, content: str | None, level: str
) -> None:
    result = verify(diia, DIIA_DAY, name, content)

    assert result.valid
    assert result.signers[0].level == level


def test_the_timestamps_of_cades_t_prove_the_time(diia: TrustStore) -> None:
    signer = verify(diia, TODAY, "cades/uapki_diia_t_attached.p7s").signers[0]

    assert signer.timestamp is Status.VALID
    assert [stamp.kind for stamp in signer.timestamps] == ["content", "signature"]
    assert signer.proven_time == datetime.datetime(2023, 9, 19, 18, 17, 19, tzinfo=datetime.UTC)
    # proven to exist before the certificate expired, so valid today as well
    assert signer.overall is Overall.VALID


def test_a_seal_without_a_timestamp_is_undecided_after_its_certificate_expired(
    diia: TrustStore,
) -> None:
    result = verify(diia, TODAY, "cades/uapki_diia_bes_attached.p7s")

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.OUT_OF_BOUNDS_NO_POE,
    )


def test_the_wrong_content_breaks_the_digest_but_not_the_signature(diia: TrustStore) -> None:
    result = verify(
        diia, DIIA_DAY, "cades/uapki_diia_bes_detached.p7s", "cades/uapki_content_wrong.txt"
    )

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)
    assert (result.signers[0].digest, result.signers[0].crypto) == (Status.INVALID, Status.VALID)


def test_a_detached_signature_alone_asks_for_its_file(diia: TrustStore) -> None:
    result = verify(diia, DIIA_DAY, "cades/uapki_diia_bes_detached.p7s")

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.SIGNED_DATA_NOT_FOUND,
    )


@pytest.mark.parametrize(
    "name",
    ["barvinok_gost"] + [f"uapki_5BC6_{tail}" for tail in ("1.1", "6.1.1", "6.3.1")],
)
def test_other_libraries_sign_what_we_accept_gost_and_kupyna(diia: TrustStore, name: str) -> None:
    """Their signing time is of 2026, after the test certificate expired: the signature itself
    holds and the whole does not."""
    for result in (
        verify(diia, DIIA_DAY, f"generated/{name}_att.p7s"),
        verify(diia, DIIA_DAY, f"generated/{name}_det.p7s", "generated/data.txt"),
    ):
        (signer,) = result.signers
        assert {signer.crypto, signer.digest, signer.ess} == {Status.VALID}
    assert not verify(diia, TODAY, f"generated/{name}_att.p7s").valid


@pytest.mark.parametrize(
    ("name", "content"),
    [("cades/jkurwa_message.p7s", None), ("cades/jkurwa_message_detached.p7s", b"123")],
)
def test_a_self_signed_signer_is_not_trusted(
    diia: TrustStore, sample: Sample, name: str, content: bytes | None
) -> None:
    result = inspection.verify_file(sample(name), content, at=DIIA_DAY, trust=diia)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.NO_CERTIFICATE_CHAIN_FOUND,
    )
    assert result.signers[0].crypto is Status.VALID


@pytest.mark.parametrize(
    ("name", "at", "overall", "reason"),
    [
        ("diia-test-sign-7775603", DIIA_DAY, Overall.VALID, None),
        ("diia-test-kep-7775604", DIIA_DAY, Overall.VALID, None),
        ("diia-test-sign-7775603", TODAY, Overall.INVALID, Reason.EXPIRED),
        (
            "diia-test-sign-7775603",
            datetime.datetime(2022, 1, 1, tzinfo=datetime.UTC),
            Overall.INVALID,
            Reason.NOT_YET_VALID,
        ),
        ("diia-2023-tsp-05E19E2CD92EA29902000000010000004A010000", DIIA_DAY, Overall.VALID, None),
        ("diia-ocsp-3ED5083160DBC59B0200000001000000202B0F00", DIIA_DAY, Overall.VALID, None),
    ],
)
def test_certificates_of_diia(
    diia: TrustStore,
    name: str,
    at: datetime.datetime,
    overall: Overall,
    reason: Reason | None,
) -> None:
    result = verify(diia, at, f"certs/{name}.cer")

    assert (result.kind, result.overall, result.reason) == ("certificate", overall, reason)


@pytest.mark.parametrize("name", ["userfiz", "userur", "ocsp", "root"])
def test_certificates_of_the_mini_pki(minipki: TrustStore, name: str) -> None:
    assert verify(minipki, MINIPKI_DAY, f"minipki_m257/{name}_certificate.cer").valid


@pytest.mark.parametrize("name", ["full", "delta"])
def test_revocation_lists_of_the_mini_pki(minipki: TrustStore, name: str) -> None:
    result = verify(minipki, MINIPKI_DAY, f"minipki_m257/{name}.crl")

    assert result.valid
    assert result.kind == ("delta-crl" if name == "delta" else "crl")
    assert "5 revoked" in result.detail


@pytest.mark.parametrize(
    ("name", "day", "revoked"),
    [("CZO-Full", datetime.date(2016, 9, 10), 35), ("CZO-Delta", datetime.date(2016, 9, 16), 0)],
)
def test_national_revocation_lists(name: str, day: datetime.date, revoked: int) -> None:
    at = datetime.datetime.combine(day, datetime.time(14), datetime.UTC)
    result = verify(trusting("certs/CZOROOT.cer", "certs"), at, f"revocation/{name}.crl")

    assert result.signers[0].crypto is Status.VALID
    assert f"{revoked} revoked" in result.detail
    assert (result.kind == "delta-crl") == (name == "CZO-Delta")


def test_an_ocsp_answer_says_who_was_revoked_and_when(minipki: TrustStore) -> None:
    result = verify(minipki, MINIPKI_DAY, "revocation/ocsp_resp_for_revoked_cert.dat")

    assert (result.kind, result.overall) == ("ocsp", Overall.VALID)
    assert "revoked 2016-09-26T14:18:54Z" in result.detail


def test_the_delta_list_of_diia_is_signed_by_diia(diia: TrustStore) -> None:
    (path,) = Path(SAMPLES / "revocation").glob("BED5*.crl")
    result = inspection.verify_file(path.read_bytes(), at=DIIA_DAY, trust=diia)

    assert result.kind == "delta-crl"
    assert result.signers[0].crypto is Status.VALID


@pytest.mark.parametrize(
    "name",
    [
        "enveloped/jkurwa_enc_message.p7",
        "keys/diia-test.p12",
        "keys/uapki_rsa.jks",
        "minipki_m257/tsp_request.der",
        "cades/uapki_content.txt",
    ],
)
def test_what_is_no_signature_is_called_malformed(diia: TrustStore, name: str) -> None:
    assert verify(diia, DIIA_DAY, name).overall is Overall.MALFORMED


def test_private_keys_of_the_samples_belong_to_their_certificates(sample: Sample) -> None:
    """Our own key arithmetic against keys made elsewhere: m=257 and m=431."""
    keys, _ = keystore.unpack(sample("keys/diia-test.p12"), "testpassword")
    names = ("diia-test-sign-7775603", "diia-test-kep-7775604")

    for key, name in zip(keys, names, strict=True):
        certificate = certificates.load(sample(f"certs/{name}.cer"))
        assert key.identifier == certificate.key_identifier
        assert key.packed == certificate.public_key.packed  # type: ignore[attr-defined]


def test_a_wrong_password_is_refused(sample: Sample) -> None:
    with pytest.raises(containers.WrongPassword):
        keystore.unpack(sample("keys/diia-test.p12"), "testpasswore")
