"""Reading trust lists: the national certificate bundle (p7b) and ETSI TS 119 612 XML.

A bundle says nothing of trust by itself, so only self-signed certificates whose fingerprints are
pinned (`data/roots.json`, or named by the operator) become anchors. Known test roots never do.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from signatures import bundles, certificates, der, xmldsig
from signatures.certificates import Certificate
from signatures.trust import TrustStore

MAX_LIST = 64 * 1024 * 1024
MAX_SERVICES = 100
_SERVICE = re.compile(r"http://[a-z0-9.-]+(:\d{1,5})?/[\w./-]*", re.ASCII | re.IGNORECASE)
_PINS = Path(__file__).with_name("data") / "roots.json"
_GRANTED = ("granted", "recognisedatnationallevel", "undersupervision", "accredited")


class NotAList(ValueError):
    """Neither a bundle nor a trusted list."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A list read but not accepted yet."""

    format: str  # P7B or ETSI-TL
    sha256: str
    anchors: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...]
    test_roots: tuple[Certificate, ...]  # left out
    unknown_roots: tuple[Certificate, ...]  # left out unless named
    rejected: int  # certificates that lead to no anchor, or are broken
    issued: str = ""
    key_services: tuple[str, ...] = ()  # where providers find certificates by key
    signer: Certificate | None = None  # who signed the list itself (ETSI-TL only)
    until: str = ""  # by when the publisher means to have issued the next edition


@dataclass(frozen=True, slots=True)
class Difference:
    """What accepting a candidate would change against the list in force."""

    anchors_added: tuple[Certificate, ...]
    anchors_removed: tuple[Certificate, ...]
    added: tuple[Certificate, ...]
    removed: tuple[Certificate, ...]
    services_added: tuple[str, ...] = ()
    services_removed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not any(getattr(self, part.name) for part in fields(self))

    @property
    def digest(self) -> str:
        """Names this very difference, so that an answer given to one is not taken for another."""
        lines = [
            sign + certificate.fingerprint
            for sign, group in (
                ("A+", self.anchors_added),
                ("A-", self.anchors_removed),
                ("+", self.added),
                ("-", self.removed),
            )
            for certificate in group
        ]
        lines += ["S+" + url for url in self.services_added]
        lines += ["S-" + url for url in self.services_removed]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]

    def summary(self) -> dict[str, list[str]]:
        told = {
            name: [f"{c.fingerprint} {c.info.common_name}" for c in getattr(self, name)]
            for name in ("anchors_added", "anchors_removed", "added", "removed")
        }
        return told | {
            name: list(getattr(self, name)) for name in ("services_added", "services_removed")
        }


@cache
def pinned() -> dict[str, str]:
    """Fingerprint → kind (czo, nbu, test) of the known roots."""
    data = json.loads(_PINS.read_text())
    return {root["sha256"]: root["kind"] for root in data["roots"]}


def is_test_root(certificate: Certificate) -> bool:
    """Whether this is one of the known test roots, whatever name it carries."""
    return pinned().get(certificate.fingerprint) == "test"


def read_list(data: bytes, *, more_anchors: Iterable[str] = ()) -> Candidate:
    """Read a list; `more_anchors` are fingerprints an operator vouches for.

    Raises:
        NotAList: something else, or nothing usable inside.
    """
    if len(data) > MAX_LIST:
        raise NotAList("the file is too large")
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    named = frozenset(fp.lower().replace(":", "") for fp in more_anchors)
    if head.startswith((b"<?xml", b"<TrustServiceStatusList", b"<tsl:")):
        return _read_xml(data, named)
    try:
        found = bundles.load_many(data)
    except der.DerError as error:
        raise NotAList("neither a certificate bundle nor a trusted list") from error
    return _sorted_out(found, named, "P7B", data)


def _sorted_out(
    found: list[Certificate], named: frozenset[str], kind: str, data: bytes, issued: str = ""
) -> Candidate:
    pins = pinned()
    anchors, tests, unknown, rest = [], [], [], []
    for certificate in dict.fromkeys(found):
        known = pins.get(certificate.fingerprint)
        if known == "test":
            tests.append(certificate)
        elif certificate.fingerprint in named or known is not None:
            anchors.append(certificate)
        elif certificate.self_issued:
            unknown.append(certificate)
        else:
            rest.append(certificate)
    reached = _reached(anchors, rest)
    if not anchors:
        raise NotAList("no known root inside; name one by its fingerprint if you trust it")
    return Candidate(
        format=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        anchors=tuple(anchors),
        intermediates=tuple(reached),
        test_roots=tuple(tests),
        unknown_roots=tuple(unknown),
        rejected=len(rest) - len(reached),
        issued=issued,
    )


