"""Which trust list was in force at a moment, as a store ready to judge by."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Case, F, QuerySet, When

from kernel.kept import Kept
from signatures import certificates, der
from signatures.models import TrustEntry, TrustListVersion
from signatures.trust import TrustStore


def _newest(moment: Any) -> QuerySet[TrustListVersion]:
    by_then = Case(When(accepted_at__lte=moment, then=F("accepted_at")))
    nearest = (by_then.desc(nulls_last=True), "accepted_at", "-pk")
    return TrustListVersion.objects.order_by(*nearest)[:1]


_IN_FORCE = Kept[tuple[int]](lambda moment: _newest(moment).values_list("pk"))


def version_at(moment: datetime.datetime) -> TrustListVersion | None:
    """The newest list accepted by then; of an earlier moment, the oldest one we have."""
    return _newest(moment).first()


def last_signed() -> TrustListVersion | None:
    """The newest accepted list that carries its publisher's own signature."""
    return TrustListVersion.objects.exclude(signer_sha256="").order_by("accepted_at").last()


def trust_at(moment: datetime.datetime) -> TrustStore:
    """Anchors and intermediates of that list; an empty store when none was ever accepted."""
    version = _IN_FORCE.first(moment)
    return TrustStore() if version is None else _store(version[0])


@lru_cache(maxsize=8)
def _store(version_id: int) -> TrustStore:
    """Versions never change, so a store is kept by its version."""
    anchors: list[certificates.Certificate] = []
    others: list[certificates.Certificate] = []
    rows = TrustEntry.objects.filter(version_id=version_id).select_related("certificate")
    for row in rows.order_by("pk"):
        try:
            certificate = certificates.load(bytes(row.certificate.data))
        except der.DerError:
            continue
        (anchors if row.role == "ANCHOR" else others).append(certificate)
    return TrustStore(
        tuple(anchors),
        tuple(others),
        version=f"list-{version_id}",
        key_services=tuple(TrustListVersion.objects.get(pk=version_id).key_services),
    )


def forget() -> None:
    """For tests, whose databases number their versions anew."""
    _store.cache_clear()
