"""Ten years: archive time-stamps are added before what proves the last one runs out.

A signature proves itself while its signer's certificate is in force; stamped, while that of the
stamping authority is. Before that is over, everything at hand (certificates, answers about the
stamping authority) and one archive time-stamp over all of it (CAdES-A v3) are laid beside the
signature. The person's signature and what it is of never change.

    watch   finds signed documents that nobody watches yet
    take    claims a few that are due, so that two workers never ask for the same one
    obtain  verifies, gathers evidence and asks a time-stamping authority; outside any transaction
    keep    writes it down, if nobody was quicker; `note_failure` tries again later and later
"""

from __future__ import annotations

import datetime
import itertools
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from accounts.actors import Actor
from kernel import audit
from kernel.db import command
from signatures import (
    api,
    egress,
    elsewhere,
    exports,
    kept,
    oids,
    outbound,
    ports,
    revocation,
    work,
)
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.events import RenewalFailed, RenewalsTaken, RenewalsWatched, SessionRenewed
from signatures.judging import ARCHIVE
from signatures.kept import Kept
from signatures.models import Preservation, SessionEvidence, SigningSession
from signatures.result import SignerResult, Status
from signatures.selectors import renewal as selector
from signatures.trust import TrustStore

log = logging.getLogger(__name__)

LEAD = datetime.timedelta(days=90)  # how long before the end renewing begins
LEASE = datetime.timedelta(minutes=15)  # how long a worker may take over those it claimed
BACK_OFF = datetime.timedelta(hours=1)  # doubled each time
BACK_OFF_MOST = datetime.timedelta(days=1)
WORTH = datetime.timedelta(days=30)  # a new time-stamp must prove at least so much longer


class Failure(StrEnum):
    """Why a renewal did not come about."""

    SILENT = "SILENT"  # no time-stamping authority gave a token
    NO_AUTHORITY = "NO_AUTHORITY"  # none is known, or the way out is shut
    BROKEN = "BROKEN"  # the signature does not hold: nothing is stamped over it
    NOT_LONGER = "NOT_LONGER"  # the authority's certificate ends as soon as the last one's


