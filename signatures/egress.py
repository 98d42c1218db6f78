"""OCSP, revocation lists, time-stamps and certificates over HTTP, by `kernel.outside`.

Only hosts that the accepted trust list names (or settings add). Off unless `SIGNATURES_EGRESS` is
on; a silent host is a `Silent`, never an exception of a library.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from kernel.outside import Http, Silent
from signatures import cmp, der, oids, revocation, timestamps
from signatures.algorithms import hashes
from signatures.certificates import Certificate
from signatures.result import Status
from signatures.revocation import Crl, Evidence, Unanswered
from signatures.trust import TrustStore

log = logging.getLogger(__name__)

OCSP_LIMIT = 64 * 1024
TSP_LIMIT = 64 * 1024
CMP_LIMIT = 256 * 1024
CRL_LIMIT = 32 * 1024 * 1024
# How long answers are kept: fresh ones are used at once, older ones only as the fallback that a
# policy states (Policy.stale_for).
FRESH = datetime.timedelta(minutes=5)
LIST_FRESH = datetime.timedelta(hours=1)  # then a newer list is asked for
KEEP = datetime.timedelta(hours=24)


class Cache(Protocol):
    """What the client needs of a cache; Django's has these two methods among others."""

    def get(self, key: str) -> Any: ...
    def set(self, key: str, value: Any, timeout: int | None) -> Any: ...


