"""Signatures that carry their own evidence (LT, X-Long), and the time-stamp added by the server."""

import datetime
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts import actors
from signatures import api, cms, der, exports, inspection, oids, outbound
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    SigningKey,
    attribute,
    build_crl,
    build_ocsp,
    build_token,
    sign_cms,
    signed_data,
    signer_info,
)
from signatures.models import SigningSession
from signatures.packages import Package
from signatures.result import Overall, Reason, Status
from signatures.services import evidence, sessions
from signatures.tasks import close_expired, stamp_signatures
from signatures.trust import TrustStore
from signatures.verification import verify_cms
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.test_sessions import complete, prepare

Key = tuple[SigningKey, Certificate]
TEXT = b"order"
HOUR = datetime.timedelta(hours=1)
YEARS_LATER = NOW + datetime.timedelta(days=3650)


@pytest.fixture
def tsa(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )


@pytest.fixture
def responder(authority: Authority) -> Key:
    return authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВИЙ OCSP")],
        at=NOW,
        extended_key_usage=(oids.EKU_OCSP_SIGNING,),
    )


def bare(authority: Authority) -> TrustStore:
    """Nothing but the root: all else must come with the signature."""
    return TrustStore(anchors=(authority.root,))


def x_long(
    authority: Authority, olena: Key, tsa: Key, responder: Key, revoked_at: Any = None
) -> bytes:
    """CAdES-X-Long: certificate and revocation values as unsigned attributes (RFC 5126 6.3)."""
    _, certificate = olena
    plain = sign_cms(TEXT, *olena, signing_time=NOW)
    (info,) = cms.parse_signed_data(plain).signers
    token = build_token(info.signature, key=tsa[0], certificate=tsa[1], at=NOW)
    response = build_ocsp(
        certificate=certificate,
        issuer=authority.issuer,
        responder=responder[1],
        key=responder[0],
        at=NOW + HOUR,
        revoked_at=revoked_at,
    )
    basic = der.parse(response).parts(2)[1].inner().parts(2)[1].content
    chain = (certificate, authority.issuer, tsa[1], responder[1])
    values = der.sequence(*(c.der for c in chain))
    answers = der.sequence(der.explicit(1, der.sequence(basic)))
    for name, value in (
        (oids.SIGNATURE_TIMESTAMP, token),
        (oids.CERTIFICATE_VALUES, values),
        (oids.REVOCATION_VALUES, answers),
    ):
        plain = cms.add_unsigned(plain, 0, attribute(name, value))
    return plain


def test_x_long_is_valid_ten_years_later_by_what_it_carries(
    authority: Authority, olena: Key, tsa: Key, responder: Key
) -> None:
    signed = x_long(authority, olena, tsa, responder)

    result = verify_cms(signed, TEXT, at=YEARS_LATER, trust=bare(authority))

    assert (result.overall, result.reason) == (Overall.VALID, None)
    (signer,) = result.signers
    assert signer.level == "XL"
    assert signer.revocation is Status.VALID
    assert signer.revocation_source == "OCSP"
    assert signer.proven_time == NOW


def test_x_long_of_a_key_revoked_before_is_invalid(
    authority: Authority, olena: Key, tsa: Key, responder: Key
) -> None:
    signed = x_long(authority, olena, tsa, responder, revoked_at=NOW - HOUR)

    result = verify_cms(signed, TEXT, at=YEARS_LATER, trust=bare(authority))

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.REVOKED)


def test_x_long_of_a_key_revoked_after_stays_valid(
    authority: Authority, olena: Key, tsa: Key, responder: Key
) -> None:
    signed = x_long(authority, olena, tsa, responder, revoked_at=NOW + HOUR)

    assert verify_cms(signed, TEXT, at=YEARS_LATER, trust=bare(authority)).valid


def test_lt_carries_its_list_in_the_container(authority: Authority, olena: Key, tsa: Key) -> None:
    crl = build_crl(
        issuer=authority.issuer,
        key=authority.issuer_key,
        number=1,
        this_update=NOW,
        next_update=NOW + HOUR,
    )
    info = signer_info(TEXT, *olena)
    signature = der.parse(info).parts(6)[5].content
    token = build_token(signature, key=tsa[0], certificate=tsa[1], at=NOW)
    stamped = der.sequence(
        *(part.raw for part in der.parse(info).parts(6)),
        der.implicit(1, der.set_of(attribute(oids.SIGNATURE_TIMESTAMP, token))),
    )
    signed = signed_data(None, [stamped], [olena[1], authority.issuer, tsa[1]], revocation=[crl])

    result = verify_cms(signed, TEXT, at=YEARS_LATER, trust=bare(authority))

    assert result.valid
    assert result.signers[0].level == "LT"
    assert result.signers[0].revocation_source == "CRL"


