"""Entering after one has proved who they are: one path for both ways in (handbook B.3, J.4).

Whoever signed a challenge and whoever id.gov.ua vouched for are found among the grants, turned
active by a fitting invitation, refused and written down alike.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import uuid
from collections.abc import Callable

from accounts import actors, errors, identifiers
from accounts.actors import Actor
from accounts.events import (
    ChallengeAnswered,
    NameDiffers,
    SignInRefused,
    SignInVerified,
    UserCreated,
    VisitOpened,
)
from accounts.models import (
    Challenge,
    Grant,
    NameMismatch,
    SignInAttempt,
    User,
    UserSession,
)
from accounts.ports import Identified
from accounts.roles import GrantState, Role, Way
from accounts.selectors import waves
from accounts.selectors.units import accepted_codes
from accounts.services import operators
from accounts.services.grants import activate
from kernel import audit, clock
from kernel.db import command, part_of_command, violation
from kernel.scoping import person_of

WINDOW = datetime.timedelta(minutes=10)
TRIES_OF_A_BROWSER = 10
# A whole school may sit behind one address.
TRIES_OF_AN_ADDRESS = 100
LONGEST_VISIT = datetime.timedelta(hours=12)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Visitor:
    """Whoever stands at the door. `browser` is the secret value of the browser's session."""

    browser: str
    site: str
    address: str | None = None
    device: str = ""
    as_operator: bool = False  # came by the operators' door


def browser_digest(browser: str) -> bytes:
    """What is kept and sealed of a browser's secret value."""
    return hashlib.sha256(browser.encode()).digest()


def enter(
    visitor: Visitor,
    prove: Callable[[Actor], Identified],
    *,
    way: str,
    at: datetime.datetime,
    new_session: Callable[[Identified], str],
) -> UserSession:
    """Let in whoever `prove` finds the visitor to be; it is asked only when there is no flood.

    `new_session` rotates the browser session and returns its new key; it is called only when the
    person is known. The visit's grant is None when the person must choose among several.

    Raises:
        TooManyAttempts: this browser or address tried too often.
        NoPersonCode: a seal, nobody's identity.
        UnreadPersonCode: without an organisation, and the person's code is none.
        NobodyHere, GrantSuspended, GrantInactive, InvitationExpired, NameDiffers: no grant to
            act under.
        SignInRefused: whatever else `prove` refuses.
    """
    door, who = actors.stranger(visitor.address), Identified(way=way)
    _slow_down(visitor, at)
    try:
        who = prove(door)
        return _let_in(visitor, who, at, new_session)
    except errors.SignInRefused as refusal:
        _note(actor=door, visitor=visitor, who=who, outcome=refusal.code, at=at)
        raise


def _slow_down(visitor: Visitor, at: datetime.datetime) -> None:
    recent = SignInAttempt.objects.filter(at__gt=at - WINDOW).exclude(outcome="ok")
    if recent.filter(
        browser_sha256=browser_digest(visitor.browser)
    ).count() >= TRIES_OF_A_BROWSER or (
        visitor.address is not None
        and recent.filter(address=visitor.address).count() >= TRIES_OF_AN_ADDRESS
    ):
        raise errors.TooManyAttempts


@command
def take(
    *,
    actor: Actor,
    challenge: uuid.UUID,
    lifetime: datetime.timedelta,
    used: type[errors.SignInRefused],
    at: datetime.datetime,
) -> None:
    """Mark a challenge answered, whatever the answer is worth; the second taker meets `used`."""
    with violation("accounts_challenge_pkey", used):
        Challenge.objects.create(id=challenge, answered_at=at, expires_at=at + lifetime)
    audit.record(ChallengeAnswered(subject=challenge))


def _let_in(
    visitor: Visitor,
    who: Identified,
    at: datetime.datetime,
    new_session: Callable[[Identified], str],
) -> UserSession:
    if not who.person_code:
        raise errors.NoPersonCode
    if who.edrpou == who.person_code:  # a sole trader's: the organisation is the person
        who = dataclasses.replace(who, edrpou="")
    if visitor.as_operator:
        operators.open_cabinet(actor=actors.stranger(visitor.address), who=who, at=at)
    elif not who.edrpou:
        person = actors.of_person(meet(actor=actors.stranger(visitor.address), who=who))
        session_key = new_session(who)
        return _open_visit(
            actor=person, visitor=visitor, who=who, session_key=session_key, at=at, as_parent=True
        )
    user = User.objects.filter(person_code=identifiers.bare(who.person_code)).first()
    if user is None:
        raise errors.NobodyHere(_whose(who))
    refusal = _settle(actor=actors.of_person(user), who=who, at=at)
    if refusal is not None:
        raise refusal
    return _open_visit(
        actor=actors.of_person(user),
        visitor=visitor,
        who=who,
        session_key=new_session(who),
        at=at,
    )


