"""`manage.py verify_signature` over every carried sample, as a stranger would run it: the table."""

import base64
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command

from signatures import der
from tests.signatures.conftest import SAMPLES

CZO_2020 = "certs/CAO-05E19E2CD92EA2990100000001000000C1000000.cer"
CZO_2012 = "certs/CZOROOT.cer"
MINI = "minipki_m257/root_certificate.cer"
SEAL = {"edrpou": "43395033", "rnokpp": None}


class Case(NamedTuple):
    """One question: the file, what is believed and when; the answer's main fields."""

    file: str
    trust: str
    at: str
    overall: str
    reason: str | None
    kind: str
    crypto: str | None = "VALID"
    chain: str | None = "VALID"
    content: str | None = None
    told: dict[str, Any] = {}


def diia(file: str, at: str = "2023-09-20", **fields: Any) -> Case:
    given = {"overall": "VALID", "reason": None, "kind": "cms"} | fields
    return Case(file, CZO_2020, at, **given)


def certificate(file: str, trust: str, at: str, **fields: Any) -> Case:
    given = {"overall": "VALID", "reason": None, "kind": "certificate"} | fields
    return Case(file, trust, at, **given)


def nothing(file: str, kind: str = "unknown") -> Case:
    return Case(file, CZO_2020, "2023-09-20", "MALFORMED", "FORMAT_FAILURE", kind, None, None)


EXPIRED: dict[str, Any] = {"overall": "INVALID", "reason": "EXPIRED"}
NO_PATH: dict[str, Any] = {
    "overall": "INDETERMINATE",
    "reason": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain": "INDETERMINATE",
}
NO_PROOF: dict[str, Any] = {
    "overall": "INDETERMINATE",
    "reason": "OUT_OF_BOUNDS_NO_POE",
    "chain": "INDETERMINATE",  # the authority's certificate ran out as well
}
LATER_THAN_ITS_KEY: dict[str, Any] = {
    "overall": "INDETERMINATE",
    "reason": "SIG_CONSTRAINTS_FAILURE",
}
TEXT, TEXT_WRONG, DATA = (
    "cades/uapki_content.txt",
    "cades/uapki_content_wrong.txt",
    "generated/data.txt",
)
BES, DETACHED = "cades/uapki_diia_bes_attached.p7s", "cades/uapki_diia_bes_detached.p7s"
STAMPED = "cades/uapki_diia_t_attached.p7s"
CUSTOM = "cades/uapki_diia_bes_attached_custom_attr.p7s"
LEAF, AGREEMENT = "certs/diia-test-sign-7775603.cer", "certs/diia-test-kep-7775604.cer"
DIIA_CA = "certs/diia-CA-05E19E2CD92EA2990100000001000000E1000000.cer"
DIIA_TSP = "certs/diia-2023-tsp-05E19E2CD92EA29902000000010000004A010000.cer"
DIIA_OCSP = "certs/diia-ocsp-3ED5083160DBC59B0200000001000000202B0F00.cer"
DIIA_DELTA = (
    "revocation/BED5083160DBC59BCDDF707C10293F58BB6ED263C6EA5893D3781B61F493BE57-delta-0ABEA7.crl"
)
BY_UAPKI = [f"generated/uapki_5BC6_{tail}" for tail in ("1.1", "6.1.1", "6.3.1")]

