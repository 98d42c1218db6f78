"""Signing sessions: what was shown is what is signed, once, by the right person, and for ever."""

import base64
import datetime
import hashlib
import uuid
from typing import Any

import pytest
from django.db import Error, connection

from accounts import actors
from accounts.sessions import SessionStore
from kernel import clock
from kernel.db import command
from kernel.errors import NotFound
from signatures import api, tickets
from signatures.certificates import Certificate
from signatures.demo.authority import Authority
from signatures.demo.signing import SigningKey, sign_cms
from signatures.errors import AlreadySigned, SignatureRefused, SigningExpired, WrongSigner
from signatures.models import SigningSession, VerifiedSignature
from signatures.packages import BrokenPackage, build_package
from signatures.services import sessions
from tests.kit import acts
from tests.signatures.conftest import issue_olena

pytestmark = pytest.mark.django_db(transaction=True)
Key = tuple[SigningKey, Certificate]
ORDER = "Наказ № 1-з про зарахування".encode()


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation trusts the authority of the test."""
    monkeypatch.setattr(api, "configured_trust", authority.trust)


@command
def in_a_command(
    *, actor: Any, step: Any, kwargs: dict[str, Any], args: tuple[Any, ...] = ()
) -> Any:
    acts.noted()
    return step(*args, **kwargs)


def prepare(now: datetime.datetime, **more: Any) -> SigningSession:
    fields = {"user_id": 7, "purpose": "registry.order", "content": ORDER, "now": now} | more
    return in_a_command(actor=actors.system("test"), step=sessions.prepare, kwargs=fields)


def verify(session_id: uuid.UUID, cms: bytes, now: datetime.datetime, **more: Any) -> Any:
    return sessions.verify(session_id, cms, actor=actors.system("test"), now=now, **more)


def take(
    session_id: uuid.UUID, verified_id: uuid.UUID, now: datetime.datetime, **more: Any
) -> api.SignerIdentity:
    done: api.SignerIdentity = in_a_command(
        actor=actors.system("test"),
        step=sessions.complete,
        args=(session_id, verified_id),
        kwargs={"now": now} | more,
    )
    return done


def complete(session_id: uuid.UUID, cms: bytes, now: datetime.datetime, **more: Any) -> Any:
    """Both phases, one after the other."""
    return take(session_id, verify(session_id, cms, now).pk, now, **more)


def test_a_signature_is_not_verified_inside_a_command(olena: Key, now: datetime.datetime) -> None:
    """Responders are asked for seconds: no command waits for them with its locks held."""
    session = prepare(now)
    asked = {"session_id": session.pk, "cms": sign_cms(ORDER, *olena), "now": now}
    with pytest.raises(RuntimeError, match="never inside it"):
        in_a_command(actor=actors.system("test"), step=verify, kwargs=asked)
    assert not VerifiedSignature.objects.filter(session=session).exists()


def test_the_bytes_that_were_shown_are_kept_with_the_signature(
    olena: Key, now: datetime.datetime
) -> None:
    session = prepare(now)
    cms = sign_cms(ORDER, *olena, signing_time=now)

    signer = complete(session.pk, cms, now, user_id=7, rnokpp="7146711424", edrpou="39301337")

    kept = SigningSession.objects.get(pk=session.pk)
    assert signer.full_name == kept.signer_name == "Шкільна Олена Василівна"
    assert (kept.state, bytes(kept.content), bytes(kept.signature)) == ("SIGNED", ORDER, cms)
    assert bytes(kept.content_sha256) == hashlib.sha256(ORDER).digest()
    assert (kept.signer_rnokpp, kept.signer_edrpou) == ("7146711424", "39301337")
    assert kept.evidence["signers"][0]["chain"]
    assert kept.evidence["signers"][0]["revocation"]


def test_a_signature_of_other_bytes_changes_nothing(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)

    with pytest.raises(SignatureRefused) as refused:
        verify(session.pk, sign_cms(ORDER + b"!", *olena), now)

    assert refused.value.context["reason"] == "HASH_FAILURE"
    assert SigningSession.objects.get(pk=session.pk).state == "PREPARED"


@pytest.mark.parametrize("off", [datetime.timedelta(hours=4), datetime.timedelta(days=-2)])
def test_a_clock_that_is_off_is_told_with_both_times(
    olena: Key, now: datetime.datetime, off: datetime.timedelta
) -> None:
    session = prepare(now)

    with pytest.raises(SignatureRefused) as refused:
        verify(session.pk, sign_cms(ORDER, *olena, signing_time=now + off), now)

    showed, true = (f"{clock.local(one):%d.%m.%Y %H:%M}" for one in (now + off, now))
    assert str(refused.value.detail).startswith(
        f"Годинник вашого компʼютера показував {showed} за Києвом, а було {true}."
    )


def test_a_second_answer_is_refused(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)
    cms = sign_cms(ORDER, *olena)
    complete(session.pk, cms, now)

    with pytest.raises(AlreadySigned):
        complete(session.pk, cms, now)


def test_an_answer_too_late_is_refused(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)

    with pytest.raises(SigningExpired):
        complete(session.pk, sign_cms(ORDER, *olena), now + datetime.timedelta(hours=13))


def test_a_session_of_another_person_reads_as_absent(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)

    cms = sign_cms(ORDER, *olena)

    with pytest.raises(NotFound):
        verify(session.pk, cms, now, user_id=8)
    with pytest.raises(NotFound):
        complete(session.pk, cms, now, user_id=8)


@pytest.mark.parametrize(
    "expected", [{"rnokpp": "7146712113"}, {"edrpou": "02147345"}], ids=["person", "organisation"]
)
def test_a_good_signature_by_somebody_else_is_refused(
    olena: Key, now: datetime.datetime, expected: dict[str, str]
) -> None:
    session = prepare(now)

    with pytest.raises(WrongSigner):
        complete(session.pk, sign_cms(ORDER, *olena), now, **expected)
    assert SigningSession.objects.get(pk=session.pk).state == "PREPARED"


def test_a_revoked_key_signs_no_order(authority: Authority, now: datetime.datetime) -> None:
    key, certificate = issue_olena(authority)
    session = prepare(now)
    authority.revoke(certificate, now - datetime.timedelta(hours=1))

    with pytest.raises(SignatureRefused) as refused:
        verify(session.pk, sign_cms(ORDER, key, certificate), now)

    assert refused.value.context["reason"] == "REVOKED"


def test_what_was_signed_never_changes_not_even_by_sql(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)
    complete(session.pk, sign_cms(ORDER, *olena), now)

    rows = SigningSession.objects.filter(pk=session.pk)
    for change in (lambda: rows.update(signer_name="Хтось"), rows.delete):
        with pytest.raises(Error):
            change()


def test_what_was_shown_never_changes_before_signing_either(now: datetime.datetime) -> None:
    session = prepare(now)

    with pytest.raises(Error):
        SigningSession.objects.filter(pk=session.pk).update(content=b"another")


def test_a_document_that_nobody_could_look_up_by_its_code_is_not_prepared(
    now: datetime.datetime,
) -> None:
    whole = {
        "institution": {"name": "Ліцей № 1"},
        "title": "Наказ",
        "number": "17-з",
        "date": "2026-09-01",
    }

    def frozen(document: dict[str, Any]) -> SigningSession:
        package = build_package(document, [])
        return prepare(now, content=package.manifest, files=package.kept)

    assert frozen(whole).files.exists()
    for name in whole:
        with pytest.raises(BrokenPackage, match=name):
            frozen({key: value for key, value in whole.items() if key != name})


def test_a_step_outside_a_command_is_a_bug(now: datetime.datetime) -> None:
    with pytest.raises(RuntimeError):
        sessions.prepare(user_id=7, purpose="x", content=ORDER, now=now)


# ── verified first, taken later ──────────────────────────────────────────────
MINUTE = datetime.timedelta(minutes=1)


def test_verifying_takes_nothing_and_is_used_once(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)
    cms = sign_cms(ORDER, *olena)
    first, second = verify(session.pk, cms, now), verify(session.pk, cms, now)
    assert SigningSession.objects.get(pk=session.pk).state == "PREPARED"

    take(session.pk, first.pk, now + MINUTE)

    kept = SigningSession.objects.get(pk=session.pk)
    assert (kept.state, kept.signed_at, bytes(kept.signature)) == ("SIGNED", now + MINUTE, cms)
    for used in (first, second):
        with pytest.raises(AlreadySigned):
            take(session.pk, used.pk, now + MINUTE)
    assert VerifiedSignature.objects.get(pk=first.pk).used_at == now + MINUTE


def test_a_verification_of_another_session_is_not_taken(olena: Key, now: datetime.datetime) -> None:
    """Even where the bytes are the same: each session is shown and signed by itself."""
    shown, other = prepare(now), prepare(now)
    verified = verify(other.pk, sign_cms(ORDER, *olena), now)

    with pytest.raises(SignatureRefused):
        take(shown.pk, verified.pk, now)


@pytest.mark.parametrize("late", [6 * MINUTE, -6 * MINUTE])
def test_a_verification_is_good_for_minutes(
    olena: Key, now: datetime.datetime, late: datetime.timedelta
) -> None:
    session = prepare(now)
    verified = verify(session.pk, sign_cms(ORDER, *olena), now)

    with pytest.raises(SigningExpired):
        take(session.pk, verified.pk, now + late)
    take(session.pk, verified.pk, now + 4 * MINUTE)


def test_a_verification_is_of_the_bytes_it_saw(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)
    verified = verify(session.pk, sign_cms(ORDER, *olena), now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_session DISABLE TRIGGER USER")
        cursor.execute("UPDATE signatures_session SET content = 'another'")
        cursor.execute("ALTER TABLE signatures_session ENABLE TRIGGER USER")

    with pytest.raises(SignatureRefused):
        take(session.pk, verified.pk, now)


def test_what_was_verified_never_changes(olena: Key, now: datetime.datetime) -> None:
    verified = verify(prepare(now).pk, sign_cms(ORDER, *olena), now)

    with pytest.raises(Error):
        VerifiedSignature.objects.filter(pk=verified.pk).update(signer_rnokpp="7146712113")


def test_verifying_inside_a_command_is_a_bug(olena: Key, now: datetime.datetime) -> None:
    """It may ask responders for seconds, with the command's locks held."""
    session = prepare(now)
    cms = sign_cms(ORDER, *olena)

    with pytest.raises(RuntimeError):
        in_a_command(
            actor=actors.system("test"),
            step=verify,
            args=(session.pk, cms, now),
            kwargs={},
        )


