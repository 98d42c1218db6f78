"""Any file a person brings: a signature, a container, a certificate, a list, an OCSP answer.

`verify_file` decides what it is and answers in the one result model. Nothing is kept, nothing
is fetched unless the trust store can look things up, and no input raises.
"""

import datetime
import logging
import mmap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from signatures import asic, bundles, certificates, cms, der, oids, pdf, revocation, work, xades
from signatures.backend import backend
from signatures.certificates import Certificate
from signatures.judging import ARCHIVE, Content, Policy
from signatures.result import (
    Overall,
    Reason,
    SignerResult,
    Status,
    VerificationResult,
    malformed,
    worst,
)
from signatures.trust import TrustStore

log = logging.getLogger(__name__)

MAX_LISTED = 2_000
MAX_NESTED = 4  # signatures of signatures
MAX_JOINED = 8 * 1024 * 1024


def verify_file(
    data: bytes | memoryview | mmap.mmap,
    content: Content = None,
    *,
    at: datetime.datetime,
    trust: TrustStore,
    policy: Policy = ARCHIVE,
) -> VerificationResult:
    """Verify whatever this is. `content` is the signed file of a detached signature."""
    try:
        with work.budget():
            return _verify(data, content, at, trust, policy)
    except (der.DerError, revocation.NoAnswer, work.TooMuchWork) as error:
        return replace(malformed(str(error)), at=at)
    except (RecursionError, MemoryError, OverflowError, ValueError, IndexError, TypeError) as error:
        log.warning("signatures: unreadable input", exc_info=True)
        return replace(malformed(type(error).__name__), at=at)


def verify_files(
    files: Sequence[tuple[str, bytes | mmap.mmap]], *, at: datetime.datetime, trust: TrustStore
) -> VerificationResult:
    """One or two files in any order, within one budget of work: of two, the one that is a signature
    is verified over the other. Never raises."""
    with work.budget():
        if len(files) == 1:
            return verify_file(files[0][1], at=at, trust=trust)
        if len(files) != 2:
            return malformed("one file or two are expected")
        (name_a, a), (name_b, b) = files
        if _looks_signed(name_b, b) and not _looks_signed(name_a, a):
            (name_a, a), (name_b, b) = (name_b, b), (name_a, a)
        result, name = verify_file(a, b, at=at, trust=trust), name_b
        if result.overall is not Overall.VALID and _looks_signed(name_b, b):
            # Both are signatures, or may be: a signature of a signature came in the other order.
            other = verify_file(b, a, at=at, trust=trust)
            if other.valid or result.overall is Overall.MALFORMED:
                result, name = other, name_a
    return replace(result, covered=(name,)) if result.valid and not result.covered else result


def _looks_signed(name: str, data: bytes | mmap.mmap) -> bool:
    """Whether this reads as a signature, or at least is named like one."""
    if xades.holds_signature(data):
        return True
    try:
        cms.parse_signed_data(der.unarmour(memoryview(data)))
    except der.DerError:
        return name.lower().endswith((".p7s", ".p7m", ".sig"))
    return True


