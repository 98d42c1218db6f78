"""The contract of every signature backend. AIKOM_SIGNATURE_BACKENDS (dotted paths) adds others."""

import datetime
import os
from collections.abc import Iterator

import pytest
from django.core import checks
from django.utils.module_loading import import_string

from signatures.algorithms import dstu4145, native
from signatures.backend import SignatureBackend
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, sign_cms
from signatures.result import EXPLANATIONS, Overall, Reason, VerificationResult
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


@pytest.fixture(params=BACKENDS)
def backend(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SignatureBackend]:
    path, _, slow = request.param.partition(" ")
    if slow:
        monkeypatch.setenv("AIKOM_NATIVE", "off")
        native.library.cache_clear()
        dstu4145.arithmetic.cache_clear()
    yield import_string(path)()
    monkeypatch.undo()
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


def test_every_reason_has_a_sentence_for_people() -> None:
    assert set(EXPLANATIONS) == set(Reason)
    assert all(text.endswith(".") for text in EXPLANATIONS.values())


def test_a_backend_that_does_not_load_stops_the_start(settings: object) -> None:
    settings.SIGNATURES_BACKEND = "signatures.backend.Nothing"  # type: ignore[attr-defined]

    assert "signatures.E001" in [message.id for message in checks.run_checks()]
