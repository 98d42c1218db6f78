"""Sign-in by qualified signature (постанова 1255 п.16; handbook B.3, J.5).

A challenge is sealed by the server and carried by the page, so showing the page writes nothing.
An answer is taken once: its id is the primary key of a row, so of two at once the database lets
one in. The signature is verified outside any transaction; the rest is `entering`.
"""

from __future__ import annotations

import dataclasses
import datetime
import secrets
import uuid
from collections.abc import Callable

from django.core import signing

from accounts import errors, ports
from accounts.actors import Actor
from accounts.events import AttemptsForgotten, GrantChosen, VisitsEnded, WindowChosen
from accounts.models import Challenge, SignInAttempt, UserSession
from accounts.ports import SignedBy
from accounts.roles import Way
from accounts.services import entering
from kernel import audit
from kernel.db import command
from kernel.errors import NotFound
from kernel.scoping import person_of

LIFETIME = datetime.timedelta(minutes=5)
MAX_SIGNATURE = 64 * 1024
_SALT = "accounts.sign_in.challenge"


@dataclasses.dataclass(frozen=True)
class Asked:
    """A challenge as the page needs it: the sealed token to post back and the bytes to sign."""

    token: str
    content: bytes


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer(entering.Visitor):
    """A signed challenge, as the page posted it."""

    token: str
    signature: bytes


# ── asking ───────────────────────────────────────────────────────────────────
def new_browser_secret() -> str:
    """The value that ties challenges to one browser session."""
    return secrets.token_urlsafe(24)


def ask(*, site: str, browser: str, at: datetime.datetime) -> Asked:
    """Make a challenge for one browser at one moment; writes nothing."""
    fields: dict[str, str | int] = {
        "id": uuid.uuid4().hex,
        "at": int(at.timestamp()),
        "code": secrets.token_hex(16),
        "site": site,
        "browser": entering.browser_digest(browser).hex(),
    }
    return Asked(signing.dumps(fields, salt=_SALT), content_of(fields))


def content_of(fields: dict[str, str | int]) -> bytes:
    """The exact bytes to sign: a person can read what they agree to."""
    moment = datetime.datetime.fromtimestamp(int(fields["at"]), datetime.UTC)
    return (
        "Вхід до АІКОМ\n"
        f"Адреса: {fields['site']}\n"
        f"Час: {moment:%Y-%m-%dT%H:%M:%SZ}\n"
        f"Одноразовий код: {fields['code']}\n"
        "Цей підпис діє лише для входу, один раз і протягом пʼяти хвилин.\n"
    ).encode()


# ── answering ────────────────────────────────────────────────────────────────
def sign_in(
    answer: Answer, *, at: datetime.datetime, new_session: Callable[[], str]
) -> UserSession:
    """Judge an answer and open a visit (see `entering.enter`).

    Raises:
        ChallengeMissing, ChallengeForeign, ChallengeExpired, ChallengeUsed: not an answer to what
            was asked here and now.
        SignatureRejected, VerificationUnavailable: the verifier's verdict.
        SignInRefused: whatever entering refuses.
    """

    def prove(door: Actor) -> SignedBy:
        fields = _unseal(answer, at)
        entering.take(
            actor=door,
            challenge=uuid.UUID(hex=str(fields["id"])),
            lifetime=LIFETIME,
            used=errors.ChallengeUsed,
            at=at,
        )
        return _verify(answer, fields, at)

    return entering.enter(
        answer, prove, way=Way.SIGNATURE, at=at, new_session=lambda who: new_session()
    )


def _unseal(answer: Answer, at: datetime.datetime) -> dict[str, str | int]:
    if not answer.browser:
        raise errors.ChallengeForeign
    try:
        fields: dict[str, str | int] = signing.loads(answer.token, salt=_SALT)
    except signing.BadSignature:
        raise errors.ChallengeMissing from None
    if (
        fields["browser"] != entering.browser_digest(answer.browser).hex()
        or fields["site"] != answer.site
    ):
        raise errors.ChallengeForeign
    asked_at = datetime.datetime.fromtimestamp(int(fields["at"]), datetime.UTC)
    if not asked_at - datetime.timedelta(seconds=1) <= at <= asked_at + LIFETIME:
        raise errors.ChallengeExpired
    return fields


def _verify(answer: Answer, fields: dict[str, str | int], at: datetime.datetime) -> SignedBy:
    if not answer.signature or len(answer.signature) > MAX_SIGNATURE:
        raise errors.SignatureRejected(
            "Підпис не надійшов. Відкрийте ключ на цій сторінці й натисніть «Увійти до кабінету»."
        )
    signed = ports.verify_sign_in(content_of(fields), answer.signature, at=at)
    if not signed.valid:
        if signed.try_later:
            raise errors.VerificationUnavailable(signed.explanation or None)
        raise errors.SignatureRejected(signed.explanation or None, reason=signed.reason)
    return signed


# ── the visit ────────────────────────────────────────────────────────────────
@command
def choose_grant(*, actor: Actor, visit_id: int, grant: uuid.UUID) -> UserSession:
    """Act under another grant of the same certificate's organisation, without a new signature.

    Raises:
        NotFound: the visit is over, or the grant is not among the choices.
    """
    visit = (
        UserSession.objects.select_for_update(no_key=True)
        .filter(pk=visit_id, user_id=person_of(actor), ended_at=None)
        .first()
    )
    if visit is None:
        raise NotFound
    chosen = next((g for g in entering.active_grants(actor, visit.edrpou) if g.uid == grant), None)
    if chosen is None:
        raise NotFound
    visit.grant, visit.as_parent = chosen, False
    visit.save(update_fields=["grant", "as_parent"])
    audit.record(GrantChosen(subject=person_of(actor), unit=chosen.unit_id, grant=chosen.uid))
    return visit


@command
def choose_window(*, actor: Actor, visit_id: int) -> UserSession:
    """Act for one's own children, and under no grant: anybody whose identity was proved may.

    Raises:
        NotFound: the visit is over.
    """
    visit = (
        UserSession.objects.select_for_update(no_key=True)
        .filter(pk=visit_id, user_id=person_of(actor), ended_at=None)
        .first()
    )
    if visit is None:
        raise NotFound
    visit.grant, visit.as_parent = None, True
    visit.save(update_fields=["grant", "as_parent"])
    audit.record(WindowChosen(subject=person_of(actor)))
    return visit


@command
def end_visits(
    *,
    actor: Actor,
    reason: str,
    at: datetime.datetime,
    only: uuid.UUID | None = None,
    but: int | None = None,
) -> int:
    """End the person's own visits: one (`only`), or all but one (`but`); how many ended.

    Raises:
        NotFound: no such open visit of this person.
    """
    mine = UserSession.objects.filter(user_id=person_of(actor), ended_at=None)
    if only is not None:
        mine = mine.filter(uid=only)
    if but is not None:
        mine = mine.exclude(pk=but)
    ended = mine.update(ended_at=at, ended_reason=reason)
    if only is not None and not ended:
        raise NotFound
    audit.record(VisitsEnded(subject=person_of(actor), only=only, count=ended))
    return ended


@command
def forget_old(*, actor: Actor, at: datetime.datetime) -> int:
    """Drop answered challenges and attempts nobody needs any more (daily job)."""
    gone, _ = Challenge.objects.filter(expires_at__lt=at - LIFETIME).delete()
    old, _ = SignInAttempt.objects.filter(at__lt=at - datetime.timedelta(days=90)).delete()
    audit.record(AttemptsForgotten(rows=gone + old))
    return gone + old
