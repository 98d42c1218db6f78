"""Signing sessions as steps of a domain's command: show these bytes, take the signature of them.

An order is prepared and completed inside the order's own commands, in one transaction with
what signing makes effective.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Mapping

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from signatures import api
from signatures.errors import AlreadySigned, SignatureRefused, SigningExpired, WrongSigner
from signatures.models import SessionFile, SigningSession
from signatures.result import VerificationResult
from signatures.services import certificates

LIFETIME = datetime.timedelta(hours=12)
MAX_SIGNATURE = 256 * 1024
# What a signature adds to a session; its content and its person never change.
_SIGNED = (
    "state",
    "signature",
    "result",
    "evidence",
    "certificate",
    "signer_rnokpp",
    "signer_edrpou",
    "signer_name",
    "certificate_serial",
    "signed_at",
)


@part_of_command
def prepare(
    *,
    user_id: int,
    purpose: str,
    content: bytes,
    now: datetime.datetime,
    lifetime: datetime.timedelta = LIFETIME,
    files: Mapping[str, bytes] | None = None,
) -> SigningSession:
    """Freeze the bytes that a person will see and sign, and the files that they list."""
    session = SigningSession.objects.create(
        user_id=user_id,
        purpose=purpose,
        content=content,
        content_sha256=hashlib.sha256(content).digest(),
        created_at=now,
        expires_at=now + lifetime,
    )
    SessionFile.objects.bulk_create(
        [
            SessionFile(session=session, name=name, content=data)
            for name, data in (files or {}).items()
        ]
    )
    return session


@part_of_command
def complete(
    session: SigningSession | uuid.UUID,
    cms: bytes,
    *,
    now: datetime.datetime,
    user_id: int | None = None,
    rnokpp: str | None = None,
    edrpou: str | None = None,
) -> VerificationResult:
    """Verify the signature against the frozen bytes; when VALID keep it and close the session.

    Locks the session, so that a double click cannot sign twice. Anything but VALID changes
    nothing and is returned for the caller to say. `user_id`, `rnokpp` and `edrpou`, where given,
    must be those of the session and of the certificate. `session` is its id, or the session itself
    when the caller holds it already (`locked`).

    Raises:
        NotFound: no such session, or another person's.
        AlreadySigned: it is signed.
        SigningExpired: too late, or given up.
        SignatureRefused: not one signature but several.
        WrongSigner: a valid signature by somebody else.
    """
    if isinstance(session, uuid.UUID):
        session = locked(session, user_id)
    if session.state == "SIGNED":
        raise AlreadySigned
    if session.state != "PREPARED" or session.expires_at < now:
        raise SigningExpired
    result = api.verify_signature(
        bytes(session.content), cms[: MAX_SIGNATURE + 1], purpose="order", at=now
    )
    if not result.valid:
        return result
    signer = api.SignerIdentity.of(result)
    if signer is None:
        raise SignatureRefused("Документ має підписати одна особа одним ключем.")
    if rnokpp is not None and signer.rnokpp != rnokpp:
        raise WrongSigner(field="signature")
    if edrpou is not None and signer.edrpou != edrpou:
        raise WrongSigner(
            "Ключ видано для іншої організації. Оберіть ключ, виданий для вашого закладу чи органу.",
            field="signature",
        )
    session.signature = cms
    session.result = result.as_json()
    session.evidence = result.evidence()
    session.certificate = result.signers[0].chain_certificates[0]
    session.signer_rnokpp = signer.rnokpp or ""
    session.signer_edrpou = signer.edrpou or ""
    session.signer_name = signer.full_name
    session.certificate_serial = signer.serial
    session.signed_at = now
    session.state = "SIGNED"
    session.save(update_fields=_SIGNED)
    certificates.remember(result, now=now)
    return result


@part_of_command
def give_up(session_id: uuid.UUID, *, user_id: int | None = None) -> None:
    """Close a session that will not be signed. A signed one stays signed.

    Raises:
        NotFound: no such session, or another person's.
        AlreadySigned: it is signed.
    """
    session = locked(session_id, user_id)
    if session.state == "SIGNED":
        raise AlreadySigned
    if session.state == "PREPARED":
        session.state = "REFUSED"
        session.save(update_fields=["state"])


@part_of_command
def locked(session_id: uuid.UUID, user_id: int | None = None) -> SigningSession:
    """The session, held until the command ends.

    Raises:
        NotFound: no such session, or another person's.
    """
    rows = SigningSession.objects.select_for_update(of=("self",), no_key=True)
    session = rows.filter(pk=session_id).first()
    if session is None or (user_id is not None and session.user_id != user_id):
        raise NotFound
    return session


@command
def close_expired(*, actor: Actor, now: datetime.datetime) -> int:
    """Close the sessions nobody signed in time; how many."""
    closed = SigningSession.objects.filter(state="PREPARED", expires_at__lt=now).update(
        state="EXPIRED"
    )
    audit.record(
        audit.Event("signatures.sessions.expired", "signatures.session", "", {"closed": closed})
    )
    return closed
