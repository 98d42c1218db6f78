"""The one beat task of notices: pass on to successors, send what is due."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from accounts.notices import selectors, services
from accounts.services import mail


@shared_task(autoretry_for=(OSError,), retry_backoff=5, max_retries=5)
def send_notice(notice_id: int, **_ignored: Any) -> None:
    """Send one e-mail; a silent mail server is asked again."""
    services.send(
        actor=actors.system("розсилання сповіщень"), notice_id=notice_id, now=timezone.now()
    )


@shared_task(autoretry_for=(OSError,), retry_backoff=5, max_retries=5)
def send_link(person_id: int, **_ignored: Any) -> None:
    """Send the link that confirms an address of the parents' window."""
    mail.send_link(
        actor=actors.system("розсилання посилань"), person_id=person_id, now=timezone.now()
    )


@shared_task(name="accounts.notices.remind")
def remind(**_ignored: Any) -> None:
    """Pass on what former heads left unread, and send what has come due."""
    if selectors.anything_to_pass_on():
        services.pass_on(actor=actors.system("передавання сповіщень наступникам"))
    for notice_id in selectors.to_mail(timezone.now()):
        send_notice.delay(notice_id)
    for person_id in mail.due():
        send_link.delay(person_id)
