"""Signing with a cloud key: ask the person on their phone, wait, take the signature.

No step is a command: a service is asked for seconds, and nothing is locked meanwhile. Between the
steps the page carries a sealed note of what was asked; what activates the key never leaves the
server. The signature then goes the way of every other (`services.sessions.verify`).
"""

from __future__ import annotations

import datetime
import logging
import uuid
from dataclasses import dataclass
from typing import Any

from django.core import signing

from accounts.actors import Actor
from kernel import audit
from kernel.db import command
from kernel.errors import NotFound
from signatures import cloud
from signatures.errors import (
    CloudDeclined,
    CloudSilent,
    NoCloudKey,
    SigningExpired,
    TooManyQuestions,
)
from signatures.events import CloudKeyAsked
from signatures.models import SigningSession
from signatures.selectors import sessions as selector

log = logging.getLogger(__name__)

_SALT = "signatures.cloud"
WAITS = datetime.timedelta(minutes=5)
# A thief of a visit must not tire a person out with questions until one is confirmed.
QUESTIONS = 5
WINDOW = datetime.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person is asked: by whom, the code to compare on the phone, and the sealed note for
    the next step; or the signature, when nothing had to be asked."""

    service: str
    control: str
    note: str
    signature: bytes | None = None


def ask(
    *, actor: Actor, session_id: uuid.UUID, service: str, words: str, now: datetime.datetime
) -> Asked:
    """Ask the actor's cloud key to sign a session's bytes; the service asks the person.

    `words` tell the person what it is; the code that the page shows is added to them. Only keys
    whose certificate names the actor's own РНОКПП are asked, and at most a few times in a while.

    Raises:
        NotFound: no such session of this person, or no such service.
        NoCloudKey: the service holds no key of this person.
        CloudSilent, CloudDeclined: it does not answer, or says no.
        TooManyQuestions: asked too often.
    """
    session = _session(actor, session_id)
    one = cloud.services().get(service)
    if one is None or not actor.person_code:
        raise NotFound
    if selector.cloud_questions(actor, since=now - WINDOW) >= QUESTIONS:
        raise TooManyQuestions
    content = bytes(session.content)
    with _asking(one):
        client = cloud.Client(one)
        held = client.credentials(actor.person_code)
        mine = [
            each
            for each in held
            if each.certificate.info.rnokpp == actor.person_code
            and each.certificate.may_sign
            and each.certificate.not_before <= now <= each.certificate.not_after
        ]
        if not mine:
            raise NoCloudKey(
                f"У сервісі «{one.name}» немає чинного ключа на ваше імʼя. Оберіть інший спосіб "
                "підпису."
            )
        key = mine[0]
        digest = key.digest(content)
        control = control_code(digest)
        _note(actor=actor, session=session, service=one.code, serial=key.certificate.info.serial)
        activation, handle = client.authorize(key, digest, f"{words}. Код {control}")
        made = client.sign(key.id, key.algorithm, digest, activation) if activation else None
    asked = {
        "session": str(session_id),
        "user": actor.user_id,
        "service": one.code,
        "key": key.id,
        "algorithm": key.algorithm,
        "handle": handle,
    }
    note = signing.dumps(asked, salt=_SALT, compress=True)
    return Asked(one.name, control, note, made)


def answer(*, actor: Actor, session_id: uuid.UUID, note: str) -> Asked:
    """Whether the person has confirmed: the same question again, with the signature once they have.

    Raises:
        NotFound: no such session of this person, or a note of another question.
        SigningExpired: nobody confirmed in time.
        CloudSilent, CloudDeclined: the service does not answer, or the person declined.
    """
    session = _session(actor, session_id)
    try:
        asked: dict[str, Any] = signing.loads(note, salt=_SALT, max_age=WAITS)
    except signing.SignatureExpired as late:
        raise SigningExpired("Підпис не підтверджено вчасно. Почніть ще раз.") from late
    except signing.BadSignature as forged:
        raise NotFound from forged
    one = cloud.services().get(asked["service"])
    if one is None or (asked["session"], asked["user"]) != (str(session_id), actor.user_id):
        raise NotFound
    digest = cloud.hashes.digest(cloud.ALGORITHMS[asked["algorithm"]], bytes(session.content))
    with _asking(one):
        client = cloud.Client(one)
        activation, handle = client.confirmed(asked["handle"])
        if not activation and handle != asked["handle"]:  # each answer may bring another to ask by
            note = signing.dumps(asked | {"handle": handle}, salt=_SALT, compress=True)
        made = None
        if activation:
            made = client.sign(asked["key"], asked["algorithm"], digest, activation)
    return Asked(one.name, control_code(digest), note, made)


def control_code(digest: bytes) -> str:
    """What is compared on the phone and on the page: the beginning of what is confirmed."""
    text = digest[:4].hex().upper()
    return f"{text[:4]}-{text[4:]}"


def _session(actor: Actor, session_id: uuid.UUID) -> SigningSession:
    found = SigningSession.objects.filter(pk=session_id, user_id=actor.user_id or 0).first()
    if found is None:
        raise NotFound
    return found


class _asking:  # noqa: N801 - used as a function
    """Troubles of a service as refusals in a person's words; what exactly goes to the log."""

    def __init__(self, service: cloud.Service) -> None:
        self.service = service

    def __enter__(self) -> None:
        if audit.current_act() is not None:
            raise RuntimeError("a service is asked before a command, never with its locks held")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        name = self.service.name
        if isinstance(error, cloud.NoAnswer):
            log.warning("signatures: cloud service %s: %s", self.service.code, error)
            raise CloudSilent(
                f"Сервіс «{name}» зараз не відповідає. Спробуйте за кілька хвилин або оберіть "
                "інший спосіб підпису."
            ) from error
        if isinstance(error, cloud.Declined):
            log.warning("signatures: cloud service %s declined: %s", self.service.code, error)
            raise CloudDeclined(
                f"Сервіс «{name}» не підписав: підпис відхилено в застосунку або ключ заблоковано."
            ) from error


@command
def _note(*, actor: Actor, session: SigningSession, service: str, serial: str) -> None:
    """The journal keeps that a phone was asked, whatever comes of it."""
    audit.record(CloudKeyAsked(subject=session.pk, service=service, serial=serial))
