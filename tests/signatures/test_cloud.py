"""Cloud keys by the API of the Cloud Signature Consortium, against a double on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.utils import timezone

from kernel.audit.models import EventRow
from kernel.db import command
from kernel.errors import NotFound
from signatures import cloud as protocol
from signatures.demo.cloud import CloudKeys
from signatures.demo.signing import sign_cms
from signatures.errors import (
    CloudDeclined,
    CloudSilent,
    NoCloudKey,
    SignatureRefused,
    SigningExpired,
    TooManyQuestions,
)
from signatures.services import cloud, sessions
from tests.kit import acts
from tests.registry.kit import key_of

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = "Наказ № 1-з про зарахування".encode()


def configured(settings: Any, folder: Path, service: CloudKeys, **more: str) -> None:
    """The installation knows this service."""
    told = {
        "code": "demo",
        "name": "Хмара",
        "address": service.address,
        "client_id": "aikom",
        "client_secret": "demo",
    } | more
    write(settings, folder, told)


def write(settings: Any, folder: Path, told: dict[str, str]) -> None:
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    path = folder / f"cloud{len(list(folder.iterdir()))}.toml"
    path.write_text("[[service]]\n" + "\n".join(lines) + "\n")
    settings.SIGNATURES_CLOUD = str(path)


@pytest.fixture
def olena(world: Any) -> Any:
    return world.actor("olena")


@pytest.fixture
def service(olena: Any, settings: Any, tmp_path: Path) -> Iterator[CloudKeys]:
    service = CloudKeys({olena.person_code: key_of("olena", at=timezone.now())})
    configured(settings, tmp_path, service)
    yield service
    service.close()


@command
def _prepared(*, actor: Any) -> Any:
    acts.noted()
    return sessions.prepare(
        user_id=actor.user_id, purpose="registry.order", content=ORDER, now=timezone.now()
    )


@pytest.fixture
def session(olena: Any) -> Any:
    return _prepared(actor=olena)


def ask(actor: Any, session: Any, **more: Any) -> cloud.Asked:
    fields = {"service": "demo", "words": "Наказ № 1-з", "now": timezone.now()} | more
    return cloud.ask(actor=actor, session_id=session.pk, **fields)


def answer(actor: Any, session: Any, note: str) -> cloud.Asked:
    return cloud.answer(actor=actor, session_id=session.pk, note=note)


def test_a_person_confirms_on_the_phone_and_the_signature_holds(olena, session, service):
    asked = ask(olena, session)
    assert asked.signature is None
    assert answer(olena, session, asked.note).signature is None  # not yet

    question = service.say(confirmed=True)
    assert question.words == f"Наказ № 1-з. Код {asked.control}"
    made = answer(olena, session, asked.note)
    assert made.signature is not None
    assert made.control == asked.control
    verified = sessions.verify(
        session.pk, made.signature, actor=olena, now=timezone.now(), rnokpp=olena.person_code
    )
    assert verified.signer_rnokpp == olena.person_code
    assert question.activation not in asked.note  # what opens the key never reaches the page


def test_the_journal_keeps_that_a_phone_was_asked(olena, session, service):
    ask(olena, session)
    row = EventRow.objects.get(code="signatures.cloud.asked")
    assert (row.subject_id, row.payload["service"]) == (str(session.pk), "demo")


def test_only_a_key_of_the_very_person_is_asked(olena, session, service):
    service.keys[olena.person_code] = key_of("petro", at=timezone.now())
    with pytest.raises(NoCloudKey):
        ask(olena, session)
    assert "credentials/authorize" not in service.asked


def test_what_the_person_declines_is_not_signed(olena, session, service):
    asked = ask(olena, session)
    service.say(confirmed=False)
    with pytest.raises(CloudDeclined, match="Хмара"):
        answer(olena, session, asked.note)


def test_a_service_that_lies_gives_nothing_that_is_believed(olena, session, service):
    other = sign_cms(b"other", *key_of("olena", at=timezone.now()))
    with pytest.raises(SignatureRefused):
        sessions.verify(session.pk, other, actor=olena, now=timezone.now())


@pytest.mark.parametrize(
    "said",
    [
        {"credentials/list": {"credentialInfos": "none"}},
        {"credentials/list": {"credentialInfos": [{}, 7, {"key": {"status": "enabled"}}]}},
        {"credentials/authorize": {}},
        {"credentials/authorize": {"SAD": 7}},
        {"credentials/authorize": {"SAD": "x"}, "signatures/signDoc": {"SignatureObject": ["?"]}},
        {"credentials/authorize": {"SAD": "x"}, "signatures/signDoc": {}},
    ],
)
def test_answers_that_make_no_sense_are_no_answers(olena, session, service, monkeypatch, said):
    honest = service.answer

    def lying(path: str, authorization: Any, body: bytes) -> Any:
        told = said.get(path.removeprefix("/csc/v2/"))
        return honest(path, authorization, body) if told is None else (200, told)

    monkeypatch.setattr(service, "answer", lying)
    with pytest.raises((CloudSilent, NoCloudKey)):
        ask(olena, session)


def test_a_silent_service_and_a_wrong_secret_are_told(olena, session, service, settings, tmp_path):
    configured(settings, tmp_path, service, client_secret="wrong")
    with pytest.raises(CloudDeclined):
        ask(olena, session)
    configured(settings, tmp_path, service, address="http://127.0.0.1:1/csc/v2/")
    with pytest.raises(CloudSilent):
        ask(olena, session)


def test_a_phone_is_not_asked_without_end(olena, session, service):
    """A thief of a visit may not tire the person out until they confirm."""
    for _ in range(cloud.QUESTIONS):
        ask(olena, session)
    with pytest.raises(TooManyQuestions):
        ask(olena, session)
    with pytest.raises(TooManyQuestions):
        ask(olena, _prepared(actor=olena))  # another document is no way around
    later = timezone.now() + cloud.WINDOW
    assert ask(olena, session, now=later).control


def test_a_note_serves_its_own_question_alone(olena, session, service, world):
    asked = ask(olena, session)
    service.say(confirmed=True)
    with pytest.raises(NotFound):
        answer(olena, _prepared(actor=olena), asked.note)
    with pytest.raises(NotFound):
        answer(world.actor("petro"), session, asked.note)
    with pytest.raises(NotFound):
        answer(olena, session, asked.note[:-2] + "xx")


def test_what_nobody_confirms_in_time_is_over(olena, session, service, monkeypatch):
    asked = ask(olena, session)
    monkeypatch.setattr(cloud, "WAITS", cloud.WAITS * -1)
    with pytest.raises(SigningExpired):
        answer(olena, session, asked.note)


def test_no_service_is_asked_with_locks_held(olena, session, service):
    @command
    def inside(*, actor: Any) -> None:
        acts.noted()
        ask(actor, session)

    with pytest.raises(RuntimeError, match="never with its locks held"):
        inside(actor=olena)


# ── configuration ────────────────────────────────────────────────────────────
def test_nobody_but_the_configured_service_is_spoken_to(service):
    (one,) = protocol.services().values()
    http = protocol.Client(one).http
    assert http.allowed(service.address)
    assert not http.allowed("http://127.0.0.1:1/")
    assert not http.allowed("http://169.254.169.254/latest/")


WHOLE = {
    "code": "x",
    "name": "X",
    "address": "https://cloud.example/csc/v2/",
    "client_id": "a",
    "client_secret": "b",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"address": "http://cloud.example/csc/v2/"}, "https"),
        ({"token": "file:///etc/passwd"}, "https"),
        ({"address": "https://cloud.example/csc/v2"}, "ends with /"),
        ({"secret": "b"}, "no such word"),
        ({"code": None}, "is not set"),
    ],
)
def test_half_a_configuration_is_told_at_start(settings, tmp_path, change, said):
    told = {name: value for name, value in (WHOLE | change).items() if value is not None}
    write(settings, tmp_path, told)
    assert [said in one.msg for one in checks.run_checks() if one.id == "signatures.E003"] == [True]


def test_a_file_that_is_not_there_is_told_at_start(settings, tmp_path):
    settings.SIGNATURES_CLOUD = str(tmp_path / "none.toml")
    assert "signatures.E003" in {one.id for one in checks.run_checks()}


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("http://127.0.0.1:8081", True),
        ("https://localhost:8083", True),
        ("https://agent.example:8083", False),
        ("http://127.0.0.1:8081/json-rpc", False),
        ("127.0.0.1:8081", False),
        ("http://127.0.0.1:8081;", False),
        ("*", False),
    ],
)
def test_agents_live_on_the_persons_own_computer(settings, address, good):
    """An address elsewhere would send the document, and the policy of the page, there."""
    settings.SIGNATURES_AGENTS = [address]
    found = {one.id for one in checks.run_checks()}
    assert ("signatures.E002" not in found) is good
