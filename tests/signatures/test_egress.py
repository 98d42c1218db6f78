"""The way out, against real servers on real sockets: what they say, how they fail, where it may go."""

import datetime
from dataclasses import dataclass, replace
from typing import Any

import pytest

from signatures import api, cms, der, egress, oids, outbound, revocation
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import (
    SigningKey,
    attribute,
    build_ocsp,
    build_token_of_imprint,
    extension,
    sign_cms,
)
from signatures.result import Overall, Reason, Status
from signatures.trust import TrustStore
from signatures.verification import SIGN_IN, verify_cms
from tests.signatures.conftest import NOW
from tests.signatures.responders import Answer, Responder

TEXT = b"challenge"
HOUR = datetime.timedelta(hours=1)


class Memory(dict[str, Any]):
    """A cache."""

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        self[key] = value


@dataclass
class World:
    """A signer whose certificate names the responder's address."""

    authority: Authority
    responder: Responder
    key: SigningKey
    certificate: Certificate
    ocsp_key: SigningKey
    ocsp: Certificate
    client: egress.Client
    now: list[datetime.datetime]

    def says(self, revoked_at: datetime.datetime | None = None, **more: Any) -> None:
        """The responder answers truly, with the nonce it was asked with."""

        def answer(path: str, body: bytes) -> Answer:
            if "crl" in path:
                return 404, b""
            nonce = None
            if not more.get("no_nonce"):
                request = der.parse(body).parts(1)[0].parts(1)
                nonce = request[-1].inner().parts(1)[0].parts(2)[-1].inner().content
            return 200, build_ocsp(
                certificate=self.certificate,
                issuer=self.authority.issuer,
                responder=self.ocsp,
                key=self.ocsp_key,
                at=more.get("at", self.now[0]),
                revoked_at=revoked_at,
                nonce=more.get("nonce", nonce),
            )

        self.responder.answer = answer

    def sign_in(self) -> Any:
        trust = TrustStore(
            (self.authority.root,), (self.authority.issuer,), lookup=self.client.lookup
        )
        signed = sign_cms(TEXT, self.key, self.certificate)
        return verify_cms(signed, TEXT, policy=SIGN_IN, at=self.now[0], trust=trust)


@pytest.fixture
def here(authority: Authority, responder: Responder) -> World:
    access = der.sequence(
        der.sequence(der.oid(oids.ACCESS_OCSP), der.tlv(0x86, responder.url("ocsp").encode()))
    )
    point = der.tlv(0x86, responder.url("full.crl").encode())
    points = der.sequence(der.sequence(der.tlv(0xA0, der.tlv(0xA0, point))))
    subject = [(oids.COMMON_NAME, "Шкільна Олена"), (oids.SERIAL_NUMBER, "TINUA-7146711424")]
    key, certificate = authority.issue(
        subject,
        at=NOW,
        more=[
            extension(oids.AUTHORITY_INFO_ACCESS, access),
            extension(oids.CRL_DISTRIBUTION_POINTS, points),
        ],
    )
    ocsp_key, ocsp = authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВИЙ OCSP")],
        at=NOW,
        extended_key_usage=(oids.EKU_OCSP_SIGNING,),
    )
    now = [NOW]
    client = egress.Client(hosts=frozenset({responder.host}), clock=lambda: now[0], cache=Memory())
    return World(authority, responder, key, certificate, ocsp_key, ocsp, client, now)


def test_a_fresh_answer_lets_in(here: World) -> None:
    here.says()

    result = here.sign_in()

    assert result.valid
    assert result.signers[0].revocation is Status.VALID
    assert result.signers[0].revocation_source == "OCSP"
    assert result.signers[0].evidence


def test_an_answer_that_the_key_is_revoked_keeps_out(here: World) -> None:
    here.says(revoked_at=NOW - HOUR)

    result = here.sign_in()

    assert (result.overall, result.reason) == (Overall.INVALID, Reason.REVOKED)