@dataclass(kw_only=True)
class Client(Http):
    """Asks responders on behalf of one trust store, whose hosts must have public addresses."""

    clock: Callable[[], datetime.datetime]
    trust: TrustStore = field(default_factory=TrustStore)
    cache: Cache | None = None
    max_addresses: int = 2

    # ── revocation ───────────────────────────────────────────────────────────
    def lookup(
        self, certificate: Certificate, issuer: Certificate, at: datetime.datetime
    ) -> Iterable[Evidence | Unanswered]:
        """Evidence about one certificate: OCSP first, the full list when OCSP says nothing that
        counts, then whatever older answer is kept; and whoever gave no answer.
        `trust.TrustStore.lookup` has this shape."""
        urls = certificate.urls(oids.AUTHORITY_INFO_ACCESS, oids.ACCESS_OCSP)
        found: list[Evidence | Unanswered] = []
        for url in urls[: self.max_addresses]:
            try:
                return [self.ocsp(url, certificate, issuer)]
            except Silent as silent:
                log.warning("signatures: responder silent: %s", silent)
                found.append(Unanswered("OCSP", str(silent)))
        # The full list, and the delta that says what came since; a delta alone proves nothing.
        for urls_of_list in (certificate.crl_urls, certificate.freshest_crl_urls):
            for url in urls_of_list[: self.max_addresses]:
                try:
                    found.append(self.crl(url, issuer))
                    break
                except Silent as silent:
                    log.warning("signatures: list not had: %s", silent)
                    found.append(Unanswered("CRL", str(silent)))
        for url in urls[: self.max_addresses]:
            kept = self._kept(_ocsp_key(url, certificate, issuer), KEEP)
            if kept is not None:
                found.append(revocation.parse_ocsp(kept))
        return found

    def ocsp(self, url: str, certificate: Certificate, issuer: Certificate) -> Evidence:
        """A fresh OCSP answer about this certificate, kept five minutes. Its signature and its
        responder are checked first, or one forged answer would hide a revocation for that long.

        Raises:
            Silent: none, or none that counts: a certificate it does not know, somebody else's word.
        """
        key = _ocsp_key(url, certificate, issuer)
        kept = self._kept(key, FRESH)
        if kept is not None:
            return revocation.parse_ocsp(kept)
        nonce = secrets.token_bytes(20)
        raw = self.fetch(
            url,
            limit=OCSP_LIMIT,
            body=revocation.ocsp_request(certificate, issuer, nonce),
            content_type="application/ocsp-request",
        )
        try:
            answer = revocation.parse_ocsp(raw)
        except (der.DerError, revocation.NoAnswer) as error:
            raise Silent(f"{url}: {error}") from error
        # Responders may leave the nonce out (RFC 8954); one that repeats another's is a replay.
        # Some write the bytes bare, without the OCTET STRING around them.
        if answer.nonce is not None and answer.nonce not in (nonce, der.octet_string(nonce)):
            raise Silent(f"{url}: the nonce is not ours")
        if answer.nonce is None and self.clock() - answer.produced_at > revocation.OCSP_LIFETIME:
            raise Silent(f"{url}: an old answer")
        if not revocation.made_by(answer, self.clock()):
            raise Silent(f"{url}: an answer from the future")
        said = revocation.assess(
            certificate,
            issuer,
            [answer],
            at=self.clock(),
            responders=self.trust.pool,
            trusted=lambda responder, when: self.trust.chain(responder, when).trusted,
        )
        if said.state == "unknown" or said.stale:
            raise Silent(f"{url}: {', '.join(said.notes) or 'nothing of this certificate by now'}")
        self._keep(key, raw)
        return answer

    def crl(self, url: str, issuer: Certificate) -> Evidence:
        """A revocation list of this authority, kept until it says it is out of date. Its signature
        is checked before it is kept, or one forged answer would stand in the way for days.

        Raises:
            Silent: none, or not a list of this authority's.
        """
        key = "crl:" + hashlib.sha256(f"{url} {issuer.fingerprint}".encode()).hexdigest()
        kept = self._kept_crl(key)
        if kept is not None and self._kept(key, LIST_FRESH) is not None:
            return kept
        try:
            crl = self._fetch_crl(url, issuer, kept)
        except Silent as silent:
            if kept is None:
                raise
            log.warning("signatures: an earlier list serves: %s", silent)
            return kept
        self._keep(key, crl.raw)
        return crl

    def _kept_crl(self, key: str) -> Crl | None:
        """The list kept, while it holds."""
        raw = self._kept(key, datetime.timedelta(days=8))
        crl = None if raw is None else revocation.parse_crl(raw)
        return crl if crl is not None and crl.until > self.clock() else None

    def _fetch_crl(self, url: str, issuer: Certificate, kept: Crl | None) -> Crl:
        raw = self.fetch(url, limit=CRL_LIMIT)
        try:
            crl = revocation.parse_crl(bytes(der.unarmour(raw)))
        except der.DerError as error:
            raise Silent(f"{url}: {error}") from error
        if not revocation.signed_with(issuer, crl.tbs, crl.algorithm, crl.signature):
            raise Silent(f"{url}: not signed by the authority")
        if not revocation.made_by(crl, self.clock()):
            raise Silent(f"{url}: a list from the future")
        if kept is not None and crl.this_update < kept.this_update:
            raise Silent(f"{url}: an earlier list than the one we had")
        return crl

    # ── time ─────────────────────────────────────────────────────────────────
    def timestamp(self, url: str, covered: bytes, hash_oid: str, trust: TrustStore) -> bytes:
        """A token over these bytes, checked before it is given back.

        Raises:
            Silent: refused, wrong, or by an authority that is not trusted.
        """
        nonce = secrets.randbits(64)
        imprint = hashes.digest(hash_oid, covered)
        raw = self.fetch(
            url,
            limit=TSP_LIMIT,
            body=timestamps.request(hash_oid, imprint, nonce),
            content_type="application/timestamp-query",
        )
        try:
            token = timestamps.parse_response(raw)
            parsed = timestamps.parse_token(token)
        except (der.DerError, timestamps.Refused) as error:
            raise Silent(f"{url}: {error}") from error
        if parsed.nonce != nonce:
            raise Silent(f"{url}: the nonce is not ours")
        if abs(self.clock() - parsed.time) > datetime.timedelta(minutes=10):
            raise Silent(f"{url}: its clock differs from ours")
        checked = timestamps.verify_token(token, [memoryview(covered)], "signature", trust)
        if checked.status is not Status.VALID:
            raise Silent(f"{url}: the token does not hold ({checked.reason})")
        return token

    # ── certificates ─────────────────────────────────────────────────────────
    def certificates(self, url: str, identifiers: Sequence[bytes], seconds: float) -> list[bytes]:
        """What a provider says are the certificates of these keys; nothing of it is checked yet.

        Raises:
            Silent: none.
        """
        raw = self.fetch(
            url,
            limit=CMP_LIMIT,
            body=cmp.request(identifiers),
            content_type=cmp.CONTENT_TYPE,
            seconds=seconds,
        )
        try:
            return cmp.parse_response(raw)
        except (der.DerError, cmp.NotFound) as error:
            raise Silent(f"{url}: {error}") from error

    # ── cache ────────────────────────────────────────────────────────────────
    def _kept(self, key: str, age: datetime.timedelta) -> bytes | None:
        found = self.cache.get(key) if self.cache else None
        if found is None or self.clock().timestamp() - found[0] > age.total_seconds():
            return None
        return found[1]

    def _keep(self, key: str, raw: bytes) -> None:
        if self.cache is not None:
            timeout = 8 * 24 * 60 * 60
            self.cache.set(key, (self.clock().timestamp(), raw), timeout=timeout)


def _ocsp_key(url: str, certificate: Certificate, issuer: Certificate) -> str:
    text = f"{url} {issuer.fingerprint} {certificate.serial.hex()}"
    return "ocsp:" + hashlib.sha256(text.encode()).hexdigest()


def hosts_of(store: TrustStore) -> frozenset[str]:
    """Hosts that a trust list names: the services its certificates and its companion speak of."""
    urls = list(store.key_services)
    for certificate in store.pool:
        urls += certificate.urls(oids.AUTHORITY_INFO_ACCESS, oids.ACCESS_OCSP)
        urls += certificate.urls(oids.SUBJECT_INFO_ACCESS, oids.ACCESS_TSP)
        urls += certificate.crl_urls
    hosts = set()
    for url in urls:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            continue
        if host:
            hosts.add(host)
    return frozenset(hosts)