@command
def meet(*, actor: Actor, who: Identified) -> User:
    """The natural person of a certificate that names no organisation; known from now on. A name is
    the certificate's own, unless a grant rests on it: then whoever gave the grant decides.

    Raises:
        UnreadPersonCode: a code that is nobody's.
    """
    code = identifiers.bare(who.person_code)
    if identifiers.person_code_problem(code) is not None:
        raise errors.UnreadPersonCode
    surname, given_name, patronymic = identifiers.parts_of_name(who.full_name)
    named = {"surname": surname, "given_name": given_name, "patronymic": patronymic}
    user, made = User.objects.get_or_create(person_code=code, defaults=named)
    if made:
        audit.record(UserCreated(subject=user.pk))
    elif any(getattr(user, name) != value for name, value in named.items()) and not (
        user.grants.exists()
    ):
        for name, value in named.items():
            setattr(user, name, value)
        user.save(update_fields=list(named))
    audit.record(
        SignInVerified(subject=user.pk, way=who.way, certificate=who.certificate_serial, edrpou="")
    )
    return user


def _whose(who: Identified) -> str:
    return (
        f"{_source(who)}: {who.full_name or 'імʼя не вказано'}, "
        f"РНОКПП {identifiers.masked(who.person_code)}, ЄДРПОУ {who.edrpou}. "
        "Саме для цієї людини в саме цій організації повноважень немає."
    )


def _source(who: Identified) -> str:
    return "У сертифікаті" if who.way == Way.SIGNATURE else "Дані з id.gov.ua"


@command
def _settle(*, actor: Actor, who: Identified, at: datetime.datetime) -> errors.SignInRefused | None:
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
    here = _at(grants, who.edrpou)
    refusals: list[errors.SignInRefused] = []
    for grant in here:
        if grant.state != GrantState.INVITED:
            continue
        if refusal := _come_in(grant, who, at):
            refusals.append(refusal)
    audit.record(
        SignInVerified(
            subject=person_of(actor),
            way=who.way,
            certificate=who.certificate_serial,
            edrpou=who.edrpou,
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
    return errors.NobodyHere(_whose(who))


def _at(grants: list[Grant], edrpou: str) -> list[Grant]:
    """The grants at acting nodes that this organisation's certificates open."""
    codes = accepted_codes([grant.unit for grant in grants])
    return [
        g
        for g in grants
        if g.unit.is_active
        and codes[g.unit_id] == edrpou
        # A certificate that names no organisation opens a sole trader's own cabinet alone.
        and (edrpou or g.role == Role.OPERATOR)
    ]


@part_of_command
def _come_in(grant: Grant, who: Identified, at: datetime.datetime) -> errors.SignInRefused | None:
    if not identifiers.names_agree(grant.user.full_name, who.full_name):
        _, created = NameMismatch.objects.update_or_create(
            grant=grant,
            resolved_at=None,
            defaults={"certificate_name": who.full_name, "at": at},
        )
        if created:
            audit.record(
                NameDiffers(subject=grant.uid, unit=grant.unit_id, certificate_name=who.full_name)
            )
        return errors.NameDiffers(
            f"{_source(who)}: {who.full_name}. У запрошенні: {grant.user.full_name}."
        )
    if wave := waves.not_yet(grant.unit, clock.day_of(at)):
        return errors.WaveNotOpen(
            f"«{grant.unit.name}» входить із {wave.opens_on:%d.%m.%Y} (хвиля «{wave.name}»)."
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
    visitor: Visitor,
    who: Identified,
    session_key: str,
    at: datetime.datetime,
    as_parent: bool = False,
) -> UserSession:
    """Open the visit of a person already let in; refuses nothing."""
    choices = [] if as_parent else active_grants(actor, who.edrpou)
    visit = UserSession.objects.create(
        user_id=person_of(actor),
        grant=choices[0] if len(choices) == 1 else None,
        as_parent=as_parent,
        session_key_sha256=hashlib.sha256(session_key.encode()).digest(),
        certificate_sha256=who.certificate_sha256,
        certificate_serial=who.certificate_serial,
        certificate_not_after=who.certificate_not_after or at + LONGEST_VISIT,
        way=who.way,
        edrpou=who.edrpou,
        address=visitor.address,
        device=visitor.device,
        started_at=at,
    )
    SignInAttempt.objects.create(
        at=at,
        address=visitor.address,
        browser_sha256=browser_digest(visitor.browser),
        outcome="ok",
        certificate_serial=who.certificate_serial,
    )
    audit.record(
        VisitOpened(
            subject=person_of(actor),
            unit=visit.grant.unit_id if visit.grant else None,
            way=who.way,
            certificate=who.certificate_serial,
            edrpou=who.edrpou,
            address=visitor.address,
            evidence=who.evidence or None,
        )
    )
    return visit


@command
def _note(
    *, actor: Actor, visitor: Visitor, who: Identified, outcome: str, at: datetime.datetime
) -> None:
    """Keep a refused attempt: it counts towards the limit and shows in the journal of acts."""
    attempt = SignInAttempt.objects.create(
        at=at,
        address=visitor.address,
        browser_sha256=browser_digest(visitor.browser),
        outcome=outcome,
        certificate_serial=who.certificate_serial,
    )
    audit.record(
        SignInRefused(
            subject=attempt.pk,
            outcome=outcome,
            way=who.way,
            address=visitor.address,
            certificate=who.certificate_serial,
        )
    )


def active_grants(actor: Actor, edrpou: str) -> list[Grant]:
    """The person's grants that a certificate of this organisation opens, lowest id first; a
    certificate that names none opens a sole trader's cabinet of an operator alone."""
    rows = list(
        Grant.objects.filter(user_id=person_of(actor), state=GrantState.ACTIVE)
        .select_related("unit", "user")
        .order_by("id")
    )
    return _at(rows, edrpou)