def test_an_answer_is_asked_for_once_in_five_minutes(here: World) -> None:
    here.says()

    here.sign_in()
    here.sign_in()
    assert len(here.responder.asked) == 1

    here.now[0] = NOW + datetime.timedelta(minutes=6)
    assert here.sign_in().valid
    assert len(here.responder.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""),
        (200, b""),
        (200, b"rubbish"),
        (200, b"0" * (egress.OCSP_LIMIT + 1)),
        (302, b""),
        (200, der.sequence(der.integer(3, der.ENUMERATED))),
    ],
    ids=["error", "nothing", "rubbish", "too large", "redirect", "try later"],
)
def test_a_responder_that_says_nothing_useful_lets_nobody_in(here: World, answer: Answer) -> None:
    here.responder.answer = lambda path, body: answer

    result = here.sign_in()

    assert (result.overall, result.reason) == (Overall.INDETERMINATE, Reason.TRY_LATER)


def test_a_replayed_answer_is_not_taken(here: World) -> None:
    here.says(nonce=b"somebody else's nonce")

    assert here.sign_in().reason is Reason.TRY_LATER


def test_an_old_answer_without_a_nonce_is_not_taken(here: World) -> None:
    here.says(no_nonce=True, at=NOW - 3 * HOUR)
    assert here.sign_in().reason is Reason.TRY_LATER

    here.says(no_nonce=True)
    assert here.sign_in().valid


def test_the_full_list_serves_when_ocsp_is_silent(here: World) -> None:
    full, _ = here.authority.crls(NOW)
    here.responder.answer = lambda path, body: (200, full) if "crl" in path else (503, b"")

    result = here.sign_in()

    assert result.valid
    assert result.signers[0].revocation_source == "CRL"


def test_yesterdays_answer_is_the_stated_and_logged_fallback(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    here.says()
    assert here.sign_in().valid
    here.responder.answer = lambda path, body: (503, b"")

    here.now[0] = NOW + 6 * HOUR
    fallback = here.sign_in()
    assert fallback.valid
    assert any("nothing fresher" in note for note in fallback.signers[0].notes)
    assert "accepted on revocation status of" in caplog.text

    here.now[0] = NOW + 25 * HOUR
    assert here.sign_in().reason is Reason.TRY_LATER


def test_nothing_is_asked_of_a_host_the_trust_list_does_not_name(here: World) -> None:
    here.says()
    here.client.hosts = frozenset({"ca.diia.gov.ua"})

    assert here.sign_in().reason is Reason.TRY_LATER
    assert here.responder.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://ca.diia.gov.ua/",
        "http://ca.diia.gov.ua:22/",
        "http://user@ca.diia.gov.ua/",
        "http://ca.diia.gov.ua.evil.example/",
        "http://[::1",
        "file:///etc/passwd",
        "http:///x",
        "http://ca.diia.gov.ua:99999/",
    ],
)
def test_only_plain_addresses_of_allowed_hosts(url: str) -> None:
    client = egress.Client(hosts=frozenset({"ca.diia.gov.ua"}), clock=lambda: NOW)

    assert client.allowed("http://ca.diia.gov.ua/services/ocsp/")
    assert not client.allowed(url)


def test_hosts_come_from_the_trust_list_and_its_companion(here: World) -> None:
    store = TrustStore(
        intermediates=(here.certificate, here.ocsp), key_services=("http://ca.example/cmp",)
    )

    assert egress.hosts_of(store) == frozenset({"127.0.0.1", "ca.example"})


