"""Reads of signing sessions for the room's own jobs. Domains ask for theirs by id."""

from __future__ import annotations

import datetime

from signatures.models import SigningSession

# A provider silent for this long is not asked about the signature any more.
STAMP_WITHIN = datetime.timedelta(days=2)


def waiting_for_timestamp(now: datetime.datetime, limit: int = 100) -> list[SigningSession]:
    """Signatures of the last two days without a time-stamp, the oldest first."""
    rows = SigningSession.objects.filter(
        state="SIGNED", signed_at__gte=now - STAMP_WITHIN, signed_at__lte=now
    )
    return list(rows.exclude(later_evidence__kind="TIMESTAMP").order_by("signed_at")[:limit])