def _verify(
    data: bytes | memoryview | mmap.mmap,
    content: Content,
    at: datetime.datetime,
    trust: TrustStore,
    policy: Policy,
    depth: int = 0,
) -> VerificationResult:
    if not len(data):
        return replace(malformed("an empty file"), at=at)
    if asic.is_archive(data):
        return asic.verify_asic(data, content, policy=policy, at=at, trust=trust)
    if pdf.is_pdf(data):
        return replace(pdf.verify_pdf(data, policy=policy, at=at, trust=trust), at=at)
    if xades.is_xml(data):
        return backend().verify_xml(data, content, policy=policy, at=at, trust=trust)
    view = memoryview(data)
    binary = der.unarmour(view)
    root = der.parse(binary, trailing=True)
    first = root.parts(1)[0]
    if first.tag == der.OID:
        if first.oid != oids.SIGNED_DATA:
            kind = "encrypted" if first.oid in (oids.ENVELOPED_DATA, oids.ENCRYPTED_DATA) else "cms"
            return replace(malformed("not a signature", kind), at=at)
        container = cms.parse_signed_data(binary)
        if not container.signers and container.certificates:
            return _bundle(container, at, trust)
        result = backend().verify_cms(binary, content, policy=policy, at=at, trust=trust)
        return _with_inner(result, container, content, at, trust, policy, depth)
    if first.tag == der.ENUMERATED:
        return _ocsp(root.raw, at, trust)
    if bytes(view[:64]).lstrip().startswith(b"-----BEGIN") and (
        bytes(view).count(b"-----BEGIN CERTIFICATE-----") > 1
    ):
        return _several(bundles.load_many(bytes(view)), at, trust)
    # A certificate, a list and a bare OCSP answer all are SEQUENCE { SEQUENCE, SEQUENCE, BITS }.
    try:
        certificate = certificates.load(root.raw)
    except der.DerError:
        pass
    else:
        signer = verify_certificate(certificate, at=at, trust=trust)
        return VerificationResult(
            signer.overall, signer.reason, (signer,), kind="certificate",
            trust_version=trust.version, at=at,
        )  # fmt: skip
    try:
        crl = revocation.parse_crl(root.raw)
    except der.DerError:
        return _ocsp(root.raw, at, trust)
    return _crl(crl, at, trust)


def _with_inner(
    result: VerificationResult,
    container: cms.SignedData,
    content: Content,
    at: datetime.datetime,
    trust: TrustStore,
    policy: Policy,
    depth: int,
) -> VerificationResult:
    """The answer with the signers of what was signed, where that is a signed file itself."""
    inner: bytes | bytearray | memoryview | mmap.mmap | None = None
    if container.content is not None and len(container.content) == 1:
        (inner,) = container.content
    elif container.content is not None and sum(map(len, container.content)) <= MAX_JOINED:
        inner = container.content_bytes()
    elif isinstance(content, bytes | bytearray | memoryview | mmap.mmap):
        inner = content
    if not result.signers or not inner or depth >= MAX_NESTED or not _is_signed(inner):
        return result
    found = _verify(memoryview(inner), None, at, trust, policy, depth + 1)
    if not found.signers or found.reason is Reason.SIGNED_DATA_NOT_FOUND:
        return result  # a detached signature, itself signed: what it is of was not given
    overall, reason = worst([(result.overall, result.reason), (found.overall, found.reason)])
    signers = (*result.signers, *found.signers)
    return replace(result, overall=overall, reason=reason, signers=signers)


def _is_signed(data: bytes | bytearray | memoryview | mmap.mmap) -> bool:
    if bytes(data[:1]) not in (b"0", b"M", b"-"):  # DER, base64 of it, PEM: nothing else is copied
        return False
    try:
        return bool(cms.parse_signed_data(der.unarmour(memoryview(data))).signers)
    except der.DerError:
        return False


