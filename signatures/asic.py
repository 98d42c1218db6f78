"""ASiC-E and ASiC-S containers with CAdES or XAdES signatures (ETSI EN 319 162-1), from the ZIP.

Nothing is unpacked to disk and nothing is read whole: data files are hashed as they are
decompressed, within limits that a zip bomb meets first.
"""

import base64
import binascii
import contextlib
import datetime
import io
import mmap
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import quoteattr

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from signatures import oids, timestamps, work, xades
from signatures.algorithms import hashes
from signatures.backend import backend
from signatures.judging import ARCHIVE, Content, Covered, Policy, pieces_of
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
from signatures.xmldsig import DIGESTS, digest_oid

MAX_ENTRIES = 2_000
MAX_TOTAL = 1024 * 1024 * 1024
MAX_RATIO = 200  # of one entry, beyond a first megabyte
MAX_MANIFEST = 1024 * 1024
MAX_SIGNATURE = 32 * 1024 * 1024
MAX_SIGNATURES = 64
PIECE = 1024 * 1024

MIME_S = "application/vnd.etsi.asic-s+zip"
MIME_E = "application/vnd.etsi.asic-e+zip"


class BadContainer(ValueError):
    """Not a container, or one built to exhaust or confuse."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of a manifest: this file has this digest."""

    name: str
    hash_oid: str | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """An ASiCManifest: which signature file covers which data files."""

    name: str
    raw: bytes = field(repr=False)
    signature: str
    references: tuple[Reference, ...]


class Entry(work.Counted):
    """The decompressed bytes of one file, walked anew each time within the budget."""

    def __init__(self, archive: "Archive", name: str) -> None:
        self.archive, self.name = archive, name

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.archive.pieces(self.name):
            work.hashing(len(piece))
            yield piece


class _View(io.RawIOBase):
    """A buffer (a mapped file, too) as a file, without a copy."""

    def __init__(self, view: memoryview) -> None:
        self.view, self.position = view, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: len(self.view)}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self.position = base + offset
        return self.position

    def readinto(self, buffer: Any) -> int:
        piece = self.view[self.position : self.position + len(buffer)]
        buffer[: len(piece)] = piece
        self.position += len(piece)
        return len(piece)


