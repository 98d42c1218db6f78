"""The contract of every signature backend. AIKOM_SIGNATURE_BACKENDS (dotted paths) adds others."""

import datetime
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.utils.module_loading import import_string

from signatures import api, asic, inspection, oids
from signatures.algorithms import dstu4145, native
from signatures.backend import OwnBackend, SignatureBackend
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, sign_cms
from signatures.result import EXPLANATIONS, Overall, Reason, VerificationResult
from signatures.trust import TrustStore
from signatures.verification import SIGN_IN
from tests.signatures.conftest import NOW, issue_olena

Key = tuple[SigningKey, Certificate]
OWN = "signatures.backend.OwnBackend"
BACKENDS = [
    OWN,
    f"{OWN} without accelerator",
    *os.environ.get("AIKOM_SIGNATURE_BACKENDS", "").split(),
]
TEXT = b"challenge 4145"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[SignatureBackend]:
    """Each for all tests of the contract in a row: tables of curves are made once."""
    path, _, slow = request.param.partition(" ")
    with pytest.MonkeyPatch.context() as patch:
        if slow:
            patch.setenv("AIKOM_NATIVE", "off")
            native.library.cache_clear()
            dstu4145.arithmetic.cache_clear()
        yield import_string(path)()
    if slow:
        native.library.cache_clear()
        dstu4145.arithmetic.cache_clear()


def ask(
    backend: SignatureBackend,
    authority: Authority,
    cms: bytes,
    content: bytes | None = TEXT,
    at: datetime.datetime = NOW,
) -> VerificationResult:
    return backend.verify_cms(cms, content, policy=SIGN_IN, at=at, trust=authority.trust(NOW))


