"""Which authorities are believed: anchors pinned by SHA-256, paths from a certificate to one.

Names never make an anchor: Ukrainian test roots carry the very names of the real ones.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from signatures import bundles, certificates, der, oids, work
from signatures.certificates import Certificate
from signatures.result import Reason
from signatures.revocation import (
    Evidence,
    Lookup,
    NoAnswer,
    Unanswered,
    parse_crl,
    parse_ocsp,
)

MAX_PATH = 8
MAX_STEPS = 60  # signature checks of one search


@dataclass(frozen=True, slots=True)
class Chain:
    """A path from a certificate to its anchor, or the reason why there is none.

    `certificates` starts with the leaf. When `reason` is set the path is the best one found.
    """

    certificates: tuple[Certificate, ...]
    reason: Reason | None = None
    detail: str = ""

    @property
    def trusted(self) -> bool:
        return self.reason is None

    def issuer_of(self, index: int) -> Certificate:
        return self.certificates[min(index + 1, len(self.certificates) - 1)]


@dataclass(frozen=True)
class TrustStore:
    """Anchors, further certificates to build paths with, and revocation evidence at hand.

    `lookup` brings fresh evidence (the online client); without it only what is here counts.
    `key_services` are addresses where providers find certificates by key identifier (CMP).
    """

    anchors: tuple[Certificate, ...] = ()
    intermediates: tuple[Certificate, ...] = field(default=(), repr=False)
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)
    version: str = ""
    lookup: Lookup | None = field(default=None, repr=False)
    key_services: tuple[str, ...] = field(default=(), repr=False)
    # When an algorithm is not believed any more, by its identifier, where somebody has said so.
    algorithm_ends: Mapping[str, datetime.datetime] = field(default_factory=dict, repr=False)
    _pinned: frozenset[str] = field(init=False, repr=False, compare=False)
    _by_subject: dict[certificates.Name, list[Certificate]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        by_subject: dict[certificates.Name, list[Certificate]] = {}
        for certificate in dict.fromkeys([*self.anchors, *self.intermediates]):
            by_subject.setdefault(certificate.subject_match, []).append(certificate)
        object.__setattr__(self, "_pinned", frozenset(c.fingerprint for c in self.anchors))
        object.__setattr__(self, "_by_subject", by_subject)

    def is_anchor(self, certificate: Certificate) -> bool:
        return certificate.fingerprint in self._pinned

    def issuers(self, certificate: Certificate, extra: Iterable[Certificate]) -> list[Certificate]:
        """Certificates whose subject is this one's issuer, the likeliest first."""
        wanted = certificate.issuer_match
        found = list(self._by_subject.get(wanted, ()))
        found += [c for c in extra if c.subject_match == wanted]
        identifier = certificate.authority_key_identifier
        ranked = dict.fromkeys(found)
        return sorted(
            ranked,
            key=lambda c: (
                not (identifier and c.key_identifier == identifier),
                not self.is_anchor(c),
            ),
        )

    def find(self, subject: certificates.Name) -> list[Certificate]:
        return list(self._by_subject.get(subject, ()))

    @property
    def pool(self) -> tuple[Certificate, ...]:
        return self.anchors + self.intermediates

    def ends_of(self, algorithms: Iterable[str]) -> list[datetime.datetime]:
        """When these stop being believed; of most it is not known."""
        return [self.algorithm_ends[one] for one in algorithms if one in self.algorithm_ends]

    def with_more(
        self, extra: Iterable[Certificate] = (), evidence: Iterable[Evidence] = ()
    ) -> "TrustStore":
        """The same trust with more certificates to look through; anchors stay as they are."""
        return replace(
            self,
            intermediates=tuple(dict.fromkeys([*self.intermediates, *extra])),
            evidence=(*self.evidence, *evidence),
        )

    def ask(
        self, certificate: Certificate, issuer: Certificate, at: datetime.datetime
    ) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
        """Evidence that the online client finds, and in words who gave none; once in a request
        for each certificate, and no more questions than a request may ask."""
        if self.lookup is None:
            return (), ()
        answers, pair = work.answers(), (certificate, issuer)
        if pair not in answers:
            with work.asking() as may:
                found = tuple(self.lookup(certificate, issuer, at)) if may else ()
            said = (f"{one.source}: {one.why}" for one in found if isinstance(one, Unanswered))
            evidence = tuple(one for one in found if not isinstance(one, Unanswered))
            answers[pair] = (evidence, tuple(said) if may else ("not asked: too many questions",))
        held: tuple[tuple[Evidence, ...], tuple[str, ...]] = answers[pair]
        return held

    def chain(
        self,
        certificate: Certificate,
        at: datetime.datetime,
        extra: Iterable[Certificate] = (),
    ) -> Chain:
        """The path to an anchor that holds at a moment: names, signatures, validity,
        basicConstraints, path length, keyUsage, and no critical extension left unread.

        The leaf's own validity is left to the caller, who knows when the signature was made.
        """
        extra = tuple(extra)
        best: Chain | None = None
        steps = 0
        for steps, path in enumerate(self._paths((certificate,), extra, [0])):
            chain = Chain(path, *self._fault(path, at))
            if chain.trusted:
                return chain
            if best is None:
                best = chain
            if steps > 20:
                break
        return best or Chain((certificate,), Reason.NO_CERTIFICATE_CHAIN_FOUND)

    def _paths(
        self, path: tuple[Certificate, ...], extra: tuple[Certificate, ...], steps: list[int]
    ) -> Iterator[tuple[Certificate, ...]]:
        last = path[-1]
        if self.is_anchor(last):
            yield path
            return
        if len(path) >= MAX_PATH:
            return
        for issuer in self.issuers(last, extra):
            steps[0] += 1
            work.stepping()
            if steps[0] > MAX_STEPS:
                return
            if issuer in path or not certificates.signed_by(last, issuer):
                continue
            yield from self._paths((*path, issuer), extra, steps)

    def _fault(
        self, path: tuple[Certificate, ...], at: datetime.datetime
    ) -> tuple[Reason | None, str]:
        for index, certificate in enumerate(path):
            if certificate.not_understood:
                unread = certificate.not_understood[0]
                return Reason.CERTIFICATE_CHAIN_GENERAL_FAILURE, f"critical extension {unread}"
            if certificate.weakly_signed and not self.is_anchor(certificate):
                return Reason.CRYPTO_CONSTRAINTS_FAILURE, "a certificate signed over SHA-1"
            if index == 0:
                continue
            if oids.NAME_CONSTRAINTS in certificate.extensions:  # even where it is not critical
                return Reason.CHAIN_CONSTRAINTS_FAILURE, "name constraints are not supported"
            may, depth = certificate.authority
            if not may:
                return Reason.CHAIN_CONSTRAINTS_FAILURE, "the issuer is not an authority"
            if depth is not None and depth < index - 1:
                return Reason.CHAIN_CONSTRAINTS_FAILURE, "the path is longer than allowed"
            if certificate.key_usage is not None and "keyCertSign" not in certificate.key_usage:
                return Reason.CHAIN_CONSTRAINTS_FAILURE, "the issuer may not sign certificates"
            if not certificate.not_before <= at <= certificate.not_after:
                return Reason.OUT_OF_BOUNDS_NO_POE, "an authority's certificate is out of date"
        return None, ""


