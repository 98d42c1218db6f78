"""Signed things as files that verify elsewhere, and judged anew: CAdES with its later time-stamp, ASiC."""

from __future__ import annotations

import base64
import binascii
import datetime
import io
import itertools
import zipfile
from dataclasses import dataclass, replace

from signatures import api, asic, der, elsewhere, revocation, xades
from signatures.models import SigningSession
from signatures.packages import HEAD, BrokenPackage, Package, SignedDocument, said_of, signed_head
from signatures.result import Reason, VerificationResult
from signatures.revocation import Evidence
from signatures.trust import TrustStore
from signatures.verification import ARCHIVE

SIGNATURE_XML = "signature.xml"
# What our own append-only record of the signature answers: it existed when it was accepted.
_OF_EXISTENCE = {Reason.OUT_OF_BOUNDS_NO_POE, Reason.REVOKED_NO_POE, Reason.REVOKED_CA_NO_POE}


def signature_file(session: SigningSession) -> bytes:
    """The person's signature, joined with what the server added later, in its order: a time-stamp,
    and of each renewal certificates, answers and an archive time-stamp. A CMS; of a person who
    signed in another program maybe an ASiC-E (`is_container`) or XML (`is_xml`).

    Raises:
        ValueError: the session is not signed.
    """
    if session.state != "SIGNED" or session.signature is None:
        raise ValueError("not signed")
    raw = bytes(session.signature)
    before = elsewhere.signature_in(bytes(session.content), raw).kept
    later = session.later_evidence.order_by("pk").values_list("kind", "data")
    joined = before
    for together, group in itertools.groupby(later, key=lambda one: one[0] not in _STAMPS):
        pieces = [(kind, bytes(data)) for kind, data in group]
        if together:
            certificates = [data for kind, data in pieces if kind == "CERTIFICATE"]
            answers = [data for kind, data in pieces if kind != "CERTIFICATE"]
            joined = joined.widened(certificates, answers)
        else:
            for kind, data in pieces:
                joined = joined.stamped(data) if kind == "TIMESTAMP" else joined.archived(data)
    if joined is before:
        return raw if is_container(raw) else before.raw
    return elsewhere.with_signature(raw, joined.raw)


# Kinds of later evidence that are time-stamps; the rest is for verifying them.
_STAMPS = {"TIMESTAMP", "ARCHIVE"}


def is_container(signature: bytes) -> bool:
    """Whether a kept signature is an ASiC-E around the bytes it is of."""
    return asic.is_archive(signature)


def is_xml(signature: bytes) -> bool:
    """Whether a kept signature is XAdES: XML that names the signed bytes or holds them."""
    return xades.is_xml(signature)


@dataclass(frozen=True, slots=True)
class Container:
    """A signed package in one file: what it is called and what it is."""

    data: bytes
    extension: str
    content_type: str


def container(session: SigningSession, package: Package) -> Container:
    """An ASiC-E of every file of the package under the list that the person signed.

    Of an early package, whose head itself was signed, an ASiC-S of that head; of a container made
    elsewhere, that container with every file of the package beside the list inside it. Of XAdES
    the list lies beside its files under the name that the signature gives it; one that holds the
    list itself is a file beside them, in a plain archive.

    Raises:
        ValueError: the session is not signed.
    """
    signature = signature_file(session)
    files = package.files if package.is_list else {}
    if is_xml(signature):
        uri = elsewhere.signature_in(package.manifest, signature).name
        if not uri:
            inside = {SIGNATURE_XML: signature, **files}
            return Container(asic.build_zip(inside), "zip", "application/zip")
        data = asic.build_in_xml({uri: package.manifest, **files}, signature)
        return Container(data, "asice", asic.MIME_E)
    if is_container(signature):
        data = asic.rewritten(signature, files)
        return Container(data, "asice", asic.MIME_E)
    if package.is_list:
        data = asic.build_asic_e(package.files, package.manifest, signature)
        return Container(data, "asice", asic.MIME_E)
    data = asic.build_asic_s("manifest.json", package.manifest, signature)
    return Container(data, "asics", asic.MIME_S)


