"""Reads of signing sessions for the room's own jobs and pages. Domains ask for theirs by id."""

from __future__ import annotations

import datetime
import re
import uuid

from accounts.actors import Actor
from kernel.audit.models import EventRow
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.text import hyphens, latin
from signatures import exports
from signatures.models import SessionFile, SigningSession
from signatures.ports import printed_codes

# A provider silent for this long is not asked about the signature any more.
STAMP_WITHIN = datetime.timedelta(days=2)


def waiting_for_timestamp(now: datetime.datetime, limit: int = 100) -> list[SigningSession]:
    """Signatures of the last two days without a time-stamp, the oldest first."""
    rows = SigningSession.objects.filter(
        state="SIGNED", signed_at__gte=now - STAMP_WITHIN, signed_at__lte=now
    )
    return list(rows.exclude(later_evidence__kind="TIMESTAMP").order_by("signed_at")[:limit])


def signed(session_id: uuid.UUID) -> SigningSession:
    """A signed session."""
    return SigningSession.objects.get(pk=session_id, state="SIGNED")


def cloud_questions(actor: Actor, *, since: datetime.datetime) -> int:
    """How often this person's phone was asked about documents that still wait."""
    waiting = SigningSession.objects.filter(user_id=actor.user_id or 0, state="PREPARED")
    subjects = [str(key) for key in waiting.values_list("pk", flat=True)]
    rows = EventRow.objects.filter(
        subject_type="signatures.session",
        subject_id__in=subjects,
        code="signatures.cloud.asked",
        act__now__gt=since,  # by the clock of whoever asks now, not the database's
    )
    return int(rows.count())


_FILES = Kept[tuple[str, bytes]](
    lambda session: (
        SessionFile.objects.filter(session=session).order_by("pk").values_list("name", "content")
    )
)


def files_of(session: SigningSession) -> dict[str, bytes]:
    """The files kept beside the signed bytes, in the order they were listed."""
    return {name: bytes(content) for name, content in _FILES.rows(session.pk)}


def plain(code: str) -> str:
    """A code as it is kept, however it was typed."""
    return latin(re.sub(r"[\s\-]", "", hyphens(code)).upper()).replace("O", "0")


def elsewhere(code: str) -> str:
    """Where the code of another room's paper leads; nothing when nobody knows it."""
    return next(filter(None, (ask(plain(code)) for ask in printed_codes)), "")


def by_code(code: str) -> SigningSession:
    """The signed document whose code is printed on it; dashes, spaces, case and the alphabet of
    letters that look the same do not matter.

    Raises:
        NotFound: no such code, nothing signed under it, or not a document.
    """
    session = SigningSession.objects.filter(code=plain(code), state="SIGNED").first()
    if session is None or exports.document_of(session) is None:
        raise NotFound
    return session