def test_a_good_signature_is_valid_and_says_who_signed(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    result = ask(backend, authority, sign_cms(TEXT, *olena))

    assert (result.overall, result.reason) == (Overall.VALID, None)
    (signer,) = result.signers
    assert signer.certificate is not None
    assert signer.certificate.rnokpp == "7146711424"
    assert signer.certificate.edrpou == "39301337"
    assert signer.chain_certificates[0] == olena[1].der
    assert signer.chain_certificates[-1] == authority.root.der


def test_changed_content_is_invalid(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    result = ask(backend, authority, sign_cms(TEXT, *olena), TEXT + b"!")

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.HASH_FAILURE)


def test_a_stranger_is_not_trusted(backend: SignatureBackend, authority: Authority) -> None:
    stranger = issue_olena(Authority.in_memory())

    assert not ask(backend, authority, sign_cms(TEXT, *stranger)).valid


def test_an_expired_key_is_refused(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    late = NOW + datetime.timedelta(days=3000)

    assert not ask(backend, authority, sign_cms(TEXT, *olena), at=late).valid


def test_a_revoked_key_is_refused(backend: SignatureBackend) -> None:
    authority = Authority.in_memory()
    key, certificate = issue_olena(authority)
    authority.revoke(certificate, NOW - datetime.timedelta(hours=1))

    result = ask(backend, authority, sign_cms(TEXT, key, certificate))

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.REVOKED)


@pytest.mark.parametrize("rubbish", [b"", b"0", b"rubbish", b"0\x80", b"\x30\x84\xff\xff\xff\xff"])
def test_rubbish_is_malformed_and_raises_nothing(
    backend: SignatureBackend, authority: Authority, rubbish: bytes
) -> None:
    assert ask(backend, authority, rubbish).overall is Overall.MALFORMED


def test_an_authority_that_is_not_trusted_here_counts_for_nothing(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    """A library with anchors of its own must not believe more than the installation does."""
    result = backend.verify_cms(
        sign_cms(TEXT, *olena), TEXT, policy=SIGN_IN, at=NOW, trust=TrustStore()
    )

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.NO_CERTIFICATE_CHAIN_FOUND,
    )


def test_a_signature_without_its_content_is_undecided(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    result = ask(backend, authority, sign_cms(TEXT, *olena), None)

    assert (result.overall, result.reason) == (
        Overall.INDETERMINATE,
        Reason.SIGNED_DATA_NOT_FOUND,
    )


def test_attached_content_must_be_what_was_shown(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    attached = sign_cms(TEXT, *olena, detached=False)

    assert ask(backend, authority, attached).valid
    assert ask(backend, authority, attached, b"something else").reason is Reason.HASH_FAILURE


def test_kupyna_and_larger_curves_are_known(backend: SignatureBackend) -> None:
    for m, hash_oid in ((257, oids.KUPYNA256), (431, oids.GOST34311)):
        authority = Authority.in_memory(m, hash_oid)
        assert ask(backend, authority, sign_cms(TEXT, *issue_olena(authority))).valid


def test_what_the_purpose_asks_of_the_key_is_kept(
    backend: SignatureBackend, authority: Authority
) -> None:
    agreement = issue_olena(authority, key_usage=("keyAgreement",))
    name = [(oids.COMMON_NAME, "Хтось"), (oids.SERIAL_NUMBER, "TINUA-7146711424")]
    plain = authority.issue(name, at=NOW, qualified=False)

    assert not ask(backend, authority, sign_cms(TEXT, *agreement)).valid
    assert ask(backend, authority, sign_cms(TEXT, *plain)).reason is Reason.SIG_CONSTRAINTS_FAILURE


def test_content_may_come_in_pieces_and_data_as_a_view(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    data = memoryview(sign_cms(TEXT, *olena))
    for content in ([TEXT[:5], TEXT[5:]], memoryview(TEXT), bytearray(TEXT)):
        result = backend.verify_cms(
            data, content, policy=SIGN_IN, at=NOW, trust=authority.trust(NOW)
        )
        assert result.valid


def test_a_damaged_signature_raises_nothing(
    backend: SignatureBackend, authority: Authority, olena: Key
) -> None:
    signed = sign_cms(TEXT, *olena)
    for position in range(0, len(signed), 197):
        damaged = signed[:position] + bytes([signed[position] ^ 0x55]) + signed[position + 1 :]
        assert not ask(backend, authority, damaged).valid
        assert not ask(backend, authority, signed[:position]).valid


# ── plugging one in ──────────────────────────────────────────────────────────
CREDULOUS = """
from dataclasses import replace
from signatures.backend import OwnBackend
from signatures.result import Overall

class AgreedBackend(OwnBackend):
    def verify_cms(self, *args, **more):
        return replace(super().verify_cms(*args, **more), overall=Overall.VALID, reason=None)
"""


def test_the_contract_passes_the_backend_of_the_manual_and_notices_a_credulous_one(
    tmp_path: Path,
) -> None:
    """docs/how-to/signature-backend.md, executed: the contract against classes that an operator
    wrote, run as the manual says; one of them believes everything."""
    page = (ROOT / "docs/how-to/signature-backend.md").read_text()
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert program is not None
    (tmp_path / "yourpackage.py").write_text(program[1])
    (tmp_path / "credulous.py").write_text(CREDULOUS)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA",
         "-k", "yourpackage or credulous.A", "tests/signatures/test_backends.py"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "AIKOM_SIGNATURE_BACKENDS":
             "yourpackage.AgreedBackend credulous.AgreedBackend"},
    )  # fmt: skip

    told = [line.split(" - ")[0] for line in done.stdout.splitlines() if "::" in line]
    of = {
        (kind, name): [one for one in told if one.startswith(kind) and f"[{name}." in one]
        for kind in ("PASSED", "FAILED")
        for name in ("yourpackage", "credulous")
    }
    assert done.returncode == 1
    assert of["FAILED", "yourpackage"] == []
    assert len(of["PASSED", "yourpackage"]) >= 13
    assert len(of["FAILED", "credulous"]) >= 6


def test_sign_in_and_orders_ask_the_configured_backend(
    tmp_path: Path,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
    authority: Authority,
    olena: Key,
) -> None:
    (tmp_path / "credulous_backend.py").write_text(CREDULOUS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(api, "configured_trust", lambda at: authority.trust(NOW))
    forged = sign_cms(b"other", *olena)
    assert not api.verify_signature(TEXT, forged, purpose="order", at=NOW).valid

    settings.SIGNATURES_BACKEND = "credulous_backend.AgreedBackend"  # type: ignore[attr-defined]

    assert api.verify_signature(TEXT, forged, purpose="order", at=NOW).valid
    assert api.verify_signature(TEXT, forged, purpose="sign_in", at=NOW).valid


def test_there_is_no_door_beside_the_configured_backend(
    settings: Any, monkeypatch: pytest.MonkeyPatch, authority: Authority, olena: Key
) -> None:
    """Whatever holds the signature; one that refuses everything is believed everywhere."""
    from tests.signatures import xml_documents
    from tests.signatures.test_asic import container, zipped
    from tests.signatures.test_pdf import signed_pdf

    held = sign_cms(TEXT, *olena)
    doors = {
        "cms": held,
        "asic-e": container(olena),
        "asic-s": asic.build_asic_s("a.txt", TEXT, held),
        "zip": zipped({"a.txt": TEXT, "a.txt.p7s": held}),
        "pdf": signed_pdf(olena),
        "xml": xml_documents.enveloped(olena),
        "asic-e of xml": zipped(
            {"a": b"1", "META-INF/signatures.xml": xml_documents.detached(olena, {"a": b"1"})}
        ),
    }

    def look(name: str) -> VerificationResult:
        content = TEXT if name == "cms" else None
        return inspection.verify_file(doors[name], content, at=NOW, trust=authority.trust(NOW))

    assert [name for name in doors if not look(name).valid] == []
    settings.SIGNATURES_BACKEND = f"{__name__}.RefusingBackend"
    assert [name for name in doors if look(name).overall is not Overall.INVALID] == []


class RefusingBackend(OwnBackend):
    """Another verifier, of another opinion."""

    def verify_cms(self, *args: Any, **more: Any) -> VerificationResult:
        return VerificationResult(Overall.INVALID, Reason.GENERIC)

    verify_xml = verify_cms


def test_every_reason_has_a_sentence_for_people() -> None:
    assert set(EXPLANATIONS) == set(Reason)
    assert all(text.endswith(".") for text in EXPLANATIONS.values())


def test_a_backend_that_does_not_load_stops_the_start(settings: object) -> None:
    settings.SIGNATURES_BACKEND = "signatures.backend.Nothing"  # type: ignore[attr-defined]

    assert "signatures.E001" in [message.id for message in checks.run_checks()]
