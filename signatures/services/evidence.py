"""What is added to finished signatures: time-stamps, so that they outlive their certificates."""

from __future__ import annotations

import datetime
import logging
import uuid

from accounts.actors import Actor
from kernel import audit
from kernel.db import command
from kernel.errors import NotFound
from signatures import api, egress, elsewhere, oids, outbound
from signatures.algorithms import hashes
from signatures.events import SessionStamped
from signatures.models import SessionEvidence, SigningSession

log = logging.getLogger(__name__)


@command
def add_timestamp(
    *, actor: Actor, session_id: uuid.UUID, token: bytes, now: datetime.datetime
) -> bool:
    """Keep a checked token beside a signature; False when it has one already.

    Locks the session, so that two workers add one.

    Raises:
        NotFound: no such signed session.
    """
    rows = SigningSession.objects.select_for_update(of=("self",), no_key=True)
    session = rows.filter(pk=session_id, state="SIGNED").first()
    if session is None:
        raise NotFound
    if session.later_evidence.filter(kind="TIMESTAMP").exists():
        return False
    SessionEvidence.objects.create(session=session, kind="TIMESTAMP", data=token, obtained_at=now)
    audit.record(SessionStamped(subject=session.pk))
    return True


def obtain_timestamp(session: SigningSession, now: datetime.datetime) -> bytes | None:
    """A token over a session's signature from the signer's own provider; None when there is no
    way out, no provider, or it is silent. Talks to the network: never inside a command."""
    trust = api.stored_trust(now)
    client = outbound.client_for(trust)
    if client is None or session.signature is None or session.certificate is None:
        return None
    kept = elsewhere.signature_in(bytes(session.content), bytes(session.signature)).kept
    certificate = api.load_certificate(bytes(session.certificate))
    hash_oid = kept.hash_oid or oids.SHA256
    if hash_oid not in hashes.SIZES:
        return None
    for url in certificate.urls(oids.SUBJECT_INFO_ACCESS, oids.ACCESS_TSP)[:2]:
        try:
            return client.timestamp(url, kept.value, hash_oid, trust)
        except egress.Silent as silent:
            log.warning("signatures: no time-stamp: %s", silent)
    return None
