"""Sign-in by qualified signature (постанова 1255 п.16; handbook B.3, J.5).

A challenge is sealed by the server and carried by the page, so showing the page writes nothing.
An answer is taken once: its id is the primary key of a row, so of two at once the database lets
one in. The signature is verified outside any transaction; then one command finds the person,
turns a fitting invitation active and opens the visit.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import secrets
import uuid
from collections.abc import Callable

from django.core import signing

from accounts import actors, errors, identifiers, ports
from accounts.actors import Actor
from accounts.models import (
    Challenge,
    Grant,
    NameMismatch,
    SignInAttempt,
    User,
    UserSession,
)
from accounts.ports import SignedBy
from accounts.roles import GrantState
from accounts.selectors.units import accepted_codes
from accounts.services.grants import activate
from kernel import audit
from kernel.actor import person_of
from kernel.db import command, part_of_command, violation
from kernel.errors import NotFound

LIFETIME = datetime.timedelta(minutes=5)
WINDOW = datetime.timedelta(minutes=10)
TRIES_OF_A_BROWSER = 10
# A whole school may sit behind one address.
TRIES_OF_AN_ADDRESS = 100
MAX_SIGNATURE = 64 * 1024
_SALT = "accounts.sign_in.challenge"


@dataclasses.dataclass(frozen=True)
class Asked:
    """A challenge as the page needs it: the sealed token to post back and the bytes to sign."""

    token: str
    content: bytes


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the browser sent, and where from. `browser` is the secret value of its session."""

    token: str
    signature: bytes
    browser: str
    site: str
    address: str | None = None
    device: str = ""


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
        "browser": _browser_digest(browser).hex(),
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


