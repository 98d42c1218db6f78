"""The demo authority: real keys for invented people, kept safely, trusted only where settings say."""

import datetime
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from signatures import api, certificates, containers, oids
from signatures.algorithms.gost34311 import gost34311
from signatures.demo import authority as demo
from signatures.demo import keystore
from signatures.demo.signing import SigningKey, sign_cms
from signatures.result import Overall, Reason
from signatures.selectors import trust as selector
from tests.signatures.conftest import NOW

OLENA: dict[str, Any] = {
    "full_name": "Шкільна Олена Василівна",
    "surname": "Шкільна",
    "given_name": "Олена Василівна",
    "rnokpp": "7146711424",
    "edrpou": "39301337",
    "organisation": "Ліцей «Світанок»",
    "title": "директорка",
    "password": "весна2026",
    "at": NOW,
}


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SIGNATURES_DEMO_DIR = tmp_path / "demo-keys"
    selector.forget()
    return tmp_path / "demo-keys"


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
def test_a_demo_key_signs_in_where_settings_trust_it_and_nowhere_else(settings: Any) -> None:
    name, data, certificate_der = demo.issue_demo_key(**OLENA)
    keys, held = keystore.unpack(data, "весна2026")
    signed = sign_cms(b"challenge", keys[0], certificates.load(held[0]))

    def ask() -> tuple[Overall, Reason | None]:
        result = api.verify_signature(b"challenge", signed, purpose="sign_in", at=NOW)
        return result.overall, result.reason

    settings.SIGNATURES_TRUST_DEMO_AUTHORITY = True
    assert ask() == (Overall.VALID, None)
    settings.SIGNATURES_TRUST_DEMO_AUTHORITY = False
    assert ask() == (Overall.INDETERMINATE, Reason.NO_CERTIFICATE_CHAIN_FOUND)
    assert name == "shkilna-7146711424.p12"
    assert held[0] == certificate_der


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
def test_the_signer_is_who_the_key_was_issued_to() -> None:
    _, data, _ = demo.issue_demo_key(**OLENA)
    keys, held = keystore.unpack(data, "весна2026")
    signed = sign_cms(b"x", keys[0], certificates.load(held[0]))

    signer = api.SignerIdentity.of(api.verify_signature(b"x", signed, purpose="sign_in", at=NOW))

    assert signer is not None
    assert (signer.rnokpp, signer.edrpou, signer.full_name, signer.title, signer.is_seal) == (
        "7146711424",
        "39301337",
        "Шкільна Олена Василівна",
        "директорка",
        False,
    )
    assert signer.qualified


@pytest.mark.parametrize(
    ("kind", "rnokpp", "edrpou", "seal"),
    [
        ("employee", "7146711424", "39301337", False),
        ("seal", None, "39301337", True),
        ("person", "7146711424", None, False),
    ],
)
@pytest.mark.usefixtures("folder")
def test_each_kind_of_key_carries_its_codes_only(
    kind: str, rnokpp: str | None, edrpou: str | None, seal: bool
) -> None:
    _, _, der = demo.issue_demo_key(**OLENA | {"kind": kind})
    info = certificates.load(der).info

    assert (info.kind, info.rnokpp, info.edrpou, info.is_seal) == (kind, rnokpp, edrpou, seal)


def test_everything_kept_is_the_owners_alone(folder: Path) -> None:
    demo.issue_demo_key(**OLENA)
    demo.demo_trust(NOW)

    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"state.json", "root.cer", "issuer.cer", "issuer.crl"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_the_authority_says_that_it_is_a_test(folder: Path) -> None:
    authority = demo.stored()

    for certificate in authority.chain:
        assert "ТЕСТОВИЙ" in certificate.info.common_name
        assert "ТЕСТОВИЙ" in certificate.info.organisation


def test_the_same_folder_is_the_same_authority_even_made_at_once(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: demo.stored().root.fingerprint, range(4)))

    assert len(set(made)) == 1
    assert demo.stored().root.fingerprint == made[0]


def test_serial_numbers_never_repeat(folder: Path) -> None:
    serials = {certificates.load(demo.issue_demo_key(**OLENA)[2]).serial for _ in range(5)}

    assert len(serials) == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
def test_a_revoked_demo_key_is_refused_at_once() -> None:
    _, data, der = demo.issue_demo_key(**OLENA)
    keys, held = keystore.unpack(data, "весна2026")
    signed = sign_cms(b"x", keys[0], certificates.load(held[0]))
    assert api.verify_signature(b"x", signed, purpose="sign_in", at=NOW).valid

    demo.revoke_demo_certificate(der, at=NOW)

    result = api.verify_signature(b"x", signed, purpose="sign_in", at=NOW)
    assert (result.overall, result.reason) == (Overall.INVALID, Reason.REVOKED)


@pytest.mark.usefixtures("folder")
def test_revocation_lists_renew_themselves() -> None:
    demo.issue_demo_key(**OLENA)
    demo.demo_trust(NOW)
    later = NOW + datetime.timedelta(days=30)

    for crl in demo.demo_trust(later).evidence:
        assert crl.next_update > later  # type: ignore[union-attr, operator]


def test_verifying_makes_no_authority(folder: Path) -> None:
    assert demo.demo_trust(NOW).anchors == ()
    assert not folder.exists()


# ── key containers ───────────────────────────────────────────────────────────
def test_a_container_opens_with_its_password_only() -> None:
    authority = demo.Authority.in_memory()
    key, certificate = authority.issue([(oids.COMMON_NAME, "Хтось")], at=NOW)
    data = keystore.pack(key, [certificate, authority.issuer], "пароль", iterations=10)

    keys, held = keystore.unpack(data, "пароль")
    assert [k.d for k in keys] == [key.d]
    assert held == [certificate.der, authority.issuer.der]
    with pytest.raises(containers.WrongPassword):
        keystore.unpack(data, "парол")


def test_keys_and_passwords_do_not_show_in_messages() -> None:
    key = SigningKey.generate()

    assert str(key.d) not in repr(key)


def test_hmac_is_that_of_rfc_2104() -> None:
    """Against the definition written out by hand."""
    key = b"key".ljust(32, b"\0")
    inner = gost34311(bytes(b ^ 0x36 for b in key) + b"data")

    assert containers.hmac_gost(b"key", b"data") == gost34311(bytes(b ^ 0x5C for b in key) + inner)
