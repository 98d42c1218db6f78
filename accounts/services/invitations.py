"""Invitations: a letter with a single-use link; the row is the outbox, the token is never stored.

The token is derived from the server's key and the row, so that a job can write the letter later
and nothing but the letter ever holds it; the database keeps its SHA-256 alone.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import uuid

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import identifiers, policies
from accounts.actors import Actor
from accounts.errors import WrongState
from accounts.events import InvitationCreated, InvitationSent
from accounts.models import Grant, Invitation
from accounts.roles import GrantState, Role
from accounts.selectors import waves
from accounts.selectors.units import accepted_codes
from accounts.services.people import Person
from kernel import audit, clock
from kernel.db import command, part_of_command
from kernel.errors import Invalid
from kernel.text import uncapped
from kernel.vocative import addressed

LIFETIME = datetime.timedelta(days=7)
A_DAY = datetime.timedelta(days=1)


def token_of(invitation_id: int, created_at: datetime.datetime) -> str:
    """The secret of one invitation's link: 256 bits under the server's key."""
    message = f"accounts.invitation:{invitation_id}:{created_at.isoformat()}".encode()
    mac = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest_of(token: str) -> bytes:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode()).digest()


@part_of_command
def invite(grant: Grant, email: str) -> Invitation:
    """Open an invitation for an invited grant; the letter goes after commit."""
    now = audit.now()
    # The token needs the id, so the row is born with a digest that nothing can match.
    invitation = Invitation.objects.create(
        grant=grant,
        token_sha256=hashlib.sha256(uuid.uuid4().bytes).digest(),
        email=email,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    invitation.token_sha256 = digest_of(token_of(invitation.pk, now))
    invitation.save(update_fields=["token_sha256"])
    audit.record(
        InvitationCreated(
            subject=grant.uid, unit=grant.unit_id, invitation=invitation.pk, email=email
        )
    )
    return invitation


@part_of_command
def close_open(grant_id: int) -> int:
    """Withdraw whatever invitation of the grant is still open."""
    return Invitation.objects.filter(grant_id=grant_id, used_at=None, withdrawn_at=None).update(
        withdrawn_at=audit.now()
    )


@command
def resend(*, actor: Actor, grant: uuid.UUID, email: str = "") -> Invitation:
    """Invite again: a new link for seven days, the old one stops working.

    `email` corrects the address; empty keeps the last one.

    Raises:
        NotFound: no such grant within the actor's reach.
        GrantOnlyDownwards: another level looks after this grant.
        WrongState: the person has already come in.
        Invalid: not an e-mail address.
    """
    row = (
        Grant.objects.visible_to(actor)
        .select_related("unit", "user")
        .select_for_update(of=("self",), no_key=True)
        .find(uid=grant)
    )
    policies.manage.require(actor, row)
    if row.state != GrantState.INVITED:
        raise WrongState("Запрошення надсилають лише тим, хто ще не входив.")
    address = email.strip() or last_address(row)
    problems = [p for p in Person("", "", "", "", address).problems() if p.field == "email"]
    if problems:
        raise Invalid(problems)
    close_open(row.pk)
    return invite(row, address)


def last_address(grant: Grant) -> str:
    """Where the latest invitation of a grant went, or the person's own address."""
    last = grant.invitations.order_by("-id").first()
    return str(last.email if last else grant.user.email)


# The wave of a node is that of the nearest node above that one names (`selectors.waves`).
_DUE = """
    SELECT i.id FROM accounts_invitation i
    JOIN accounts_grant g ON g.id = i.grant_id JOIN accounts_orgunit u ON u.id = g.unit_id
    WHERE i.sent_at IS NULL AND i.used_at IS NULL AND i.withdrawn_at IS NULL
      AND coalesce((
          SELECT v.opens_on FROM accounts_waveunit w JOIN accounts_orgunit r ON r.id = w.unit_id
          JOIN accounts_wave v ON v.id = w.wave_id
          WHERE u.path LIKE r.path || '%%' ORDER BY r.depth DESC LIMIT 1
      ), %(today)s) <= %(today)s
    ORDER BY i.id LIMIT %(limit)s
"""


def due(*, today: datetime.date, limit: int = 100) -> list[int]:
    """Ids of open invitations whose letter has not gone out and whose wave, if any, has come; a
    portion."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"today": today, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


@command
def send(*, actor: Actor, invitation_id: int, site: str) -> bool:
    """Write the letter of one due invitation and mark it sent; False when it is no longer due.

    The row is locked while the mail server answers, so two workers never send it twice; if the
    server fails, nothing is marked and the next round tries again.
    """
    invitation = (
        Invitation.objects.select_related("grant__user", "grant__unit", "grant__given_by__user")
        .select_for_update(of=("self",), skip_locked=True)
        .filter(pk=invitation_id, sent_at=None, used_at=None, withdrawn_at=None)
        .first()
    )
    if invitation is None or waves.not_yet(invitation.grant.unit, audit.today()):
        return False
    if invitation.created_at < audit.now() - A_DAY:  # it waited for its wave
        invitation.expires_at = audit.now() + LIFETIME
    letter(invitation, site).send()
    invitation.sent_at = audit.now()
    invitation.save(update_fields=["sent_at", "expires_at"])
    audit.record(
        InvitationSent(
            subject=invitation.grant.uid,
            unit=invitation.grant.unit_id,
            invitation=invitation.pk,
        )
    )
    return True


def letter(invitation: Invitation, site: str) -> EmailMessage:
    """The letter itself, in Ukrainian; `site` is the address of the installation without a slash."""
    grant = invitation.grant
    token = token_of(invitation.pk, invitation.created_at)
    text = render_to_string(
        "accounts/mail/invitation.txt",
        {
            "grant": grant,
            "addressed": addressed(grant.user.given_name, grant.user.patronymic),
            "role": Role(grant.role).label,
            "inviter": grant.given_by.user.full_name if grant.given_by else "",
            "inviter_unit": grant.given_by.unit.name if grant.given_by else "",
            "edrpou": accepted_codes([grant.unit])[grant.unit_id],
            "person_code": identifiers.masked(grant.user.person_code),
            "url": site + reverse("invitation", args=[token]),
            "expires_at": clock.local(invitation.expires_at),
            "synthetic": settings.SYNTHETIC_DATA,
        },
    )
    return EmailMessage(
        subject=f"Запрошення до АІКОМ: {uncapped(Role(grant.role).label)}",
        body=text,
        to=[invitation.email],
    )