TABLE = [
    # seals of Diia's test organisation, on their day and after their certificate ran out
    diia(BES, told=SEAL | {"level": "BES", "qualified": True, "timestamp": "ABSENT"}),
    diia(CUSTOM, told=SEAL | {"level": "BES"}),
    diia(DETACHED, content=TEXT, told=SEAL | {"digest": "VALID", "ess": "VALID"}),
    diia(STAMPED, told={"level": "T", "timestamp": "VALID"}),
    diia(STAMPED, at="2026-11-22", told={"proven_time": "2023-09-19T18:17:19Z"}),
    diia(BES, at="2026-11-22", **NO_PROOF, told={"qualified": False}),
    diia(BES, at="2020-01-01", overall="INVALID", reason="NOT_YET_VALID", chain="INDETERMINATE"),
    diia(DETACHED, overall="INDETERMINATE", reason="SIGNED_DATA_NOT_FOUND"),
    diia(
        DETACHED,
        content=TEXT_WRONG,
        overall="INVALID",
        reason="HASH_FAILURE",
        told={"digest": "INVALID"},
    ),
    # attached content and another file beside it
    diia(BES, content=TEXT_WRONG, overall="INVALID", reason="HASH_FAILURE"),
    diia(BES, content=TEXT),
    # nearer anchors than the root, each named by the operator
    diia(BES)._replace(trust=DIIA_CA),
    diia(BES)._replace(trust=LEAF),
    diia(BES, **NO_PATH)._replace(trust=CZO_2012),
    # made after their test certificate ran out, and saying so; barvinok writes no signing time
    *(diia(f"{name}_att.p7s", **LATER_THAN_ITS_KEY) for name in BY_UAPKI),
    *(diia(f"{name}_det.p7s", content=DATA, **LATER_THAN_ITS_KEY) for name in BY_UAPKI),
    *(diia(f"{name}_att.p7s", at="2026-11-22", **NO_PROOF) for name in BY_UAPKI),
    diia("generated/barvinok_gost_att.p7s"),
    diia("generated/barvinok_gost_det.p7s", content=DATA),
    diia("generated/barvinok_gost_att.p7s", at="2026-11-22", **NO_PROOF),
    # signed by a certificate of nobody
    diia("cades/jkurwa_message.p7s", **NO_PATH),
    diia(
        "cades/jkurwa_message_detached.p7s",
        **NO_PATH | {"reason": "SIGNED_DATA_NOT_FOUND"},
    ),
    # certificates
    certificate(CZO_2020, CZO_2020, "2023-09-20", told={"key_usage": "VALID"}),
    certificate(DIIA_CA, CZO_2020, "2023-09-20", told={"key_usage": "VALID"}),
    certificate(LEAF, CZO_2020, "2023-09-20", told=SEAL | {"key_usage": "VALID"}),
    certificate(AGREEMENT, CZO_2020, "2023-09-20", told={"key_usage": "INVALID"}),
    certificate(DIIA_TSP, CZO_2020, "2023-09-20"),
    certificate(DIIA_OCSP, CZO_2020, "2023-09-20"),
    certificate(LEAF, CZO_2020, "2024-04-06", **EXPIRED),
    certificate(
        LEAF, CZO_2020, "2022-01-01", overall="INVALID", reason="NOT_YET_VALID"
    ),
    certificate(LEAF, MINI, "2023-09-20", **NO_PATH | {"crypto": "INDETERMINATE"}),
    certificate(CZO_2012, CZO_2012, "2016-09-16"),
    certificate("certs/CA-Justice.cer", CZO_2012, "2016-09-16", told={"key_usage": "VALID"}),
    # their issuers are in the national bundle only, which states no licence
    certificate(
        "certs/SFS_1.cer", CZO_2012, "2017-01-01", **NO_PATH | {"crypto": "INDETERMINATE"}
    ),
    certificate(
        "certs/CA-Justice-ECDSA-261217.cer",
        CZO_2012,
        "2018-06-01",
        **NO_PATH | {"crypto": "INDETERMINATE"},
    ),
    certificate(
        "certs/masterkey_ocsp.cer", CZO_2012, "2012-06-01", **NO_PATH | {"crypto": "INDETERMINATE"}
    ),
    *(
        certificate(f"minipki_m257/{name}_certificate.cer", MINI, "2016-09-27")
        for name in ("root", "ocsp", "userfiz", "userur")
    ),
    # lists and answers
    Case(DIIA_DELTA, CZO_2020, "2023-09-19T18:00:00Z", "VALID", None, "delta-crl"),
    Case(DIIA_DELTA, CZO_2020, "2023-09-20", "INDETERMINATE", "TRY_LATER", "delta-crl"),
    Case("minipki_m257/full.crl", MINI, "2016-09-27", "VALID", None, "crl"),
    Case("minipki_m257/delta.crl", MINI, "2016-09-27", "VALID", None, "delta-crl"),
    Case("minipki_m257/full.crl", MINI, "2026-11-22", "INDETERMINATE", "TRY_LATER", "crl",
         chain="INDETERMINATE"),
    Case("revocation/CZO-Full.crl", CZO_2012, "2016-09-15", "VALID", None, "crl"),
    Case("revocation/CZO-Delta.crl", CZO_2012, "2016-09-16T12:00:00Z", "VALID", None, "delta-crl"),
    Case("revocation/ocsp_resp_for_revoked_cert.dat", MINI, "2016-09-27", "VALID", None, "ocsp"),
    # what is no signature
    *(
        nothing(name)
        for name in (
            TEXT, TEXT_WRONG, DATA,
            "INDEX.json", "LICENCES.md",
            "revocation/ocsp_request.dat",
            "minipki_m257/ocsp_request.der",
            "minipki_m257/tsp_request.der",
            *(f"minipki_m257/{who}_private_key_ba.dat" for who in ("root", "ocsp", "userfiz", "userur")),
            "keys/diia-test.p12",
            "keys/diia-test-dstu.jks",
            "keys/jkurwa_STORE_A040.dat",
            "keys/prozorro_Key-6.pfx",
            "keys/uapki_rsa.jks",
        )
    ),
    nothing("enveloped/jkurwa_enc_message.p7", "encrypted"),
]  # fmt: skip


