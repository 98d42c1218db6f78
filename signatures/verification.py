"""Verification of CMS/CAdES signatures: one function, one result, no exception for any input.

What is of CMS alone stands here; the judging is `signatures.judging`.
"""

import datetime
import logging
from collections.abc import Iterable
from dataclasses import replace

from signatures import archive, cms, der, ess, keys, oids, revocation, timestamps, work
from signatures.algorithms import hashes
from signatures.algorithms.gost28147 import DKE1
from signatures.archive import Cover
from signatures.certificates import Certificate
from signatures.judging import (
    ARCHIVE,
    MAX_CARRIED,
    MAX_TIMESTAMPS,
    ORDER,
    PARTNER,
    POLICIES,
    SIGN_IN,
    Content,
    Covered,
    Judge,
    Policy,
    pieces_of,
    read_certificates,
)
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
from signatures.revocation import Evidence
from signatures.trust import TrustStore

__all__ = ["ARCHIVE", "MAX_CARRIED", "ORDER", "PARTNER", "POLICIES", "SIGN_IN", "verify_cms"]

log = logging.getLogger(__name__)

MAX_SIZE = 200 * 1024 * 1024


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
    carried = read_certificates(container.certificates)
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


def _same(a: Iterable[bytes | memoryview], b: Iterable[bytes | memoryview]) -> bool:
    return hashes.digest_of(oids.SHA256, a) == hashes.digest_of(oids.SHA256, b)


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
    return read_certificates(certs), tuple(found)


class _SignerCheck(Judge):
    """The checks of one SignerInfo."""

    family = "CAdES"

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
        more_certs, more_evidence = _unsigned_values(info)
        super().__init__(policy, at, trust, carried + more_certs, evidence + more_evidence)
        self.countersigns = countersigns
        self.info, self.container, self.chunks = info, container, chunks
        self.digests = digests
        # Archive time-stamps that hold: when, what they cover, whether they still do by themselves.
        self.covers: list[tuple[datetime.datetime, Cover, bool]] = []

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

    def _signing_time(self) -> None:
        if oids.SIGNING_TIME not in self.info.signed:
            return
        node = self.info.one(oids.SIGNING_TIME)
        if node is None:  # RFC 5652 11.3
            self.invalid(Reason.FORMAT_FAILURE, "the signing time stands twice")
        else:
            self.signing_time = node.time

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
        matching = (one for one in found if len(found) > 1 and self._named(one))
        self.certificate = next(matching, found[0] if found else None)

    def _carried_spoilt(self, genuine: Certificate) -> bool:
        """Whether the container holds what was this certificate, by its key or by being unreadable."""
        container = self.container
        return (
            len(read_certificates(container.certificates)) < len(container.certificates)
            or len(_carried_evidence(container))
            < len(container.crls) + len(container.ocsp_responses)
            or any(one.spki == genuine.spki for one in self.carried)
        )

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

    def _named(self, certificate: Certificate) -> bool | None:
        """Whether signing-certificate(-v2) names this certificate."""
        return next(ess.names(self.info, certificate), None)

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
        except (keys.UnusableKey, hashes.UnknownHash) as error:
            self._crypto_undecided(error)
            return
        self._check_strength(key, algorithm.hash_oid)
        if key.verify(algorithm, digest, info.signature):
            self.crypto = Status.VALID
            if info.signed_bytes is None:
                self.digest = Status.VALID
        else:
            self.crypto = Status.INVALID
            if info.signed_bytes is None:
                self.digest = Status.INVALID
            self.invalid(Reason.SIG_CRYPTO_FAILURE)

    # ── time ─────────────────────────────────────────────────────────────────
    def _check_archive(self) -> list[TimestampResult]:
        """Archive time-stamps, the newest first: each proves that the earlier ones were there."""
        found = [
            (name, node)
            for name in (oids.ARCHIVE_TIMESTAMP_V3, oids.ARCHIVE_TIMESTAMP_V2)
            for node in self.info.unsigned.get(name, [])
        ]
        found.sort(key=lambda one: timestamps.time_of(one[1]), reverse=True)
        results = []
        for name, node in found[:MAX_TIMESTAMPS]:
            try:
                cover = self._cover(name, node)
            except archive.Incomplete as error:
                self.invalid(Reason.HASH_FAILURE, str(error))
                continue
            stamp = self._token(name, node, cover.imprint, "archive")
            results.append(stamp)
            if stamp.status is Status.VALID and stamp.time and stamp.time <= self._latest:
                self.covers.append((stamp.time, cover, not stamp.lapsed))
        return results

    def _cover(self, name: str, node: der.Node) -> Cover:
        if name == oids.ARCHIVE_TIMESTAMP_V2:
            return archive.cover_older(node.raw, self.info, self.container, self.chunks)
        return archive.cover(
            node.raw,
            self.info,
            self.container,
            lambda hash_oid: self._content_digest(hash_oid, DKE1),
        )

    def _token(
        self, name: str, node: der.Node, covered: Covered, kind: timestamps.Kind
    ) -> TimestampResult:
        stamp = timestamps.verify_token(
            node.raw,
            covered,
            kind,
            self.trust,
            self.carried,
            self.own + self.came_along,
            self._existed_by(name, node),
        )
        return self._weighed(stamp, self._existed_by(name, node, firm=True))

    def _existed_by(
        self, name: str, node: der.Node, *, firm: bool = False
    ) -> datetime.datetime | None:
        """The earliest archive time-stamp that covers a token; `firm`: of those that still prove by
        themselves. What is signed is covered by all."""
        signed = name in self.info.signed
        times = [
            time
            for time, cover, holds in self.covers
            if (holds or not firm) and (signed or cover.attribute(name, node))
        ]
        return min(times, default=None)

    def _find_stamps(self) -> list[TimestampResult]:
        wanted: list[tuple[timestamps.Kind, str, list[der.Node], Covered]] = [
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
        return [
            self._token(name, node, covered, kind)
            for kind, name, nodes, covered in wanted
            for node in nodes[:MAX_TIMESTAMPS]
        ] + archived
