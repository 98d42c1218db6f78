"""`manage.py verify_signature`: one object, whatever the file, needing no database."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from signatures import api, asic, inspection, trustlists
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, sign_cms, signed_data
from signatures.result import Overall, Reason, VerificationResult
from signatures.trust import TrustStore, load_files
from tests.kit.waiting import LONG
from tests.signatures.conftest import NOW, SAMPLES

ROOT = Path(__file__).resolve().parents[2]
CZO = SAMPLES / "certs/CAO-05E19E2CD92EA2990100000001000000C1000000.cer"


def ask(*args: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("verify_signature", *[str(arg) for arg in args], "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_it_answers_in_the_stated_shape_without_a_database() -> None:
    """No `django_db` mark: a query here fails the test."""
    answer = ask(
        SAMPLES / "cades/uapki_diia_bes_detached.p7s",
        "--content", SAMPLES / "cades/uapki_content.txt",
        "--at", "2023-09-20T00:00:00Z",
        "--trust", CZO,
        "--extra-certs", SAMPLES / "certs",
    )  # fmt: skip

    assert answer["overall"] == "VALID"
    assert answer["reason"] is None
    assert (answer["covered"], answer["uncovered"]) == ([], [])
    (signer,) = answer["signers"]
    expected = {
        "crypto": "VALID",
        "digest": "VALID",
        "ess": "VALID",
        "chain": "VALID",
        "revocation": "ABSENT",
        "timestamp": "ABSENT",
        "key_usage": "VALID",
        "level": "BES",
        "qualified": True,
        "edrpou": "43395033",
        "rnokpp": None,
    }
    assert {name: signer[name] for name in expected} == expected


def test_revocation_lists_may_lie_among_the_extra_files(
    authority: Authority, olena: tuple[SigningKey, Certificate], tmp_path: Path, now: Any
) -> None:
    authority = Authority.from_keys(authority.root_key, authority.issuer_key)
    key, certificate = authority.issue_person(
        full_name="Хтось", rnokpp="7146711424", kind="person", at=now
    )
    authority.revoke(certificate, now)
    (tmp_path / "root.cer").write_bytes(authority.root.der)
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "issuer.cer").write_bytes(authority.issuer.der)
    (tmp_path / "a.p7s").write_bytes(sign_cms(b"x", key, certificate, detached=False))
    args = (tmp_path / "a.p7s", "--trust", tmp_path / "root.cer", "--extra-certs", extra)
    moment = ("--at", now.isoformat())

    assert ask(*args, *moment)["overall"] == "VALID"
    (extra / "issuer.crl").write_bytes(authority.crls(now)[0])
    answer = ask(*args, *moment)
    assert (answer["overall"], answer["reason"]) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_containers_are_read_too(
    authority: Authority, olena: tuple[SigningKey, Certificate], tmp_path: Path, now: Any
) -> None:
    files = {"a.txt": b"a"}
    manifest = asic.build_manifest(files)
    made = asic.build_asic_e({**files, "b.txt": b"b"}, manifest, sign_cms(manifest, *olena))
    (tmp_path / "x.asice").write_bytes(made)
    for name, certificate in (("root", authority.root), ("issuer", authority.issuer)):
        (tmp_path / f"{name}.cer").write_bytes(certificate.der)

    answer = ask(
        tmp_path / "x.asice",
        "--trust", tmp_path / "root.cer",
        "--extra-certs", tmp_path / "issuer.cer",
        "--at", now.isoformat(),
    )  # fmt: skip

    assert answer["overall"] == "VALID"
    assert (answer["covered"], answer["uncovered"]) == (["a.txt"], ["b.txt"])


@pytest.mark.parametrize("data", [b"", b"rubbish", b"PK\x03\x04rubbish", b"0\x80" * 5000])
def test_rubbish_is_an_answer(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "rubbish"
    file.write_bytes(data)

    assert ask(file, "--trust", CZO)["overall"] == "MALFORMED"


def test_an_absent_file_is_an_answer() -> None:
    answer = ask("/nonexistent", "--trust", CZO)

    assert answer["overall"] == "MALFORMED"
    assert "cannot be read" in answer["detail"]


@pytest.mark.parametrize(
    "moment", ["yesterday", "", "0001-01-01", "9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00"]
)
def test_a_wrong_moment_says_what_was_expected(moment: str) -> None:
    with pytest.raises(CommandError, match="ISO time"):
        ask(CZO, "--at", moment)


def test_for_people_it_speaks_ukrainian_and_the_exit_code_says_how_it_went(tmp_path: Path) -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command(
            "verify_signature", str(CZO), "--at", "2040-01-01", "--trust", str(CZO), stdout=out
        )

    assert stopped.value.code == 1
    assert "строк дії сертифіката вже закінчився" in out.getvalue()


def test_as_a_program_with_no_database_server_at_all(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_signature", str(CZO), "--at", "2023-01-01", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONG,
        env={"PATH": "/usr/bin:/bin", "AIKOM_VAR": str(tmp_path)},
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["overall"] == "INDETERMINATE"  # nothing is trusted there


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1251", "utf-8"])
def test_a_terminal_without_ukrainian_gets_an_answer_too(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    def run(*more: str) -> str:
        terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", terminal)
        call_command("verify_signature", str(CZO), "--at", "2023-01-01", "--trust", str(CZO), *more)
        terminal.flush()
        return terminal.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]

    assert "VALID: " in run()
    name = json.loads(run("--json"))["signers"][0]["full_name"]
    assert "Центральний засвідчувальний орган" in name


def test_as_a_program_on_a_terminal_without_ukrainian(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_signature", str(CZO), "--at", "2023-01-01",
         "--trust", str(CZO)],
        cwd=ROOT, capture_output=True, timeout=LONG, check=True,
        env={"PATH": "/usr/bin:/bin", "AIKOM_VAR": str(tmp_path), "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.stderr == b""
    assert b"VALID: " in done.stdout


def test_strange_input_leaves_nothing_in_the_log_of_the_terminal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.p7s"
    file.write_bytes(sign_cms(b"x", *Authority.in_memory().issue_person(
        full_name="Хтось", rnokpp="7146711424", kind="person", at=NOW
    ), detached=False))  # fmt: skip

    def broken(*args: object, **more: object) -> None:
        raise RecursionError

    monkeypatch.setattr("signatures.cms.parse_signed_data", broken)
    assert ask(file, "--trust", CZO)["overall"] == "MALFORMED"
    assert caplog.text == ""
    inspection.verify_file(file.read_bytes(), at=NOW, trust=TrustStore())
    assert "unreadable input" in caplog.text  # a server does keep it


def test_of_a_bundle_the_topmost_authorities_are_anchors_and_test_roots_never(
    authority: Authority,
    olena: tuple[SigningKey, Certificate],
    tmp_path: Path,
    now: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle, signed = tmp_path / "all.p7b", tmp_path / "a.p7s"
    held = [authority.root, authority.issuer, olena[1]]
    bundle.write_bytes(signed_data(None, [], held))
    signed.write_bytes(sign_cms(b"x", *olena, detached=False))
    args = (signed, "--at", now.isoformat(), "--trust")

    assert ask(*args, bundle)["overall"] == "VALID"
    given = load_files([bundle])
    assert given.as_anchors(lambda certificate: False) == (authority.root,)

    monkeypatch.setattr(trustlists, "pinned", lambda: {authority.root.fingerprint: "test"})
    assert ask(*args, bundle)["reason"] == "NO_CERTIFICATE_CHAIN_FOUND"
    # named alone, the operator knows what it is
    (tmp_path / "root.cer").write_bytes(authority.root.der)
    assert ask(*args, tmp_path / "root.cer", bundle)["overall"] == "VALID"


def upload(*files: tuple[str, bytes], at: Any) -> VerificationResult:
    return api.verify_upload(files, at=at)


def test_two_dropped_files_are_verified_in_either_order(
    authority: Authority,
    olena: tuple[SigningKey, Certificate],
    now: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api, "configured_trust", authority.trust)
    signature = ("Наказ.pdf.p7s", sign_cms(b"order", *olena))
    order = ("Наказ.pdf", b"order")

    for files in ((order, signature), (signature, order)):
        result = upload(*files, at=now)
        assert result.valid
        assert result.covered == ("Наказ.pdf",)
    other = upload(signature, ("Інший.pdf", b"other"), at=now)
    assert (other.reason, other.covered) == (Reason.HASH_FAILURE, ())
    assert upload(signature, at=now).reason is Reason.SIGNED_DATA_NOT_FOUND
    assert upload(order, at=now).overall is Overall.MALFORMED
    assert upload(order, order, at=now).overall is Overall.MALFORMED
    assert upload(order, order, order, at=now).overall is Overall.MALFORMED