class Archive:
    """A ZIP seen safely: unique plain names; bounded count, size, ratio and work in all."""

    def __init__(self, data: bytes | memoryview | mmap.mmap) -> None:
        self.view = memoryview(data)
        source: IO[bytes] = io.BufferedReader(_View(self.view))
        try:
            self.zip = zipfile.ZipFile(source)
            infos = self.zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise BadContainer("not a ZIP archive") from error
        if len(infos) > MAX_ENTRIES:
            raise BadContainer("too many files")
        self.infos: dict[str, zipfile.ZipInfo] = {}
        self.unaccounted = self._unaccounted(infos)
        for info in infos:
            info.filename = _readable(info)
            if _leads_outside(info.filename):
                raise BadContainer("a name that leads outside the container")
            if info.filename in self.infos:
                raise BadContainer("two files of one name")
            if info.flag_bits & 1:
                raise BadContainer("encrypted")
            if info.file_size > PIECE and info.file_size > MAX_RATIO * max(1, info.compress_size):
                raise BadContainer("compressed beyond reason")
            self.infos[info.filename] = info
        if sum(info.file_size for info in infos) > MAX_TOTAL:
            raise BadContainer("too large")

    def _unaccounted(self, infos: list[zipfile.ZipInfo]) -> bool:
        """Whether there are bytes that belong to no listed file: a container before or behind this
        one, or a file that only its local header names; other programs would show those."""
        position = 0
        for info in sorted(infos, key=lambda one: one.header_offset):
            if info.header_offset - position not in (_GAPS if position else (0,)):
                return True
            head = bytes(self.view[info.header_offset : info.header_offset + 30])
            if len(head) < 30:
                return True
            names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            position = info.header_offset + 30 + names + info.compress_size
        end = bytes(self.view[-_END - 65_535 :]).rfind(b"PK\x05\x06")
        start = max(0, len(self.view) - _END - 65_535) + end
        whole = end >= 0 and start + _END + len(self.zip.comment) == len(self.view)
        return not whole or self.zip.start_dir - position not in _GAPS

    def resolve(self, name: str) -> str:
        """The file that a manifest means: names without the UTF-8 flag may be of several old
        alphabets, and the manifest says which."""
        if name not in self.infos:
            meant = [key for key, info in self.infos.items() if name in _names(info)]
            if len(meant) == 1:
                self.infos = {
                    name if key == meant[0] else key: info for key, info in self.infos.items()
                }
        return name

    @property
    def data_files(self) -> list[str]:
        """What somebody may take for signed: whatever is no part of the signatures themselves,
        wherever it lies."""
        return [
            name
            for name, info in self.infos.items()
            if not info.is_dir() and name != "mimetype" and not _of_signatures(name)
        ]

    def pieces(self, name: str) -> Iterator[bytes]:
        info = self.infos[name]
        left = info.file_size
        try:
            with self.zip.open(info) as stream:
                while piece := stream.read(PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise BadContainer("larger than declared")
                    yield piece
        except (
            zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError,
        ) as error:  # fmt: skip
            if isinstance(error, BadContainer):
                raise
            raise BadContainer(f"{name} cannot be decompressed") from error
        except work.TooMuchWork:
            raise
        except Exception as error:  # zlib, bz2 and lzma each raise their own
            raise BadContainer(f"{name} cannot be decompressed") from error

    def read(self, name: str, limit: int) -> bytes:
        if self.infos[name].file_size > limit:
            raise BadContainer(f"{name} is too large")
        return b"".join(self.pieces(name))


_END = 22  # octets of the record that ends an archive, without its comment
_GAPS = (0, 12, 16, 20, 24)  # a data descriptor may follow a file


def _names(info: zipfile.ZipInfo) -> list[str]:
    """What the octets of a name may mean. zipfile reads those without the UTF-8 flag as cp437;
    Info-ZIP and Windows write the alphabet of their machine."""
    if info.flag_bits & 0x800:
        return [info.filename]
    try:
        octets = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return [info.filename]
    found = []
    for alphabet in ("utf-8", "cp866", "cp1251"):
        with contextlib.suppress(UnicodeDecodeError):
            found.append(octets.decode(alphabet))
    return found or [info.filename]


def _readable(info: zipfile.ZipInfo) -> str:
    return _names(info)[0]


_PARTS = re.compile(
    r"META-INF/(?:[^/]*signatures?[^/]*\.(?:p7s|p7m|xml)|ASiC(?:Archive)?Manifest[^/]*\.xml|"
    r"[^/]*\.(?:p7s|p7m|tst|ers)|manifest\.xml|container\.xml)",
    re.IGNORECASE,
)


def _of_signatures(name: str) -> bool:
    return _PARTS.fullmatch(name) is not None


def is_archive(data: bytes | memoryview | mmap.mmap) -> bool:
    return bytes(data[:4]) in (b"PK\x03\x04", b"PK\x05\x06")


def _leads_outside(name: str) -> bool:
    """Whether unpacking could write elsewhere: other tools do unpack what we only read."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "" or ".." in parts or ":" in parts[0] or "\0" in name


def parse_manifest(name: str, raw: bytes) -> Manifest:
    """Read an ASiCManifest.

    Raises:
        BadContainer: other XML, entity tricks, or nothing referenced.
    """
    try:
        root = defusedxml.ElementTree.fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError) as error:
        raise BadContainer(f"{name} is no manifest") from error
    if _local(root) != "ASiCManifest":
        raise BadContainer(f"{name} is no manifest")
    signature = ""
    references = []
    for part in root:
        if _local(part) == "SigReference":
            signature = path(part.get("URI", ""))
        elif _local(part) == "DataObjectReference":
            references.append(_reference(part))
    if not signature:
        raise BadContainer(f"{name} names no signature")
    return Manifest(name, raw, signature, tuple(references))


def _reference(node: Element) -> Reference:
    hash_oid: str | None = None
    digest = b""
    for part in node:
        if _local(part) == "DigestMethod":
            hash_oid = digest_oid(part.get("Algorithm", ""))
        elif _local(part) == "DigestValue":
            try:
                digest = base64.b64decode("".join((part.text or "").split()), validate=True)
            except (binascii.Error, ValueError):
                digest = b""
    return Reference(path(node.get("URI", "")), hash_oid, digest)


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def path(uri: str) -> str:
    return unquote(uri).removeprefix("./").lstrip("/")


def verify_asic(
    data: bytes | memoryview | mmap.mmap,
    content: Content = None,
    *,
    policy: Policy = ARCHIVE,
    at: datetime.datetime,
    trust: TrustStore,
) -> VerificationResult:
    """Verify every signature of a container. Never raises.

    `covered` are the data files that some valid signature vouches for, `uncovered` those that
    none does, `missing` those a manifest names and the container lacks. `content`, a file that
    came beside the container, must be one of the covered.
    """
    try:
        with work.budget():
            archive = Archive(data)
            return replace(_Container(archive, policy, at, trust).verify(pieces_of(content)), at=at)
    except (BadContainer, work.TooMuchWork) as error:
        return replace(malformed(str(error), "asic"), at=at)
    except (RecursionError, MemoryError, ValueError, KeyError, OverflowError) as error:
        return replace(malformed(type(error).__name__, "asic"), at=at)


class _Container:
    def __init__(
        self, archive: Archive, policy: Policy, at: datetime.datetime, trust: TrustStore
    ) -> None:
        self.archive, self.policy, self.at, self.trust = archive, policy, at, trust
        self.signers: list[SignerResult] = []
        self.results: list[tuple[Overall, Reason | None]] = []
        self.covered: set[str] = set()
        self.missing: set[str] = set()
        self.changed: set[str] = set()
        self.notes: list[str] = []
        self.digests: dict[tuple[str, str], bytes] = {}
        self.opened: set[str] = set()  # signed files that were read as lists

    def verify(self, beside: Covered) -> VerificationResult:
        if self.archive.unaccounted:
            self.results.append((Overall.INDETERMINATE, Reason.GENERIC))
            self.notes.append("the archive holds more than it lists")
        meta = [n for n in self.archive.infos if n.upper().startswith("META-INF/")]
        manifests = [
            parse_manifest(name, self.archive.read(name, MAX_MANIFEST))
            for name in sorted(meta)
            if is_manifest(name)
        ][:MAX_SIGNATURES]
        signatures = [n for n in sorted(meta) if n.lower().endswith((".p7s", ".p7m"))]
        if len(signatures) > MAX_SIGNATURES:
            raise BadContainer("too many signatures")
        by_signature: dict[str, list[Manifest]] = {}
        for manifest in manifests:
            by_signature.setdefault(manifest.signature, []).append(manifest)
        kind = "asic-e" if manifests else "asic-s"
        mime = self._mimetype()
        if mime == MIME_E and not manifests and signatures:
            self.notes.append("an ASiC-E container without a manifest")
        for name in signatures:
            if name in by_signature:
                for manifest in by_signature.pop(name):
                    self._signed_manifest(manifest)
            else:
                self._signed_file(name)
        for name, left in by_signature.items():
            for manifest in left:
                self._stamped_manifest(name, manifest)
        if "META-INF/timestamp.tst" in self.archive.infos:
            self._stamped_file("META-INF/timestamp.tst")
        in_xml = [
            n for n in sorted(meta) if n.lower().endswith(".xml") and "signature" in n.lower()
        ]
        if len(in_xml) > MAX_SIGNATURES:
            raise BadContainer("too many signatures")
        for name in in_xml:
            self._signed_references(name)
        if in_xml:
            kind = "asic-e" if mime != MIME_S else "asic-s"
        elif not signatures and not manifests:
            kind = "zip" if self._signatures_beside() else kind
        if not self.signers and not self.results[bool(self.archive.unaccounted) :]:
            return replace(malformed("no signatures inside", kind))
        if beside is not None:
            self._compare(beside)
        overall, reason = worst(self.results)
        uncovered = [n for n in self.archive.data_files if n not in self.covered]
        if self.changed:
            self.notes.append("changed: " + ", ".join(sorted(self.changed)[:5]))
        return VerificationResult(
            overall,
            reason,
            tuple(self.signers),
            covered=tuple(sorted(self.covered)),
            uncovered=tuple(sorted(uncovered)),
            missing=tuple(sorted(self.missing)),
            kind=kind,
            detail="; ".join(self.notes),
            trust_version=self.trust.version,
        )

    def _compare(self, beside: Iterable[bytes | memoryview]) -> None:
        """A file given beside the container must be what was signed inside."""
        wanted = hashes.digest_of(oids.SHA256, beside)
        if not any(self._digest(name, oids.SHA256) == wanted for name in sorted(self.covered)):
            self.results.append((Overall.INVALID, Reason.HASH_FAILURE))
            self.notes.append("the given file is none of those signed inside")

    def _mimetype(self) -> str:
        if "mimetype" not in self.archive.infos:
            return ""
        return self.archive.read("mimetype", 200).decode("ascii", "replace").strip()

    def _verify(self, signature: bytes, content: Content) -> VerificationResult:
        return backend().verify_cms(
            signature, content, policy=self.policy, at=self.at, trust=self.trust
        )

    def _signed_references(self, name: str) -> None:
        """XAdES: its own references say which files it signs (EN 319 162-1 4.4.3.2)."""
        result = backend().verify_xml(
            self.archive.read(name, MAX_SIGNATURE),
            None,
            files=self._file,
            policy=self.policy,
            at=self.at,
            trust=self.trust,
        )
        self._take(result)
        names = {self.archive.resolve(path(uri)) for uri in result.covered}
        self.covered |= names
        for named in sorted(names):
            self._listed_inside(named)
        self.missing |= {path(uri) for uri in result.missing}

    def _file(self, uri: str) -> Covered:
        name = self.archive.resolve(path(uri))
        return Entry(self.archive, name) if name in self.archive.infos else None

    def _signed_manifest(self, manifest: Manifest) -> None:
        signature = self.archive.read(manifest.signature, MAX_SIGNATURE)
        result = self._verify(signature, manifest.raw)
        self._take(result)
        self._references(manifest, result.valid)

    def _references(self, manifest: Manifest, valid: bool) -> None:
        if not manifest.references and manifest.name not in self.opened:
            self.results.append((Overall.INVALID, Reason.FORMAT_FAILURE))
            self.notes.append(f"{manifest.name} covers nothing")
        for reference in manifest.references:
            name = self.archive.resolve(reference.name)
            if name not in self.archive.infos:
                self.missing.add(name)
                self.results.append((Overall.INVALID, Reason.SIGNED_DATA_NOT_FOUND))
                continue
            if reference.hash_oid is None or reference.hash_oid in hashes.BROKEN:
                self.results.append((Overall.INDETERMINATE, Reason.CRYPTO_CONSTRAINTS_FAILURE))
                self.notes.append(f"{name}: digest method not supported")
                continue
            if self._digest(name, reference.hash_oid) != reference.digest:
                self.changed.add(name)
                self.results.append((Overall.INVALID, Reason.HASH_FAILURE))
                continue
            if valid:
                self.covered.add(name)
                self._listed_inside(name)

    def _listed_inside(self, name: str) -> None:
        """A signed file may itself be a list (an order signed in another program): what it names
        and is here is vouched for too, and must be as named."""
        if name in self.opened or not name.lower().endswith(".xml"):
            return
        self.opened.add(name)
        if self.archive.infos[name].file_size <= MAX_MANIFEST:
            self._listed_by(name, self.archive.read(name, MAX_MANIFEST))

    def _listed_by(self, name: str, raw: bytes) -> None:
        try:
            inner = parse_manifest(name, raw)
        except BadContainer:
            return
        here = [r for r in inner.references if self.archive.resolve(r.name) in self.archive.infos]
        self._references(replace(inner, references=tuple(here)), valid=True)

    def _digest(self, name: str, hash_oid: str) -> bytes:
        key = (name, hash_oid)
        if key not in self.digests:
            self.digests[key] = hashes.digest_of(hash_oid, Entry(self.archive, name))
        return self.digests[key]

    def _signed_file(self, name: str) -> None:
        """ASiC-S: one data file, the signature right over it."""
        files = self.archive.data_files
        signature = self.archive.read(name, MAX_SIGNATURE)
        if len(files) != 1:
            self.notes.append(f"{name}: which of {len(files)} files it signs is not said")
            self.results.append((Overall.INDETERMINATE, Reason.SIGNED_DATA_NOT_FOUND))
            return
        content = Entry(self.archive, files[0])
        result = self._verify(signature, content)
        self._take(result)
        if result.valid:
            self.covered.add(files[0])

    def _signatures_beside(self) -> bool:
        """A plain archive of documents with their signatures, each beside its own; whether so."""
        files = self.archive.data_files
        named = [n for n in files if n.lower().endswith((".p7s", ".p7m", ".sig"))]
        others = [n for n in files if n not in named]
        for name in sorted(named)[:MAX_SIGNATURES]:
            stem = name.rpartition(".")[0]
            of = stem if stem in others else others[0] if len(others) == 1 else None
            content = None if of is None else Entry(self.archive, of)
            signature = self.archive.read(name, MAX_SIGNATURE)
            result = self._verify(signature, content)
            self._take(result)
            self.covered.add(name)  # a signature is not what is to be signed
            if result.valid and of is not None:
                self.covered.add(of)
        in_xml = [n for n in sorted(others) if self._holds_xades(n)][:MAX_SIGNATURES]
        for name in in_xml:
            self._signed_beside(name)
        return bool(named or in_xml)

    def _holds_xades(self, name: str) -> bool:
        small = self.archive.infos[name].file_size <= xades.MAX_SIZE
        if not (small and name.lower().endswith(".xml")):
            return False
        return xades.holds_signature(self.archive.read(name, xades.MAX_SIZE))

    def _signed_beside(self, name: str) -> None:
        """XAdES in a plain archive: of files beside it, or of what it holds; what that lists is
        vouched for too."""
        raw = self.archive.read(name, xades.MAX_SIZE)
        inside = xades.held(raw)
        if inside is None:
            self._signed_references(name)
        else:
            result = backend().verify_xml(
                raw, None, policy=self.policy, at=self.at, trust=self.trust
            )
            self._take(result)
            if result.valid:
                self._listed_by(name, inside)
        self.covered.add(name)

    def _take(self, result: VerificationResult) -> None:
        self.signers.extend(result.signers)
        self.results.append((result.overall, result.reason))

    def _stamped_manifest(self, name: str, manifest: Manifest) -> None:
        """A manifest under a time-stamp instead of a signature; of a vanished file, a refusal."""
        if name not in self.archive.infos:
            self.missing.add(name)
            self.results.append((Overall.INVALID, Reason.FORMAT_FAILURE))
            self.notes.append(f"{manifest.name} names a signature that is not there")
            return
        valid = self._stamp(name, [memoryview(manifest.raw)])
        self._references(manifest, valid)

    def _stamped_file(self, name: str) -> None:
        files = self.archive.data_files
        if len(files) == 1 and self._stamp(name, Entry(self.archive, files[0])):
            self.covered.add(files[0])

    def _stamp(self, name: str, covered: "list[memoryview] | Entry") -> bool:
        token = self.archive.read(name, timestamps.MAX_TOKEN)
        stamp = timestamps.verify_token(token, covered, "file", self.trust)
        good = stamp.status is Status.VALID
        self.notes.append(f"{name}: time-stamp {stamp.status} {stamp.time or ''}".strip())
        overall = {
            Status.VALID: Overall.VALID,
            Status.INVALID: Overall.INVALID,
        }.get(stamp.status, Overall.INDETERMINATE)
        self.results.append((overall, stamp.reason))
        return good


def is_manifest(name: str) -> bool:
    """Whether a file of this name lists others."""
    base = name.rpartition("/")[2].lower()
    return base.startswith("asicmanifest") and base.endswith(".xml")


# ── making ───────────────────────────────────────────────────────────────────
_MANIFEST_NS = "http://uri.etsi.org/02918/v1.2.1#"
_DSIG_NS = "http://www.w3.org/2000/09/xmldsig#"
_URIS = {oid: uri for uri, oid in DIGESTS.items()}


_MIME = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "pdf": "application/pdf",
}


def build_manifest(
    files: Mapping[str, bytes],
    *,
    hash_oid: str = oids.SHA256,
    signature: str = "META-INF/signature001.p7s",
    rootfile: str = "",
) -> bytes:
    """The ASiCManifest of these files: the bytes to sign for an ASiC-E.

    rootfile: the one a person should open first (EN 319 162-1 annex A.4).
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<ASiCManifest xmlns="{_MANIFEST_NS}" xmlns:ds="{_DSIG_NS}">',
        f'<SigReference URI={quoteattr(signature)} MimeType="application/x-pkcs7-signature"/>',
    ]
    for name, data in files.items():
        value = base64.b64encode(hashes.digest(hash_oid, data)).decode()
        mime = _MIME.get(name.rpartition(".")[2].lower())
        attributes = f" MimeType={quoteattr(mime)}" if mime else ""
        attributes += ' Rootfile="true"' if name == rootfile else ""
        lines.append(
            f"<DataObjectReference URI={quoteattr(quote(name))}{attributes}>"
            f"<ds:DigestMethod Algorithm={quoteattr(_URIS[hash_oid])}/>"
            f"<ds:DigestValue>{value}</ds:DigestValue></DataObjectReference>"
        )
    lines.append("</ASiCManifest>")
    return "\n".join(lines).encode()


