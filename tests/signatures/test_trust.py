"""Trust lists: pinned by fingerprint, accepted by a person, kept through time."""

import datetime
import io
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import actors
from signatures import api, bundles, certificates, trustlists
from signatures.demo.authority import Authority
from signatures.demo.signing import sign_cms, signed_data
from signatures.errors import TrustListRejected
from signatures.models import TrustListVersion
from signatures.result import Overall, Reason
from signatures.selectors import trust as selector
from signatures.services import trust as service
from signatures.verification import ARCHIVE, verify_cms
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.trusted_lists import dstu_publisher, service_of, sign_dstu, trusted_list

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def forget_lists() -> None:
    selector.forget()


def bundle(*authorities: Authority) -> bytes:
    """A p7b: certificates without any signature."""
    return signed_data(None, [], [c for a in authorities for c in a.chain])


def accept(data: bytes, now: datetime.datetime, *anchors: str) -> TrustListVersion:
    candidate = trustlists.read_list(data, more_anchors=anchors)
    current = selector.trust_at(now)
    difference = trustlists.compare(candidate, current)
    return service.accept_list(
        actor=actors.system("test"),
        candidate=candidate,
        source="CACertificates.p7b",
        accepted_by="tester",
        accepted_difference=difference.digest,
        now=now,
    )


def test_a_root_nobody_vouched_for_is_no_anchor(authority: Authority) -> None:
    with pytest.raises(trustlists.NotAList):
        trustlists.read_list(bundle(authority))

    named = trustlists.read_list(bundle(authority), more_anchors=[authority.root.fingerprint])
    assert named.anchors == (authority.root,)
    assert named.intermediates == (authority.issuer,)


def test_certificates_that_lead_nowhere_are_left_out(authority: Authority) -> None:
    other = Authority.in_memory()

    candidate = trustlists.read_list(
        bundle(authority, other), more_anchors=[authority.root.fingerprint]
    )

    assert candidate.intermediates == (authority.issuer,)
    assert candidate.unknown_roots == (other.root,)
    assert candidate.rejected == 1


def test_a_known_test_root_is_refused_even_by_name(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trustlists, "pinned", lambda: {authority.root.fingerprint: "test"})

    with pytest.raises(trustlists.NotAList):
        trustlists.read_list(bundle(authority), more_anchors=[authority.root.fingerprint])


@pytest.mark.django_db(transaction=True)
def test_an_old_signature_is_judged_by_the_list_of_its_day(
    authority: Authority, settings: object
) -> None:
    settings.SIGNATURES_TRUST_DEMO_AUTHORITY = False  # type: ignore[attr-defined]
    newer = Authority.in_memory()
    accept(bundle(authority), NOW - 10 * DAY, authority.root.fingerprint)
    accept(bundle(newer), NOW, newer.root.fingerprint)
    signed = sign_cms(b"x", *issue_olena(authority, not_before=NOW - 30 * DAY))

    def judged(at: datetime.datetime) -> tuple[Overall, Reason | None]:
        result = verify_cms(signed, b"x", policy=ARCHIVE, at=at, trust=api.configured_trust(at))
        return result.overall, result.reason

    assert judged(NOW - 5 * DAY) == (Overall.VALID, None)
    assert judged(NOW + DAY) == (Overall.INDETERMINATE, Reason.NO_CERTIFICATE_CHAIN_FOUND)


@pytest.mark.django_db(transaction=True)
def test_a_difference_that_was_not_shown_is_not_accepted(authority: Authority) -> None:
    candidate = trustlists.read_list(bundle(authority), more_anchors=[authority.root.fingerprint])
    with pytest.raises(TrustListRejected):
        service.accept_list(
            actor=actors.system("test"),
            candidate=candidate,
            source="x",
            accepted_by="tester",
            accepted_difference="0" * 16,
            now=NOW,
        )

    assert not TrustListVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_shows_the_difference_and_waits_for_a_yes(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "CACertificates.p7b"
    file.write_bytes(bundle(authority))
    asked: list[str] = []
    answers = iter(["ні", "так"])
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or next(answers))

    def run() -> str:
        out = io.StringIO()
        call_command("load_trust_list", str(file), anchor=[authority.root.fingerprint], stdout=out)
        return out.getvalue()

    with pytest.raises(CommandError, match="Nothing was accepted"):
        run()
    assert not TrustListVersion.objects.exists()

    shown = run()
    assert "Нові корені довіри: 1" in shown
    assert authority.root.fingerprint[:16] in shown
    assert selector.trust_at(datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)).anchors == (
        authority.root,
    )
    assert "Змін немає" in run()
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_a_file_other_than_the_published_one_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "list.p7b"
    file.write_bytes(bundle(authority))

    with pytest.raises(CommandError, match="SHA-256"):
        call_command(
            "load_trust_list", str(file), anchor=[authority.root.fingerprint], sha256="0" * 64
        )


def test_a_european_list_gives_its_granted_services(authority: Authority) -> None:
    other = Authority.in_memory()
    _, tsa = issue_olena(authority)
    xml = trusted_list(
        service_of("CA/QC", "granted", authority.issuer)
        + service_of("CA/QC", "withdrawn", other.issuer)
        + service_of("TSA/QTST", "granted", tsa)
    )

    candidate = trustlists.read_list(sign_dstu(xml, *dstu_publisher(authority, NOW)))

    assert candidate.format == "ETSI-TL"
    assert candidate.anchors == (authority.issuer,)
    assert candidate.intermediates == (tsa,)
    assert candidate.issued == "2026-11-01T00:00:00Z"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"rubbish",
        b"<?xml version='1.0'?><a/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        trusted_list(""),
    ],
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(trustlists.NotAList):
        trustlists.read_list(data)


@pytest.mark.skipif(
    "AIKOM_CA_BUNDLE" not in os.environ,
    reason="AIKOM_CA_BUNDLE names the national bundle, which states no licence and is not carried",
)
def test_all_certificates_of_the_national_bundle_verify() -> None:
    found = bundles.load_many(Path(os.environ["AIKOM_CA_BUNDLE"]).read_bytes())
    by_subject: dict[bytes, list[certificates.Certificate]] = {}
    for certificate in found:
        by_subject.setdefault(certificate.subject, []).append(certificate)
    bad = [
        certificate
        for certificate in found
        if not any(
            certificates.signed_by(certificate, issuer)
            for issuer in by_subject.get(certificate.issuer, ())
        )
    ]

    assert len(found) >= 827
    assert not bad
