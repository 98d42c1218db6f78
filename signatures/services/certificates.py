"""Remembering certificates by their keys, and the count of who asked for them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from accounts import actors
from accounts.actors import Actor
from kernel import audit
from kernel.db import command, part_of_command
from kernel.kept import Kept
from signatures.certificates import Certificate, load
from signatures.events import CertificateSearched, CertificateSeen, SearchesForgotten
from signatures.models import CertificateSearch, KnownCertificate, KnownKey
from signatures.result import VerificationResult

_KNOWN = Kept[tuple[str]](lambda pk: KnownCertificate.objects.filter(pk=pk).values_list("pk"))
KEEP_SEARCHES = datetime.timedelta(days=90)


@part_of_command
def remember(result: VerificationResult, *, now: datetime.datetime) -> None:
    """Keep the certificates of a signature that was accepted; nothing when all are known."""
    if not result.valid:
        return
    signers = {
        one.fingerprint: one for one in (load(s.chain_certificates[0]) for s in result.signers)
    }
    _keep([one for key, one in signers.items() if _KNOWN.first(key) is None], now)


def remember_visitor(result: VerificationResult, *, now: datetime.datetime) -> None:
    """Keep the certificate somebody signed in with, for their next visit; nothing when known."""
    (signer,) = result.signers
    certificate = load(signer.chain_certificates[0])
    if not KnownCertificate.objects.filter(pk=certificate.fingerprint).exists():
        _remember(actor=actors.system("сертифікат відвідувача"), certificate=certificate, now=now)


@command
def _remember(*, actor: Actor, certificate: Certificate, now: datetime.datetime) -> None:
    """Keep one certificate with the identifiers of its key."""
    _keep([certificate], now)
    audit.record(CertificateSeen(subject=certificate.fingerprint))


@command
def note_search(
    *,
    actor: Actor,
    address: str | None,
    identifiers: Sequence[bytes],
    found: Sequence[Certificate],
    outcome: str,
    now: datetime.datetime,
) -> None:
    """Count a search and write down what was asked and given; keep what a provider gave."""
    if outcome == "PROVIDER":
        _keep(found, now)
    CertificateSearch.objects.create(at=now, address=address, outcome=outcome)
    audit.record(
        CertificateSearched(
            subject=identifiers[0].hex(),
            address=address,
            keys=tuple(one.hex() for one in identifiers),
            found=tuple(one.fingerprint for one in found),
            outcome=outcome,
        )
    )


@command
def forget_searches(*, actor: Actor, now: datetime.datetime) -> int:
    """Drop the count of searches nobody needs any more; what was given stays in the journal."""
    gone, _ = CertificateSearch.objects.filter(at__lt=now - KEEP_SEARCHES).delete()
    audit.record(SearchesForgotten(rows=gone))
    return gone


def _keep(found: Iterable[Certificate], now: datetime.datetime) -> None:
    """Certificates and their identifiers, those known already left as they are."""
    found = list(found)
    KnownCertificate.objects.bulk_create(
        [KnownCertificate(fingerprint=c.fingerprint, data=c.der, seen_at=now) for c in found],
        ignore_conflicts=True,
    )
    KnownKey.objects.bulk_create(
        [
            KnownKey(certificate_id=c.fingerprint, identifier=identifier)
            for c in found
            for identifier in sorted(c.key_identifiers)
        ],
        ignore_conflicts=True,
    )
