"""Whose certificate is for this key: looked up here, then asked of providers, judged, given.

Key files such as Key-6.dat hold no certificate, and a page may not ask providers itself (they
answer no other origin). Anyone may ask before signing in, so everything is bounded and counted;
a key identifier is a hash of a public key: who has not seen the key has nothing to ask with.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from accounts import actors
from kernel.outside import Silent
from signatures import api, certificates, cmp, der, egress, outbound
from signatures.certificates import Certificate
from signatures.errors import TooManySearches
from signatures.selectors import certificates as selector
from signatures.services import certificates as service
from signatures.trust import TrustStore

log = logging.getLogger(__name__)

MOST_IDENTIFIERS = 16
SIZES = cmp.SIZES
MOST_GIVEN = 8
WINDOW = datetime.timedelta(minutes=10)
# One address may be a whole office behind one router; each opening of a key is a search.
SEARCHES_OF_AN_ADDRESS = 120
OUTSIDE_OF_AN_ADDRESS = 30
OUTSIDE_OF_ALL = 600
# The page waits ten seconds for everything.
SECONDS = 7.0
AT_ONCE = 16


def find(
    identifiers: Sequence[bytes], *, address: str | None, now: datetime.datetime
) -> list[Certificate]:
    """Certificates for signing with exactly these keys that lead to the trust list of now.

    What is known here costs one query; only when nothing is known are providers asked.

    Raises:
        TooManySearches: this address asks too often.
    """
    since = now - WINDOW
    if selector.searches(since, address=address) >= SEARCHES_OF_AN_ADDRESS:
        raise TooManySearches
    trust = api.stored_trust(now)
    found = usable(selector.of_keys(identifiers), identifiers, trust, now)
    outcome = "KNOWN" if found else "NOT_ASKED"
    client = None if found or _often(since, address) else outbound.client_for(trust)
    if client is not None and trust.key_services:
        found = ask(client, identifiers, trust, now)
        outcome = "PROVIDER" if found else "NOBODY"
    service.note_search(
        actor=actors.stranger(address),
        address=address,
        identifiers=identifiers,
        found=found,
        outcome=outcome,
        now=now,
    )
    return found


def _often(since: datetime.datetime, address: str | None) -> bool:
    """Whether providers were troubled enough."""
    return (
        selector.searches(since, address=address, outside=True) >= OUTSIDE_OF_AN_ADDRESS
        or selector.searches(since, outside=True) >= OUTSIDE_OF_ALL
    )


def usable(
    found: Collection[Certificate],
    identifiers: Collection[bytes],
    trust: TrustStore,
    now: datetime.datetime,
) -> list[Certificate]:
    """Those of exactly these keys, meant for signing and leading to the trust list; valid ones
    before those whose time is over, so that the page can say which it is."""
    wanted = set(identifiers)
    good = [
        one
        for one in found
        if one.may_sign
        and not wanted.isdisjoint(one.key_identifiers)
        and trust.chain(one, now, found).trusted
    ]
    good.sort(
        key=lambda one: (not one.not_before <= now <= one.not_after, -one.not_after.timestamp())
    )
    return good[:MOST_GIVEN]


def ask(
    client: egress.Client,
    identifiers: Sequence[bytes],
    trust: TrustStore,
    now: datetime.datetime,
    *,
    seconds: float = SECONDS,
) -> list[Certificate]:
    """Ask every provider at once; the first usable answer ends it, and so does the time limit.

    Providers still being asked then are left to their own limits; nobody waits for them.
    """
    known = sorted((one for one in identifiers if len(one) in cmp.SIZES), key=len, reverse=True)
    pairs = [known[i : i + cmp.AT_ONCE] for i in range(0, len(known), cmp.AT_ONCE)]
    deadline = time.monotonic() + seconds

    def exchange(url: str, pair: list[bytes]) -> list[bytes]:
        return client.certificates(url, pair, max(deadline - time.monotonic(), 0.1))

    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="cmp")
    try:
        waiting = [pool.submit(exchange, url, pair) for pair in pairs for url in trust.key_services]
        for done in as_completed(waiting, timeout=seconds):
            found = usable(_read(done), identifiers, trust, now)
            if found:
                return found
    except TimeoutError:
        log.warning("signatures: providers did not answer about a key in %s s", seconds)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return []


def _read(done: Future[list[bytes]]) -> list[Certificate]:
    try:
        return [certificates.load(raw) for raw in done.result()[:64]]
    except Silent as silent:
        log.info("signatures: no certificate: %s", silent)
    except der.DerError as error:
        log.warning("signatures: an unreadable certificate of a provider: %s", error)
    return []
