"""XAdES and plain XML-DSig signatures of documents: alone or in an ASiC container.

Every freedom that has served attacks is refused or told (`xmldsig.parse`): what is signed is found
by identity of elements, never by name; transforms are canonicalisation, enveloped and base64 alone;
nothing outside is ever fetched, a file is what came along. A document of which only a part is
signed is INDETERMINATE: what a program reads of it may be the other part.

Levels: XMLDSIG (nothing signed names the certificate), BES, T, LT, LTA (ETSI EN 319 132-1). An
archive time-stamp of its namespace 1.4.1 (5.5.2) is over what was signed, the signature and every
unsigned property before it; that of 1.3.2 and distributed ones are told and not read.

`OnlyThing` reads a signature that is to take effect: more narrowly still.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import logging
import mmap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from signatures import der, keys, oids, revocation, timestamps, work, xmldsig
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.judging import (
    ARCHIVE,
    MAX_CARRIED,
    MAX_TIMESTAMPS,
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
from signatures.xmldsig import CANONICAL, DS, ENVELOPED, XADES, BadSignature

log = logging.getLogger(__name__)

MAX_SIZE = 16 * 1024 * 1024
MAX_NODES = 300_000
MAX_SIGNATURES = 64
MAX_REFERENCES = 2_000
MAX_INSIDE = 16  # of them in the document itself: each makes it canonical anew
XADES_141 = "{http://uri.etsi.org/01903/v1.4.1#}"
BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"
MANIFEST = "http://www.w3.org/2000/09/xmldsig#Manifest"
_PARTS = {f"{DS}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo", "Object")}
# The file that a reference outside the document means; None when it is not there.
Files = Callable[[str], Covered]


class _NotTaken(ValueError):
    """A freedom of XML-DSig that is not false but not taken here either."""


def is_xml(data: bytes | memoryview | mmap.mmap) -> bool:
    return bytes(data[:64]).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def holds_signature(data: bytes | memoryview | mmap.mmap) -> bool:
    """Whether this is XML that says to hold a signature."""
    return is_xml(data) and len(data) <= MAX_SIZE and b"SignatureValue" in bytes(data)


def verify_xml(
    data: bytes | memoryview | mmap.mmap,
    content: Content = None,
    *,
    files: Files | None = None,
    policy: Policy = ARCHIVE,
    at: datetime.datetime,
    trust: TrustStore,
) -> VerificationResult:
    """Verify every signature of an XML document, enveloped, enveloping or detached. Never raises.

    `content` is the file that came beside it: what a detached signature signs, or one of the things
    signed inside. `files` finds the files of the container that the document is a part of; then
    `covered` and `missing` are their addresses in it.
    """
    try:
        with work.budget():
            document = _Signatures(data, pieces_of(content), files, policy, at, trust)
            return replace(document.verify(), at=at)
    except (BadSignature, work.TooMuchWork) as error:
        return replace(malformed(str(error), "xml"), at=at)
    except (
        RecursionError,
        MemoryError,
        OverflowError,
        ValueError,
        LookupError,
        TypeError,
    ) as error:
        log.warning("signatures: unreadable XML", exc_info=True)
        return replace(malformed(type(error).__name__, "xml"), at=at)


class _Signatures:
    """All signatures of one document."""

    def __init__(
        self,
        data: bytes | memoryview | mmap.mmap,
        content: Covered,
        files: Files | None,
        policy: Policy,
        at: datetime.datetime,
        trust: TrustStore,
    ) -> None:
        if len(data) > MAX_SIZE:
            raise BadSignature("the document is too large")
        work.hashing(len(data))
        self.document = xmldsig.parse(bytes(data), nodes=MAX_NODES)
        self.content = content
        self.files = files
        self.used = False  # whether `content` is among the signed things
        self.policy, self.at, self.trust = policy, at, trust

    def verify(self) -> VerificationResult:
        nodes = list(self.document.root.iter(f"{DS}Signature"))
        if not nodes:
            return malformed("no signature inside", "xml")
        if len(nodes) > MAX_SIGNATURES:
            raise BadSignature("too many signatures")
        notes = ""
        signers: list[SignerResult] = []
        results: list[tuple[Overall, Reason | None]] = []
        covered: dict[str, None] = {}
        missing: dict[str, None] = {}
        for node in nodes:
            check = _XmlCheck(self, node)
            signer = check.run()
            signers.append(signer)
            results.append((signer.overall, signer.reason))
            missing |= dict.fromkeys(check.missing)
            if signer.overall is Overall.VALID:
                covered |= dict.fromkeys(check.covered)
        if self.content is not None and self.files is None and not self.used:
            results.append((Overall.INVALID, Reason.HASH_FAILURE))
            notes = "the given file is none of those signed inside"
        overall, reason = worst(results)
        return VerificationResult(
            overall,
            reason,
            tuple(signers),
            covered=tuple(covered),
            missing=tuple(missing),
            kind="xml",
            detail=notes,
            trust_version=self.trust.version,
        )


def _form_of_stamp(holder: etree._Element) -> str | None:
    """The canonicalisation of a time-stamp whose cover follows from what it is (EN 319 132-1 4.5);
    None of one that names its cover (`Include`), is XML itself or is canonicalised otherwise."""
    method = holder.find(f"{DS}CanonicalizationMethod")
    name = xmldsig.DEFAULT_CANONICAL if method is None else method.get("Algorithm", "")
    named = holder.find(f"{XADES}Include") is not None
    tokens = holder.find(f"{XADES}EncapsulatedTimeStamp") is not None
    return name if name in CANONICAL and tokens and not named else None


@dataclass(frozen=True, slots=True)
class _Reference:
    """One thing that a signature covers. `target` is an element, None of a file outside."""

    node: etree._Element
    uri: str | None
    target: etree._Element | None
    transforms: tuple[str, ...]


class _XmlCheck(Judge):
    """The checks of one ds:Signature."""

    family = "XAdES"

    def __init__(self, among: _Signatures, node: etree._Element) -> None:
        self.among, self.document, self.node = among, among.document, node
        self.covered: list[str] = []
        self.missing: list[str] = []
        self.broken = ""  # why the signature cannot be read at all
        self.references: list[_Reference] = []
        self.made: dict[Certificate, bool] = {}
        self.properties: etree._Element | None = None
        self.signed: etree._Element | None = None  # SignedProperties, when they are signed
        # Archive time-stamps that hold: when, behind which property, whether they still do.
        self.archived: list[tuple[datetime.datetime, int, bool]] = []
        carried: tuple[Certificate, ...] = ()
        evidence: tuple[Evidence, ...] = ()
        try:
            self._read()
            carried = read_certificates(self._carried())
            evidence = self._evidence()
        except BadSignature as error:
            self.broken = str(error)
        super().__init__(among.policy, among.at, among.trust, carried, evidence)

    def run(self) -> SignerResult:
        if self.broken:
            self.invalid(Reason.FORMAT_FAILURE, self.broken)
        return super().run()

    def _run(self) -> None:
        if self.broken:
            return
        try:
            super()._run()
        except BadSignature as error:
            self.invalid(Reason.FORMAT_FAILURE, str(error))

    # ── reading ──────────────────────────────────────────────────────────────
    def _read(self) -> None:
        """References and properties, each by the element itself.

        Raises:
            BadSignature: not in the shape of the standards.
        """
        if not {child.tag for child in self.node if isinstance(child.tag, str)} <= _PARTS:
            raise BadSignature("something strange inside a signature")
        info = xmldsig.only(self.node, "SignedInfo")
        xmldsig.only(self.node, "SignatureValue")
        found = info.findall(f"{DS}Reference")
        if not 1 <= len(found) <= MAX_REFERENCES:
            raise BadSignature("no references, or too many")
        self.references = [self._reference(one) for one in found]
        if sum(one.target is not None for one in self.references) > MAX_INSIDE:
            raise BadSignature("too many references")
        holders = self.node.findall(f"{DS}Object/{XADES}QualifyingProperties")
        if len(holders) > 1:
            raise BadSignature("qualifying properties stand twice")
        if not holders:
            return
        self.properties = holders[0]
        name = self.node.get("Id")
        if self.properties.get("Target") != (f"#{name}" if name else None):
            raise BadSignature("properties of another signature")
        signed = self.properties.findall(f"{XADES}SignedProperties")
        if len(signed) > 1:
            raise BadSignature("signed properties stand twice")
        if signed and any(one.target is signed[0] for one in self.references):
            self.signed = signed[0]

    def _reference(self, node: etree._Element) -> _Reference:
        uri = node.get("URI")
        target = None
        if uri == "":
            target = self.document.root
        elif uri is not None and uri.startswith("#"):
            target = self.document.ids.get(uri[1:])
            if target is None:
                raise BadSignature("a reference to nothing in the document")
        return _Reference(node, uri, target, tuple(xmldsig.transforms_of(node)))

    def _carried(self) -> list[bytes]:
        """Certificates beside the signature, and those kept with it for later."""
        wanted = self.node.findall(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
        for one in self._unsigned():
            wanted += one.iterfind(f".//{XADES}EncapsulatedX509Certificate")
        if len(wanted) > MAX_CARRIED:
            raise BadSignature("too many certificates beside a signature")
        return [xmldsig.decoded(one) for one in wanted]

    def _evidence(self) -> tuple[Evidence, ...]:
        found: list[Evidence] = []
        for holder in self._unsigned():
            for name, read in (("CRL", revocation.parse_crl), ("OCSP", revocation.parse_ocsp)):
                for one in list(holder.iterfind(f".//{XADES}Encapsulated{name}Value"))[:64]:
                    try:
                        found.append(read(xmldsig.decoded(one)))
                    except (der.DerError, revocation.NoAnswer):
                        continue
        return tuple(found)

    def _unsigned(self) -> list[etree._Element]:
        """Unsigned properties, in their order."""
        if self.properties is None:
            return []
        path = f"{XADES}UnsignedProperties/{XADES}UnsignedSignatureProperties"
        return [child for holder in self.properties.findall(path) for child in holder]

    def _has(self, name: str) -> bool:
        return any(one.tag == XADES + name for one in self._unsigned())

    def _signed_property(self, name: str) -> etree._Element | None:
        """A signed property that may stand once.

        Raises:
            BadSignature: it stands twice.
        """
        if self.signed is None:
            return None
        found = self.signed.findall(f"{XADES}SignedSignatureProperties/{XADES}{name}")
        if len(found) > 1:
            raise BadSignature(f"{name} stands twice")
        return found[0] if found else None

    # ── the judge's questions ────────────────────────────────────────────────
    def level(self) -> str:
        try:
            named = not self.broken and bool(self._names())
        except BadSignature:
            named = False
        if not named:
            return "XMLDSIG"
        if self.archived:
            return "LTA"
        stamps = [one for one in self._unsigned() if one.tag == f"{XADES}SignatureTimeStamp"]
        if not any(map(_form_of_stamp, stamps)):
            return "BES"
        return "LT" if self._has("RevocationValues") else "T"

    def _signing_time(self) -> None:
        node = self._signed_property("SigningTime")
        if node is None:
            return
        try:
            claimed = datetime.datetime.fromisoformat((node.text or "").strip())
        except ValueError as error:
            raise BadSignature("an unreadable signing time") from error
        if len(node) or not 1950 <= claimed.year < 9000:  # later, sums leave the calendar
            raise BadSignature("an unreadable signing time")
        self.signing_time = claimed.astimezone(datetime.UTC) if claimed.tzinfo else claimed.replace(
            tzinfo=datetime.UTC
        )  # fmt: skip

    def _names(self) -> list[etree._Element | None]:
        """What signed names the certificate: the first Cert of each property; KeyInfo as None."""
        found: list[etree._Element | None] = []
        for name in ("SigningCertificateV2", "SigningCertificate"):
            node = self._signed_property(name)
            if node is not None:
                first = node.find(f"{XADES}Cert")
                if first is None:
                    raise BadSignature("the signature names no certificate")
                found.append(first)
        key_info = self.node.find(f"{DS}KeyInfo")
        if not found and key_info is not None:
            found += [None for one in self.references if one.target is key_info]
        return found

    def _named(self, certificate: Certificate) -> bool | None:
        names = self._names()
        return all(self._means(one, certificate) for one in names) if names else None

    def _means(self, name: etree._Element | None, certificate: Certificate) -> bool:
        if name is None:  # KeyInfo itself is signed, with what it holds
            return certificate in self.carried
        digest = name.find(f"{XADES}CertDigest")
        if digest is None:
            return False
        oid = xmldsig.digest_oid(xmldsig.only(digest, "DigestMethod").get("Algorithm", ""))
        said = xmldsig.decoded(xmldsig.only(digest, "DigestValue"))
        return oid is not None and hashes.digest(oid, certificate.der) == said

    def _find_certificate(self) -> None:
        """Of those carried, the one that the signature names; else the one whose key made it."""
        carried = list(dict.fromkeys(self.carried))
        named = [one for one in carried if self._named(one)]
        made = (one for one in named or carried if self._made_by(one))
        self.certificate = next(made, next(iter(named or carried), None))

    def algorithm(self) -> keys.SignatureAlgorithm:
        info = xmldsig.only(self.node, "SignedInfo")
        uri = xmldsig.only(info, "SignatureMethod").get("Algorithm", "")
        found = xmldsig.SIGNATURES.get(uri) or xmldsig.BROKEN_SIGNATURES.get(uri)
        if found is None:
            raise keys.UnusableKey(keys.UNSUPPORTED)
        return found

    def _made_by(self, certificate: Certificate) -> bool:
        """Whether this certificate's key made the signature; asked twice, checked once."""
        if certificate not in self.made:
            self.made[certificate] = self._check_made(certificate)
        return self.made[certificate]

    def _check_made(self, certificate: Certificate) -> bool:
        try:
            key, algorithm = certificate.public_key, self.algorithm()
            covered = xmldsig.signed_info(self.node)
            work.hashing(len(covered))
            digest = hashes.digest(algorithm.hash_oid, covered, key.table)
        except (keys.UnusableKey, hashes.UnknownHash):
            return False
        value = xmldsig.decoded(xmldsig.only(self.node, "SignatureValue"))
        return key.verify(algorithm, digest, xmldsig.as_in_cms(key, value))

    def _check_crypto(self) -> None:
        assert self.certificate is not None  # noqa: S101 - narrowing for the type checker
        try:
            key, algorithm = self.certificate.public_key, self.algorithm()
        except (keys.UnusableKey, hashes.UnknownHash) as error:
            self._crypto_undecided(error)
            return
        self.algorithm_name = algorithm.name
        self._check_strength(key, algorithm.hash_oid)
        if self._made_by(self.certificate):
            self.crypto = Status.VALID
        else:
            self.crypto = Status.INVALID
            self.invalid(Reason.SIG_CRYPTO_FAILURE)

    # ── what is signed ───────────────────────────────────────────────────────
    def _check_digest(self) -> None:
        data = [one for one in self.references if not self._of_signature(one)]
        statuses = [self._check_reference(one) for one in self.references]
        if Status.INVALID in statuses:
            self.digest = Status.INVALID
        elif data and set(statuses) == {Status.VALID}:
            self.digest = Status.VALID
        if self.among.content is not None and self.among.files is None:
            self.among.used |= self._signs_beside(data)
        if not self._covers(data):
            self.undecided(
                Reason.SIG_CONSTRAINTS_FAILURE, "no document is signed, or only a part of it"
            )
        if self.signed is None and self.properties is not None:
            self.undecided(Reason.SIG_CONSTRAINTS_FAILURE, "the signed properties are not signed")

    def _of_signature(self, one: _Reference) -> bool:
        """Whether a reference means a part of this signature that is no document."""
        if one.target is None or one.target is self.node:
            return False
        return one.target is self.signed or one.target is self.node.find(f"{DS}KeyInfo")

    def _check_reference(self, one: _Reference) -> Status:
        name = one.uri or ("the whole document" if one.uri == "" else "a file without a name")
        oid = xmldsig.digest_oid(xmldsig.only(one.node, "DigestMethod").get("Algorithm", ""))
        if oid is None or oid in hashes.BROKEN:
            self.undecided(Reason.CRYPTO_CONSTRAINTS_FAILURE, f"{name}: digest not supported")
            return Status.INDETERMINATE
        try:
            pieces = self._octets(one)
        except _NotTaken as refusal:
            self.undecided(Reason.SIG_CONSTRAINTS_FAILURE, f"{name}: {refusal}")
            return Status.INDETERMINATE
        if pieces is None:
            return self._absent(one)
        computed = hashes.digest_of(oid, pieces, self._table())
        if computed != xmldsig.decoded(xmldsig.only(one.node, "DigestValue")):
            self.invalid(Reason.HASH_FAILURE, f"changed: {name}")
            return Status.INVALID
        if one.uri and one.target is None and self.among.files is not None:
            self.covered.append(one.uri)
        return Status.VALID

    def _absent(self, one: _Reference) -> Status:
        if self.among.files is not None and one.uri:
            self.missing.append(one.uri)
            self.invalid(Reason.SIGNED_DATA_NOT_FOUND)
            return Status.INVALID
        self.undecided(Reason.SIGNED_DATA_NOT_FOUND)
        return Status.INDETERMINATE

    def _octets(self, one: _Reference) -> Iterable[bytes | memoryview] | None:
        """What a reference's digest is of; None when the file is not at hand.

        Raises:
            _NotTaken: a transform or a reference of another kind.
        """
        if one.node.get("Type") == MANIFEST:
            raise _NotTaken("a list of further references is not followed")
        if one.target is None:
            return self._file(one)
        transforms = list(one.transforms)
        target = one.target
        inside = any(parent is target for parent in self.node.iterancestors())
        if inside:
            if transforms[:1] != [ENVELOPED]:
                raise _NotTaken("a signature inside what it signs, not called enveloped")
            del transforms[0]
        if transforms == [BASE64]:
            return _counted(xmldsig.decoded(target))
        if len(transforms) > 1 or not set(transforms) <= set(CANONICAL):
            raise _NotTaken("a transform that is not taken")
        if not inside:
            return _counted(xmldsig.canonical(target, one.node, transforms))
        with xmldsig.taken_out(self.node):
            # instructions beside the root count where the whole document is meant
            whole = target.getroottree() if one.uri == "" else target
            return _counted(xmldsig.canonical(whole, one.node, transforms))

    def _file(self, one: _Reference) -> Iterable[bytes | memoryview] | None:
        """The file that a reference outside means: of the container, or the one that came along."""
        if self.among.files is not None:
            pieces = self.among.files(one.uri) if one.uri else None
        else:
            outside = {other.uri for other in self.references if other.target is None}
            pieces = self.among.content if len(outside) == 1 else None
        if pieces is None:
            return None
        if not one.transforms:
            return pieces if isinstance(pieces, work.Counted) else work.Counted(pieces)
        if len(one.transforms) > 1 or one.transforms[0] not in CANONICAL:
            raise _NotTaken("a transform that is not taken")
        data = b"".join(bytes(piece) for piece in _bounded(pieces))
        root = xmldsig.parse(data, nodes=MAX_NODES).root
        comments = one.transforms[0].endswith("#WithComments")
        whole = root.getroottree()
        return _counted(xmldsig.canonical(whole, one.node, list(one.transforms), comments=comments))

    def _signs_beside(self, data: list[_Reference]) -> bool:
        """Whether a file that came along is one of the things signed."""
        if any(one.target is None for one in data):
            return True  # it was taken for that one
        assert self.among.content is not None  # noqa: S101 - the caller asked
        wanted = hashes.digest_of(oids.SHA256, work.Counted(self.among.content))
        for one in data:
            try:
                pieces = self._octets(one)
            except _NotTaken:
                continue
            if pieces is not None and hashes.digest_of(oids.SHA256, pieces) == wanted:
                return True
        return False

    def _covers(self, data: list[_Reference]) -> bool:
        """Whether nothing is left that somebody may take for signed: in a container some file is,
        alone the root or everything beside the signatures, and all that this one encloses."""
        targets = [one.target for one in data if one.target is not None]
        outer = next(self.node.iterancestors(f"{DS}Signature"), None)
        if outer is not None:  # a countersignature is of the other's value
            self.notes.append("a countersignature")
            return any(one is outer.find(f"{DS}SignatureValue") for one in targets)
        if not data or not all(
            self._is_signed(one, targets) for one in self.node.iterfind(f"{DS}Object")
        ):
            return False
        if self.among.files is not None:
            return any(one.target is None for one in data)
        root = self.document.root
        if any(target is root for target in targets):
            return True
        if self.node is root:
            return True
        if (root.text or "").strip():
            return False
        return all(
            child.tag == f"{DS}Signature" or any(child is target for target in targets)
            for child in root
            if isinstance(child.tag, str)
        ) and not any((child.tail or "").strip() for child in root)

    def _is_signed(self, holder: etree._Element, targets: list[etree._Element]) -> bool:
        """Whether a ds:Object is signed, or holds nothing but what is or this one's properties."""
        if any(holder is target for target in targets):
            return True
        if (holder.text or "").strip():
            return False
        return all(
            child is self.properties or any(child is target for target in targets)
            for child in holder
            if isinstance(child.tag, str)
        ) and not any((child.tail or "").strip() for child in holder)

    # ── time ─────────────────────────────────────────────────────────────────
    def _find_stamps(self) -> list[TimestampResult]:
        for name in ("ArchiveTimeStamp", "SigAndRefsTimeStamp", "RefsOnlyTimeStamp"):
            if self._has(name):
                self.notes.append(f"{name} of XAdES is not read")
        every = list(enumerate(self._unsigned()))
        archive = [one for one in every if one[1].tag == f"{XADES_141}ArchiveTimeStamp"]
        archived = []
        for place, holder in reversed(archive[-MAX_TIMESTAMPS:]):  # each proves the earlier ones
            pieces = functools.partial(self.archive_pieces, before=place)
            found = self._tokens([(place, holder)], "archive", pieces)
            archived += found
            self.archived += (
                (stamp.time, place, not stamp.lapsed)
                for stamp in found
                if stamp.status is Status.VALID and stamp.time and stamp.time <= self._latest
            )
        stamps = self._tokens(
            [one for one in every if one[1].tag == f"{XADES}SignatureTimeStamp"],
            "signature",
            lambda method: [self.canonical_value(method)],
        )
        if self.signed is not None:
            path = f"{XADES}SignedDataObjectProperties/{XADES}"
            if self.signed.find(f"{path}IndividualDataObjectsTimeStamp") is not None:
                self.notes.append("IndividualDataObjectsTimeStamp of XAdES is not read")
            signed = [(-1, one) for one in self.signed.findall(f"{path}AllDataObjectsTimeStamp")]
            stamps = self._tokens(signed, "content", self._all_data) + stamps
        return stamps + archived

    def _tokens(
        self,
        holders: list[tuple[int, etree._Element]],
        kind: timestamps.Kind,
        covered: Callable[[str], Iterable[bytes | memoryview] | None],
    ) -> list[TimestampResult]:
        """The tokens of these time-stamps, each with its place among the unsigned properties."""
        found = []
        for place, holder in holders[:MAX_TIMESTAMPS]:
            name = _form_of_stamp(holder)
            if name is None:  # TS 101 903 1.3.2 has others: the signature is none the worse
                told = etree.QName(holder).localname
                self.notes.append(f"a {told} of this form is not read")
                continue
            tokens = holder.findall(f"{XADES}EncapsulatedTimeStamp")
            existed, firm = self._existed_by(place), self._existed_by(place, firm=True)
            for token in tokens[:MAX_TIMESTAMPS]:
                data = xmldsig.decoded(token)
                stamp = timestamps.verify_token(
                    data, covered(name), kind, self.trust, self.carried,
                    self.own + self.came_along, existed,
                )  # fmt: skip
                found.append(self._weighed(stamp, firm))
        return found

    def _existed_by(self, place: int, *, firm: bool = False) -> datetime.datetime | None:
        """The earliest archive time-stamp behind this property; `firm`: of those that still prove
        by themselves."""
        times = [time for time, at, holds in self.archived if at > place and (holds or not firm)]
        return min(times, default=None)

    def archive_pieces(
        self, method: str, before: int | None = None
    ) -> Iterable[bytes | memoryview] | None:
        """What an archive time-stamp is over that stands before this unsigned property, or behind
        all of them; None when a signed thing is not at hand.

        Raises:
            BadSignature: a part that cannot be read.
        """
        signed: list[Iterable[bytes | memoryview]] = []
        for one in self.references:
            try:
                octets = self._octets(one)
            except _NotTaken:
                return None
            if octets is None:
                return None
            signed.append(octets)
        info = self.node.findall(f"{DS}KeyInfo")
        own = [xmldsig.only(self.node, "SignedInfo"), xmldsig.only(self.node, "SignatureValue")]
        objects = (
            one
            for one in self.node.iterfind(f"{DS}Object")
            if one.find(f"{XADES}QualifyingProperties") is None
        )
        parts = [*own, *info, *self._unsigned()[:before], *objects]
        return _Joined(
            [*signed, *(_counted(xmldsig.canonical(one, one, [method])) for one in parts)]
        )

    def canonical_value(self, method: str) -> bytes:
        value = xmldsig.only(self.node, "SignatureValue")
        return xmldsig.canonical(value, value, [method])

    def _all_data(self, method: str) -> Iterable[bytes | memoryview] | None:
        pieces: list[bytes | memoryview] = []
        for one in self.references:
            if one.target is not None and one.target is self.signed:
                continue
            try:
                octets = self._octets(one)
            except _NotTaken:
                return None
            if octets is None:
                return None
            pieces += octets
        return pieces


