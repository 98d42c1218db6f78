"""Verification of signatures: one function, one result, no exception for any input.

Follows ETSI EN 319 102-1: format, signing certificate, cryptography, path, revocation and time.
What differs by purpose is in `Policy`.
"""

import datetime
import logging
import mmap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from signatures import (
    archive,
    certificates,
    cms,
    der,
    ess,
    keys,
    oids,
    revocation,
    timestamps,
    work,
)
from signatures.algorithms import hashes
from signatures.algorithms.gost28147 import DKE1
from signatures.archive import Cover
from signatures.certificates import Certificate, CertificateInfo
from signatures.result import (
    Overall,
    Reason,
    SignerResult,
    Status,
    TimestampResult,
    VerificationResult,
    malformed,
    worst,
)
from signatures.revocation import Evidence, Finding
from signatures.trust import Chain, TrustStore

log = logging.getLogger(__name__)

MAX_SIZE = 200 * 1024 * 1024
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


def verify_cms(
    data: bytes | memoryview,
    content: Content = None,
    *,
    policy: Policy = ARCHIVE,
    at: datetime.datetime,
    trust: TrustStore,
) -> VerificationResult:
    """Verify a CMS/CAdES signature, detached when `content` is given.

    `content` may also be anything that gives its pieces anew each time it is walked, so that a
    large file never lies in memory whole.

    `at` is the moment of judgement: a signature without a trustworthy timestamp is taken to
    exist since then and no earlier. Never raises.
    """
    try:
        with work.budget():
            return _verify(data, content, policy, at, trust)
    except (der.DerError, hashes.UnknownHash, work.TooMuchWork) as error:
        return replace(malformed(str(error), "cms"), at=at)
    except (RecursionError, MemoryError, OverflowError, ValueError, IndexError, TypeError) as error:
        log.warning("signatures: unreadable input", exc_info=True)
        return replace(malformed(type(error).__name__, "cms"), at=at)


def _verify(
    data: bytes | memoryview,
    content: Content,
    policy: Policy,
    at: datetime.datetime,
    trust: TrustStore,
) -> VerificationResult:
    if len(data) > MAX_SIZE:
        return malformed("the file is too large", "cms")
    binary = der.unarmour(data)
    container = cms.parse_signed_data(binary)
    if not container.signers:
        return replace(malformed("no signatures inside", "cms"), at=at)
    if len(container.certificates) > MAX_CARRIED:
        return replace(malformed("too many certificates beside a signature", "cms"), at=at)
    carried = _certificates(container.certificates)
    evidence = _carried_evidence(container)
    given = pieces_of(content)
    chunks = given if container.content is None else container.content
    if chunks is not None and not isinstance(chunks, work.Counted):
        chunks = work.Counted(chunks)
    mismatch = (
        container.content is not None and given is not None and not _same(container.content, given)
    )
    digests: dict[tuple[str, bytes], bytes] = {}
    signers = []
    for info in container.signers:
        check = _SignerCheck(info, container, chunks, policy, at, trust, carried, evidence, digests)
        signer = check.run()
        if mismatch:
            signer = replace(
                signer,
                digest=Status.INVALID,
                overall=Overall.INVALID,
                reason=Reason.HASH_FAILURE,
                notes=(*signer.notes, "attached content differs from the given file"),
            )
        signers.append(signer)
        signers += _countersigners(info, container, policy, at, trust, carried, evidence)
    overall, reason = worst([(signer.overall, signer.reason) for signer in signers])
    return VerificationResult(
        overall,
        reason,
        tuple(signers),
        detail=f"{container.trailing} trailing bytes" if container.trailing else "",
        trust_version=trust.version,
        at=at,
    )


MAX_COUNTERSIGNATURES = 16