def test_verifications_nobody_used_are_dropped(olena: Key, now: datetime.datetime) -> None:
    session = prepare(now)
    verify(session.pk, sign_cms(ORDER, *olena), now)

    sessions.close_expired(actor=actors.system("test"), now=now + datetime.timedelta(hours=13))

    assert not VerifiedSignature.objects.exists()


# ── whose word is whose ──────────────────────────────────────────────────────
def test_a_seal_of_the_organisation_is_no_signature_of_its_head(now, authority: Authority):
    """Nor is anything else that a server could set without the person."""
    key, seal = authority.issue_person(
        full_name="Ліцей № 3", organisation="Ліцей № 3", edrpou="00990012", at=now
    )
    session = prepare(now)
    with pytest.raises(WrongSigner):
        verify(session.pk, sign_cms(ORDER, key, seal, signing_time=now), now, rnokpp="1234567890")
    session.refresh_from_db()
    assert (session.state, session.signature) == ("PREPARED", None)


def test_the_servers_own_ticket_passes_for_nobodys_signature(now, rf):
    """What the server signs for workers is no CMS, and says first what it is."""
    request = rf.get("/")
    request.session = SessionStore()
    ticket = tickets.to_sign(
        request, ORDER, now=now, title="Наказ", person="1234567890", signer="Олена"
    ).ticket
    session = prepare(now)
    for part in (*ticket.split("."), ticket.replace(".", "")):
        with pytest.raises(SignatureRefused):
            verify(session.pk, base64.b64decode(part + "=" * (-len(part) % 4)), now)
