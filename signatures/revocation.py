"""Revocation: certificate revocation lists and OCSP answers, read, checked and weighed.

A delta list never says that a certificate is good, whether or not its indicator is critical
(Ukrainian ones are not); what it does list as revoked is revoked.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from signatures import certificates, der, keys, oids
from signatures.algorithms import hashes
from signatures.algorithms.gost28147 import DKE1
from signatures.certificates import Certificate

State = Literal["good", "revoked", "hold", "unknown"]

# Extensions of a list whose meaning is taken into account here.
_CRL_UNDERSTOOD = frozenset(
    {
        oids.CRL_NUMBER,
        oids.DELTA_CRL,
        oids.AUTHORITY_KEY_IDENTIFIER,
        oids.ISSUING_DISTRIBUTION_POINT,
        oids.FRESHEST_CRL,
        oids.EXPIRED_CERTS_ON_CRL,
    }
)
_CERTIFICATE_HOLD, _REMOVE_FROM_CRL = 6, 8
# How long an answer without nextUpdate is believed (Ukrainian OCSP responders leave it out).
OCSP_LIFETIME = datetime.timedelta(hours=1)
CLOCK_SKEW = datetime.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one piece of evidence says of one certificate. "released" is the end of a hold, which a
    delta tells."""

    state: State | Literal["released"]
    revoked_at: datetime.datetime | None = None
    reason: int | None = None
    # since when the key is doubtful, where that is known (invalidityDate, RFC 5280 5.3.2)
    invalid_since: datetime.datetime | None = None

    @classmethod
    def revoked(
        cls, at: datetime.datetime, reason: int | None, invalid_since: datetime.datetime | None
    ) -> "Entry":
        state: State = "hold" if reason == _CERTIFICATE_HOLD else "revoked"
        return cls(state, at, reason, invalid_since)

    @property
    def since(self) -> datetime.datetime | None:
        """When the key stopped being good: the authority's moment, or the earlier doubtful one."""
        known = [one for one in (self.revoked_at, self.invalid_since) if one is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Crl:
    """A revocation list, its entries searched in place (national lists are long)."""

    raw: bytes = field(repr=False)
    issuer: certificates.Name = field(repr=False)
    this_update: datetime.datetime
    next_update: datetime.datetime | None
    tbs: bytes = field(repr=False)
    algorithm: der.Node = field(repr=False)
    signature: bytes = field(repr=False)
    entries: der.Node | None = field(repr=False)
    delta: bool
    scope_limited: bool  # to some kinds of certificates or some reasons
    points: tuple[bytes, ...]  # the distribution points it is limited to, if any
    usable: bool
    number: int | None
    base_number: int | None
    keeps_expired: bool  # certificates stay listed after they expire

    @property
    def until(self) -> datetime.datetime:
        """How long it is believed; one that does not say (RFC 5280 5.1.2.5 forbids it), an hour."""
        return self.next_update or self.this_update + OCSP_LIFETIME

    def find(self, serial: bytes) -> Entry:
        """The entry of a serial number (its INTEGER content)."""
        wanted = serial.lstrip(b"\0")
        if wanted not in self.raw:  # a list of megabytes is walked only when it may name it
            return Entry("good")
        for entry in _each(self.entries):
            parts = entry.parts(2)
            if parts[0].content.lstrip(b"\0") != wanted:
                continue
            reason = invalid_since = None
            for extension in parts[2].parts() if len(parts) > 2 else []:
                fields = extension.parts(2)
                if fields[0].oid == oids.CRL_REASON:
                    reason = fields[-1].inner().number
                elif fields[0].oid == oids.INVALIDITY_DATE:
                    invalid_since = fields[-1].inner().time
                elif fields[0].oid == oids.CERTIFICATE_ISSUER:
                    return Entry("unknown")  # of an indirect list: another authority's number
            if reason == _REMOVE_FROM_CRL:  # only a delta may say so (RFC 5280 5.3.1)
                return Entry("released" if self.delta else "unknown")
            return Entry.revoked(parts[1].time, reason, invalid_since)
        return Entry("good")


def _each(node: der.Node | None) -> Iterator[der.Node]:
    if node is None:
        return
    position = node.body
    while position < node.stop:
        child = der.Node(node.buffer, position, node.stop)
        yield child
        position = child.end


def entries_of(crl: Crl) -> Iterator[der.Node]:
    """The revoked entries, one at a time."""
    return _each(crl.entries)


def is_crl(raw: bytes) -> bool:
    """Whether kept evidence is a revocation list, and not an OCSP answer."""
    try:
        parse_crl(raw)
    except der.DerError:
        return False
    return True


def parse_crl(data: bytes) -> Crl:
    """Raises DerError when this is no revocation list."""
    root = der.parse(data)
    tbs, algorithm, value = root.parts(3)[:3]
    parts = tbs.parts(3)
    if parts[0].tag == der.INTEGER:
        parts = parts[1:]
    if not certificates.same_algorithm(parts[0], algorithm):
        raise der.DerError("two different signature algorithms")
    issuer, this_update, rest = certificates.name_of(parts[1]), parts[2].time, parts[3:]
    next_update = None
    if rest and rest[0].tag in (der.UTC_TIME, der.GENERALIZED_TIME):
        next_update = rest.pop(0).time
    entries = rest.pop(0) if rest and rest[0].tag == der.SEQUENCE else None
    delta, limited, usable, keeps_expired = False, False, True, False
    points: tuple[bytes, ...] = ()
    number = base = None
    for part in rest:
        if part.tag != 0xA0:
            continue
        for item in part.inner().parts():
            fields = item.parts(2)
            name, critical = fields[0].oid, len(fields) > 2 and fields[1].flag
            content = fields[-1]
            if name == oids.CRL_NUMBER:
                number = content.inner().number
            elif name == oids.EXPIRED_CERTS_ON_CRL:
                keeps_expired = True
            elif name == oids.DELTA_CRL:
                delta, base = True, content.inner().number
            elif name == oids.ISSUING_DISTRIBUTION_POINT:
                # lists of only some certificates or reasons; indirect ones name others' numbers
                options = {option.tag: option for option in content.inner().children}
                limited = bool(options.keys() & {0x81, 0x82, 0x83, 0xA3, 0x85})
                usable = usable and 0x84 not in options
                if 0xA0 in options:
                    points = tuple(one.raw for one in options[0xA0].inner().children)
            elif critical and name not in _CRL_UNDERSTOOD:
                usable = False
    return Crl(
        raw=data,
        issuer=issuer,
        this_update=this_update,
        next_update=next_update,
        tbs=tbs.raw,
        algorithm=algorithm,
        signature=value.bits,
        entries=entries,
        delta=delta,
        scope_limited=limited,
        points=points,
        usable=usable,
        number=number,
        base_number=base,
        keeps_expired=keeps_expired,
    )


@dataclass(frozen=True, slots=True)
class SingleAnswer:
    """One certificate's line in an OCSP answer."""

    hash_oid: str
    name_hash: bytes
    key_hash: bytes
    serial: bytes
    entry: Entry
    this_update: datetime.datetime
    next_update: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Ocsp:
    """A basic OCSP answer (RFC 6960 4.2.1)."""

    raw: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    algorithm: der.Node = field(repr=False)
    signature: bytes = field(repr=False)
    responder_name: certificates.Name | None
    responder_key: bytes | None
    produced_at: datetime.datetime
    answers: tuple[SingleAnswer, ...]
    nonce: bytes | None
    certificates: tuple[bytes, ...] = field(repr=False)


class NoAnswer(ValueError):
    """The responder answered with an error status instead of an answer."""


def parse_ocsp(data: bytes) -> Ocsp:
    """An OCSPResponse, or the bare BasicOCSPResponse that CAdES-X-Long embeds.

    Raises:
        NoAnswer: a response with an error status.
        DerError: neither.
    """
    root = der.parse(data)
    first = root.parts(1)[0]
    if first.tag == der.ENUMERATED:
        if first.number != 0:
            raise NoAnswer(f"responder status {first.number}")
        response = root.parts(2)[1].expect(0xA0).inner().parts(2)
        if response[0].oid != oids.OCSP_BASIC:
            raise der.DerError("an OCSP answer of another type")
        basic = der.parse(response[1].expect(der.OCTET_STRING).content)
    else:
        basic = root
    parts = basic.parts(3)
    tbs = parts[0]
    fields = tbs.parts(3)
    if fields[0].tag == 0xA0:
        fields = fields[1:]
    if len(fields) < 3:
        raise der.DerError("a part of the answer is missing")
    responder = fields[0]
    by_name = certificates.name_of(responder.inner()) if responder.tag == 0xA1 else None
    by_key = responder.inner().content if responder.tag == 0xA2 else None
    if by_name is None and by_key is None:
        raise der.DerError("an unnamed responder")
    nonce = None
    for part in fields[3:]:
        if part.tag == 0xA1:
            for item in part.inner().parts():
                extension = item.parts(2)
                if extension[0].oid == oids.OCSP_NONCE:
                    nonce = extension[-1].content
    certs: list[bytes] = []
    for part in parts[3:]:
        if part.tag == 0xA0:
            certs = [child.raw for child in part.inner().parts()][:16]
    return Ocsp(
        raw=data,
        tbs=tbs.raw,
        algorithm=parts[1],
        signature=parts[2].bits,
        responder_name=by_name,
        responder_key=by_key,
        produced_at=fields[1].time,
        answers=tuple(_answer(item) for item in fields[2].parts()[:1000]),
        nonce=nonce,
        certificates=tuple(certs),
    )


def _answer(node: der.Node) -> SingleAnswer:
    parts = node.parts(3)
    identifier = parts[0].parts(4)
    status = parts[1]
    next_update = invalid_since = None
    for part in parts[3:]:
        if part.tag == 0xA0:
            next_update = part.inner().time
        elif part.tag == 0xA1:  # those of a list's entry may stand here too (RFC 6960 4.4.5)
            for extension in part.inner().parts():
                fields = extension.parts(2)
                if fields[0].oid == oids.INVALIDITY_DATE:
                    invalid_since = der.parse(fields[-1].content).time
    if status.tag == 0x80 and not len(status):
        entry = Entry("good")
    elif status.tag == 0xA1:
        fields = status.children
        if not fields:
            raise der.DerError("a revocation without its time")
        reason = fields[1].expect(0xA0).inner().number if len(fields) > 1 else None
        entry = Entry.revoked(fields[0].time, reason, invalid_since)
    elif status.tag == 0x82 and not len(status):
        entry = Entry("unknown")
    else:
        raise der.DerError("a status nobody has defined")
    return SingleAnswer(
        hash_oid=identifier[0].parts(1)[0].oid,
        name_hash=identifier[1].content,
        key_hash=identifier[2].content,
        serial=identifier[3].expect(der.INTEGER).content,
        entry=entry,
        this_update=parts[2].time,
        next_update=next_update,
    )


@lru_cache(maxsize=512)
def issuer_hashes(issuer: Certificate, hash_oid: str) -> tuple[bytes, bytes]:
    """Name and key hashes of an OCSP CertID. The key is hashed as the whole BIT STRING content,
    the inner `04 21` of a DSTU key included.

    Raises:
        UnknownHash: a hash we do not know.
    """
    key = der.parse(issuer.spki).parts(2)[1].bits
    return (
        hashes.digest(hash_oid, issuer.subject, DKE1),
        hashes.digest(hash_oid, key, DKE1),
    )


def ocsp_request(certificate: Certificate, issuer: Certificate, nonce: bytes) -> bytes:
    """An unsigned request as Ukrainian responders take it: GOST 34.311 for GOST-era issuers,
    the issuer's own hash otherwise, SHA-1 for ECDSA and RSA as RFC 6960 expects of everyone."""
    try:
        algorithm = keys.signature_algorithm(certificate.algorithm_node)
        hash_oid = algorithm.hash_oid if algorithm.oid.startswith(oids.DSTU_PREFIX) else oids.SHA1
    except keys.UnusableKey:
        hash_oid = oids.SHA1
    name_hash, key_hash = issuer_hashes(issuer, hash_oid)
    identifier = der.sequence(
        der.sequence(der.oid(hash_oid), *([] if hash_oid == oids.GOST34311 else [der.null()])),
        der.octet_string(name_hash),
        der.octet_string(key_hash),
        der.tlv(der.INTEGER, certificate.serial),
    )
    extension = der.sequence(der.oid(oids.OCSP_NONCE), der.octet_string(der.octet_string(nonce)))
    return der.sequence(
        der.sequence(
            der.sequence(der.sequence(identifier)),
            der.explicit(2, der.sequence(extension)),
        )
    )


_known: dict[tuple[str, bytes, bytes], bool] = {}


def signed_with(issuer: Certificate, tbs: bytes, algorithm: der.Node, signature: bytes) -> bool:
    """Whether the certificate's key made a signature in X.509 manner; remembered by hashes, so
    that a list of megabytes is checked once."""
    key = (issuer.fingerprint, hashlib.sha256(tbs).digest(), algorithm.raw + signature)
    if key not in _known:
        if len(_known) >= 4096:
            _known.clear()
        try:
            parsed = keys.signature_algorithm(algorithm)
            _known[key] = parsed.hash_oid not in hashes.BROKEN and keys.verify(
                issuer.spki, parsed, tbs, signature
            )
        except ValueError:
            _known[key] = False
    return _known[key]


def may_sign_crls(issuer: Certificate) -> bool:
    return issuer.key_usage is None or "cRLSign" in issuer.key_usage


@dataclass(frozen=True, slots=True)
class Finding:
    """What the evidence, taken together, says of a certificate. "hold" is a revocation that may
    still be taken back. `notes` tell of evidence that could not be used."""

    state: State
    source: str = ""
    revoked_at: datetime.datetime | None = None
    as_of: datetime.datetime | None = None
    stale: bool = False
    evidence: tuple[bytes, ...] = field(default=(), repr=False)
    reason: int | None = None  # of the revocation: CRLReason (RFC 5280 5.3.1)
    since: datetime.datetime | None = None  # when it began to count: revoked_at or earlier
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Said to be good, by evidence that covers the moment."""
        return self.state == "good" and not self.stale

    def bad_at(self, moment: datetime.datetime) -> bool:
        """Revoked or on hold by a moment."""
        return self.state in ("revoked", "hold") and (self.since is None or self.since <= moment)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A source that was asked and gave no usable answer: told beside the finding."""

    source: str
    why: str


Evidence = Crl | Ocsp
# (certificate, its issuer, moment) → more evidence, and who gave none; how the online client
# plugs in
Lookup = Callable[[Certificate, Certificate, datetime.datetime], Iterable[Evidence | Unanswered]]
# (responder certificate, moment) → whether it is trusted to be a responder
Trusted = Callable[[Certificate, datetime.datetime], bool]


def assess(
    certificate: Certificate,
    issuer: Certificate,
    evidence: Iterable[Evidence],
    *,
    at: datetime.datetime,
    responders: Iterable[Certificate] = (),
    trusted: Trusted = lambda certificate, moment: False,
) -> Finding:
    """Weigh all evidence about one certificate at a moment.

    Any valid statement of revocation wins. Otherwise the freshest complete statement counts;
    `stale` says that it no longer covers the moment. A hold counts until something newer says that
    it was taken back.
    """
    evidence = tuple(evidence)
    lists = [item for item in evidence if isinstance(item, Crl)]
    responders = [one for one in responders if _may_respond(one)]
    best: dict[str, Finding] = {}
    notes: dict[str, None] = {}
    for item in evidence:
        if isinstance(item, Crl):
            found = _from_crl(item, certificate, issuer, at)
        else:
            found = _from_ocsp(item, certificate, issuer, at, responders, trusted, lists)
        if isinstance(found, str):
            notes[found] = None
        elif found is not None:
            state = "released" if found.source == _RELEASE else found.state
            known = best.get(state)
            better = _earlier if state == "revoked" else _fresher
            if known is None or better(found, known):
                best[state] = found
    return replace(_weighed(best, at), notes=tuple(notes))


_RELEASE = "delta CRL, released"


def _weighed(best: dict[str, Finding], at: datetime.datetime) -> Finding:
    revoked, hold, good = best.get("revoked"), best.get("hold"), best.get("good")
    if revoked is not None or hold is None:
        return revoked or good or Finding("unknown")
    released = best.get("released")
    if released is not None and _newer(released, hold, at):
        evidence = hold.evidence + released.evidence
        freed = replace(released, state="good", stale=hold.stale, evidence=evidence)
        good = freed if good is None or _fresher(freed, good) else good
    return good if good is not None and _newer(good, hold, at) else hold


def _newer(a: Finding, b: Finding, at: datetime.datetime) -> bool:
    """Whether a statement was made after another and by the moment of judgement."""
    return bool(a.as_of and b.as_of and b.as_of < a.as_of <= at + CLOCK_SKEW)


def made_by(evidence: Evidence, moment: datetime.datetime) -> bool:
    """Whether a statement can have been made by a moment, or is dated ahead."""
    made = evidence.this_update if isinstance(evidence, Crl) else evidence.produced_at
    return made <= moment + CLOCK_SKEW


def _earlier(a: Finding, b: Finding) -> bool:
    return a.since is not None and (b.since is None or a.since < b.since)


def _fresher(a: Finding, b: Finding) -> bool:
    if a.stale != b.stale:
        return not a.stale
    return bool(a.as_of and b.as_of and a.as_of > b.as_of)


def _from_crl(
    crl: Crl, certificate: Certificate, issuer: Certificate, at: datetime.datetime
) -> Finding | str | None:
    """What a list says; a string when it is of this authority and cannot be used."""
    if crl.issuer != issuer.subject_match or not crl.usable or not may_sign_crls(issuer):
        return None
    if not signed_with(issuer, crl.tbs, crl.algorithm, crl.signature):
        return "a revocation list that the authority did not sign"
    entry = crl.find(certificate.serial)
    if entry.state == "unknown":
        return None
    complete = not (crl.delta or crl.scope_limited) and _in_scope(crl, certificate)
    if entry.state == "good":
        if not complete:
            return None
        if crl.this_update > certificate.not_after and not crl.keeps_expired:
            return "a revocation list made after the certificate expired"
    source = "delta CRL" if crl.delta else "CRL"
    stale = crl.until + CLOCK_SKEW < at
    if entry.state == "released":
        return Finding("good", _RELEASE, None, crl.this_update, stale, (crl.raw,))
    return Finding(
        entry.state,
        source,
        entry.revoked_at,
        crl.this_update,
        stale and entry.state != "revoked",
        (crl.raw,),
        entry.reason,
        entry.since,
    )


def _in_scope(crl: Crl, certificate: Certificate) -> bool:
    """Whether a list limited to distribution points is one the certificate points at."""
    return not crl.points or any(point in certificate.crl_points for point in crl.points)


def _from_ocsp(
    ocsp: Ocsp,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime.datetime,
    responders: Iterable[Certificate],
    trusted: Trusted,
    lists: Iterable[Crl],
) -> Finding | str | None:
    answers = [one for one in ocsp.answers if is_about(one, certificate, issuer)]
    if not answers:
        return None
    if not _responder_signed(ocsp, issuer, responders, trusted, lists):
        return "an OCSP answer that no responder of the authority signed"
    answer = min(answers, key=lambda one: _WORST_FIRST.index(one.entry.state))
    entry = answer.entry
    if entry.state == "unknown" or entry.state == "released":
        return "the OCSP responder does not know the certificate"
    until = answer.next_update or answer.this_update + OCSP_LIFETIME
    stale = until + CLOCK_SKEW < at and entry.state != "revoked"
    return Finding(
        entry.state,
        "OCSP",
        entry.revoked_at,
        answer.this_update,
        stale,
        (ocsp.raw,),
        entry.reason,
        entry.since,
    )


_WORST_FIRST = ("revoked", "hold", "unknown", "good", "released")


def is_about(answer: SingleAnswer, certificate: Certificate, issuer: Certificate) -> bool:
    if answer.serial.lstrip(b"\0") != certificate.serial.lstrip(b"\0"):
        return False
    try:
        return issuer_hashes(issuer, answer.hash_oid) == (answer.name_hash, answer.key_hash)
    except ValueError:
        return False


def _may_respond(candidate: Certificate) -> bool:
    return oids.EKU_OCSP_SIGNING in candidate.extended_key_usage


def _revoked_by_list(candidate: Certificate, issuer: Certificate, lists: Iterable[Crl]) -> bool:
    """Whether a list at hand names a responder's own certificate; OCSP is not asked about it, or
    it would vouch for itself."""
    findings = (_from_crl(item, candidate, issuer, item.this_update) for item in lists)
    return candidate.issuer_match == issuer.subject_match and any(
        isinstance(found, Finding) and found.state in ("revoked", "hold") for found in findings
    )


def _same_provider(candidate: Certificate, issuer: Certificate) -> bool:
    """Whether a responder's issuer and the certificate's issuer are one organisation, by what
    their authority certificates say: a provider has a key for each algorithm and each few years,
    and one responder answers for all. Another provider's responder never does."""
    theirs, ours = certificates.read_name(candidate.issuer_node), issuer.subject_names
    for name in (oids.ORGANIZATION_IDENTIFIER, oids.ORGANIZATION):
        if theirs.get(name) and ours.get(name):
            return theirs[name].casefold() == ours[name].casefold()
    return False


def _responder_signed(
    ocsp: Ocsp,
    issuer: Certificate,
    responders: Iterable[Certificate],
    trusted: Trusted,
    lists: Iterable[Crl],
) -> bool:
    for candidate in [issuer, *_carried_responders(ocsp), *responders]:
        if not named_responder(ocsp, candidate):
            continue
        if candidate != issuer:
            # RFC 6960 4.2.2.2: issued by the same authority, or configured as trusted
            delegated = candidate.issuer_match == issuer.subject_match and certificates.signed_by(
                candidate, issuer
            )
            known = _same_provider(candidate, issuer) and trusted(candidate, ocsp.produced_at)
            in_time = candidate.not_before <= ocsp.produced_at <= candidate.not_after
            if not in_time or not (delegated or known):
                continue
            if _revoked_by_list(candidate, issuer, lists):
                continue
        if signed_with(candidate, ocsp.tbs, ocsp.algorithm, ocsp.signature):
            return True
    return False


def _carried_responders(ocsp: Ocsp) -> Iterator[Certificate]:
    for raw in ocsp.certificates:
        try:
            found = certificates.load(raw)
        except der.DerError:
            continue
        if _may_respond(found):
            yield found


def named_responder(ocsp: Ocsp, candidate: Certificate) -> bool:
    if ocsp.responder_name is not None:
        return candidate.subject_match == ocsp.responder_name
    try:
        return ocsp.responder_key in candidate.key_identifiers
    except der.DerError:
        return False
