"""Signatures inside a PDF: PAdES and the older adbe.pkcs7.detached (ISO 32000-2 12.8, EN 319 142-1).

A signature signs octets of the file: all but the one hexadecimal string that holds it. So the file
is not interpreted at all. Every `/ByteRange` whose hole is exactly such a string is a signature of
the octets around it, whatever object it stands in; what a viewer would show of them is its own
affair. What was added behind the signed octets is told and leaves that signature undecided, for
telling harmless additions from a changed page takes a viewer's understanding of the document.
"""

from __future__ import annotations

import binascii
import datetime
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from signatures import cms, der, oids, timestamps, work
from signatures.backend import backend
from signatures.judging import Policy
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

MAX_SIGNATURES = 64
MAX_CONTENTS = 4 * 1024 * 1024  # hexadecimal digits
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_SPACE = b"\0\t\n\x0c\r "


def is_pdf(data: bytes | memoryview | mmap.mmap) -> bool:
    return bytes(data[:5]) == b"%PDF-"


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: its CMS, and the signed octets as two pieces of the file."""

    cms: bytes
    pieces: tuple[memoryview, memoryview]
    end: int  # of what it signs


def signatures_of(data: bytes | memoryview | mmap.mmap) -> Iterator[Signed]:
    """Every signature, in the order of what they cover; one whose range does not fit the file is
    none."""
    view = memoryview(data)
    ranges = {tuple(map(int, found.groups())) for found in _RANGE.finditer(view)}
    for start, size, resumed, rest in sorted(ranges, key=lambda one: one[2] + one[3])[
        :MAX_SIGNATURES
    ]:
        end = resumed + rest
        if start != 0 or not size < resumed <= end <= len(view) or resumed - size > MAX_CONTENTS:
            continue
        hole = bytes(view[size:resumed])
        if hole[:1] != b"<" or hole[-1:] != b">":
            continue
        try:
            contents = binascii.unhexlify(hole[1:-1].translate(None, _SPACE))
        except binascii.Error:
            continue
        yield Signed(contents, (view[:size], view[resumed:end]), end)


def verify_pdf(
    data: bytes | memoryview | mmap.mmap,
    *,
    policy: Policy,
    at: datetime.datetime,
    trust: TrustStore,
) -> VerificationResult:
    """Verify every signature and document time-stamp of a PDF.

    Raises:
        TooMuchWork: beyond the budget.
    """
    view = memoryview(data)
    whole = len(bytes(view[-64:]).rstrip(_SPACE)) + max(0, len(view) - 64)
    signers: list[SignerResult] = []
    results: list[tuple[Overall, Reason | None]] = []
    notes: list[str] = []
    for number, one in enumerate(signatures_of(data), start=1):
        work.stepping()
        if _is_stamp(one.cms):
            overall, reason, note = _stamp(one, trust)
            results.append((overall, reason))
            notes.append(note)
            continue
        found = _signature(one, policy, at, trust)
        if one.end < whole:
            notes.append(f"something was added after signature {number}")
            found = _added_to(found)
        signers += found.signers
        results.append((found.overall, found.reason))
    if not results:
        return malformed("no signature inside", "pdf")
    overall_, reason_ = worst(results)
    return VerificationResult(
        overall_,
        reason_,
        tuple(signers),
        kind="pdf",
        detail="; ".join(notes),
        trust_version=trust.version,
        at=at,
    )


def _signature(
    one: Signed, policy: Policy, at: datetime.datetime, trust: TrustStore
) -> VerificationResult:
    try:
        root = der.parse(one.cms, trailing=True)  # zeros follow, up to the room that was left
        container = cms.parse_signed_data(root.raw)
    except der.DerError as error:
        return replace(malformed(str(error), "pdf"), at=at)
    if container.content is not None:  # adbe.pkcs7.sha1: what is signed is a hash inside
        return VerificationResult(Overall.INDETERMINATE, Reason.CRYPTO_CONSTRAINTS_FAILURE)
    content = work.Counted(list(one.pieces))
    result = backend().verify_cms(root.raw, content, policy=policy, at=at, trust=trust)
    return replace(result, signers=tuple(replace(s, family="PAdES") for s in result.signers))


def _added_to(result: VerificationResult) -> VerificationResult:
    """The same signature, of an earlier state of the document than the file shows."""
    note = "the document was added to after this signature"
    signers = tuple(
        replace(
            signer,
            overall=Overall.INDETERMINATE,
            reason=Reason.SIG_CONSTRAINTS_FAILURE,
            confirmed=False,
            notes=(*signer.notes, note),
        )
        if signer.overall is Overall.VALID
        else signer
        for signer in result.signers
    )
    overall, reason = worst([(one.overall, one.reason) for one in signers])
    return replace(result, overall=overall, reason=reason, signers=signers) if signers else result


def _is_stamp(data: bytes) -> bool:
    try:
        return cms.parse_signed_data(data).content_type == oids.TST_INFO
    except der.DerError:
        return False


def _stamp(one: Signed, trust: TrustStore) -> tuple[Overall, Reason | None, str]:
    token = der.parse(one.cms, trailing=True).raw
    stamp = timestamps.verify_token(token, work.Counted(list(one.pieces)), "file", trust)
    overall = {Status.VALID: Overall.VALID, Status.INVALID: Overall.INVALID}
    note = f"document time-stamp {stamp.status} {stamp.time or ''}".strip()
    return overall.get(stamp.status, Overall.INDETERMINATE), stamp.reason, note
