"""The configured way out: settings and the cache of this installation around `egress.Client`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from kernel import audit
from signatures import egress
from signatures.certificates import Certificate
from signatures.revocation import Evidence, Lookup, Unanswered
from signatures.trust import TrustStore

_known_hosts: dict[str, frozenset[str]] = {}


def client_for(store: TrustStore) -> egress.Client | None:
    """The client for this trust store's hosts; None while settings keep the way out shut."""
    if not settings.SIGNATURES_EGRESS:
        return None
    return egress.Client(
        public_hosts=_hosts(store),
        trust=store,
        clock=timezone.now,
        cache=cast(egress.Cache, cache),
        proxy=settings.SIGNATURES_EGRESS_PROXY or None,
        hosts=frozenset(settings.SIGNATURES_EGRESS_HOSTS),
    )


def stamping_services() -> list[str]:
    """Addresses of time-stamping services that the operator named."""
    return list(settings.SIGNATURES_TSP)


def lookup_for(store: TrustStore) -> Lookup | None:
    """`signatures.ports.lookup_for` over HTTP."""
    client = client_for(store)
    if client is None:
        return None

    def lookup(
        certificate: Certificate, issuer: Certificate, at: datetime.datetime
    ) -> Iterable[Evidence | Unanswered]:
        if audit.current_act() is not None:
            raise RuntimeError("responders are asked before a command, never with its locks held")
        return client.lookup(certificate, issuer, at)

    return lookup


def _hosts(store: TrustStore) -> frozenset[str]:
    if store.version not in _known_hosts:
        _known_hosts.clear()
        _known_hosts[store.version] = egress.hosts_of(store)
    return _known_hosts[store.version]