def offline_bundle(session: SigningSession) -> bytes:
    """A ZIP that proves the signature with this installation gone: the signed bytes and the files
    kept with them, the signature, the revocation answers it was accepted on, and the trust list
    of that day; how to verify it stands in it. Files that can be put together again (all rows of
    an order) come with its container.

    Raises:
        ValueError: the session is not signed.
    """
    signature = signature_file(session)
    assert session.signed_at is not None  # noqa: S101 - a constraint of the table
    trust = trust_of(session)
    kind = "asice" if is_container(signature) else "xml" if is_xml(signature) else "p7s"
    name = f"document.{kind}"
    files = {"signed/document": bytes(session.content), f"signed/{name}": signature}
    for kept in session.files.order_by("pk"):
        files[f"signed/files/{kept.name}"] = bytes(kept.content)
    for number, one in enumerate(kept_evidence(session), start=1):
        kind = "crl" if isinstance(one, revocation.Crl) else "ocsp"
        files[f"evidence/{number:02}.{kind}"] = one.raw
    for place, certificates in (("anchors", trust.anchors), ("others", trust.intermediates)):
        for certificate in certificates:
            files[f"trust/{place}/{certificate.fingerprint[:16]}.cer"] = certificate.der
    moment = session.signed_at.astimezone(datetime.UTC).isoformat()
    at = f" --at {moment}" if not renewals_of(session) else ""  # renewed, it proves itself today
    how = _HOW_TO_VERIFY.format(at=at, trust=trust.version, name=name)
    files["README.txt"] = how.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def renewals_of(session: SigningSession) -> list[datetime.datetime]:
    """When its evidence was renewed, the first time first."""
    rows = session.later_evidence.filter(kind="ARCHIVE").order_by("pk")
    return list(rows.values_list("obtained_at", flat=True))


def trust_of(session: SigningSession, at: datetime.datetime | None = None) -> TrustStore:
    """Every list that a signature and its renewals lived under, each accepted by a person in its
    day, and that of `at`; with the answers it was accepted on. Nothing is asked outside."""
    moments = [session.signed_at, *renewals_of(session), at]
    stores = [api.stored_trust(moment) for moment in moments if moment is not None]
    return replace(
        stores[-1],
        anchors=tuple(dict.fromkeys(one for store in stores for one in store.anchors)),
        intermediates=tuple(dict.fromkeys(one for store in stores for one in store.intermediates)),
        evidence=(*stores[-1].evidence, *kept_evidence(session)),
    )


_HOW_TO_VERIFY = """\
Підписаний документ, підпис, відповіді надавачів і довірчий список ({trust}) дня підписання.
Перевірка не потребує ні бази даних, ні мережі:

  python manage.py verify_signature signed/{name} --content signed/document \\
    --trust trust/anchors/* --extra-certs trust/others evidence{at}
"""


def document_of(session: SigningSession) -> SignedDocument | None:
    """The head of a signed package; None for what is no document, such as a sign-in challenge."""
    kept = session.files.filter(name=HEAD).first()
    try:
        return said_of(signed_head(bytes(session.content), bytes(kept.content) if kept else None))
    except BrokenPackage:
        return None


def recheck(session: SigningSession, at: datetime.datetime) -> VerificationResult:
    """Judge a signed session anew with the evidence kept beside it; nothing is asked outside.

    A certificate that expired or was revoked since leaves no doubt where our own record says
    that the signature was there before: then it is judged at the moment it was accepted.

    Raises:
        ValueError: the session is not signed.
    """
    found = elsewhere.signature_in(bytes(session.content), signature_file(session))

    def judged(moment: datetime.datetime) -> VerificationResult:
        return found.verify(policy=ARCHIVE, at=moment, trust=trust_of(session, moment))

    result = judged(at)
    unsure = result.valid and not result.confirmed
    if (unsure or result.reason in _OF_EXISTENCE) and session.signed_at is not None:
        return judged(session.signed_at)
    return result


def kept_evidence(session: SigningSession) -> list[Evidence]:
    """Answers of providers that a signature was accepted on."""
    found: list[Evidence] = []
    for signer in (session.evidence or {}).get("signers", ()):
        for item in signer.get("revocation", ()):
            try:
                raw = base64.b64decode(item)
            except (binascii.Error, ValueError):
                continue
            for read in (revocation.parse_ocsp, revocation.parse_crl):
                try:
                    found.append(read(raw))
                except (der.DerError, revocation.NoAnswer):
                    continue
                break
    return found