def _browser_digest(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()


# ── answering ────────────────────────────────────────────────────────────────
def sign_in(
    answer: Answer, *, at: datetime.datetime, new_session: Callable[[], str]
) -> UserSession:
    """Judge an answer and open a visit. `new_session` rotates the browser session and returns its
    new key; it is called only when the person is known.

    The visit's grant is None when the person must choose among several.

    Raises:
        TooManyAttempts: this browser or address tried too often.
        ChallengeMissing, ChallengeForeign, ChallengeExpired, ChallengeUsed: not an answer to what
            was asked here and now.
        SignatureRejected, VerificationUnavailable: the verifier's verdict.
        NoPersonCode, NoOrganisationCode: the certificate is not of an employee.
        NobodyHere, GrantSuspended, GrantInactive, InvitationExpired, NameDiffers: no grant to
            act under.
    """
    door = actors.stranger(answer.address)
    _slow_down(answer, at)
    signed = SignedBy(valid=False)
    try:
        fields = _unseal(answer, at)
        _take(actor=door, challenge=uuid.UUID(hex=str(fields["id"])), at=at)
        signed = _verify(answer, fields, at)
        return _enter(answer, signed, at, new_session)
    except errors.SignInRefused as refusal:
        _note(actor=door, answer=answer, signed=signed, outcome=refusal.code, at=at)
        raise


def _slow_down(answer: Answer, at: datetime.datetime) -> None:
    recent = SignInAttempt.objects.filter(at__gt=at - WINDOW).exclude(outcome="ok")
    if recent.filter(
        browser_sha256=_browser_digest(answer.browser)
    ).count() >= TRIES_OF_A_BROWSER or (
        answer.address is not None
        and recent.filter(address=answer.address).count() >= TRIES_OF_AN_ADDRESS
    ):
        raise errors.TooManyAttempts


def _unseal(answer: Answer, at: datetime.datetime) -> dict[str, str | int]:
    if not answer.browser:
        raise errors.ChallengeForeign
    try:
        fields: dict[str, str | int] = signing.loads(answer.token, salt=_SALT)
    except signing.BadSignature:
        raise errors.ChallengeMissing from None
    if fields["browser"] != _browser_digest(answer.browser).hex() or fields["site"] != answer.site:
        raise errors.ChallengeForeign
    asked_at = datetime.datetime.fromtimestamp(int(fields["at"]), datetime.UTC)
    if not asked_at - datetime.timedelta(seconds=1) <= at <= asked_at + LIFETIME:
        raise errors.ChallengeExpired
    return fields


@command
def _take(*, actor: Actor, challenge: uuid.UUID, at: datetime.datetime) -> None:
    """Mark a challenge answered, whatever the answer is worth; the second taker is refused."""
    with violation("accounts_challenge_pkey", errors.ChallengeUsed):
        Challenge.objects.create(id=challenge, answered_at=at, expires_at=at + LIFETIME)
    audit.record(audit.Event("accounts.sign_in.answered", "accounts.challenge", str(challenge)))


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
    if not signed.person_code:
        raise errors.NoPersonCode
    if not signed.edrpou:
        raise errors.NoOrganisationCode
    return signed


def _enter(
    answer: Answer, signed: SignedBy, at: datetime.datetime, new_session: Callable[[], str]
) -> UserSession:
    user = User.objects.filter(person_code=identifiers.bare(signed.person_code)).first()
    if user is None:
        raise errors.NobodyHere(_whose(signed))
    refusal = _settle(actor=actors.of_person(user), signed=signed, at=at)
    if refusal is not None:
        raise refusal
    return _open_visit(
        actor=actors.of_person(user),
        answer=answer,
        signed=signed,
        session_key=new_session(),
        at=at,
    )


def _whose(signed: SignedBy) -> str:
    return (
        f"У сертифікаті: {signed.full_name or 'імʼя не вказано'}, "
        f"РНОКПП {identifiers.masked(signed.person_code)}, ЄДРПОУ {signed.edrpou}. "
        "Саме для цієї людини в саме цій організації повноважень немає."
    )


@command
def _settle(
    *, actor: Actor, signed: SignedBy, at: datetime.datetime
) -> errors.SignInRefused | None:
    """Turn fitting invitations active; return why nobody may enter, or None.

    A refusal is returned, not raised: a name that differs is kept for whoever sent the
    invitation.
    """
    grants = list(
        Grant.objects.filter(user_id=person_of(actor))
        .select_related("unit", "user")
        .select_for_update(of=("self",), no_key=True)
        .order_by("id")
    )
    here = _at(grants, signed.edrpou)
    refusals: list[errors.SignInRefused] = []
    for grant in here:
        if grant.state != GrantState.INVITED:
            continue
        if refusal := _come_in(grant, signed, at):
            refusals.append(refusal)
    audit.record(
        audit.Event(
            "accounts.sign_in.verified",
            "accounts.user",
            str(actor.user_id),
            {"certificate": signed.certificate_serial, "edrpou": signed.edrpou},
        )
    )
    if any(grant.state == GrantState.ACTIVE for grant in here):
        return None
    if refusals:
        return refusals[0]
    states = {grant.state for grant in here}
    if GrantState.SUSPENDED in states:
        return errors.GrantSuspended()
    if GrantState.INACTIVE in states:
        last = max((g for g in here if g.ended_at), key=lambda g: g.ended_at, default=None)  # type: ignore[arg-type, return-value]
        return errors.GrantInactive(f"Підстава: {last.ended_reason}." if last else None)
    return errors.NobodyHere(_whose(signed))


def _at(grants: list[Grant], edrpou: str) -> list[Grant]:
    """The grants at acting nodes that this organisation's certificates open."""
    codes = accepted_codes([grant.unit for grant in grants])
    return [g for g in grants if g.unit.is_active and codes[g.unit_id] == edrpou]


@part_of_command
def _come_in(grant: Grant, signed: SignedBy, at: datetime.datetime) -> errors.SignInRefused | None:
    if not identifiers.names_agree(grant.user.full_name, signed.full_name):
        _, created = NameMismatch.objects.update_or_create(
            grant=grant,
            resolved_at=None,
            defaults={"certificate_name": signed.full_name, "at": at},
        )
        if created:
            audit.record(
                audit.Event(
                    "accounts.grant.name_differs",
                    "accounts.grant",
                    str(grant.uid),
                    {"certificate_name": signed.full_name},
                    unit_id=grant.unit_id,
                )
            )
        return errors.NameDiffers(
            f"У сертифікаті: {signed.full_name}. У запрошенні: {grant.user.full_name}."
        )
    invitation = grant.invitations.filter(used_at=None, withdrawn_at=None).first()
    if invitation is None or invitation.expires_at < at:
        return errors.InvitationExpired()
    activate(grant)
    return None


@command
def _open_visit(
    *,
    actor: Actor,
    answer: Answer,
    signed: SignedBy,
    session_key: str,
    at: datetime.datetime,
) -> UserSession:
    """Open the visit of a person already let in; refuses nothing."""
    choices = active_grants(actor, signed.edrpou)
    visit = UserSession.objects.create(
        user_id=person_of(actor),
        grant=choices[0] if len(choices) == 1 else None,
        session_key_sha256=hashlib.sha256(session_key.encode()).digest(),
        certificate_sha256=signed.certificate_sha256,
        certificate_serial=signed.certificate_serial,
        certificate_not_after=signed.certificate_not_after or at + datetime.timedelta(hours=12),
        edrpou=signed.edrpou,
        address=answer.address,
        device=answer.device,
        started_at=at,
    )
    SignInAttempt.objects.create(
        at=at,
        address=answer.address,
        browser_sha256=_browser_digest(answer.browser),
        outcome="ok",
        certificate_serial=signed.certificate_serial,
    )
    audit.record(
        audit.Event(
            "accounts.visit.opened",
            "accounts.user",
            str(actor.user_id),
            {
                "certificate": signed.certificate_serial,
                "edrpou": signed.edrpou,
                "address": answer.address,
            },
            unit_id=visit.grant.unit_id if visit.grant else None,
        )
    )
    return visit


@command
def _note(
    *, actor: Actor, answer: Answer, signed: SignedBy, outcome: str, at: datetime.datetime
) -> None:
    """Keep a refused attempt: it counts towards the limit and shows in the journal of acts."""
    SignInAttempt.objects.create(
        at=at,
        address=answer.address,
        browser_sha256=_browser_digest(answer.browser),
        outcome=outcome,
        certificate_serial=signed.certificate_serial,
    )
    audit.record(
        audit.Event(
            "accounts.sign_in.refused",
            "accounts.sign_in",
            outcome,
            {"address": answer.address, "certificate": signed.certificate_serial},
        )
    )


# ── the visit ────────────────────────────────────────────────────────────────
def active_grants(actor: Actor, edrpou: str) -> list[Grant]:
    """The person's grants that a certificate of this organisation opens, lowest id first."""
    rows = list(
        Grant.objects.filter(user_id=person_of(actor), state=GrantState.ACTIVE)
        .select_related("unit", "user")
        .order_by("id")
    )
    return _at(rows, edrpou)


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
    chosen = next((g for g in active_grants(actor, visit.edrpou) if g.uid == grant), None)
    if chosen is None:
        raise NotFound
    visit.grant = chosen
    visit.save(update_fields=["grant"])
    audit.record(
        audit.Event(
            "accounts.visit.grant_chosen",
            "accounts.user",
            str(actor.user_id),
            {"grant": str(chosen.uid)},
            unit_id=chosen.unit_id,
        )
    )
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
    audit.record(
        audit.Event(
            "accounts.visit.ended",
            "accounts.user",
            str(actor.user_id),
            {"reason": reason, "count": ended},
        )
    )
    return ended


@command
def forget_old(*, actor: Actor, at: datetime.datetime) -> int:
    """Drop answered challenges and attempts nobody needs any more (daily job)."""
    gone, _ = Challenge.objects.filter(expires_at__lt=at - LIFETIME).delete()
    old, _ = SignInAttempt.objects.filter(at__lt=at - datetime.timedelta(days=90)).delete()
    audit.record(
        audit.Event("accounts.sign_in.forgotten", "accounts.sign_in", "old", {"rows": gone + old})
    )
    return gone + old