def _countersigners(
    info: cms.SignerInfo,
    container: cms.SignedData,
    policy: Policy,
    at: datetime.datetime,
    trust: TrustStore,
    carried: tuple[Certificate, ...],
    evidence: tuple[Evidence, ...],
    depth: int = 0,
) -> list[SignerResult]:
    """Whoever signed a signature (RFC 5652 11.4), judged as signers are; theirs as well."""
    found: list[SignerResult] = []
    for node in info.unsigned.get(oids.COUNTERSIGNATURE, [])[:MAX_COUNTERSIGNATURES]:
        inner = cms.parse_signer(node)
        check = _SignerCheck(
            inner, container, [memoryview(info.signature)], policy, at, trust, carried, evidence, {},
            countersigns=True,
        )  # fmt: skip
        signer = check.run()
        found.append(replace(signer, notes=("a countersignature", *signer.notes)))
        if depth < MAX_COUNTERSIGNATURES:
            found += _countersigners(
                inner, container, policy, at, trust, carried, evidence, depth + 1
            )
    return found


def pieces_of(content: Content) -> Covered:
    """Content as pieces to walk, None when there is none."""
    if content is None:
        return None
    if isinstance(content, bytes | bytearray | memoryview | mmap.mmap):
        return [memoryview(content)]
    return content


def _same(a: Iterable[bytes | memoryview], b: Iterable[bytes | memoryview]) -> bool:
    return hashes.digest_of(oids.SHA256, a) == hashes.digest_of(oids.SHA256, b)


def _certificates(raws: Iterable[bytes]) -> tuple[Certificate, ...]:
    found = []
    for raw in raws:
        try:
            found.append(certificates.load(raw))
        except der.DerError:
            continue
    return tuple(found)


def _carried_evidence(container: cms.SignedData) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for raw in container.crls[:64]:
        try:
            found.append(revocation.parse_crl(raw))
        except der.DerError:
            continue
    for raw in container.ocsp_responses[:64]:
        try:
            found.append(revocation.parse_ocsp(raw))
        except (der.DerError, revocation.NoAnswer):
            continue
    return tuple(found)


def _unsigned_values(
    info: cms.SignerInfo,
) -> tuple[tuple[Certificate, ...], tuple[Evidence, ...]]:
    """Certificates and revocation values of CAdES-X-Long attributes."""
    certs: list[bytes] = []
    found: list[Evidence] = []
    try:
        for value in info.unsigned.get(oids.CERTIFICATE_VALUES, [])[:4]:
            certs += [child.raw for child in value.parts()[:64]]
        for value in info.unsigned.get(oids.REVOCATION_VALUES, [])[:4]:
            for part in value.parts():
                for child in part.inner().parts()[:64]:
                    if part.tag == 0xA0:
                        found.append(revocation.parse_crl(child.raw))
                    elif part.tag == 0xA1:
                        found.append(revocation.parse_ocsp(child.raw))
    except (der.DerError, revocation.NoAnswer):
        pass
    return _certificates(certs), tuple(found)


# What certainly is wrong with a time-stamp leaves the signature itself undecided: EN 319 102-1
# pairs these reasons with TOTAL-FAILED alone.
_OF_STAMP: dict[Reason | None, Reason] = {
    Reason.FORMAT_FAILURE: Reason.GENERIC,
    Reason.SIG_CRYPTO_FAILURE: Reason.GENERIC,
    Reason.HASH_FAILURE: Reason.GENERIC,
    Reason.REVOKED: Reason.REVOKED_NO_POE,
}


