"""Letters to people in the parents' window: an address is theirs once they opened the link sent there.

The token of the link is derived from the server's key, as invitations' is: nothing but the letter holds
it. Letters tell that something waits, and never of whom.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.actors import Actor
from accounts.errors import MailLinkSpent, OnlyParents
from accounts.events import MailAsked, MailChosen, MailConfirmed, MailLinkSent
from accounts.models import PersonMail
from accounts.roles import PARENT
from kernel import audit, clock, turns
from kernel.clock import Moment
from kernel.db import command, part_of_command
from kernel.errors import Invalid, NotAllowed, Problem
from kernel.scoping import person_of

LIFETIME = datetime.timedelta(days=1)
A_DAY = 5  # letters with a link to one person: no way to flood a stranger's box


def token_of(person_id: int, address: str, asked_at: datetime.datetime) -> str:
    """The secret of one link: 256 bits under the server's key."""
    message = f"accounts.mail:{person_id}:{address}:{asked_at.isoformat()}".encode()
    mac = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@part_of_command
def _own(actor: Actor) -> PersonMail:
    """The row of whoever stands in the window, held."""
    if actor.role != PARENT:
        raise OnlyParents
    person = person_of(actor)
    PersonMail.objects.get_or_create(person_id=person)
    return PersonMail.objects.select_for_update(no_key=True).get(person_id=person)


@command
def leave_address(*, actor: Actor, address: str, moment: Moment) -> PersonMail:
    """Ask for letters to an address: nothing goes there but one link, until it is opened. The address
    confirmed before stays in use meanwhile.

    Raises:
        OnlyParents: not in the parents' window.
        Invalid: not an e-mail address.
        TooOften: five links went out today.
    """
    row, address = _own(actor), address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(
            [Problem("address", "email", "Перевірте адресу: наприклад, mama@example.com.")]
        ) from None
    turns.count("parent_mail", str(row.pk), A_DAY, 86_400)
    row.wanted, row.asked_at, row.expires_at = address, moment.now, moment.now + LIFETIME
    row.token_sha256 = _digest(token_of(row.pk, address, moment.now))
    row.sent_at = None
    row.save()
    audit.record(MailAsked(subject=row.pk))
    return row


@command
def confirm_address(*, actor: Actor, token: str, moment: Moment) -> PersonMail:
    """The person opened the link while standing in their own window: the address is theirs.

    Raises:
        OnlyParents: not in the parents' window.
        MailLinkSpent: the link is not the last one sent to this person, was used, or is too old.
    """
    row = _own(actor)
    if (
        row.token_sha256 is None
        or not hmac.compare_digest(bytes(row.token_sha256), _digest(token))
        or row.expires_at is None
        or row.expires_at <= moment.now
    ):
        raise MailLinkSpent
    row.address = row.wanted
    _forget_link(row)
    row.save()
    audit.record(MailConfirmed(subject=row.pk))
    return row


def _forget_link(row: PersonMail) -> None:
    row.wanted, row.token_sha256, row.asked_at, row.expires_at, row.sent_at = (
        "",
        None,
        None,
        None,
        None,
    )


@command
def choose(*, actor: Actor, muted: Collection[str], known: Collection[str]) -> PersonMail:
    """Say what no letters are wanted about; `known` are the kinds that there are.

    Raises:
        OnlyParents: not in the parents' window.
    """
    row = _own(actor)
    row.muted = sorted(set(muted) & set(known))
    row.save(update_fields=["muted"])
    audit.record(MailChosen(subject=row.pk, muted=tuple(row.muted)))
    return row


@command
def leave_off(*, actor: Actor) -> PersonMail:
    """Take the address out: no letters at all; notices stay in the window.

    Raises:
        OnlyParents: not in the parents' window.
    """
    row = _own(actor)
    row.address = ""
    _forget_link(row)
    row.save()
    audit.record(MailChosen(subject=row.pk, muted=tuple(row.muted), left=True))
    return row


def due(limit: int = 100) -> list[int]:
    """People whose link has not gone out yet."""
    rows = PersonMail.objects.exclude(wanted="").filter(sent_at=None).order_by("asked_at")
    return list(rows.values_list("pk", flat=True)[:limit])


@command
def send_link(*, actor: Actor, person_id: int, now: datetime.datetime) -> bool:
    """Write the letter with the link; False when it is not asked for any more. Locked while the mail
    server answers, so it goes once; when the server fails, the next round tries again.

    Raises:
        NotAllowed: only the system sends.
    """
    if not actor.is_system:
        raise NotAllowed
    row = (
        PersonMail.objects.select_for_update(skip_locked=True)
        .filter(pk=person_id, sent_at=None, expires_at__gt=now)
        .exclude(wanted="")
        .first()
    )
    if row is None or row.asked_at is None or row.expires_at is None:
        return False
    token = token_of(row.pk, row.wanted, row.asked_at)
    body = render_to_string(
        "accounts/mail/address.txt",
        {
            "url": settings.SITE_ADDRESS + reverse("parent_mail_confirm", args=[token]),
            "expires_at": clock.local(row.expires_at),
            "synthetic": settings.SYNTHETIC_DATA,
        },
    )
    EmailMessage(subject="АІКОМ: підтвердьте адресу", body=body, to=[row.wanted]).send()
    row.sent_at = now
    row.save(update_fields=["sent_at"])
    audit.record(MailLinkSent(subject=row.pk))
    return True