def verify_certificate(
    certificate: Certificate, *, at: datetime.datetime, trust: TrustStore
) -> SignerResult:
    """A certificate by itself: its signature, path, validity now and revocation."""
    notes = ["its number is zero or negative"] if certificate.odd_serial else []
    faults: list[tuple[Overall, Reason | None]] = []
    chain = trust.chain(certificate, at)
    issuers = trust.issuers(certificate, ())
    if certificate.self_issued:
        issuers = [*issuers, certificate]
    crypto = Status.INDETERMINATE
    if len(chain.certificates) > 1 or any(
        certificates.signed_by(certificate, issuer) for issuer in issuers
    ):
        crypto = Status.VALID
    elif issuers:
        crypto = Status.INVALID
        faults.append((Overall.INVALID, Reason.SIG_CRYPTO_FAILURE))
    status = Status.VALID
    if not chain.trusted:
        status = Status.INDETERMINATE
        faults.append((Overall.INDETERMINATE, chain.reason))
        if chain.detail:
            notes.append(chain.detail)
    if at < certificate.not_before:
        faults.append((Overall.INVALID, Reason.NOT_YET_VALID))
    elif at > certificate.not_after:
        faults.append((Overall.INVALID, Reason.EXPIRED))
    revoked = Status.ABSENT
    finding = revocation.Finding("unknown")
    if chain.trusted and len(chain.certificates) > 1:
        evidence = trust.evidence
        fresh, silent = trust.ask(certificate, chain.issuer_of(0), at)
        evidence += fresh
        notes += silent
        finding = revocation.assess(
            certificate,
            chain.issuer_of(0),
            evidence,
            at=at,
            responders=trust.pool,
            trusted=lambda responder, when: trust.chain(responder, when).trusted,
        )
        notes += finding.notes
        if finding.bad_at(at):
            revoked = Status.INVALID
            faults.append(
                (Overall.INDETERMINATE, Reason.TRY_LATER)
                if finding.state == "hold"
                else (Overall.INVALID, Reason.REVOKED)
            )
        elif finding.state != "unknown":
            revoked = Status.INDETERMINATE if finding.stale else Status.VALID
    usage = certificate.key_usage
    meant = {"keyCertSign"} if certificate.authority[0] else {"digitalSignature", "nonRepudiation"}
    overall, reason = worst(faults)
    return SignerResult(
        overall=overall,
        reason=reason,
        crypto=crypto,
        digest=Status.ABSENT,
        ess=Status.ABSENT,
        chain=status,
        revocation=revoked,
        timestamp=Status.ABSENT,
        key_usage=Status.VALID if usage is None or usage & meant else Status.INVALID,
        level="CERTIFICATE",
        algorithm=_algorithm(certificate.algorithm_node),
        certificate=certificate.info,
        signing_time=None,
        proven_time=None,
        chain_certificates=tuple(c.der for c in chain.certificates),
        revocation_source=finding.source,
        revoked_at=finding.revoked_at,
        on_hold=finding.state == "hold",
        confirmed=overall is Overall.VALID
        and (revoked is Status.VALID or trust.is_anchor(certificate)),
        notes=tuple(notes),
    )


def _algorithm(node: der.Node) -> str:
    from signatures import keys

    try:
        return keys.signature_algorithm(node).name
    except keys.UnusableKey:
        return node.parts(1)[0].oid


def _several(
    found: list[Certificate], at: datetime.datetime, trust: TrustStore
) -> VerificationResult:
    """A bundle: each certificate judged with the others at hand."""
    widened = trust.with_more(found)
    signers = tuple(
        verify_certificate(certificate, at=at, trust=widened) for certificate in found[:MAX_LISTED]
    )
    good = sum(signer.crypto is Status.VALID for signer in signers)
    overall, reason = worst([(signer.overall, signer.reason) for signer in signers])
    return VerificationResult(
        overall,
        reason,
        signers,
        kind="bundle",
        detail=f"{good} of {len(signers)} certificate signatures valid",
        trust_version=trust.version,
        at=at,
    )


def _bundle(
    container: cms.SignedData, at: datetime.datetime, trust: TrustStore
) -> VerificationResult:
    found = []
    for raw in container.certificates:
        try:
            found.append(certificates.load(raw))
        except der.DerError:
            continue
    return _several(found, at, trust)


def _crl(crl: revocation.Crl, at: datetime.datetime, trust: TrustStore) -> VerificationResult:
    issuers = [c for c in trust.find(crl.issuer) if revocation.may_sign_crls(c)]
    signer = next(
        (c for c in issuers if revocation.signed_with(c, crl.tbs, crl.algorithm, crl.signature)),
        None,
    )
    faults: list[tuple[Overall, Reason | None]] = []
    if crl.until < at:
        faults.append((Overall.INDETERMINATE, Reason.TRY_LATER))
    kind = "delta-crl" if crl.delta else "crl"
    detail = f"{sum(1 for _ in revocation.entries_of(crl))} revoked"
    return _statement(signer, bool(issuers), faults, kind, detail, crl.algorithm, at, trust)