def _reached(anchors: list[Certificate], rest: list[Certificate]) -> list[Certificate]:
    """Those of `rest` whose signatures lead to an anchor, issuers before their subjects."""
    good: dict[Certificate, None] = {}
    by_subject: dict[object, list[Certificate]] = {}
    for anchor in anchors:
        by_subject.setdefault(anchor.subject_match, []).append(anchor)
    waiting = list(rest)
    while waiting:
        later = []
        for certificate in waiting:
            issuers = by_subject.get(certificate.issuer_match, ())
            if any(certificates.signed_by(certificate, issuer) for issuer in issuers):
                good[certificate] = None
                if certificate.authority[0]:
                    by_subject.setdefault(certificate.subject_match, []).append(certificate)
            else:
                later.append(certificate)
        if len(later) == len(waiting):
            break
        waiting = later
    return list(good)


def _read_xml(data: bytes, named: frozenset[str]) -> Candidate:
    """Certificates of granted CA, TSA and OCSP services (ETSI TS 119 612 clause 5.5).

    The list's own signature must hold; whether its signer is the publisher is for the operator to
    say. Only what was signed is read, and of it only ServiceDigitalIdentity, never key info. A
    granted CA service is an anchor by the list's meaning, so its root need not be pinned; the
    operator who accepts the difference vouches for the list.
    """
    try:
        signed = xmldsig.verify_enveloped(data)
        root = defusedxml.ElementTree.fromstring(signed.content, forbid_dtd=True)
    except xmldsig.BadSignature as error:
        raise NotAList(f"the list is not signed as it should be: {error}") from error
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError) as error:
        raise NotAList("broken XML") from error
    if _local(root) != "TrustServiceStatusList":
        raise NotAList("not a trusted list")
    issued, until = (
        next((n.text or "" for n in root.iterfind(path)), "")
        for path in (".//{*}ListIssueDateTime", ".//{*}NextUpdate/{*}dateTime")
    )
    authorities: list[Certificate] = []
    helpers: list[Certificate] = []
    rejected = 0
    for service in root.iter():
        if _local(service) != "ServiceInformation":
            continue
        kind, status = "", ""
        texts: list[str] = []
        for part in service:
            if _local(part) == "ServiceTypeIdentifier":
                kind = (part.text or "").strip()
            elif _local(part) == "ServiceStatus":
                status = (part.text or "").strip().rpartition("/")[2].lower()
            elif _local(part) == "ServiceDigitalIdentity":
                texts += [n.text or "" for n in part.iter() if _local(n) == "X509Certificate"]
        if status not in _GRANTED:
            continue
        for text in texts:
            try:
                raw = base64.b64decode("".join(text.split()), validate=True)
                certificate = certificates.load(raw)
            except (binascii.Error, ValueError):
                rejected += 1
                continue
            is_authority = kind.endswith(("/CA/QC", "/CA/PKC", "/NationalRootCA-QC"))
            (authorities if is_authority else helpers).append(certificate)
    tests = [c for c in authorities if pinned().get(c.fingerprint) == "test"]
    anchors = [c for c in dict.fromkeys(authorities) if c not in tests]
    if not anchors:
        raise NotAList("no granted certification service inside")
    return Candidate(
        format="ETSI-TL",
        sha256=hashlib.sha256(data).hexdigest(),
        anchors=tuple(anchors),
        intermediates=tuple(c for c in dict.fromkeys(helpers) if c not in anchors),
        test_roots=tuple(tests),
        unknown_roots=(),
        rejected=rejected,
        issued=issued,
        until=until,
        signer=signed.signer,
    )


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def read_key_services(data: bytes) -> tuple[str, ...]:
    """Addresses where providers find certificates by key: CAs.json, which the national bundle's
    publisher keeps beside it. A bare host means IIT's usual place.

    Raises:
        NotAList: another file, or no such address inside.
    """
    found: dict[str, None] = {}
    try:
        for provider in json.loads(data):
            place = str(provider.get("cmpAddress") or "").strip().removeprefix("http://")
            if place:
                found["http://" + (place if "/" in place else f"{place}/services/cmp/")] = None
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise NotAList("not a list of providers' services") from error
    wrong = [url for url in found if not _SERVICE.fullmatch(url)]
    if wrong or not found:
        raise NotAList(f"not addresses of services: {wrong[:3]}")
    return tuple(found)[:MAX_SERVICES]


def compare(candidate: Candidate, current: TrustStore) -> Difference:
    """What changes when `candidate` replaces the list in force."""
    old_anchors, old = set(current.anchors), set(current.intermediates)
    new_anchors, new = set(candidate.anchors), set(candidate.intermediates)

    def ordered(group: set[Certificate]) -> tuple[Certificate, ...]:
        return tuple(sorted(group, key=lambda c: (c.info.common_name, c.fingerprint)))

    return Difference(
        anchors_added=ordered(new_anchors - old_anchors),
        anchors_removed=ordered(old_anchors - new_anchors),
        added=ordered(new - old),
        removed=ordered(old - new),
        services_added=tuple(sorted({*candidate.key_services} - {*current.key_services})),
        services_removed=tuple(sorted({*current.key_services} - {*candidate.key_services})),
    )
