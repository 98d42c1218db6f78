"""A signature made in another program: what a person brought, and which bytes it is of.

Token software, Дія.Підпис and cloud keys give back a `.p7s` (the document inside it or not), XAdES
in a file of XML, or a container with the document and its signature. What is kept of them is the
CMS without its content; of XAdES the XML, taken out of its container; of an ASiC-E with CAdES the
container as it came, for there the program signed a list of its own that names our bytes. Nothing
here says that a signature holds: `services.sessions.verify` does.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from signatures import api, asic, cms, der, kept, oids, packages, work, xades
from signatures.algorithms import hashes
from signatures.backend import backend
from signatures.errors import SignatureRefused
from signatures.judging import ORDER, Policy
from signatures.result import Overall, Reason, VerificationResult, malformed
from signatures.trust import TrustStore
from signatures.xmldsig import BadSignature

MAX_FILE = 256 * 1024
request_budget = work.budget  # one for all files that a request brought
Key = TypeVar("Key")


class Brought(Protocol):
    """A signature taken from a file: what would be kept, and whether it is of some bytes."""

    @property
    def signature(self) -> bytes: ...

    def is_of(self, content: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class OfDigest:
    """A CMS, and the digest of what it is of."""

    signature: bytes
    hash_oid: str
    digest: bytes

    def is_of(self, content: bytes) -> bool:
        try:
            return hashes.digest(self.hash_oid, content) == self.digest
        except hashes.UnknownHash:
            return False


@dataclass(frozen=True, slots=True)
class OfThing:
    """XAdES, and the one thing that it is of."""

    signature: bytes
    thing: xades.OnlyThing

    def is_of(self, content: bytes) -> bool:
        return self.thing.is_of(content)


@dataclass(frozen=True, slots=True)
class Container:
    """An ASiC-E around one document: a list that names it, and the signature of the list."""

    document: bytes
    listing: bytes
    cms: bytes
    names: tuple[str, str]  # of the document and of the signature inside


@dataclass(frozen=True)
class Signature:
    """A kept signature, and the very bytes that were signed. `name`: what XAdES calls them."""

    signed: bytes
    raw: bytes
    name: str = ""

    @cached_property
    def kept(self) -> kept.Kept:
        return kept.of(self.raw)

    def verify(
        self, *, policy: Policy, at: datetime.datetime, trust: TrustStore
    ) -> VerificationResult:
        """Judge it by the configured backend. Never raises."""
        check = backend().verify_xml if xades.is_xml(self.raw) else backend().verify_cms
        return check(self.raw, self.signed, policy=policy, at=at, trust=trust)


# ── reading ──────────────────────────────────────────────────────────────────
def read(data: bytes) -> tuple[Brought, ...]:
    """What this file may be a signature of; several when a container can be read in two ways.

    Raises:
        SignatureRefused: no signature, or not one that could be taken; `detail` says what to do.
    """
    if len(data) > MAX_FILE:
        raise _refused(
            f"Файл більший за {MAX_FILE // 1024} КБ. Потрібен лише підпис файла, завантаженого "
            "звідси, без інших документів"
        )
    try:
        with work.budget():
            if asic.is_archive(data):
                return _in_archive(asic.Archive(data))
            if xades.holds_signature(data):
                return (_in_xml(data),)
            return (_in_cms(data),)
    except xades.NotOneThing as error:
        raise _refused(_OTHER_FORMS[str(error)]) from error
    except (
        asic.BadContainer,
        BadSignature,
        der.DerError,
        work.TooMuchWork,
        RecursionError,
    ) as error:
        raise _refused(_what_else(data)) from error


def find(options: Iterable[Brought], contents: Mapping[Key, bytes]) -> tuple[Key, Brought] | None:
    """Which of these bytes the file is a signature of."""
    for one in options:
        for key, content in contents.items():
            if one.is_of(content):
                return key, one
    return None


def changed(options: Sequence[Brought], contents: Mapping[Key, bytes]) -> Key | None:
    """Which of these bytes were signed after a program had rewritten them: other line ends, a
    byte-order mark, blanks at the end."""
    for key, content in contents.items():
        others = (one for one in _rewritten(content) if one != content)
        if find(options, dict(enumerate(others))) is not None:
            return key
    return None


def _rewritten(content: bytes) -> Iterable[bytes]:
    lines = content.replace(b"\r\n", b"\n")
    for text in (lines, lines.replace(b"\n", b"\r\n")):
        for end in ("", "\n", "\r\n"):
            whole = text.rstrip() + end.encode()
            yield whole
            yield b"\xef\xbb\xbf" + whole


def _in_cms(data: bytes | memoryview) -> OfDigest:
    binary = bytes(der.unarmour(data))
    parsed = cms.parse_signed_data(binary)
    if len(parsed.signers) != 1:
        raise _refused(
            "У файлі кілька підписів. Документ має підписати одна особа одним ключем"
            if parsed.signers
            else "У файлі немає підпису, лише сертифікати. Підпишіть документ і додайте файл підпису"
        )
    signature = cms.without_content(binary)
    inside = parsed.content_bytes()
    if inside is not None:
        return OfDigest(signature, oids.SHA256, hashes.digest(oids.SHA256, inside))
    (signer,) = parsed.signers
    said = signer.one(oids.MESSAGE_DIGEST)
    if said is None:
        raise _refused(
            "Підпис не називає документа, до якого належить. Оберіть у програмі формат CAdES"
        )
    return OfDigest(signature, signer.digest_oid, said.expect(der.OCTET_STRING).octets())


_OTHER_FORMS = {
    "several signatures": "У файлі кілька підписів. Документ має підписати одна особа одним ключем",
    "no signature": "У файлі немає підпису. Підпишіть документ і додайте те, що дасть програма",
    "several things": "Підписано кілька файлів разом, а потрібен підпис лише файла, завантаженого "
    "звідси",
    "inside something": "Підпис стоїть усередині іншого документа XML. Оберіть у програмі окремий "
    "підпис (detached), CAdES (.p7s) або контейнер ASiC-E",
    "another form": "Підпис XAdES перетворює документ або стосується лише його частини. Оберіть у "
    "програмі окремий підпис (detached) без перетворень, CAdES (.p7s) або контейнер ASiC-E",
    "address": "Підпис XAdES називає документ так, що поруч із ним такого файла бути не може. "
    "Підпишіть файл під тією назвою, під якою його завантажено звідси",
}


def _in_xml(data: bytes | memoryview, document: str | None = None) -> OfThing:
    """XAdES alone, or of the document of this name in a container.

    Raises:
        NotOneThing, BadSignature: not one signature of one thing.
    """
    thing = xades.OnlyThing(bytes(data))
    _name(thing)
    if document is not None and asic.path(thing.uri) != document:
        raise xades.NotOneThing("address")
    return OfThing(bytes(data), thing)


def _name(thing: xades.OnlyThing) -> str:
    """The plain name of a file beside the signature, as its container will have it; empty where
    the signature holds the document.

    Raises:
        NotOneThing: an address that no file beside can have.
    """
    if thing.holds:
        return ""
    parts = urlsplit(thing.uri)
    name = unquote(parts.path).removeprefix("./")
    plain = name and name == name.strip() and "\\" not in name and name.isprintable()
    if parts.scheme or parts.netloc or parts.query or parts.fragment or "/" in name or not plain:
        raise xades.NotOneThing("address")
    if name in _RESERVED:
        raise xades.NotOneThing("address")
    return name


# Names that a file of a container has already.
_RESERVED = {".", "..", "mimetype", packages.HEAD, packages.ROWS}


def _in_archive(archive: asic.Archive) -> tuple[Brought, ...]:
    meta = [n for n in archive.infos if n.upper().startswith("META-INF/")]
    signatures = [n for n in meta if n.lower().endswith((".p7s", ".p7m"))]
    files = archive.data_files
    if not signatures:
        in_xml = [n for n in meta if n.lower().endswith(".xml") and "signature" in n.lower()]
        if in_xml:
            return (_one_in_xml(archive, in_xml, files),)
        signatures = [n for n in files if n.lower().endswith((".p7s", ".p7m", ".sig"))]
        in_xml = [] if signatures else [n for n in files if _is_xades(archive, n)]
        files = [n for n in files if n not in signatures and n not in in_xml]
        if in_xml:
            return (_one_in_xml(archive, in_xml, files),)
    if len(signatures) != 1 or archive.unaccounted:
        raise _refused(
            "У контейнері кілька підписів. Документ має підписати одна особа одним ключем"
            if len(signatures) > 1
            else "У контейнері немає підпису. Підпишіть документ і додайте те, що дасть програма"
        )
    signature = archive.read(signatures[0], MAX_FILE)
    found = _in_cms(signature)
    lists = [
        asic.parse_manifest(n, archive.read(n, asic.MAX_MANIFEST))
        for n in meta
        if asic.is_manifest(n)
    ]
    if not lists and len(files) == 1:  # ASiC-S, or a plain archive of a document and its signature
        document = archive.read(files[0], MAX_FILE)
        if not found.is_of(document):
            raise _refused("Підпис у контейнері належить до іншого файла, ніж той, що поруч із ним")
        return (found, _of(found.signature, document))
    if len(lists) == 1:
        options = [_of(found.signature, lists[0].raw)]  # the list signed is one of ours
        if len(files) == 1:
            whole = bytes(archive.view)
            options.append(_of(whole, archive.read(files[0], MAX_FILE)))
        return tuple(options)
    return (found,)


def _is_xades(archive: asic.Archive, name: str) -> bool:
    return name.lower().endswith(".xml") and xades.holds_signature(archive.read(name, MAX_FILE))


def _one_in_xml(archive: asic.Archive, found: list[str], files: list[str]) -> OfThing:
    """The XAdES of a container around one document; its own copy must be what was signed."""
    if len(found) > 1 or archive.unaccounted:
        raise xades.NotOneThing("several signatures")
    signature = archive.read(found[0], MAX_FILE)
    if not files:
        return _in_xml(signature)
    if len(files) > 1:
        raise xades.NotOneThing("several things")
    brought = _in_xml(signature, archive.resolve(files[0]))
    if not brought.is_of(archive.read(files[0], MAX_FILE)):
        raise _refused("Підпис у контейнері належить до іншого файла, ніж той, що поруч із ним")
    return brought


def _of(signature: bytes, document: bytes) -> OfDigest:
    return OfDigest(signature, oids.SHA256, hashes.digest(oids.SHA256, document))


def _refused(detail: str) -> SignatureRefused:
    return SignatureRefused(detail, field="files")


def _what_else(data: bytes) -> str:
    """A file that is no signature at all: what it is, and what is wanted instead."""
    head = bytes(data[:512]).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        return "Файл порожній. Додайте файл, який дала програма підписання"
    if head.startswith(b"%PDF"):
        return (
            "Це PDF. Підписувати треба не паперову копію, а файл для підпису, завантажений звідси"
        )
    if b"<ASiCManifest" in head or b'"format":"aikom-package-1"' in head:
        return (
            "Це сам файл для підпису, ще не підписаний. Підпишіть його у своїй програмі й додайте "
            "те, що вона дасть: файл .p7s або контейнер"
        )
    if head.startswith(b"<"):
        return (
            "Це XML, а не підпис. Якщо програма пропонує кілька форматів, оберіть CAdES (.p7s) "
            "або контейнер ASiC"
        )
    return "У файлі немає електронного підпису або його пошкоджено. Додайте файл .p7s або контейнер"


# ── what is kept ─────────────────────────────────────────────────────────────
def container(data: bytes) -> Container | None:
    """The parts of a kept ASiC-E; None of a plain CMS.

    Raises:
        BadContainer: not one list with one signature around one file.
    """
    if not asic.is_archive(data):
        return None
    archive = asic.Archive(data)
    files = archive.data_files
    names = [n for n in archive.infos if asic.is_manifest(n)]
    if len(files) != 1 or len(names) != 1 or archive.unaccounted:
        raise asic.BadContainer("not one list of one file")
    listing = asic.parse_manifest(names[0], archive.read(names[0], asic.MAX_MANIFEST))
    document = archive.read(files[0], MAX_FILE)
    if listing.signature not in archive.infos or len(listing.references) != 1:
        raise asic.BadContainer("the list names other files than are there")
    (reference,) = listing.references
    if archive.resolve(reference.name) not in files or reference.hash_oid is None:
        raise asic.BadContainer("the list names another file")
    if reference.hash_oid in hashes.BROKEN:
        raise asic.BadContainer("a digest that proves nothing")
    if hashes.digest(reference.hash_oid, document) != reference.digest:
        raise asic.BadContainer("the file is not the one listed")
    signature = archive.read(listing.signature, MAX_FILE)
    return Container(document, listing.raw, signature, (files[0], listing.signature))


def signature_in(content: bytes, signature: bytes) -> Signature:
    """A kept signature of `content` with the very bytes that were signed: the content itself, or
    the list of the container that names it.

    Raises:
        BadContainer: a container around something else.
        BadSignature: XML that is not one signature of exactly this.
    """
    if xades.is_xml(signature):
        thing = xades.OnlyThing(signature)
        name = _name(thing)
        if not thing.is_of(content):
            raise BadSignature("another document is signed")
        _not_its_own(content, name)
        return Signature(content, signature, name)
    inside = container(signature)
    if inside is None:
        return Signature(content, bytes(der.unarmour(signature)))
    if inside.document != content:
        raise asic.BadContainer("another document is inside")
    _not_its_own(content, inside.names[0])
    return Signature(inside.listing, bytes(der.unarmour(inside.cms)))


def _not_its_own(content: bytes, name: str) -> None:
    """Refuse a name that one of the document's own files has in its container."""
    with contextlib.suppress(packages.BrokenPackage):
        if name in packages.listed(content):
            raise asic.BadContainer("the document is named like one of its own files")


def with_signature(kept_as: bytes, changed: bytes) -> bytes:
    """The same kept signature changed in what nobody signs (a later time-stamp)."""
    inside = container(kept_as)
    if inside is None:
        return changed
    return asic.rewritten(kept_as, {inside.names[1]: changed})


def verify(content: bytes, signature: bytes, *, at: datetime.datetime) -> VerificationResult:
    """`api.verify_signature` for an order, of a CMS, of XAdES or of an ASiC-E around exactly these
    bytes. Never raises."""
    try:
        with work.budget():
            found = signature_in(content, signature)
            if xades.is_xml(signature):
                return found.verify(policy=ORDER, at=at, trust=api.configured_trust(at))
            return api.verify_signature(found.signed, found.raw, purpose="order", at=at)
    except work.TooMuchWork as error:
        return replace(malformed(str(error), "asic"), at=at)
    except (asic.BadContainer, BadSignature, der.DerError) as error:
        result = malformed(str(error), "asic")
        return replace(result, overall=Overall.INVALID, reason=Reason.HASH_FAILURE, at=at)
