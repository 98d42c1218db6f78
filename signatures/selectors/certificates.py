"""Reads of known certificates. They are public documents, found only by who has their key."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from signatures import certificates, der
from signatures.certificates import Certificate
from signatures.models import CertificateSearch, KnownCertificate

MOST = 16


def of_keys(identifiers: Collection[bytes]) -> list[Certificate]:
    """Known certificates of these keys, the newest seen first; trust is for the caller to judge."""
    rows = KnownCertificate.objects.filter(keys__identifier__in=identifiers).distinct()
    found = []
    for row in rows.order_by("-seen_at", "pk")[:MOST]:
        try:
            found.append(certificates.load(bytes(row.data)))
        except der.DerError:
            continue
    return found


def searches(since: datetime.datetime, *, address: str | None = None, outside: bool = False) -> int:
    """How many searches came from an address (from everywhere without one); with `outside` only
    those that went on to providers."""
    rows = CertificateSearch.objects.filter(at__gt=since)
    if address is not None:
        rows = rows.filter(address=address)
    if outside:
        rows = rows.filter(outcome__in=["PROVIDER", "NOBODY"])
    return rows.count()