def test_the_installation_asks_only_when_settings_open_the_way_out(
    here: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.says()
    store = TrustStore((here.authority.root,), (here.authority.issuer,))
    monkeypatch.setattr(api, "stored_trust", lambda at: store)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.SIGNATURES_EGRESS_HOSTS = [here.responder.host]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    signed = sign_cms(TEXT, here.key, here.certificate)

    def ask() -> Any:
        return api.verify_signature(TEXT, signed, purpose="sign_in", at=NOW)

    settings.SIGNATURES_EGRESS = False
    assert ask().reason is Reason.TRY_LATER
    assert here.responder.asked == []
    settings.SIGNATURES_EGRESS = True
    assert ask().valid
    assert len(here.responder.asked) == 1


def test_nobody_is_asked_inside_a_command(
    here: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its locks would be held for as long as a responder likes."""
    here.says()
    settings.SIGNATURES_EGRESS = True
    settings.SIGNATURES_EGRESS_HOSTS = [here.responder.host]
    store = TrustStore((here.authority.root,), (here.authority.issuer,))
    lookup = outbound.lookup_for(store)
    assert lookup is not None
    monkeypatch.setattr("kernel.audit.current_act", object)

    with pytest.raises(RuntimeError, match="before a command"):
        lookup(here.certificate, here.authority.issuer, NOW)
    assert here.responder.asked == []


# ── time ─────────────────────────────────────────────────────────────────────
@dataclass
class Stamping:
    """A time-stamping authority behind the responder."""

    key: SigningKey
    certificate: Certificate
    trust: TrustStore


@pytest.fixture
def stamping(here: World) -> Stamping:
    key, certificate = here.authority.issue(
        [(oids.COMMON_NAME, "ТЕСТОВА служба часу")],
        at=NOW,
        extended_key_usage=(oids.EKU_TIME_STAMPING,),
    )
    trust = TrustStore((here.authority.root,), (here.authority.issuer, certificate))
    return Stamping(key, certificate, trust)


def stamps(here: World, stamping: Stamping, **changes: Any) -> None:
    def answer(path: str, body: bytes) -> Answer:
        parts = der.parse(body).parts(3)
        imprint = parts[1].parts(2)
        fields = {
            "at": here.now[0],
            "nonce": parts[2].number,
            "imprint": imprint[1].content,
        } | changes
        token = build_token_of_imprint(
            fields["imprint"],
            key=stamping.key,
            certificate=stamping.certificate,
            at=fields["at"],
            hash_oid=imprint[0].parts(1)[0].oid,
            serial=1,
            nonce=fields["nonce"],
            include_certificate=False,
        )
        return 200, der.sequence(der.sequence(der.integer(0)), token)

    here.responder.answer = answer


def test_a_signature_gets_its_time_stamp_after_the_person_signed(
    here: World, stamping: Stamping
) -> None:
    stamps(here, stamping)
    signed = sign_cms(TEXT, here.key, here.certificate)
    (info,) = cms.parse_signed_data(signed).signers

    token = here.client.timestamp(
        here.responder.url("tsp"), info.signature, oids.GOST34311, stamping.trust
    )
    stamped = cms.add_unsigned(signed, 0, attribute(oids.SIGNATURE_TIMESTAMP, token))

    result = verify_cms(stamped, TEXT, at=NOW, trust=stamping.trust)
    assert result.valid
    assert (result.signers[0].level, result.signers[0].proven_time) == ("T", NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": 1},
        {"imprint": bytes(32)},
        {"at": NOW - HOUR},
    ],
    ids=["another nonce", "another imprint", "a wrong clock"],
)
def test_a_wrong_token_is_not_added(
    here: World, stamping: Stamping, changes: dict[str, Any]
) -> None:
    stamps(here, stamping, **changes)

    with pytest.raises(egress.Silent):
        here.client.timestamp(here.responder.url("tsp"), TEXT, oids.GOST34311, stamping.trust)


def test_a_token_by_nobody_trusted_is_not_added(here: World, stamping: Stamping) -> None:
    stamps(here, stamping)
    other = Authority.in_memory()
    stranger = replace(stamping.trust, anchors=(other.root,))

    with pytest.raises(egress.Silent):
        here.client.timestamp(here.responder.url("tsp"), TEXT, oids.GOST34311, stranger)


def test_requests_are_what_ukrainian_responders_take(here: World) -> None:
    """GOST 34.311 for the identifiers of a GOST-era certificate, as in the national sample."""
    request = revocation.ocsp_request(here.certificate, here.authority.issuer, b"n" * 20)
    identifier = der.parse(request).parts(1)[0].parts(1)[0].parts(1)[0].parts(1)[0].parts(4)

    assert identifier[0].parts(1)[0].oid == oids.GOST34311
    assert [len(part.content) for part in identifier[1:3]] == [32, 32]
    assert identifier[3].content == here.certificate.serial
