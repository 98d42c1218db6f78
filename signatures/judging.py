"""How a signature of any format is judged: policies, and the checks that do not depend on how it is
written down: path, validity, revocation, time, purpose (ETSI EN 319 102-1).

A format (`verification` for CMS, `xades` for XML) reads what was signed, by whom and with which
time-stamps, and fills the gaps of `Judge`.
"""

from __future__ import annotations

import abc
import datetime
import logging
import mmap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from signatures import der, keys, revocation
from signatures.algorithms import hashes
from signatures.algorithms.gost28147 import DKE1
from signatures.certificates import Certificate, CertificateInfo
from signatures.certificates import load as load_certificate
from signatures.result import (
    CLOCK_OFF,
    Overall,
    Reason,
    SignerResult,
    Status,
    TimestampResult,
    worst,
)
from signatures.revocation import Evidence, Finding
from signatures.trust import Chain, TrustStore

log = logging.getLogger(__name__)

MAX_TIMESTAMPS = 16
# How far the claimed time of what was just made may be from the judge's clock: people's computers
# run ahead or live in another time zone; a document waits for its signature half a day.
CLAIMED_AHEAD = datetime.timedelta(hours=3)
CLAIMED_BEHIND = datetime.timedelta(hours=24)
MAX_CARRIED = 256  # certificates of one container: each may be asked whether it issued the others
# Pieces of the signed content, walked as often as needed; None when it was not given.
Covered = Iterable[bytes | memoryview] | None
Content = bytes | bytearray | memoryview | mmap.mmap | Iterable[bytes | memoryview] | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a purpose asks of a signature beyond its being one.

    `revocation="required"`: it takes effect now, so only what the installation itself learned says
    that a certificate is good; what came along with the signature proves the past at most, and a
    thief brings what is left of last week's.
    `just_made`: the content did not exist before a moment ago (a challenge, an order shown for
    signing), so a certificate expired or revoked by now certainly was so when it signed, whatever
    time-stamps say, and the time its signer claims is near to now.
    `stale_for`: how old revocation evidence may be when nothing fresher can be had; the fallback
    is noted in the result and logged.
    """

    name: str
    revocation: Literal["required", "if_available"] = "if_available"
    require_qualified: bool = False
    require_ess: bool = False
    require_identity: bool = False
    just_made: bool = False
    stale_for: datetime.timedelta = datetime.timedelta(0)


_PEOPLE = Policy(
    name="order",
    revocation="required",
    require_qualified=True,
    require_ess=True,
    require_identity=True,
    just_made=True,
    stale_for=datetime.timedelta(hours=24),
)
SIGN_IN = replace(_PEOPLE, name="sign_in")
ORDER = _PEOPLE
# What a partner's server sent a moment ago: a seal as good as a person, and which one it is the
# caller compares with the certificates it expects.
PARTNER = Policy(
    name="partner",
    revocation="required",
    just_made=True,
    stale_for=datetime.timedelta(hours=24),
)
# A document somebody brings: judged by what it carries, at the moment asked about.
ARCHIVE = Policy(name="archive")
POLICIES = {policy.name: policy for policy in (SIGN_IN, ORDER, PARTNER, ARCHIVE)}


def pieces_of(content: Content) -> Covered:
    """Content as pieces to walk, None when there is none."""
    if content is None:
        return None
    if isinstance(content, bytes | bytearray | memoryview | mmap.mmap):
        return [memoryview(content)]
    return content


def read_certificates(raws: Iterable[bytes]) -> tuple[Certificate, ...]:
    """Those that can be read."""
    found = []
    for raw in raws:
        try:
            found.append(load_certificate(raw))
        except der.DerError:
            continue
    return tuple(found)


# What certainly is wrong with a time-stamp leaves the signature itself undecided: EN 319 102-1
# pairs these reasons with TOTAL-FAILED alone.
_OF_STAMP: dict[Reason | None, Reason] = {
    Reason.FORMAT_FAILURE: Reason.GENERIC,
    Reason.SIG_CRYPTO_FAILURE: Reason.GENERIC,
    Reason.HASH_FAILURE: Reason.GENERIC,
    Reason.REVOKED: Reason.REVOKED_NO_POE,
}


class Judge(abc.ABC):
    """The checks of one signature, in the order of EN 319 102-1 clause 5.3."""

    family = ""  # CAdES or XAdES

    def __init__(
        self,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
        carried: tuple[Certificate, ...],
        evidence: tuple[Evidence, ...],
    ) -> None:
        self.policy, self.at, self.trust = policy, at, trust
        self.carried, self.came_along = carried, evidence
        self.own = trust.evidence  # what the installation, or whoever runs the command, has
        self.certificate: Certificate | None = None
        self.facts: CertificateInfo | None = None
        self.crypto = self.digest = self.chain_status = Status.INDETERMINATE
        self.ess = self.revocation = self.timestamp = Status.ABSENT
        self.usage = Status.INDETERMINATE
        self.algorithm_name = ""
        self.signing_time: datetime.datetime | None = None
        self.proven: datetime.datetime | None = None
        self.lapsed = False  # what proves the time does not prove it by itself any more
        self.stamps: tuple[TimestampResult, ...] = ()
        self.chain = Chain(())
        self.finding = Finding("unknown")
        self.confirmed = False  # known to be good at the moment judged, authorities included
        self.notes: list[str] = []
        self.faults: list[tuple[Overall, Reason]] = []

    # ── what a format fills in ───────────────────────────────────────────────
    @abc.abstractmethod
    def level(self) -> str: ...

    @abc.abstractmethod
    def _signing_time(self) -> None:
        """Read the time that the signer claims."""

    @abc.abstractmethod
    def _find_certificate(self) -> None:
        """The signer's certificate, among what came along and what is trusted."""

    @abc.abstractmethod
    def _check_digest(self) -> None:
        """Whether the signed things are what was signed."""

    @abc.abstractmethod
    def _named(self, certificate: Certificate) -> bool | None:
        """Whether the signature names this certificate; None when it names none."""

    @abc.abstractmethod
    def _check_crypto(self) -> None:
        """Whether the certificate's key made the signature."""

    @abc.abstractmethod
    def _find_stamps(self) -> list[TimestampResult]:
        """Every time-stamp of this signature, verified."""

    def invalid(self, reason: Reason, note: str = "") -> None:
        self._fault(Overall.INVALID, reason, note)

    def undecided(self, reason: Reason, note: str = "") -> None:
        self._fault(Overall.INDETERMINATE, reason, note)

    def _fault(self, overall: Overall, reason: Reason, note: str) -> None:
        self.faults.append((overall, reason))
        if note:
            self.notes.append(note)

    # ── the sequence ─────────────────────────────────────────────────────────
    def run(self) -> SignerResult:
        try:
            self._run()
        except der.DerError as error:
            self.invalid(Reason.FORMAT_FAILURE, str(error))
        overall, reason = worst(list(self.faults))
        return SignerResult(
            overall=overall,
            reason=reason,
            crypto=self.crypto,
            digest=self.digest,
            ess=self.ess,
            chain=self.chain_status,
            revocation=self.revocation,
            timestamp=self.timestamp,
            key_usage=self.usage,
            level=self.level(),
            family=self.family,
            algorithm=self.algorithm_name,
            certificate=self.facts,
            signing_time=self.signing_time,
            proven_time=self.proven,
            timestamps=self.stamps,
            chain_certificates=tuple(c.der for c in self.chain.certificates),
            revocation_source=self.finding.source,
            revoked_at=self.finding.revoked_at,
            on_hold=self.finding.state == "hold",
            confirmed=self.confirmed and overall is Overall.VALID and not self.lapsed,
            evidence=self.finding.evidence,
            notes=tuple(self.notes),
        )

    def _run(self) -> None:
        self._signing_time()
        self._find_certificate()
        self._check_digest()
        if self.certificate is None:
            self.undecided(Reason.NO_SIGNING_CERTIFICATE_FOUND)
            return
        self.facts = self.certificate.info
        self._check_ess()
        self._check_crypto()
        self._check_usage()
        self._check_timestamps()
        moment = self.at if self.policy.just_made else self.proven or self.at
        self._check_claimed_time()
        self._check_chain(moment)
        self._check_validity(moment)
        if self.chain.trusted:
            self._check_revocation(moment)
        self._check_policy()
        self._mention_unproven_stamps()

    def _check_claimed_time(self) -> None:
        """The time a signer claims proves nothing, and is told where it cannot be true."""
        claimed = self.signing_time
        if claimed is None:
            return
        if self.policy.just_made:
            if not self.at - CLAIMED_BEHIND <= claimed <= self.at + CLAIMED_AHEAD:
                self.undecided(Reason.SIG_CONSTRAINTS_FAILURE, CLOCK_OFF)
        elif claimed > self._latest:
            self.notes.append("the claimed signing time is in the future")
        if self.proven is not None and claimed > self.proven + revocation.CLOCK_SKEW:
            self.notes.append("the claimed signing time is later than the time-stamp")

    def _table(self) -> bytes:
        """The substitution table for GOST 34.311: the signer's key carries it (trap 5)."""
        if self.certificate is not None:
            try:
                return self.certificate.public_key.table
            except keys.UnusableKey as error:
                if str(error) == keys.UNKNOWN_TABLE:
                    raise hashes.UnknownHash(keys.UNKNOWN_TABLE) from error
        return DKE1

    def _check_ess(self) -> None:
        assert self.certificate is not None  # noqa: S101 - narrowing for the type checker
        matches = self._named(self.certificate)
        if matches is None:
            if self.policy.require_ess:
                self.undecided(
                    Reason.SIG_CONSTRAINTS_FAILURE, "the signature does not name its certificate"
                )
        elif matches:
            self.ess = Status.VALID
        else:
            self.ess = Status.INVALID
            self.undecided(
                Reason.NO_SIGNING_CERTIFICATE_FOUND, "the signature names another certificate"
            )

    def _crypto_undecided(self, error: keys.UnusableKey | hashes.UnknownHash) -> None:
        """A key or a hash with which nothing can be checked."""
        code = str(error)
        if isinstance(error, hashes.UnknownHash) and code != keys.UNKNOWN_TABLE:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "unknown hash")
        elif code in keys.UNDECIDED:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, code)
        else:
            self.crypto = Status.INVALID
            self.invalid(Reason.SIG_CRYPTO_FAILURE, code)

    def _check_strength(self, key: keys.PublicKey, hash_oid: str) -> None:
        if self.policy.just_made and key.weak:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "the key is too weak")
        if hash_oid in hashes.BROKEN:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "SHA-1 proves nothing any more")

    def _check_usage(self) -> None:
        assert self.certificate is not None  # noqa: S101
        if self.certificate.odd_serial:
            self.notes.append("the certificate's number is zero or negative")
        if self.certificate.may_sign:
            self.usage = Status.VALID
        else:
            # A key-agreement key signs just as well mathematically (trap 17).
            self.usage = Status.INVALID
            self.undecided(Reason.CHAIN_CONSTRAINTS_FAILURE, "the key is not meant for signing")

    # ── time ─────────────────────────────────────────────────────────────────
    @property
    def _latest(self) -> datetime.datetime:
        return self.at + revocation.CLOCK_SKEW

    def _weighed(
        self, stamp: TimestampResult, renewed: datetime.datetime | None = None
    ) -> TimestampResult:
        """Whether a time-stamp still proves by itself, or was taken over while it did: of a key
        whose certificate is over nobody says any more that it was stolen."""
        if stamp.until is None or self.at <= stamp.until:
            return stamp
        return replace(stamp, lapsed=renewed is None or renewed > stamp.until)

    def _check_timestamps(self) -> None:
        stamps = self._find_stamps()
        self.stamps = tuple(stamps)
        if not stamps:
            return
        bad = [stamp for stamp in stamps if stamp.status is not Status.VALID]
        self.timestamp = (
            Status.VALID
            if not bad
            else Status.INVALID
            if any(stamp.status is Status.INVALID for stamp in bad)
            else Status.INDETERMINATE
        )
        for stamp in bad:
            if stamp.imprint is Status.INVALID:
                # It stamps something else: whoever added it, this container was put together wrong.
                self.invalid(Reason.HASH_FAILURE, f"{stamp.kind} timestamp: {stamp.reason}")
        good = [stamp for stamp in stamps if stamp.status is Status.VALID and stamp.time]
        proving = [s for s in good if s.kind in ("signature", "archive")]
        firm = [s for s in proving if not s.lapsed]
        signature_times = [s.time for s in firm or proving if s.time]
        self.lapsed = bool(proving and not firm) and not self.policy.just_made
        if self.lapsed:
            self.notes.append("the time-stamp's authority is out of date, and nothing renewed it")
        content_times = [s.time for s in good if s.kind == "content" and s.time]
        if signature_times:
            self.proven = min(signature_times)
            if self.proven > self._latest:
                self.proven = None
                self.undecided(Reason.TIMESTAMP_ORDER_FAILURE, "a timestamp from the future")
            elif content_times and max(content_times) > self.proven:
                self.undecided(
                    Reason.TIMESTAMP_ORDER_FAILURE, "content stamped later than its signature"
                )
        assert self.certificate is not None  # noqa: S101
        if content_times and max(content_times) > self.certificate.not_after:
            self.invalid(Reason.EXPIRED, "signed after the certificate expired")
        if self.proven and self.proven < self.certificate.not_before:
            self.invalid(Reason.NOT_YET_VALID)

    def _mention_unproven_stamps(self) -> None:
        """Last, so that what is amiss with the signer itself is told first."""
        for stamp in self.stamps:
            if stamp.status is not Status.VALID and stamp.imprint is not Status.INVALID:
                reason = _OF_STAMP.get(stamp.reason, stamp.reason) or Reason.GENERIC
                self.undecided(reason, f"{stamp.kind} timestamp: {stamp.reason}")

    def _check_chain(self, moment: datetime.datetime) -> None:
        assert self.certificate is not None  # noqa: S101
        self.chain = self.trust.chain(self.certificate, moment, self.carried)
        if self.chain.trusted:
            self.chain_status = Status.VALID
            return
        reason = self.chain.reason or Reason.NO_CERTIFICATE_CHAIN_FOUND
        self.chain_status = (
            Status.INDETERMINATE
            if reason in (Reason.NO_CERTIFICATE_CHAIN_FOUND, Reason.OUT_OF_BOUNDS_NO_POE)
            else Status.INVALID
        )
        self.undecided(reason, self.chain.detail)

    def _check_validity(self, moment: datetime.datetime) -> None:
        assert self.certificate is not None  # noqa: S101
        certificate = self.certificate
        if moment < certificate.not_before:
            self.invalid(Reason.NOT_YET_VALID)
        elif moment > certificate.not_after:
            if self.policy.just_made:
                self.invalid(Reason.EXPIRED)
            else:
                self.undecided(Reason.OUT_OF_BOUNDS_NO_POE)
        elif (
            self.signing_time
            and not certificate.not_before
            <= self.signing_time
            <= certificate.not_after + revocation.CLOCK_SKEW
        ):
            self.undecided(
                Reason.SIG_CONSTRAINTS_FAILURE,
                "the claimed signing time is outside the certificate's validity",
            )

    # ── revocation ───────────────────────────────────────────────────────────
    def _check_revocation(self, moment: datetime.datetime) -> None:
        path = self.chain.certificates
        self.confirmed = True
        for index, certificate in enumerate(path):
            if self.trust.is_anchor(certificate):
                break
            issuer = self.chain.issuer_of(index)
            finding, known = self._find_status(certificate, issuer, moment)
            if index == 0:
                self.finding = finding
                self.confirmed = known
                self._judge_leaf(finding, moment)
            elif finding.bad_at(moment):
                self.revocation = Status.INVALID
                self.undecided(Reason.REVOKED_CA_NO_POE)
            elif not known and certificate not in self.trust.intermediates:
                # The accepted list vouches for its own authorities; for one that came along only
                # its issuer can.
                self.confirmed = False
                if self.policy.revocation == "required" and not finding.good:
                    self.undecided(
                        Reason.TRY_LATER, "nobody could say whether an authority is revoked"
                    )

    def _find_status(
        self, certificate: Certificate, issuer: Certificate, moment: datetime.datetime
    ) -> tuple[Finding, bool]:
        """What is known of a certificate, and whether that is enough to say that it was good.

        The installation's own evidence is enough while it covers the moment. What came along is,
        when it was made after the moment; made earlier, it says nothing of a theft in between.
        What takes effect now is not believed on it at all.
        """
        responders = [*self.carried, *self.trust.pool]

        def trusted(responder: Certificate, when: datetime.datetime) -> bool:
            return self.trust.chain(responder, when, self.carried).trusted

        def assess(evidence: tuple[Evidence, ...]) -> Finding:
            return revocation.assess(
                certificate, issuer, evidence, at=moment, responders=responders, trusted=trusted
            )

        def weigh() -> tuple[Finding, bool]:
            own, everything = assess(self.own), assess(self.own + self.came_along)
            if self.policy.revocation == "required":
                found = everything if everything.state == "revoked" else own
                return found, own.good
            later = everything.as_of is not None and (
                moment - revocation.CLOCK_SKEW <= everything.as_of <= self._latest
            )
            return everything, own.good or (everything.good and later)

        finding, known = weigh()
        if not (known or finding.state == "revoked") and self.trust.lookup is not None:
            fresh, silent = self.trust.ask(certificate, issuer, moment)
            self.notes += silent
            if fresh:
                self.own += fresh
                finding, known = weigh()
        self.notes += (note for note in finding.notes if note not in self.notes)
        return finding, known and finding.state == "good"

    def _judge_leaf(self, finding: Finding, moment: datetime.datetime) -> None:
        if finding.state in ("revoked", "hold"):
            self._judge_revoked(finding, moment)
            return
        if finding.good:
            self.revocation = Status.VALID
            return
        age_allowed = finding.as_of is not None and moment - finding.as_of <= self.policy.stale_for
        if finding.state == "good" and self.policy.stale_for and age_allowed:
            self.revocation = Status.VALID
            self.notes.append(f"revocation status as of {finding.as_of}: nothing fresher")
            log.warning(
                "signatures: %s accepted on revocation status of %s",
                self.policy.name,
                finding.as_of,
            )
            return
        self.revocation = Status.INDETERMINATE if finding.state == "good" else Status.ABSENT
        if self.policy.revocation == "required":
            self.revocation = Status.INDETERMINATE
            self.undecided(Reason.TRY_LATER)

    def _judge_revoked(self, finding: Finding, moment: datetime.datetime) -> None:
        since = finding.since
        if not finding.bad_at(moment):
            self.revocation = Status.VALID
            self.confirmed = True
            self.notes.append("revoked after the signature was made")
            return
        self.revocation = Status.INVALID
        if finding.state == "hold":  # it may be taken back: EN 319 102-1 5.2.6.4
            self.undecided(Reason.TRY_LATER, "the certificate is on hold")
            return
        claimed_after = (
            self.signing_time is not None and since is not None and self.signing_time >= since
        )
        if self.policy.just_made or claimed_after or self.proven:
            self.invalid(Reason.REVOKED)
        else:
            self.undecided(Reason.REVOKED_NO_POE)

    # ── the purpose ──────────────────────────────────────────────────────────
    def _check_policy(self) -> None:
        policy, facts = self.policy, self.facts
        assert facts is not None  # noqa: S101
        if policy.require_qualified and not facts.qualified:
            self.undecided(Reason.SIG_CONSTRAINTS_FAILURE, "the certificate is not qualified")
        if policy.require_identity:
            if facts.conflicts:
                self.undecided(
                    Reason.SIG_CONSTRAINTS_FAILURE,
                    "the certificate names two different codes: " + ", ".join(facts.conflicts),
                )
            elif not (facts.rnokpp or facts.edrpou or facts.unzr):
                self.undecided(Reason.SIG_CONSTRAINTS_FAILURE, "the certificate names no code")
