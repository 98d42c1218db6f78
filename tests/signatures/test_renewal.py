"""Ten years: evidence is renewed before it runs out, and without that it does not stay green."""

import datetime
import io
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import uuid
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import connection

from accounts import actors
from kernel.audit.models import EventRow
from signatures import api, der, exports, inspection, kept, oids
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, build_token_of_imprint, sign_cms
from signatures.models import Preservation, SessionEvidence, SigningSession
from signatures.result import Overall, VerificationResult
from signatures.services import evidence, renewal
from signatures.services.renewal import Failure
from signatures.tasks import renew_signatures, stamp_signatures
from signatures.trust import TrustStore
from tests.kit.waiting import LONG
from tests.signatures import test_archive, xml_documents
from tests.signatures.conftest import NOW, issue_olena
from tests.signatures.responders import Answer, Responder
from tests.signatures.test_sessions import complete, prepare

pytestmark = pytest.mark.django_db(transaction=True)
Key = tuple[SigningKey, Certificate]
TEXT = b"order"
DAY = datetime.timedelta(days=1)
YEAR = datetime.timedelta(days=365)
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Decade:
    """A clock that tests move, and a time-stamping service whose certificates live two years."""

    authority: Authority
    responder: Responder
    now: datetime.datetime
    services: list[Key]
    silent: bool = False

    def add_service(
        self, until: datetime.datetime | None = None, key: SigningKey | None = None
    ) -> None:
        self.services.append(
            self.authority.issue(
                [(oids.COMMON_NAME, f"ТЕСТОВА служба часу {len(self.services)}")],
                key=key,
                at=self.now,
                not_after=until or self.now + 2 * YEAR,
                extended_key_usage=(oids.EKU_TIME_STAMPING,),
            )
        )

    def trust(self, at: datetime.datetime) -> TrustStore:
        """The list of a day: the authorities, and the services that live on that day."""
        alive = [one for _, one in self.services if one.not_before <= at <= one.not_after]
        return TrustStore((self.authority.root,), (self.authority.issuer, *alive), version="list")

    def answer(self, path: str, body: bytes) -> Answer:
        if self.silent:
            return 503, b""
        asked = der.parse(body).parts(3)
        imprint = asked[1].parts(2)
        key, certificate = self.services[-1]
        token = build_token_of_imprint(
            imprint[1].content, key=key, certificate=certificate, at=self.now,
            hash_oid=imprint[0].parts(1)[0].oid, serial=1, nonce=asked[2].number,
            include_certificate=False,
        )  # fmt: skip
        return 200, der.sequence(der.sequence(der.integer(0)), token)

    def judged(self, session: SigningSession) -> VerificationResult:
        """By the file and today's list alone, as somebody who does not believe our record."""
        trust = exports.trust_of(session, self.now)
        return inspection.verify_file(
            exports.signature_file(session), TEXT, at=self.now, trust=replace(trust, lookup=None)
        )

    def pass_to(self, moment: datetime.datetime, step: datetime.timedelta = 60 * DAY) -> None:
        """Time goes by; beat runs the job now and then, and the provider changes its keys yearly."""
        while self.now < moment:
            self.now = min(self.now + step, moment)
            if self.services[-1][1].not_after - self.now < YEAR:
                self.add_service()
            renew_signatures()


