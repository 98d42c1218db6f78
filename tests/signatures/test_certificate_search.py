"""A key opened without its certificate: found here, else asked of providers, and only if trusted."""

import base64
import datetime
import hashlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import actors
from kernel.audit.models import EventRow
from kernel.outside import Silent
from signatures import api, cmp, egress, keysearch, oids, trustlists
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, sign_cms
from signatures.errors import SignatureRefused
from signatures.models import CertificateSearch, KnownCertificate, TrustListVersion
from signatures.selectors import trust as trust_selector
from signatures.services import certificates as service
from signatures.tasks import forget_searches
from signatures.trust import TrustStore
from tests.kit.waiting import LONG
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.responders import Responder, cmp_service, responding
from tests.signatures.test_sessions import complete, prepare
from tests.signatures.test_trust import bundle
from tests.signatures.xml_documents import classic as elliptic

pytestmark = pytest.mark.django_db(transaction=True)
Key = tuple[SigningKey, Certificate]


@pytest.fixture
def here(authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any) -> TrustStore:
    """The installation trusts the authority of the test; the way out is shut."""
    store = TrustStore((authority.root,), (authority.issuer,))
    monkeypatch.setattr(api, "stored_trust", lambda at: store)
    monkeypatch.setattr(api, "configured_trust", authority.trust)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.SIGNATURES_EGRESS = False
    return store


@pytest.fixture
def provider(
    here: TrustStore, responder: Responder, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Responder]:
    """A provider whose CMP service the trust list names."""
    settings.SIGNATURES_EGRESS = True
    settings.SIGNATURES_EGRESS_HOSTS = [responder.host]
    store = replace(here, key_services=(responder.url("services/cmp/"),))
    monkeypatch.setattr(api, "stored_trust", lambda at: store)
    return responder


