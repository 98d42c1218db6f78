"""Signing sessions: show these bytes, verify the signature of them, take it.

A document is prepared and completed inside the domain's own commands, in one transaction with what
signing makes effective; between the two its signature is verified outside any transaction:

    session = sessions.prepare(…)                                # in the command that shows it
    verified = sessions.verify(session_id, cms, actor=…, now=…)  # outside, may take seconds
    signer = sessions.complete(session, verified.pk, now=…)      # in the command that takes effect
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection

from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from kernel.errors import NotFound
from kernel.kept import Kept, insert, key_of
from signatures import api, elsewhere
from signatures.errors import AlreadySigned, SignatureRefused, SigningExpired, WrongSigner
from signatures.events import SessionsExpired, SessionVerified
from signatures.models import SigningSession, VerifiedSignature
from signatures.packages import HEAD, said_of
from signatures.result import EXPLANATIONS, Reason, VerificationResult
from signatures.revocation import CLOCK_SKEW
from signatures.services import certificates

LIFETIME = datetime.timedelta(hours=12)
MAX_SIGNATURE = 256 * 1024
# How long a verification may wait for the command that uses it.
VERIFIED_FOR = datetime.timedelta(minutes=5)
# What a signature adds to a session; its content and its person never change.
_FOUND = (
    "signature",
    "result",
    "evidence",
    "certificate",
    "signer_rnokpp",
    "signer_edrpou",
    "signer_name",
    "certificate_serial",
)

_TAKEN = f"""
    WITH kept AS (UPDATE signatures_verified SET used_at = %s WHERE id = %s RETURNING *)
    UPDATE signatures_session s
    SET {", ".join(f"{name} = kept.{name}" for name in _FOUND)}, signed_at = %s, state = 'SIGNED'
    FROM kept WHERE s.id = %s
"""  # noqa: S608 - names of columns

_SESSION = Kept[SigningSession](lambda pk: SigningSession.objects.filter(pk=pk))
_HELD = Kept[SigningSession](
    lambda pk: SigningSession.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk)
)
_UNUSED = Kept[VerifiedSignature](
    lambda session, pk: VerifiedSignature.objects.filter(session=session, pk=pk, used_at=None)
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
    """Freeze the bytes that a person will see and sign, and the files that they list.

    Raises:
        BrokenPackage: a document that does not say who issued it, its title, number and date:
            nobody could look it up by the code printed on it.
    """
    if files and HEAD in files:
        said_of(files[HEAD])
    session = SigningSession(
        user_id=user_id,
        purpose=purpose,
        content=content,
        content_sha256=hashlib.sha256(content).digest(),
        created_at=now,
        expires_at=now + lifetime,
    )
    insert(session)
    if files:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO signatures_session_file (session_id, name, content)
                SELECT %s, x.* FROM unnest(%s::text[], %s::bytea[]) AS x
                """,
                [session.pk, list(files), list(files.values())],
            )
    return session


def verify(
    session_id: uuid.UUID,
    cms: bytes,
    *,
    actor: Actor,
    now: datetime.datetime,
    user_id: int | None = None,
    rnokpp: str | None = None,
) -> VerifiedSignature:
    """Phase one of signing, before the command and outside any transaction: responders may be
    asked for seconds, and nobody's row is locked meanwhile.

    Verifies the signature against the frozen bytes and keeps what was found, in a short command of
    its own. Nothing takes effect: that is `complete`, which the domain calls inside its command
    with the `id` of what this returns, after it has locked and read its own rows again. `cms` may
    also be an ASiC-E around these very bytes, as other programs make (`signatures.elsewhere`).

    Raises:
        NotFound: no such session, or another person's (`user_id`).
        AlreadySigned: it is signed.
        SigningExpired: too late, or given up.
        SignatureRefused: the signature does not hold (`reason`), or is not one but several.
        WrongSigner: a valid signature by another person than `rnokpp`.
        RuntimeError: called inside a command (a bug: it would hold the command's locks).
    """
    if audit.current_act() is not None:
        raise RuntimeError("a signature is verified before the command, never inside it")
    session = _SESSION.first(key_of(SigningSession, session_id))
    if session is None or (user_id is not None and session.user_id != user_id):
        raise NotFound
    _still_open(session, now)
    if len(cms) > MAX_SIGNATURE:
        raise SignatureRefused(EXPLANATIONS[Reason.FORMAT_FAILURE], field="signature")
    result = elsewhere.verify(bytes(session.content), cms, at=now)
    if not result.valid:
        raise SignatureRefused(
            result.explanation, field="signature", reason=str(result.reason or "")
        )
    signer = _only_signer(result, rnokpp)
    return _keep_verified(
        actor=actor, session=session, cms=cms, result=result, signer=signer, now=now
    )