# ── the server's own time-stamp ──────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_time_stamp_is_added_without_touching_the_signature(
    authority: Authority, olena: Key, tsa: Key, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(api, "configured_trust", authority.trust)
    session = prepare(NOW, content=TEXT)
    signed = sign_cms(TEXT, *olena)
    complete(session.pk, signed, NOW)
    (info,) = cms.parse_signed_data(signed).signers
    token = build_token(info.signature, key=tsa[0], certificate=tsa[1], at=NOW)
    settings.SIGNATURES_EGRESS = True
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + HOUR)
    monkeypatch.setattr(evidence, "obtain_timestamp", lambda session, now: token)

    assert [stamp_signatures(), stamp_signatures()] == [1, 0]

    kept = SigningSession.objects.get(pk=session.pk)
    assert bytes(kept.signature) == signed
    exported = exports.container(kept, Package(TEXT, TEXT, ())).data
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert archive.read("manifest.json") == TEXT
    result = inspection.verify_file(
        exported, at=YEARS_LATER, trust=authority.trust(NOW).with_more([tsa[1]])
    )
    assert result.valid
    assert result.covered == ("manifest.json",)
    assert result.signers[0].level == "T"


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_while_the_way_out_is_shut(settings: Any) -> None:
    settings.SIGNATURES_EGRESS = False

    assert outbound.client_for(TrustStore()) is None
    assert stamp_signatures() == 0


@pytest.mark.django_db(transaction=True)
def test_an_unsigned_session_is_no_file(now: datetime.datetime) -> None:
    with pytest.raises(ValueError, match="not signed"):
        exports.container(prepare(now), Package(TEXT, TEXT, ()))


@pytest.mark.django_db(transaction=True)
def test_what_nobody_signed_is_closed(
    authority: Authority, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "configured_trust", authority.trust)
    old, fresh, done = prepare(NOW - 48 * HOUR), prepare(NOW), prepare(NOW)
    complete(done.pk, sign_cms(bytes(done.content), *olena), NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    assert close_expired() == 1

    states = {s.pk: s.state for s in SigningSession.objects.all()}
    assert states == {old.pk: "EXPIRED", fresh.pk: "PREPARED", done.pk: "SIGNED"}


@pytest.mark.django_db(transaction=True)
def test_a_session_given_up_is_not_signed_later(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signatures.errors import SigningExpired
    from tests.signatures.test_sessions import in_a_command

    monkeypatch.setattr(api, "configured_trust", authority.trust)
    session = prepare(NOW, content=TEXT)
    in_a_command(actor=actors.system("test"), step=sessions.give_up, args=(session.pk,), kwargs={})

    with pytest.raises(SigningExpired):
        complete(session.pk, sign_cms(TEXT, *issue_olena(authority)), NOW)


@pytest.mark.django_db(transaction=True)
def test_an_exported_document_is_verified_without_the_installation(
    authority: Authority, olena: Key, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No database, no network, another folder: the command and what is in the file."""
    monkeypatch.setattr(api, "configured_trust", authority.trust)
    monkeypatch.setattr(api, "stored_trust", lambda at: authority.trust(at, with_crls=False))
    session = prepare(NOW, content=TEXT, files={"order.pdf": b"%PDF"})
    complete(session.pk, sign_cms(TEXT, *olena), NOW)
    bundle = exports.offline_bundle(SigningSession.objects.get(pk=session.pk))
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    readme = (tmp_path / "README.txt").read_text()
    words = readme.partition("manage.py ")[2].replace("\\\n", " ").split()
    words = [part for word in words for part in (sorted(map(str, tmp_path.glob(word))) or [word])]
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}

    ran = subprocess.run(
        [sys.executable, "manage.py", *words, "--json"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(ran.stdout)
    assert (answer["overall"], answer["confirmed"]) == ("VALID", True)
    (tmp_path / "signed/document").write_bytes(TEXT + b"!")
    printed = io.StringIO()
    call_command(*words, "--json", stdout=printed)
    assert json.loads(printed.getvalue())["overall"] == "INVALID"