def ask(*identifiers: bytes, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post(
        reverse("find_certificate"), {"keyid": [one.hex() for one in identifiers]}, **extra
    )


def given(response: Any) -> list[bytes]:
    assert response.status_code == 200
    return [base64.b64decode(one) for one in response.json()["certificates"]]


def remember(*found: Certificate) -> None:
    for one in found:
        service._remember(actor=actors.system("test"), certificate=one, now=NOW)


# ── what is known here ───────────────────────────────────────────────────────
def test_whoever_signed_here_is_found_by_any_identifier_of_their_key(
    here: TrustStore, olena: Key
) -> None:
    key, certificate = olena
    session = prepare(NOW)
    complete(session.pk, sign_cms(bytes(session.content), *olena), NOW)

    whole = b"\x04\x21" + key.packed
    for hash_oid in (oids.GOST34311, oids.KUPYNA256, oids.SHA1):
        assert given(ask(hashes.digest(hash_oid, whole))) == [certificate.der]
    assert given(ask(hashes.digest(oids.GOST34311, key.packed))) == []
    assert CertificateSearch.objects.filter(outcome="KNOWN").count() == 3


def test_whoever_signed_in_is_found_the_next_time(here: TrustStore, olena: Key) -> None:
    result = api.verify_signature(b"x", sign_cms(b"x", *olena), purpose="sign_in", at=NOW)
    for _ in range(2):
        service.remember_visitor(result, now=NOW)

    assert given(ask(olena[0].identifier)) == [olena[1].der]
    assert EventRow.objects.filter(code="signatures.certificate.seen").count() == 1


def test_a_refused_signature_teaches_nothing(here: TrustStore, olena: Key) -> None:
    session = prepare(NOW)
    with pytest.raises(SignatureRefused):
        complete(session.pk, sign_cms(b"something else", *olena), NOW)

    assert not KnownCertificate.objects.exists()


def test_only_certificates_for_signing_are_given_the_valid_one_first(
    here: TrustStore, authority: Authority
) -> None:
    key, current = issue_olena(authority)
    year = datetime.timedelta(days=365)
    _, old = issue_olena(
        authority, key=key, not_before=NOW - 2 * year, not_after=NOW - datetime.timedelta(days=1)
    )
    _, agreement = issue_olena(authority, key=key, key_usage=("keyAgreement",))
    remember(old, current, agreement)

    assert given(ask(key.identifier)) == [current.der, old.der]


def test_a_known_certificate_is_not_given_once_its_provider_is_not_trusted(
    here: TrustStore, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(olena[1])
    other = Authority.in_memory()
    monkeypatch.setattr(api, "stored_trust", lambda at: TrustStore((other.root,)))

    assert given(ask(olena[0].identifier)) == []


# ── what providers say ───────────────────────────────────────────────────────
def test_a_provider_is_asked_and_its_answer_is_kept(provider: Responder, olena: Key) -> None:
    provider.answer = cmp_service([olena[1]])

    assert given(ask(olena[0].identifier)) == [olena[1].der]
    assert given(ask(olena[0].identifier)) == [olena[1].der]
    assert len(provider.asked) == 1
    assert [s.outcome for s in CertificateSearch.objects.order_by("pk")] == ["PROVIDER", "KNOWN"]
    event = EventRow.objects.filter(code="signatures.certificate.searched").first()
    assert event is not None
    assert event.payload["found"] == [olena[1].fingerprint]
    assert event.payload["keys"] == [olena[0].identifier.hex()]


def test_a_provider_lists_a_kupyna_key_by_its_kupyna_hash(
    here: TrustStore, provider: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    modern = Authority.in_memory(hash_oid=oids.KUPYNA256)
    store = TrustStore((modern.root,), (modern.issuer,), key_services=(provider.url("cmp"),))
    monkeypatch.setattr(api, "stored_trust", lambda at: store)
    key, certificate = issue_olena(modern)
    identifier = hashes.digest(oids.KUPYNA256, b"\x04\x21" + key.packed)
    kupyna_service = cmp_service([certificate])

    def answer(path: str, body: bytes) -> Any:
        return kupyna_service(path, body.replace(identifier, key.identifier))

    provider.answer = answer
    assert given(ask(identifier)) == [certificate.der]


def test_an_answer_about_another_key_is_neither_given_nor_kept(
    provider: Responder, authority: Authority, olena: Key
) -> None:
    _, other = issue_olena(authority)
    wrong = cmp_service([other])
    provider.answer = lambda path, body: wrong(
        path, body.replace(olena[0].identifier, other.key_identifier or b"")
    )

    assert given(ask(olena[0].identifier)) == []
    assert not KnownCertificate.objects.exists()
    assert CertificateSearch.objects.get().outcome == "NOBODY"


def test_an_answer_by_an_authority_nobody_trusts_is_neither_given_nor_kept(
    provider: Responder, olena: Key
) -> None:
    _, forged = issue_olena(Authority.in_memory(), key=olena[0])
    provider.answer = cmp_service([forged])

    assert given(ask(olena[0].identifier)) == []
    assert not KnownCertificate.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (200, b""), (200, b"rubbish"), (302, b""), (200, bytes(egress.CMP_LIMIT + 1))],
    ids=["error", "nothing", "rubbish", "redirect", "too large"],
)
def test_a_provider_that_says_nothing_useful_harms_nobody(
    provider: Responder, olena: Key, answer: Any
) -> None:
    provider.answer = lambda path, body: answer

    assert given(ask(olena[0].identifier)) == []


def test_one_silent_provider_does_not_hold_the_others_up(
    here: TrustStore,
    provider: Responder,
    olena: Key,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    released = threading.Event()
    silent = cmp_service([])
    provider.answer = lambda path, body: (released.wait(LONG), silent(path, body))[1]
    with responding() as quick:
        quick.answer = cmp_service([olena[1]])
        settings.SIGNATURES_EGRESS_HOSTS = [provider.host, quick.host]
        store = replace(here, key_services=(provider.url("cmp"), quick.url("cmp")))
        monkeypatch.setattr(api, "stored_trust", lambda at: store)
        try:
            assert given(ask(olena[0].identifier)) == [olena[1].der]
            assert not released.is_set()
        finally:
            released.set()


def test_the_wait_for_providers_ends(here: TrustStore, responder: Responder, olena: Key) -> None:
    """Nothing else would end it: neither the provider nor the way out."""
    released, answered = threading.Event(), []
    responder.answer = lambda path, body: (
        answered.append(released.wait(LONG)),
        (404, b""),
    )[1]
    client = egress.Client(
        hosts=frozenset({responder.host}),
        clock=lambda: NOW,
        read_seconds=LONG,
        total_seconds=LONG,
    )
    store = replace(here, key_services=(responder.url("cmp"),))
    try:
        assert keysearch.ask(client, [olena[0].identifier], store, NOW, seconds=0.5) == []
        assert answered == []
    finally:
        released.set()


def test_nobody_outside_is_asked_while_the_way_out_is_shut(
    provider: Responder, olena: Key, settings: Any
) -> None:
    settings.SIGNATURES_EGRESS = False

    assert given(ask(olena[0].identifier)) == []
    assert provider.asked == []
    assert CertificateSearch.objects.get().outcome == "NOT_ASKED"


def test_a_key_named_by_sha1_is_found_at_its_provider(
    provider: Responder, authority: Authority
) -> None:
    """Providers name RSA and elliptic keys by 20 octets; the place for it has 32."""
    key = elliptic(authority, ec.generate_private_key(ec.SECP256R1()))
    provider.answer = cmp_service([key[1]])
    assert len(key[1].key_identifier) == 20

    assert given(ask(hashlib.sha256(b"x").digest(), key[1].key_identifier)) == [key[1].der]
    assert given(ask(bytes(20))) == []
    with pytest.raises(ValueError, match="32 or 20 octets"):
        cmp.request([bytes(24)])


# ── an anonymous page ────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "keys",
    [[], ["zz"], ["00" * 31], ["00" * 64], [f"{n:064x}" for n in range(17)]],
    ids=["none", "not hexadecimal", "too short", "too long", "too many"],
)
def test_only_a_few_identifiers_of_known_sizes_are_looked_for(here: TrustStore, keys: Any) -> None:
    answer = Client().post(reverse("find_certificate"), {"keyid": keys})

    assert (answer.status_code, answer.json()) == (400, {"certificates": []})
    assert not CertificateSearch.objects.exists()


def test_a_search_needs_the_token_against_forged_requests(here: TrustStore) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert ask(bytes(32), client=strict).status_code == 403
    assert Client().get(reverse("find_certificate")).status_code == 405


def test_who_asks_too_often_waits_and_others_do_not(
    here: TrustStore, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keysearch, "SEARCHES_OF_AN_ADDRESS", 2)
    remember(olena[1])

    for _ in range(2):
        assert given(ask(olena[0].identifier))
    refused = ask(olena[0].identifier)
    assert (refused.status_code, refused.json()) == (429, {"certificates": []})
    assert refused["Retry-After"] == "600"
    assert given(ask(olena[0].identifier, REMOTE_ADDR="192.0.2.7"))


@pytest.mark.parametrize("limit", ["OUTSIDE_OF_AN_ADDRESS", "OUTSIDE_OF_ALL"])
def test_providers_are_troubled_only_so_often(
    provider: Responder, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(keysearch, limit, 1)
    provider.answer = cmp_service([])

    for number in range(3):
        assert given(ask(bytes([number]) * 32)) == []
    assert len(provider.asked) == 1
    other = ask(bytes(32), REMOTE_ADDR="192.0.2.7")
    assert given(other) == []
    assert len(provider.asked) == (2 if limit == "OUTSIDE_OF_AN_ADDRESS" else 1)


def test_old_counts_are_dropped_and_the_journal_stays(
    here: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(bytes(32))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + datetime.timedelta(days=91))

    assert [forget_searches(), forget_searches()] == [1, 0]
    assert EventRow.objects.filter(code="signatures.certificate.searched").exists()


# ── where providers answer ───────────────────────────────────────────────────
def test_addresses_come_with_the_list_and_are_accepted_by_a_person(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust_selector.forget()
    file, companion = tmp_path / "CACertificates.p7b", tmp_path / "CAs.json"
    file.write_bytes(bundle(authority))
    companion.write_text(
        json.dumps(
            [
                {"issuerCNs": ["КНЕДП"], "cmpAddress": "ca.one.example"},
                {"cmpAddress": "ca.two.example/cmp"},
                {"cmpAddress": ""},
            ]
        )
    )
    monkeypatch.setattr("builtins.input", lambda text: "так")

    def load(**more: Any) -> str:
        out = io.StringIO()
        call_command(
            "load_trust_list", str(file), anchor=[authority.root.fingerprint], stdout=out, **more
        )
        return out.getvalue()

    load()
    shown = load(services=companion)
    assert "Нові адреси пошуку сертифікатів: 2" in shown
    expected = ("http://ca.one.example/services/cmp/", "http://ca.two.example/cmp")
    later = NOW + datetime.timedelta(days=3650)
    assert trust_selector.trust_at(later).key_services == expected
    assert "ca.two.example" in egress.hosts_of(trust_selector.trust_at(later))
    assert "Змін немає" in load()  # without the companion the addresses stay
    assert TrustListVersion.objects.count() == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b"[]",
        b'[{"cmpAddress": "file:///etc/passwd"}]',
        b'[{"cmpAddress": "user@ca.example"}]',
        b'[{"cmpAddress": "ca.example/?x=http://other/"}]',
        b"[" * 100_000,
    ],
)
def test_another_file_is_no_companion(data: bytes) -> None:
    with pytest.raises(trustlists.NotAList):
        trustlists.read_key_services(data)


def test_a_service_the_list_does_not_name_is_never_asked(responder: Responder) -> None:
    client = egress.Client(public_hosts=frozenset({"ca.example"}), clock=lambda: NOW)

    with pytest.raises(Silent):
        client.certificates(responder.url("cmp"), [bytes(32)], 1.0)
    assert responder.asked == []