class _SignerCheck:
    """The checks of one SignerInfo, in the order of EN 319 102-1 clause 5.3."""

    def __init__(
        self,
        info: cms.SignerInfo,
        container: cms.SignedData,
        chunks: Covered,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
        carried: tuple[Certificate, ...],
        evidence: tuple[Evidence, ...],
        digests: dict[tuple[str, bytes], bytes],
        countersigns: bool = False,
    ) -> None:
        self.countersigns = countersigns
        self.info, self.container, self.chunks = info, container, chunks
        self.policy, self.at, self.trust = policy, at, trust
        more_certs, more_evidence = _unsigned_values(info)
        self.carried = carried + more_certs
        self.came_along = evidence + more_evidence
        self.own = trust.evidence  # what the installation, or whoever runs the command, has
        self.digests = digests
        self.certificate: Certificate | None = None
        self.facts: CertificateInfo | None = None
        self.crypto = self.digest = self.chain_status = Status.INDETERMINATE
        self.ess = self.revocation = self.timestamp = Status.ABSENT
        self.usage = Status.INDETERMINATE
        self.algorithm_name = ""
        self.signing_time: datetime.datetime | None = None
        self.proven: datetime.datetime | None = None
        self.stamps: tuple[TimestampResult, ...] = ()
        self.covers: list[tuple[datetime.datetime, Cover]] = []  # archive time-stamps that hold
        self.chain = Chain(())
        self.finding = Finding("unknown")
        self.confirmed = False  # known to be good at the moment judged, authorities included
        self.notes: list[str] = []
        self.faults: list[tuple[Overall, Reason]] = []

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
            algorithm=self.algorithm_name,
            certificate=self.facts,
            signing_time=self.signing_time,
            proven_time=self.proven,
            timestamps=self.stamps,
            chain_certificates=tuple(c.der for c in self.chain.certificates),
            revocation_source=self.finding.source,
            revoked_at=self.finding.revoked_at,
            on_hold=self.finding.state == "hold",
            confirmed=self.confirmed and overall is Overall.VALID,
            evidence=self.finding.evidence,
            notes=tuple(self.notes),
        )

    def level(self) -> str:
        signed, unsigned = self.info.signed, self.info.unsigned
        if oids.SIGNING_CERTIFICATE_V2 not in signed and oids.SIGNING_CERTIFICATE not in signed:
            return "CMS"
        if oids.SIGNATURE_TIMESTAMP not in unsigned:
            return "BES"
        if self.covers:
            return "LTA"
        if oids.REVOCATION_VALUES in unsigned:
            return "XL"
        if self.container.crls or self.container.ocsp_responses:
            return "LT"
        return "C" if oids.REVOCATION_REFS in unsigned else "T"

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

    def _signing_time(self) -> None:
        if oids.SIGNING_TIME not in self.info.signed:
            return
        node = self.info.one(oids.SIGNING_TIME)
        if node is None:  # RFC 5652 11.3
            self.invalid(Reason.FORMAT_FAILURE, "the signing time stands twice")
        else:
            self.signing_time = node.time

    def _check_claimed_time(self) -> None:
        """The time a signer claims proves nothing, and is told where it cannot be true."""
        claimed = self.signing_time
        if claimed is None:
            return
        if self.policy.just_made:
            if not self.at - CLAIMED_BEHIND <= claimed <= self.at + CLAIMED_AHEAD:
                self.undecided(
                    Reason.SIG_CONSTRAINTS_FAILURE, "the claimed signing time is far from now"
                )
        elif claimed > self._latest:
            self.notes.append("the claimed signing time is in the future")
        if self.proven is not None and claimed > self.proven + revocation.CLOCK_SKEW:
            self.notes.append("the claimed signing time is later than the time-stamp")

    def _find_certificate(self) -> None:
        """The certificate the signer identifier names; among several, the one ESS means.

        One that came with the signature but spoilt is not replaced by a good one from elsewhere:
        then somebody changed the container.
        """
        found = self.info.find_certificate(list(dict.fromkeys(self.carried)))
        if not found:
            found = self.info.find_certificate(list(self.trust.intermediates))
            if found and self._carried_spoilt(found[0]):
                self.undecided(
                    Reason.NO_SIGNING_CERTIFICATE_FOUND, "the certificate inside was changed"
                )
        matching = (one for one in found if len(found) > 1 and self._ess_matches(one))
        self.certificate = next(matching, found[0] if found else None)

    def _carried_spoilt(self, genuine: Certificate) -> bool:
        """Whether the container holds what was this certificate, by its key or by being unreadable."""
        container = self.container
        return (
            len(_certificates(container.certificates)) < len(container.certificates)
            or len(_carried_evidence(container))
            < len(container.crls) + len(container.ocsp_responses)
            or any(one.spki == genuine.spki for one in self.carried)
        )

    def _table(self) -> bytes:
        """The substitution table for GOST 34.311: the signer's key carries it (trap 5)."""
        if self.certificate is not None:
            try:
                return self.certificate.public_key.table
            except keys.UnusableKey as error:
                if str(error) == keys.UNKNOWN_TABLE:
                    raise hashes.UnknownHash(keys.UNKNOWN_TABLE) from error
        return DKE1

    def _content_digest(self, hash_oid: str, table: bytes | None = None) -> bytes | None:
        """The content's hash; GOST 34.311 with the signer's table unless another is named."""
        if self.chunks is None:
            return None
        key = (hash_oid, table or self._table() if hash_oid == oids.GOST34311 else b"")
        if key not in self.digests:
            self.digests[key] = hashes.digest_of(hash_oid, self.chunks, key[1] or DKE1)
        return self.digests[key]

    def _check_digest(self) -> None:
        info = self.info
        if info.signed_bytes is None:
            if self.container.content_type != oids.DATA:
                self.digest = Status.INVALID
                self.invalid(Reason.FORMAT_FAILURE, "signed attributes are missing")
            elif self.chunks is None:
                self.undecided(Reason.SIGNED_DATA_NOT_FOUND)
            else:  # the attributes of another signature, as a file, would hold just as well
                self.undecided(
                    Reason.SIG_CONSTRAINTS_FAILURE, "nothing signed says what was signed"
                )
            return
        kind, said = info.one(oids.CONTENT_TYPE), info.one(oids.MESSAGE_DIGEST)
        if said is None:
            self.digest = Status.INVALID
            self.invalid(Reason.FORMAT_FAILURE, "message digest missing or repeated")
            return
        if self.countersigns:
            wrong = oids.CONTENT_TYPE in info.signed  # RFC 5652 11.4: it has none
        else:
            wrong = kind is None or kind.oid != self.container.content_type
        if wrong:
            self.digest = Status.INVALID
            self.invalid(Reason.FORMAT_FAILURE, "content type attribute does not match")
            return
        if not self._algorithms_protected():
            self.digest = Status.INVALID
            self.invalid(Reason.FORMAT_FAILURE, "other algorithms than the signed ones")
            return
        try:
            computed = self._content_digest(info.digest_oid)
        except hashes.UnknownHash:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "unknown digest algorithm")
            return
        if computed is None:
            self.undecided(Reason.SIGNED_DATA_NOT_FOUND)
        elif computed == said.content:
            self.digest = Status.VALID
            if info.digest_oid in hashes.BROKEN:
                self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "SHA-1 proves nothing any more")
        else:
            self.digest = Status.INVALID
            self.invalid(Reason.HASH_FAILURE)

    def _algorithms_protected(self) -> bool:
        """Whether the algorithms are those that were signed, where that is said (RFC 6211)."""
        if oids.CMS_ALGORITHM_PROTECTION not in self.info.signed:
            return True
        node = self.info.one(oids.CMS_ALGORITHM_PROTECTION)
        if node is None:
            return False
        said = node.parts(2)
        signature = next((part for part in said[1:] if part.tag == 0xA1), None)
        return (
            said[0].parts(1)[0].oid == self.info.digest_oid
            and signature is not None
            and signature.children[:1] != []
            and signature.children[0].oid == self.info.algorithm.parts(1)[0].oid
        )

    def _ess_matches(self, certificate: Certificate) -> bool | None:
        """Whether signing-certificate(-v2) names this certificate; None when it is absent."""
        return next(ess.names(self.info, certificate), None)

    def _check_ess(self) -> None:
        assert self.certificate is not None  # noqa: S101 - narrowing for the type checker
        matches = self._ess_matches(self.certificate)
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

    def _check_crypto(self) -> None:
        assert self.certificate is not None  # noqa: S101
        info = self.info
        try:
            key = self.certificate.public_key
            algorithm = keys.signature_algorithm(info.algorithm, info.digest_oid)
            self.algorithm_name = algorithm.name
            if info.signed_bytes is not None:
                digest = hashes.digest(algorithm.hash_oid, info.signed_bytes, key.table)
            else:
                computed = self._content_digest(algorithm.hash_oid)
                if computed is None:
                    return
                digest = computed
        except keys.UnusableKey as error:
            code = str(error)
            if code in keys.UNDECIDED:
                self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, code)
            else:
                self.crypto = Status.INVALID
                self.invalid(Reason.SIG_CRYPTO_FAILURE, code)
            return
        except hashes.UnknownHash:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "unknown hash")
            return
        if self.policy.just_made and key.weak:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "the key is too weak")
        if algorithm.hash_oid in hashes.BROKEN:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, "SHA-1 proves nothing any more")
        if key.verify(algorithm, digest, info.signature):
            self.crypto = Status.VALID
            if info.signed_bytes is None:
                self.digest = Status.VALID
        else:
            self.crypto = Status.INVALID
            if info.signed_bytes is None:
                self.digest = Status.INVALID
            self.invalid(Reason.SIG_CRYPTO_FAILURE)

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
    def _check_archive(self) -> list[TimestampResult]:
        """Archive time-stamps, the newest first: each proves that the earlier ones were there."""
        if oids.ARCHIVE_TIMESTAMP_V2 in self.info.unsigned:
            self.notes.append("an archive time-stamp of the older form (v2) is not read")
        name = oids.ARCHIVE_TIMESTAMP_V3
        results = []
        for node in sorted(
            self.info.unsigned.get(name, [])[:MAX_TIMESTAMPS], key=timestamps.time_of, reverse=True
        ):
            try:
                cover = archive.cover(
                    node.raw,
                    self.info,
                    self.container,
                    lambda hash_oid: self._content_digest(hash_oid, DKE1),
                )
            except archive.Incomplete as error:
                self.invalid(Reason.HASH_FAILURE, str(error))
                continue
            stamp = timestamps.verify_token(
                node.raw,
                cover.imprint,
                "archive",
                self.trust,
                self.carried,
                self.own + self.came_along,
                self._existed_by(name, node),
            )
            results.append(stamp)
            if stamp.status is Status.VALID and stamp.time and stamp.time <= self._latest:
                self.covers.append((stamp.time, cover))
        return results

    @property
    def _latest(self) -> datetime.datetime:
        return self.at + revocation.CLOCK_SKEW

    def _existed_by(self, name: str, node: der.Node) -> datetime.datetime | None:
        """The earliest archive time-stamp that covers a token. What is signed is covered by all."""
        signed = name in self.info.signed
        times = [time for time, cover in self.covers if signed or cover.attribute(name, node)]
        return min(times, default=None)

    def _check_timestamps(self) -> None:
        wanted: list[tuple[Literal["content", "signature"], str, list[der.Node], Covered]] = [
            (
                "content",
                oids.CONTENT_TIMESTAMP,
                self.info.signed.get(oids.CONTENT_TIMESTAMP, []),
                self.chunks,
            ),
            (
                "signature",
                oids.SIGNATURE_TIMESTAMP,
                self.info.unsigned.get(oids.SIGNATURE_TIMESTAMP, []),
                [memoryview(self.info.signature)],
            ),
        ]
        archived = self._check_archive()
        stamps = [
            timestamps.verify_token(
                node.raw,
                covered,
                kind,
                self.trust,
                self.carried,
                self.own + self.came_along,
                self._existed_by(name, node),
            )
            for kind, name, nodes, covered in wanted
            for node in nodes[:MAX_TIMESTAMPS]
        ] + archived
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
        signature_times = [s.time for s in good if s.kind in ("signature", "archive") and s.time]
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
