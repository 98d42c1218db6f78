"""Background jobs of the room."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts import actors
from signatures.selectors import renewal as renewals
from signatures.selectors import sessions as selector
from signatures.services import certificates, evidence, renewal, sessions


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


# One run: at most so many documents, and an authority that is silent so often in a row is left alone.
RENEWED_AT_ONCE = 100
WATCHED_AT_ONCE = 500
SILENT_AT_MOST = 3


@shared_task(name="signatures.tasks.renew_signatures")
def renew_signatures(**_ignored: Any) -> int:
    """Renew the evidence of signed documents before it runs out; how many were. What a run leaves,
    or a worker that died, the next one takes up."""
    now = timezone.now()
    actor = actors.system("продовження доказів підписів")
    if found := renewal.survey(now, WATCHED_AT_ONCE):
        renewal.watch(actor=actor, found=found)
    if not settings.SIGNATURES_EGRESS or not renewals.due(now):
        return 0
    renewed = silent = 0
    for session_id in renewal.take(actor=actor, now=now, limit=RENEWED_AT_ONCE):
        if silent >= SILENT_AT_MOST:
            break  # their leases run out, and the next run asks again
        try:
            renewed_one = renewal.obtain(selector.signed(session_id), timezone.now())
        except renewal.NotRenewed as refusal:
            silent = silent + 1 if refusal.failure is renewal.Failure.SILENT else 0
            renewal.note_failure(
                actor=actor, session_id=session_id, failure=refusal.failure, now=timezone.now()
            )
            continue
        silent = 0
        renewed += renewal.keep(
            actor=actor, session_id=session_id, renewed=renewed_one, now=timezone.now()
        )
    return renewed


@shared_task(name="signatures.tasks.close_expired")
def close_expired(**_ignored: Any) -> int:
    """Close what nobody signed in time; how many."""
    return sessions.close_expired(actor=actors.system("непідписані документи"), now=timezone.now())


@shared_task(name="signatures.tasks.forget_searches")
def forget_searches(**_ignored: Any) -> int:
    """Drop old counts of searches for certificates; how many."""
    actor = actors.system("прибирання пошуків сертифікатів")
    return certificates.forget_searches(actor=actor, now=timezone.now())