def _ocsp(raw: bytes, at: datetime.datetime, trust: TrustStore) -> VerificationResult:
    answer = revocation.parse_ocsp(raw)
    carried = []
    for item in answer.certificates:
        try:
            carried.append(certificates.load(item))
        except der.DerError:
            continue
    candidates = [
        c for c in dict.fromkeys([*carried, *trust.pool]) if revocation.named_responder(answer, c)
    ]
    signer = next(
        (
            c
            for c in candidates
            if revocation.signed_with(c, answer.tbs, answer.algorithm, answer.signature)
        ),
        None,
    )
    faults: list[tuple[Overall, Reason | None]] = []
    if signer is not None and not (
        oids.EKU_OCSP_SIGNING in signer.extended_key_usage or signer.authority[0]
    ):
        faults.append((Overall.INDETERMINATE, Reason.CHAIN_CONSTRAINTS_FAILURE))
    said = []
    for single in answer.answers[:20]:
        when = single.entry.revoked_at
        moment = f" {when:%Y-%m-%dT%H:%M:%SZ}" if when else ""
        said.append(f"{single.serial.hex().upper()}: {single.entry.state}{moment}")
    widened = trust.with_more(carried)
    return _statement(
        signer, bool(candidates), faults, "ocsp", "; ".join(said), answer.algorithm, at, widened,
        moment=answer.produced_at,
    )  # fmt: skip


def _statement(
    signer: Certificate | None,
    named: bool,
    faults: list[tuple[Overall, Reason | None]],
    kind: str,
    detail: str,
    algorithm: der.Node,
    at: datetime.datetime,
    trust: TrustStore,
    moment: datetime.datetime | None = None,
) -> VerificationResult:
    """A list or an OCSP answer: its signature and its signer's path."""
    crypto, chain_status = Status.INDETERMINATE, Status.INDETERMINATE
    path: tuple[bytes, ...] = ()
    if signer is None:
        if named:
            crypto = Status.INVALID
            faults.append((Overall.INVALID, Reason.SIG_CRYPTO_FAILURE))
        else:
            faults.append((Overall.INDETERMINATE, Reason.NO_SIGNING_CERTIFICATE_FOUND))
    else:
        crypto = Status.VALID
        when = moment or at
        chain = trust.chain(signer, when)
        path = tuple(c.der for c in chain.certificates)
        if not chain.trusted:
            faults.append((Overall.INDETERMINATE, chain.reason))
        elif not signer.not_before <= when <= signer.not_after:
            faults.append((Overall.INDETERMINATE, Reason.OUT_OF_BOUNDS_NO_POE))
        else:
            chain_status = Status.VALID
    overall, reason = worst(faults)
    result = SignerResult(
        overall=overall,
        reason=reason,
        crypto=crypto,
        digest=Status.ABSENT,
        ess=Status.ABSENT,
        chain=chain_status,
        revocation=Status.ABSENT,
        timestamp=Status.ABSENT,
        key_usage=Status.VALID if signer else Status.INDETERMINATE,
        level=kind.upper(),
        algorithm=_algorithm(algorithm),
        certificate=signer.info if signer else None,
        signing_time=None,
        proven_time=None,
        chain_certificates=path,
        confirmed=overall is Overall.VALID,
    )
    return VerificationResult(
        overall, reason, (result,), kind=kind, detail=detail, trust_version=trust.version, at=at
    )


def open_file(path: Path) -> "bytes | mmap.mmap":
    """A file's bytes without reading it whole.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:  # an empty file
            return b""