def ask(*args: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("verify_signature", *map(str, args), "--json", stdout=out, stderr=io.StringIO())
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def arguments(case: Case, file: Path) -> list[object]:
    folder = SAMPLES / ("minipki_m257" if case.trust == MINI else "certs")
    content = ["--content", SAMPLES / case.content] if case.content else []
    return [
        file, *content, "--trust", SAMPLES / case.trust, "--extra-certs", folder, "--at", case.at
    ]  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case.file}@{case.at}")
def test_a_sample_gives_the_stated_answer(case: Case) -> None:
    answer = ask(*arguments(case, SAMPLES / case.file))

    assert (answer["overall"], answer["reason"], answer["kind"]) == case[3:6], answer["detail"]
    signer = answer["signers"][0] if answer["signers"] else {}
    assert (signer.get("crypto"), signer.get("chain")) == (case.crypto, case.chain)
    assert {name: signer[name] for name in case.told} == case.told


def test_every_sample_is_in_the_table() -> None:
    files = {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*") if path.is_file()}

    asked = {case.file for case in TABLE}
    assert {name for name in files - asked if not name.startswith("enveloped/")} == set()


@pytest.mark.parametrize(
    "dress",
    [
        base64.b64encode,
        base64.encodebytes,
        lambda data: base64.b64encode(data).rstrip(b"="),
        lambda data: (
            b"\xef\xbb\xbf\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n") + b"\r\n"
        ),
        lambda data: (
            b"-----BEGIN PKCS7-----\n" + base64.encodebytes(data) + b"-----END PKCS7-----\n"
        ),
        lambda data: b"-----BEGIN CMS-----\r\n" + base64.b64encode(data) + b"\r\n-----END CMS-----",
        lambda data: data + b"\0\0trailing",
    ],
)
def test_the_same_signature_in_other_clothes(dress: Any, tmp_path: Path) -> None:
    file = tmp_path / "signed.p7s"
    file.write_bytes(dress((SAMPLES / BES).read_bytes()))

    assert ask(*arguments(diia(BES), file))["overall"] == "VALID"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + b"!!!!",
        lambda text: text[:-5],
        lambda text: text.replace(b"M", b"*", 1),
        lambda text: text[:400] + b"=" + text[400:],
        lambda text: b"=" + text,
    ],
)
def test_base64_with_rubbish_inside_is_no_signature(spoil: Any, tmp_path: Path) -> None:
    file = tmp_path / "signed.p7s"
    file.write_bytes(spoil(base64.b64encode((SAMPLES / BES).read_bytes())))

    assert ask(*arguments(diia(BES), file))["overall"] == "MALFORMED"


def test_base64_is_read_by_pieces_wherever_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    binary = (SAMPLES / BES).read_bytes()
    assert len(binary) % 3 == 2  # so that there is padding
    text = base64.encodebytes(binary)
    for size in (*range(1, 20), 77, len(text) - 3, len(text) - 2, len(text) - 1):
        monkeypatch.setattr(der, "_PIECE", size)
        for more in (b"", b"\r\n" * 30):
            assert bytes(der.unarmour(text + more)) == binary
        assert bytes(der.unarmour(text + b"A===")) == text + b"A==="


def test_what_could_not_be_believed_is_told_beside_the_answer(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a certificate")
    out, err = io.StringIO(), io.StringIO()

    call_command(
        "verify_signature", str(SAMPLES / BES), "--json",
        "--trust", str(tmp_path / "notes.txt"), "--extra-certs", str(SAMPLES / LEAF),
        stdout=out, stderr=err,
    )  # fmt: skip

    assert json.loads(out.getvalue())["reason"] == "NO_CERTIFICATE_CHAIN_FOUND"
    assert "left out" in err.getvalue()
    assert "notes.txt" in err.getvalue()