def read_evidence(data: bytes) -> Evidence | None:
    """A revocation list or an OCSP answer, or None."""
    binary = bytes(der.unarmour(data))
    try:
        root = der.parse(binary)
        first = root.parts(1)[0]
        if first.tag == der.ENUMERATED:
            return parse_ocsp(binary)
        if first.tag != der.SEQUENCE:
            return None
        try:
            return parse_crl(binary)
        except der.DerError:
            return parse_ocsp(binary)
    except (der.DerError, NoAnswer):
        return None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What files of a folder turned out to be. `alone` are those that were named one by one: a
    file of one certificate, not a folder or a bundle."""

    certificates: tuple[Certificate, ...]
    evidence: tuple[Evidence, ...]
    unread: tuple[str, ...]
    alone: frozenset[Certificate] = frozenset()

    def as_anchors(self, never: Callable[[Certificate], bool]) -> tuple[Certificate, ...]:
        """Those to believe: each one named alone, and of folders and bundles the authorities
        whose own issuer is not among them. `never` names roots left out of a collection."""
        by_subject: dict[object, list[Certificate]] = {}
        for certificate in self.certificates:
            by_subject.setdefault(certificate.subject_match, []).append(certificate)

        def top(certificate: Certificate) -> bool:
            if not (certificate.authority[0] or certificate.self_issued) or never(certificate):
                return False
            return not any(
                issuer != certificate and certificates.signed_by(certificate, issuer)
                for issuer in by_subject.get(certificate.issuer_match, ())
            )

        return tuple(c for c in self.certificates if c in self.alone or top(c))


def load_files(paths: Iterable[Path], *, limit: int = 20_000_000) -> Loaded:
    """Certificates, bundles, revocation lists and OCSP answers from files and folders."""
    found: dict[Certificate, None] = {}
    evidence: list[Evidence] = []
    unread: list[str] = []
    alone: set[Certificate] = set()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                if file.stat().st_size > limit:
                    raise der.DerError("too large")
                data = file.read_bytes()
                item = read_evidence(data)
                if item is not None:
                    evidence.append(item)
                    continue
                loaded = bundles.load_many(data)
                if not loaded:
                    raise der.DerError("no certificates")
                found.update(dict.fromkeys(loaded))
                if len(loaded) == 1 and not path.is_dir():
                    alone.update(loaded)
            except (der.DerError, OSError):
                unread.append(str(file))
    return Loaded(tuple(found), tuple(evidence), tuple(unread), frozenset(alone))
