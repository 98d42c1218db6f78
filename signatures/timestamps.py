"""RFC 3161: reading and checking time-stamp tokens; making requests."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from signatures import certificates, cms, der, ess, keys, oids, revocation
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.result import Reason, Status, TimestampResult
from signatures.revocation import Evidence
from signatures.trust import Chain, TrustStore

Kind = Literal["content", "signature", "archive", "file"]
MAX_TOKEN = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Token:
    """What a time-stamping authority signed."""

    container: cms.SignedData
    imprint_oid: str
    imprint: bytes
    time: datetime.datetime
    policy: str
    serial: bytes
    nonce: int | None


def parse_token(data: bytes) -> Token:
    """Read a token (a CMS SignedData over TSTInfo).

    Raises:
        DerError: something else.
    """
    if len(data) > MAX_TOKEN:
        raise der.DerError("a token of impossible size")
    container = cms.parse_signed_data(data)
    content = container.content_bytes()
    if container.content_type != oids.TST_INFO or content is None:
        raise der.DerError("not a time-stamp token")
    parts = der.parse(content).parts(5)
    imprint = parts[2].parts(2)
    nonce = next((part.number for part in parts[5:] if part.tag == der.INTEGER), None)
    return Token(
        container=container,
        imprint_oid=imprint[0].parts(1)[0].oid,
        imprint=imprint[1].expect(der.OCTET_STRING).content,
        time=parts[4].time,
        policy=parts[1].oid,
        serial=parts[3].content,
        nonce=nonce,
    )


def time_of(node: der.Node) -> datetime.datetime:
    """When a token says it was made, to put several in order; an unreadable one comes first."""
    try:
        return parse_token(node.raw).time
    except der.DerError:
        return datetime.datetime.min.replace(tzinfo=datetime.UTC)


def verify_token(
    data: bytes,
    covered: Iterable[bytes | memoryview] | None,
    kind: Kind,
    trust: TrustStore,
    extra: Iterable[Certificate] = (),
    evidence: Iterable[Evidence] = (),
    existed_by: datetime.datetime | None = None,
) -> TimestampResult:
    """Check a token against what it should cover; the authority is judged at the token's time.

    `existed_by` is when a later archive time-stamp proves that this token was there already: then
    a key of the authority that was stolen afterwards does not matter.
    """
    try:
        token = parse_token(data)
        return _verify(token, data, covered, kind, trust, tuple(extra), tuple(evidence), existed_by)
    except (der.DerError, hashes.UnknownHash):
        return TimestampResult(kind, Status.INVALID, Reason.FORMAT_FAILURE, None, "", token=data)


def _verify(
    token: Token,
    data: bytes,
    covered: Iterable[bytes | memoryview] | None,
    kind: Kind,
    trust: TrustStore,
    extra: tuple[Certificate, ...],
    evidence: tuple[Evidence, ...],
    existed_by: datetime.datetime | None,
) -> TimestampResult:
    def answer(
        status: Status,
        reason: Reason | None,
        crypto: Status = Status.INDETERMINATE,
        chain: Status = Status.INDETERMINATE,
        authority: str = "",
    ) -> TimestampResult:
        return TimestampResult(
            kind, status, reason, token.time, authority, imprint, crypto, chain, data
        )

    imprint = Status.INDETERMINATE
    if covered is not None:
        same = hashes.digest_of(token.imprint_oid, covered) == token.imprint
        imprint = Status.VALID if same else Status.INVALID
    if len(token.container.signers) != 1:  # RFC 3161 2.4.2
        return answer(Status.INVALID, Reason.FORMAT_FAILURE)
    info = token.container.signers[0]
    carried = []
    for raw in token.container.certificates[:64]:
        try:
            carried.append(certificates.load(raw))
        except der.DerError:
            continue
    # Ukrainian tokens carry no certificates: the authority's comes from the trusted list.
    pool = list(dict.fromkeys([*carried, *extra, *trust.pool]))
    found = info.find_certificate(pool)
    if not found:
        status = Status.INVALID if imprint is Status.INVALID else Status.INDETERMINATE
        return answer(status, Reason.NO_SIGNING_CERTIFICATE_FOUND)
    authority = found[0]
    name = authority.info.common_name
    if not _signed(token, info, authority):
        return answer(Status.INVALID, Reason.SIG_CRYPTO_FAILURE, Status.INVALID, authority=name)
    chain = trust.chain(authority, token.time, [*carried, *extra])
    chain_status = Status.VALID if chain.trusted else Status.INDETERMINATE
    if info.digest_oid in hashes.BROKEN or token.imprint_oid in hashes.BROKEN:
        reason = Reason.CRYPTO_CONSTRAINTS_FAILURE
        return answer(Status.INDETERMINATE, reason, Status.VALID, chain_status, name)
    if imprint is Status.INVALID:
        return answer(Status.INVALID, Reason.HASH_FAILURE, Status.VALID, chain_status, name)
    if oids.EKU_TIME_STAMPING not in authority.extended_key_usage:
        reason = Reason.CHAIN_CONSTRAINTS_FAILURE
        return answer(Status.INDETERMINATE, reason, Status.VALID, chain_status, name)
    if not chain.trusted:
        return answer(Status.INDETERMINATE, chain.reason, Status.VALID, chain_status, name)
    if not authority.not_before <= token.time <= authority.not_after:
        reason = Reason.OUT_OF_BOUNDS_NO_POE
        return answer(Status.INDETERMINATE, reason, Status.VALID, chain_status, name)
    revoked = _revoked(token, authority, chain, trust, (*carried, *extra), evidence, existed_by)
    if revoked is not None:
        return answer(Status.INDETERMINATE, revoked, Status.VALID, chain_status, name)
    if imprint is not Status.VALID:
        reason = Reason.SIGNED_DATA_NOT_FOUND
        return answer(Status.INDETERMINATE, reason, Status.VALID, chain_status, name)
    used = {token.imprint_oid, info.digest_oid, info.algorithm.parts(1)[0].oid}
    return replace(
        answer(Status.VALID, None, Status.VALID, chain_status, name),
        until=min([one.not_after for one in chain.certificates] + trust.ends_of(used)),
        chain_certificates=tuple(one.der for one in chain.certificates),
    )


# With these reasons tokens made before the revocation stay good; with any other, or none, all are
# doubtful, because whoever has the key writes the time as they like (RFC 3161 4).
_KEY_STAYED_SAFE = {0, 3, 4, 5}


def _revoked(
    token: Token,
    authority: Certificate,
    chain: Chain,
    trust: TrustStore,
    extra: tuple[Certificate, ...],
    evidence: tuple[Evidence, ...],
    existed_by: datetime.datetime | None,
) -> Reason | None:
    """Why the revocation of the authority's certificate takes the token's worth, or None.

    Asked about like a signer's: a stolen key of a time-stamping authority writes any time.
    """

    def assess(evidence: tuple[Evidence, ...]) -> revocation.Finding:
        return revocation.assess(
            authority,
            chain.issuer_of(0),
            evidence,
            at=token.time,
            responders=(*extra, *trust.pool),
            trusted=lambda responder, when: trust.chain(responder, when, extra).trusted,
        )

    finding = assess(evidence)
    if finding.state != "revoked" and not assess(trust.evidence).good:
        fresh, _ = trust.ask(authority, chain.issuer_of(0), token.time)
        finding = assess(evidence + fresh)
    if finding.state == "hold" and finding.bad_at(token.time):
        return Reason.TRY_LATER
    if finding.state != "revoked":
        return None
    if finding.since is None or finding.since <= token.time:
        return Reason.REVOKED
    proven = existed_by is not None and existed_by < finding.since
    return None if proven or finding.reason in _KEY_STAYED_SAFE else Reason.REVOKED_NO_POE


def _signed(token: Token, info: cms.SignerInfo, authority: Certificate) -> bool:
    """The token's own signature: digest of TSTInfo, content type, ESS and the signature itself."""
    kind, said = info.one(oids.CONTENT_TYPE), info.one(oids.MESSAGE_DIGEST)
    if info.signed_bytes is None or kind is None or said is None or kind.oid != oids.TST_INFO:
        return False
    try:
        key = authority.public_key
        algorithm = keys.signature_algorithm(info.algorithm, info.digest_oid)
        content = token.container.content_bytes() or b""
        if hashes.digest(info.digest_oid, content, key.table) != said.content:
            return False
        named = list(ess.names(info, authority))
        if not named or not all(named):  # RFC 3161 2.4.2 requires it
            return False
        digest = hashes.digest(algorithm.hash_oid, info.signed_bytes, key.table)
        return key.verify(algorithm, digest, info.signature)
    except ValueError:
        return False


def request(hash_oid: str, imprint: bytes, nonce: int, policy: str | None = None) -> bytes:
    """A time-stamp request (RFC 3161 2.4.1), asking for the authority's certificate."""
    algorithm = [der.oid(hash_oid)] + ([] if hash_oid == oids.GOST34311 else [der.null()])
    parts = [
        der.integer(1),
        der.sequence(der.sequence(*algorithm), der.octet_string(imprint)),
    ]
    if policy:
        parts.append(der.oid(policy))
    return der.sequence(*parts, der.integer(nonce), der.boolean(value=True))


class Refused(ValueError):
    """The time-stamping authority refused or answered something else."""


def parse_response(data: bytes) -> bytes:
    """The token inside a TimeStampResp.

    Raises:
        Refused: a status other than granted.
        DerError: not a response.
    """
    parts = der.parse(data, trailing=True).parts(1)
    status = parts[0].parts(1)[0].number
    if status not in (0, 1) or len(parts) < 2:
        raise Refused(f"status {status}")
    return parts[1].raw