@command(by_keys=True)
def _keep_verified(
    *,
    actor: Actor,
    session: SigningSession,
    cms: bytes,
    result: VerificationResult,
    signer: api.SignerIdentity,
    now: datetime.datetime,
) -> VerifiedSignature:
    """Write down that this signature of these bytes held at this moment."""
    kept = VerifiedSignature(
        session=session,
        content_sha256=_digest_of(session),
        verified_at=now,
        **_signed_fields(cms, result, signer),
    )
    insert(kept)
    certificates.remember(result, now=now)
    audit.record(SessionVerified(subject=session.pk))
    return kept


@part_of_command
def complete(
    session: SigningSession | uuid.UUID,
    verified_id: uuid.UUID,
    *,
    now: datetime.datetime,
    user_id: int | None = None,
    rnokpp: str | None = None,
    edrpou: str | None = None,
) -> api.SignerIdentity:
    """Phase two, inside the domain's command: take the signature that `verify` found good and
    close the session. Asks nothing of the network.

    Locks the session, so that a double click cannot sign twice. The verification must be minutes
    old at most (`VERIFIED_FOR`), of this session's very bytes, by this person, and unused.
    `session` is its id, or the session itself when the caller holds it already (`locked`).

    Raises:
        NotFound: no such session, or another person's.
        AlreadySigned: it is signed.
        SigningExpired: too late, given up, or verified too long ago.
        SignatureRefused: no such verification of this session's bytes, or it was used.
        WrongSigner: by another person or for another organisation than the caller names.
    """
    if isinstance(session, uuid.UUID):
        session = locked(session, user_id)
    _still_open(session, now)
    kept = _UNUSED.first(session.pk, verified_id)
    if kept is None or bytes(kept.content_sha256) != _digest_of(session):
        raise SignatureRefused(field="signature")
    if not now - VERIFIED_FOR <= kept.verified_at <= now + CLOCK_SKEW:
        raise SigningExpired
    signer = api.SignerIdentity.from_certificate(api.load_certificate(bytes(kept.certificate)).info)
    _expected(signer, rnokpp, edrpou)
    _take(session, kept, now)
    return signer


@part_of_command
def _take(session: SigningSession, kept: VerifiedSignature, now: datetime.datetime) -> None:
    """What a verification found becomes the session's, within the database: it read it a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [now, kept.pk, now, session.pk])
        if cursor.rowcount != 1:
            raise RuntimeError(f"{session!r} was not there to be signed")
    kept.used_at = now
    for name in _FOUND:
        setattr(session, name, getattr(kept, name))
    session.signed_at, session.state = now, "SIGNED"


def _still_open(session: SigningSession, now: datetime.datetime) -> None:
    if session.state == "SIGNED":
        raise AlreadySigned
    if session.state != "PREPARED" or session.expires_at < now:
        raise SigningExpired


def _only_signer(
    result: VerificationResult, rnokpp: str | None, edrpou: str | None = None
) -> api.SignerIdentity:
    signer = api.SignerIdentity.of(result)
    if signer is None:
        raise SignatureRefused("Документ має підписати одна особа одним ключем.")
    _expected(signer, rnokpp, edrpou)
    return signer


def _expected(signer: api.SignerIdentity, rnokpp: str | None, edrpou: str | None) -> None:
    if rnokpp is not None and signer.rnokpp != rnokpp:
        raise WrongSigner(
            f"Документ підписано ключем, який видано іншій особі: {signer.full_name}. "
            "Підпишіть своїм ключем.",
            field="signature",
        )
    if edrpou is not None and signer.edrpou != edrpou:
        raise WrongSigner(
            "Ключ видано для іншої організації. Оберіть ключ, виданий для вашого закладу чи органу.",
            field="signature",
        )


def _digest_of(session: SigningSession) -> bytes:
    return hashlib.sha256(bytes(session.content)).digest()


def _signed_fields(
    cms: bytes, result: VerificationResult, signer: api.SignerIdentity
) -> dict[str, Any]:
    """What a good signature adds: to a verification, and from there to the session."""
    return {
        "signature": cms,
        "result": result.as_json(),
        "evidence": result.evidence(),
        "certificate": result.signers[0].chain_certificates[0],
        "signer_rnokpp": signer.rnokpp or "",
        "signer_edrpou": signer.edrpou or "",
        "signer_name": signer.full_name,
        "certificate_serial": signer.serial,
    }


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
    session = _HELD.first(key_of(SigningSession, session_id))
    if session is None or (user_id is not None and session.user_id != user_id):
        raise NotFound
    return session


@command
def close_expired(*, actor: Actor, now: datetime.datetime) -> int:
    """Close the sessions nobody signed in time, and drop verifications nobody used; how many were
    closed."""
    VerifiedSignature.objects.filter(used_at=None, verified_at__lt=now - LIFETIME).delete()
    closed = SigningSession.objects.filter(state="PREPARED", expires_at__lt=now).update(
        state="EXPIRED"
    )
    audit.record(SessionsExpired(closed=closed))
    return closed