@pytest.fixture
def decade(
    authority: Authority, responder: Responder, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Decade:
    found = Decade(authority, responder, NOW, [])
    found.add_service()
    responder.answer = found.answer
    monkeypatch.setattr("django.utils.timezone.now", lambda: found.now)
    monkeypatch.setattr(api, "stored_trust", lambda at, **more: found.trust(at))
    monkeypatch.setattr(api, "configured_trust", authority.trust)
    settings.SIGNATURES_EGRESS = True
    settings.SIGNATURES_EGRESS_HOSTS = [responder.host]
    settings.SIGNATURES_TSP = [responder.url("tsp")]
    return found


FORMS: dict[str, Callable[[Key], bytes]] = {
    "CAdES": lambda key: sign_cms(TEXT, *key, signing_time=NOW),
    "XAdES beside": lambda key: xml_documents.detached(key, {"order.json": TEXT}),
    "XAdES around": lambda key: xml_documents.enveloping(key, TEXT),
}


def signed_order(key: Key, form: str = "CAdES") -> SigningSession:
    session = prepare(NOW, content=TEXT)
    complete(session.pk, FORMS[form](key), NOW)
    return SigningSession.objects.get(pk=session.pk)


def stamped_order(decade: Decade, key: Key, form: str = "CAdES") -> SigningSession:
    """A signed order with the time-stamp that the server adds in its first minutes."""
    session = signed_order(key, form)
    value = kept.of(bytes(session.signature or b"")).value
    token = build_token_of_imprint(
        hashes.digest(oids.SHA256, value),
        key=decade.services[0][0],
        certificate=decade.services[0][1],
        at=NOW,
        hash_oid=oids.SHA256,
        serial=9,
        nonce=None,
        include_certificate=False,
    )
    evidence.add_timestamp(actor=actors.system("test"), session_id=session.pk, token=token, now=NOW)
    return session


# ── ten years ────────────────────────────────────────────────────────────────
def test_for_ten_years_a_renewed_signature_stays_green_and_another_does_not(
    decade: Decade, olena: Key
) -> None:
    sessions = [stamped_order(decade, olena, form) for form in FORMS]
    bare = [stamped_order(decade, olena, form) for form in FORMS]
    before = [bytes(one.signature or b"") for one in sessions]
    renew_signatures()
    Preservation.objects.filter(session__in=bare).update(next_at=NOW + 100 * YEAR)

    greens = []
    for year in range(1, 11):
        decade.pass_to(NOW + year * YEAR)
        greens += [(one.overall, one.confirmed) for one in map(decade.judged, sessions)]

    assert greens == [(Overall.VALID, True)] * 10 * len(FORMS)
    assert not any(decade.judged(one).confirmed for one in bare)
    for session, signature in zip(sessions, before, strict=True):
        session.refresh_from_db()
        assert (bytes(session.signature or b""), bytes(session.content)) == (signature, TEXT)
        state = Preservation.objects.get(session=session)
        assert state.renewals >= 5
        assert state.protected_until > decade.now
        (signer,) = decade.judged(session).signers
        assert (signer.level, signer.proven_time) == ("LTA", NOW)
        assert exports.recheck(session, decade.now).confirmed


def test_a_stamped_signature_whose_authority_is_over_is_not_green_until_it_was_renewed(
    decade: Decade, olena: Key
) -> None:
    session = stamped_order(decade, olena)
    certificate = decade.services[0][1]
    assert decade.judged(session).confirmed

    decade.now = certificate.not_after + DAY
    lapsed = decade.judged(session)

    assert (lapsed.overall, lapsed.confirmed) == (Overall.VALID, False)
    assert lapsed.signers[0].timestamps[0].lapsed

    decade.now = NOW
    renew_signatures()
    assert Preservation.objects.get(session=session).protected_until == certificate.not_after
    decade.pass_to(certificate.not_after + DAY)
    renewed = decade.judged(session)
    assert (renewed.confirmed, renewed.signers[0].proven_time) == (True, NOW)


def test_what_is_exported_after_ten_years_verifies_with_the_installation_gone(
    decade: Decade, olena: Key, tmp_path: Path
) -> None:
    session = stamped_order(decade, olena)
    decade.pass_to(NOW + 10 * YEAR)
    bundle = exports.offline_bundle(session)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    readme = (tmp_path / "README.txt").read_text()
    words = readme.partition("manage.py ")[2].replace("\\\n", " ").split()
    assert "--at" not in words
    words = [part for word in words for part in (sorted(map(str, tmp_path.glob(word))) or [word])]
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}

    ran = subprocess.run(
        [sys.executable, "manage.py", *words, "--json", "--at", decade.now.isoformat()],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(ran.stdout)
    assert (answer["overall"], answer["confirmed"]) == ("VALID", True)
    assert answer["signers"][0]["level"] == "LTA"


@dataclass
class Elliptic:
    """A key that openssl knows, in the place of one of ДСТУ."""

    key: ec.EllipticCurvePrivateKey
    hash_oid = oids.SHA256
    table = b""
    algorithm = der.sequence(der.oid("1.2.840.10045.4.3.2"))

    @property
    def spki(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def identifier(self) -> bytes:
        return hashes.digest(oids.SHA256, self.spki)

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(SHA256()))


def elliptic() -> SigningKey:
    return Elliptic(ec.generate_private_key(ec.SECP256R1()))  # type: ignore[return-value]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_openssl_accepts_what_is_exported_after_two_renewals(
    decade: Decade, authority: Authority, tmp_path: Path
) -> None:
    """A tool of others, over what others parse: the signature, and of each archive time-stamp the
    token over the imprint that the clause asks for (`test_archive.archive_of`)."""
    decade.services = []
    decade.add_service(key=elliptic())
    session = stamped_order(decade, issue_olena(authority, key=elliptic()))
    renew_signatures()
    for years in (1.8, 3.6):
        decade.now = NOW + years * YEAR
        decade.add_service(key=elliptic())
        assert renew_signatures() == 1
    with zipfile.ZipFile(io.BytesIO(exports.offline_bundle(session))) as archive:
        archive.extractall(tmp_path)

    def openssl(*words: str) -> bool:
        ran = subprocess.run(
            ["openssl", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert not ran.returncode or "ailure" in ran.stderr or "mismatch" in ran.stderr, ran.stderr
        return ran.returncode == 0

    signed = (tmp_path / "signed/document.p7s").read_bytes()
    said = ("cms", "-verify", "-binary", "-inform", "DER", "-in", "signed/document.p7s",
            "-noverify", "-out", "shown", "-content")  # fmt: skip
    assert openssl(*said, "signed/document")
    assert not openssl(*said, "README.txt")
    tokens = test_archive.tokens_of(signed, TEXT)
    assert len(tokens) == 2
    for (token, covered), (_, service) in zip(tokens, decade.services[1:], strict=True):
        (tmp_path / "token").write_bytes(token)
        (tmp_path / "service.pem").write_text(ssl.DER_cert_to_PEM_cert(service.der))
        for data, good in ((covered, True), (covered + b"!", False)):
            (tmp_path / "covered").write_bytes(data)
            assert good is openssl(
                "ts", "-verify", "-data", "covered", "-in", "token", "-token_in",
                "-CAfile", "service.pem", "-untrusted", "service.pem", "-partial_chain",
                "-attime", str(int(service.not_before.timestamp()) + 90_000),
            )  # fmt: skip


def test_a_signature_is_renewed_before_its_algorithm_ends(
    decade: Decade, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = {oids.GOST34311: NOW + YEAR}
    plain = decade.trust
    monkeypatch.setattr(
        api, "stored_trust", lambda at, **more: replace(plain(at), algorithm_ends=ends)
    )
    session = signed_order(olena)
    renew_signatures()
    state = Preservation.objects.get(session=session)

    assert (state.protected_until, state.next_at) == (NOW + YEAR, NOW + YEAR - renewal.LEAD)


# ── what stands in the way ───────────────────────────────────────────────────
def due_order(decade: Decade, key: Key) -> SigningSession:
    """A signed order whose renewal has come."""
    session = stamped_order(decade, key)
    renew_signatures()
    decade.now = NOW + 2 * YEAR - 80 * DAY
    decade.add_service()
    return session


def test_a_silent_authority_is_asked_later_and_later(decade: Decade, olena: Key) -> None:
    session = due_order(decade, olena)
    decade.silent = True
    waits = []
    for _ in range(7):
        assert renew_signatures() == 0
        state = Preservation.objects.get(session=session)
        waits.append(state.next_at - decade.now)
        assert renew_signatures() == 0
        decade.now = state.next_at

    hours = [wait / datetime.timedelta(hours=1) for wait in waits]
    assert hours == [1, 2, 4, 8, 16, 24, 24]
    assert (state.attempts, state.failure) == (7, Failure.SILENT)
    assert EventRow.objects.filter(code="signatures.session.renewal_failed").count() == 7
    decade.silent = False
    assert renew_signatures() == 1
    state.refresh_from_db()
    assert (state.attempts, state.failure, state.renewals) == (0, "", 1)


def test_a_silent_authority_does_not_hold_the_run(
    decade: Decade, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        due_order(decade, olena)
    Preservation.objects.update(next_at=decade.now)
    decade.silent = True
    decade.responder.asked.clear()

    renew_signatures()

    assert sum(path == "/tsp" for path, _ in decade.responder.asked) == 3
    assert Preservation.objects.filter(attempts=1).count() == 3


def test_what_does_not_hold_is_not_stamped(
    decade: Decade, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = due_order(decade, olena)
    monkeypatch.setattr(exports, "signature_file", lambda session: sign_cms(b"other", *olena))

    assert renew_signatures() == 0

    assert Preservation.objects.get(session=session).failure == Failure.BROKEN
    assert decade.responder.asked == []
    assert not session.later_evidence.filter(kind="ARCHIVE").exists()


def test_a_service_that_lives_no_longer_is_no_renewal(decade: Decade, olena: Key) -> None:
    session = due_order(decade, olena)
    decade.services.pop()
    decade.add_service(until=decade.now + 20 * DAY)

    assert renew_signatures() == 0

    assert Preservation.objects.get(session=session).failure == Failure.NOT_LONGER
    assert not session.later_evidence.filter(kind="ARCHIVE").exists()


def test_nobody_is_asked_inside_a_command_and_nothing_while_the_way_out_is_shut(
    decade: Decade, olena: Key, settings: Any
) -> None:
    from tests.signatures.test_sessions import in_a_command

    session = due_order(decade, olena)
    with pytest.raises(RuntimeError, match="never inside"):
        in_a_command(
            actor=actors.system("test"), step=renewal.obtain, args=(session, decade.now), kwargs={}
        )
    settings.SIGNATURES_EGRESS = False
    assert renew_signatures() == 0
    assert decade.responder.asked == []


# ── two workers ──────────────────────────────────────────────────────────────
def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """All at the same moment, each with a connection of its own."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(LONG)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_workers_never_take_the_same_document(decade: Decade, olena: Key) -> None:
    for _ in range(6):
        due_order(decade, olena)
    Preservation.objects.update(next_at=decade.now)

    def take() -> list[uuid.UUID]:
        return renewal.take(actor=actors.system("test"), now=decade.now, limit=4)

    first, second = at_once(take, take)

    assert set(first).isdisjoint(second)
    assert take() in (
        [],
        list(set(Preservation.objects.values_list("pk", flat=True)) - {*first, *second}),
    )
    assert renewal.take(actor=actors.system("test"), now=decade.now + renewal.LEASE, limit=9) != []


def test_of_two_renewals_of_one_document_one_is_kept(decade: Decade, olena: Key) -> None:
    """A lease ran out while the authority was slow: two tokens are over the same evidence."""
    session = due_order(decade, olena)
    found = [renewal.obtain(session, decade.now) for _ in range(2)]

    def keep(one: renewal.Renewed) -> Callable[[], bool]:
        return lambda: renewal.keep(
            actor=actors.system("test"), session_id=session.pk, renewed=one, now=decade.now
        )

    assert sorted(at_once(*map(keep, found))) == [False, True]
    assert session.later_evidence.filter(kind="ARCHIVE").count() == 1
    assert decade.judged(session).confirmed


def test_a_time_stamp_added_meanwhile_is_not_left_out(decade: Decade, olena: Key) -> None:
    session = due_order(decade, olena)
    found = renewal.obtain(session, decade.now)
    SessionEvidence.objects.create(
        session=session, kind="TIMESTAMP", data=b"0", obtained_at=decade.now
    )

    taken = renewal.keep(
        actor=actors.system("test"), session_id=session.pk, renewed=found, now=decade.now
    )

    assert not taken
    assert not session.later_evidence.filter(kind="ARCHIVE").exists()


def test_a_worker_that_died_is_followed_by_another(decade: Decade, olena: Key) -> None:
    session = due_order(decade, olena)
    renewal.take(actor=actors.system("test"), now=decade.now, limit=9)

    assert renew_signatures() == 0
    decade.now += renewal.LEASE
    assert renew_signatures() == 1
    assert decade.judged(session).confirmed


def test_everything_signed_is_watched_in_portions(
    decade: Decade, olena: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.tasks.WATCHED_AT_ONCE", 2)
    orders = {signed_order(olena).pk for _ in range(5)}
    prepare(NOW)

    for _ in range(3):
        renew_signatures()

    assert set(Preservation.objects.values_list("pk", flat=True)) == orders
    assert stamp_signatures() == 0