class _Joined:
    """Pieces of several things, one after another, walked anew each time."""

    def __init__(self, things: list[Iterable[bytes | memoryview]]) -> None:
        self.things = things

    def __iter__(self) -> Iterator[bytes | memoryview]:
        return itertools.chain.from_iterable(self.things)


def _counted(data: bytes) -> Iterable[bytes | memoryview]:
    """Canonical octets, within the budget: to make them costs more than to hash them."""
    work.hashing(3 * len(data))
    return work.Counted([data])


def _bounded(pieces: Iterable[bytes | memoryview]) -> Iterable[bytes | memoryview]:
    """Pieces of a file that is to be read as XML.

    Raises:
        BadSignature: it is too large for that.
    """
    left = MAX_SIZE
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise BadSignature("a signed document is too large to be read")
        yield piece


# ── what takes effect ────────────────────────────────────────────────────────
class NotOneThing(BadSignature):
    """Not one signature of one thing, in a form that leaves no doubt which octets it is of."""


class OnlyThing:
    """What the one signature of a document is of: a file elsewhere, or octets inside as base64.

    Whoever reads a signature as of *this* order asks that nothing else could be meant: one
    signature, nothing beside it, one thing signed beside its own properties; of that the very
    octets, or of XML the canonical form of the very document. Nothing here says that it holds.

    Raises:
        NotOneThing: anything else.
        BadSignature: not in the shape of the standards.
    """

    def __init__(self, data: bytes) -> None:
        self._all = _Signatures(data, None, None, ARCHIVE, _ANY_TIME, TrustStore())
        root = self._all.document.root
        nodes = list(root.iter(f"{DS}Signature"))
        if len(nodes) != 1:
            raise NotOneThing("several signatures" if nodes else "no signature")
        self.signature = _XmlCheck(self._all, nodes[0])
        if self.signature.broken:
            raise BadSignature(self.signature.broken)
        things = [one for one in self.signature.references if not self.signature._of_signature(one)]
        if len(things) != 1:
            raise NotOneThing("several things")
        (self._one,) = things
        if nodes[0] is not root and root.tag != CONTAINER:
            raise NotOneThing("inside something")
        if self.signature.signed is None or self._one.node.get("Type") == MANIFEST:
            raise NotOneThing("another form")
        if not self.signature._covers(things):
            raise NotOneThing("inside something")
        target = self._one.target
        self.holds = target is not None  # the thing itself, as base64
        if target is None:
            self.uri = self._one.uri or ""
            wrong = not set(self._one.transforms) <= set(CANONICAL) or len(self._one.transforms) > 1
        else:
            self.uri = ""
            own = target.tag == f"{DS}Object" and target.getparent() is nodes[0]
            wrong = not own or list(self._one.transforms) != [BASE64]
        if wrong:
            raise NotOneThing("another form")

    @property
    def octets(self) -> bytes:
        """What the signature holds."""
        assert self._one.target is not None  # noqa: S101 - `holds`
        return xmldsig.decoded(self._one.target)

    def is_of(self, content: bytes) -> bool:
        """Whether exactly these bytes are the thing."""
        self._all.content = [memoryview(content)]
        try:
            if self.holds:
                return self.octets == content
            pieces = self.signature._octets(self._one)
            method = xmldsig.only(self._one.node, "DigestMethod").get("Algorithm", "")
            oid = xmldsig.digest_oid(method)
            said = xmldsig.decoded(xmldsig.only(self._one.node, "DigestValue"))
        except (BadSignature, _NotTaken):
            return False
        if pieces is None or oid is None or oid in hashes.BROKEN:
            return False
        return hashes.digest_of(oid, pieces) == said


def held(data: bytes) -> bytes | None:
    """The octets that a signature holds as base64 and is of; None where it is of something else."""
    try:
        thing = OnlyThing(data)
        return thing.octets if thing.holds else None
    except BadSignature:
        return None


CONTAINER = "{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures"
_ANY_TIME = datetime.datetime.max.replace(tzinfo=datetime.UTC)
