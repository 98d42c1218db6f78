"""Background jobs of the room: letters of invitation, tidying of the door."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts import actors
from accounts.notices import tasks as notices  # noqa: F401 (its jobs register themselves)
from accounts.services import invitations, signin
from kernel import clock


@shared_task(autoretry_for=(OSError,), retry_backoff=5, max_retries=5)
def send_invitation(invitation_id: int, **_ignored: Any) -> None:
    """Send one letter as soon as its invitation is committed."""
    invitations.send(
        actor=actors.system("розсилання запрошень"),
        invitation_id=invitation_id,
        site=settings.SITE_ADDRESS,
    )


@shared_task
def send_due_invitations(**_ignored: Any) -> None:
    """Send what a lost broker or a silent mail server left behind."""
    for invitation_id in invitations.due(today=clock.today()):
        send_invitation.delay(invitation_id)


@shared_task
def forget_old_sign_ins(**_ignored: Any) -> None:
    """Drop answered challenges and old attempts."""
    signin.forget_old(actor=actors.system("прибирання журналу входів"), at=timezone.now())