class NotRenewed(Exception):
    """A renewal that did not come about."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(detail or failure)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Renewed:
    """What is to be laid beside a signature: kind and bytes, in their order."""

    evidence: tuple[tuple[str, bytes], ...]
    stands_on: int  # how many pieces of evidence there were
    until: datetime.datetime


# ── finding ──────────────────────────────────────────────────────────────────
def survey(now: datetime.datetime, limit: int) -> list[Preservation]:
    """What nobody watches yet, with until when it proves itself; outside any transaction, for each
    is verified. What cannot be judged is due at once."""
    made = []
    for session in selector.unwatched(limit):
        try:
            until = _read(session, now).until
        except NotRenewed:
            until = now
        made.append(
            Preservation(
                session=session,
                signed_at=session.signed_at or now,
                protected_until=until,
                next_at=_begin(until, now),
            )
        )
    return made


@command
def watch(*, actor: Actor, found: list[Preservation]) -> None:
    """Begin to watch what `survey` found; what somebody else found meanwhile stays as it is."""
    Preservation.objects.bulk_create(found, ignore_conflicts=True)
    audit.record(RenewalsWatched(documents=len(found)))


def _begin(until: datetime.datetime, now: datetime.datetime) -> datetime.datetime:
    """When to begin: `LEAD` before the end, of a short life in its middle."""
    return max(now, until - min(LEAD, max(until - now, datetime.timedelta(0)) / 2))


@command
def take(*, actor: Actor, now: datetime.datetime, limit: int) -> list[uuid.UUID]:
    """Claim those that are due, the most urgent first: another worker passes them by until the
    lease is over. Locks their rows, and skips what others hold."""
    rows = Preservation.objects.select_for_update(skip_locked=True, no_key=True)
    due = list(rows.filter(next_at__lte=now).order_by("next_at")[:limit])
    for row in due:
        row.next_at = now + LEASE
    Preservation.objects.bulk_update(due, ["next_at"])
    audit.record(RenewalsTaken(documents=len(due)))
    return [row.pk for row in due]


# ── obtaining: the network, never inside a command ───────────────────────────
def obtain(session: SigningSession, now: datetime.datetime) -> Renewed:
    """Everything that renews one signature.

    Raises:
        NotRenewed: it did not come about.
        RuntimeError: called inside a command (a bug: it would hold the command's locks).
    """
    if audit.current_act() is not None:
        raise RuntimeError("a time-stamping authority is asked before a command, never inside it")
    with work.budget():
        stands_on = session.later_evidence.count()
        held = _read(session, now)
        trust = held.trust
        found = [*_certificates(held.signer, trust), *_answers(held.signer, trust, now)]
        widened = held.kept.widened(
            [data for kind, data in found if kind == "CERTIFICATE"],
            [data for kind, data in found if kind != "CERTIFICATE"],
        )
        hash_oid = _hash_of(held.kept, trust, now)
        covered, belongs = widened.to_archive(held.signed, hash_oid)
        stamp = kept.ready(_token(session, covered, hash_oid, trust), belongs)
        renewed = _judged(session, held.signed, widened.archived(stamp), now)
        if renewed.signer.level != "LTA":
            raise NotRenewed(Failure.SILENT, "the token does not hold")
        if renewed.until < max(held.until, now) + WORTH:
            raise NotRenewed(Failure.NOT_LONGER)
        return Renewed((*found, ("ARCHIVE", stamp)), stands_on, renewed.until)


@dataclass(frozen=True, slots=True)
class _Held:
    """A signature with all that was added to it, judged."""

    signed: bytes
    kept: Kept
    signer: SignerResult
    trust: TrustStore

    @property
    def until(self) -> datetime.datetime:
        """When the newest time-stamp that holds, or without one the signer's own, runs out."""
        stamps = [one for one in self.signer.timestamps if one.status is Status.VALID]
        ends = {one.time: one.until for one in stamps if one.time and one.until}
        if ends:
            return ends[max(ends)]
        chain = [api.load_certificate(raw) for raw in self.signer.chain_certificates]
        return min([one.not_after for one in chain] + self.trust.ends_of(self.kept.algorithms))


def _read(session: SigningSession, now: datetime.datetime) -> _Held:
    """What is kept of a document, judged.

    Raises:
        NotRenewed: it does not hold, so nothing is to be stamped.
    """
    try:
        joined = exports.signature_file(session)
        found = elsewhere.signature_in(bytes(session.content), joined)
        return _judged(session, found.signed, found.kept, now)
    except ValueError as error:  # DerError, BadContainer and BadSignature are
        raise NotRenewed(Failure.BROKEN) from error


def _judged(session: SigningSession, signed: bytes, one: Kept, now: datetime.datetime) -> _Held:
    """The one signature of a document, by every list it lived under. What merely ran out since it
    was accepted is no fault: our own record says that it was there then; late is better than never.

    Raises:
        NotRenewed: it does not hold.
    """
    trust = exports.trust_of(session, now)
    for moment in (now, session.signed_at or now):
        result = elsewhere.Signature(signed, one.raw).verify(policy=ARCHIVE, at=moment, trust=trust)
        if result.valid and len(result.signers) == 1:
            return _Held(signed, one, result.signers[0], trust)
    raise NotRenewed(Failure.BROKEN, str(result.reason))


def _certificates(signer: SignerResult, trust: TrustStore) -> list[tuple[str, bytes]]:
    """Every certificate that the signature and its time-stamps need, but anchors."""
    chains = [signer.chain_certificates, *(one.chain_certificates for one in signer.timestamps)]
    every = dict.fromkeys(raw for chain in chains for raw in chain)
    return [("CERTIFICATE", raw) for raw in every if not trust.is_anchor(api.load_certificate(raw))]


def _answers(
    signer: SignerResult, trust: TrustStore, now: datetime.datetime
) -> list[tuple[str, bytes]]:
    """What the signature was judged on, and what providers say by now of the stamping authorities, of
    an unstamped one of the signer: the next time-stamp proves that it was said."""
    found = dict.fromkeys(signer.evidence)
    asking = replace(trust, lookup=ports.lookup_for(api.stored_trust(now)))
    chains = [one.chain_certificates for one in signer.timestamps]
    if signer.proven_time is None:  # then this renewal is what proves the time
        chains.append(signer.chain_certificates)
    for chain in chains:
        path = [api.load_certificate(raw) for raw in chain]
        for certificate, issuer in _pairs(path, trust, now):
            fresh, silent = asking.ask(certificate, issuer, now)
            if silent:
                log.warning("signatures: at a renewal: %s", ", ".join(silent))
            found |= dict.fromkeys(one.raw for one in fresh)
    return [("CRL" if revocation.is_crl(raw) else "OCSP", raw) for raw in found]


def _pairs(
    path: list[Certificate], trust: TrustStore, now: datetime.datetime
) -> Iterable[tuple[Certificate, Certificate]]:
    for one, issuer in itertools.pairwise(path):
        if not trust.is_anchor(one) and now <= one.not_after:
            yield one, issuer


def _hash_of(one: Kept, trust: TrustStore, now: datetime.datetime) -> str:
    """The signature's own hash, which its provider's services know; SHA-512 once it is over."""
    hash_oid = one.hash_oid
    if hash_oid is None:
        return oids.SHA512
    over = any(end <= now + LEAD for end in trust.ends_of([hash_oid]))
    broken = hash_oid in hashes.BROKEN or hash_oid not in hashes.SIZES
    return oids.SHA512 if over or broken else hash_oid


def _token(session: SigningSession, covered: bytes, hash_oid: str, trust: TrustStore) -> bytes:
    client = outbound.client_for(trust)
    assert session.certificate is not None  # noqa: S101 - a constraint of the table
    signer = api.load_certificate(bytes(session.certificate))
    own = signer.urls(oids.SUBJECT_INFO_ACCESS, oids.ACCESS_TSP)
    addresses = list(dict.fromkeys([*outbound.stamping_services(), *own]))[:4]
    if client is None or not addresses:
        raise NotRenewed(Failure.NO_AUTHORITY)
    for url in addresses:
        try:
            return client.timestamp(url, covered, hash_oid, trust)
        except egress.Silent as silent:
            log.warning("signatures: no archive time-stamp: %s", silent)
    raise NotRenewed(Failure.SILENT)


# ── keeping ──────────────────────────────────────────────────────────────────
@command
def keep(*, actor: Actor, session_id: uuid.UUID, renewed: Renewed, now: datetime.datetime) -> bool:
    """Lay it beside the signature; False when somebody was quicker, for then the time-stamp is over
    other evidence than there is. Locks the document's row."""
    row = Preservation.objects.select_for_update(no_key=True).get(pk=session_id)
    if SessionEvidence.objects.filter(session_id=session_id).count() != renewed.stands_on:
        audit.record(RenewalFailed(subject=session_id, failure="OVERTAKEN", attempts=row.attempts))
        return False
    SessionEvidence.objects.bulk_create(
        SessionEvidence(session_id=session_id, kind=kind, data=data, obtained_at=now)
        for kind, data in renewed.evidence
    )
    row.protected_until, row.next_at = renewed.until, _begin(renewed.until, now)
    row.renewals, row.renewed_at = row.renewals + 1, now
    row.attempts, row.failure = 0, ""
    row.save()
    audit.record(SessionRenewed(subject=session_id, until=renewed.until.isoformat()))
    return True


@command
def note_failure(
    *, actor: Actor, session_id: uuid.UUID, failure: Failure, now: datetime.datetime
) -> None:
    """Try again later, each time twice as late, at most a day. Locks the document's row."""
    row = Preservation.objects.select_for_update(no_key=True).get(pk=session_id)
    row.next_at = now + min(BACK_OFF * 2 ** min(row.attempts, 8), BACK_OFF_MOST)
    row.attempts, row.failure = row.attempts + 1, failure
    row.save()
    audit.record(RenewalFailed(subject=session_id, failure=failure, attempts=row.attempts))