_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def build_asic_e(files: Mapping[str, bytes], manifest: bytes, signature: bytes) -> bytes:
    """An ASiC-E around a signature of `manifest` (made by `build_manifest`)."""
    return _zip(
        MIME_E,
        {
            **files,
            "META-INF/ASiCManifest001.xml": manifest,
            "META-INF/signature001.p7s": signature,
        },
    )


def build_in_xml(files: Mapping[str, bytes], signature: bytes) -> bytes:
    """An ASiC-E around XAdES that names its file by itself."""
    return _zip(MIME_E, {**files, "META-INF/signatures.xml": signature})


def build_zip(files: Mapping[str, bytes]) -> bytes:
    """A plain archive, for a signature that no ASiC may hold."""
    return _zip("", dict(files))


def build_asic_s(name: str, data: bytes, signature: bytes) -> bytes:
    """An ASiC-S around a detached signature of one file."""
    return _zip(MIME_S, {name: data, "META-INF/signature.p7s": signature})


def rewritten(data: bytes, files: Mapping[str, bytes]) -> bytes:
    """The same container with these files added, or in place of those of their names.

    Raises:
        BadContainer: not a container.
    """
    archive = Archive(data)
    names = [name for name, info in archive.infos.items() if not info.is_dir()]
    kept = {name: archive.read(name, MAX_TOTAL) for name in names}
    mime = kept.pop("mimetype", MIME_E.encode()).decode("ascii", "replace")
    return _zip(mime, kept | dict(files))


def _zip(mime: str, files: dict[str, bytes]) -> bytes:
    """The mimetype first and stored, so that the kind is read at a fixed place."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if mime:
            archive.writestr(zipfile.ZipInfo("mimetype", _FIXED_TIME), mime, zipfile.ZIP_STORED)
        for name, data in files.items():
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
