"""Background jobs of the room."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts import actors
from signatures.selectors import sessions as selector
from signatures.services import certificates, evidence, sessions


@shared_task(name="signatures.tasks.stamp_signatures")
def stamp_signatures(**_ignored: Any) -> int:
    """Add time-stamps to new signatures; how many got one. Nothing while the way out is shut."""
    if not settings.SIGNATURES_EGRESS:
        return 0
    now = timezone.now()
    actor = actors.system("позначки часу підписів")
    added = 0
    for session in selector.waiting_for_timestamp(now):
        token = evidence.obtain_timestamp(session, now)
        if token is not None:
            added += evidence.add_timestamp(
                actor=actor, session_id=session.pk, token=token, now=timezone.now()
            )
    return added


@shared_task(name="signatures.tasks.close_expired")
def close_expired(**_ignored: Any) -> int:
    """Close what nobody signed in time; how many."""
    return sessions.close_expired(actor=actors.system("непідписані документи"), now=timezone.now())


@shared_task(name="signatures.tasks.forget_searches")
def forget_searches(**_ignored: Any) -> int:
    """Drop old counts of searches for certificates; how many."""
    actor = actors.system("прибирання пошуків сертифікатів")
    return certificates.forget_searches(actor=actor, now=timezone.now())
