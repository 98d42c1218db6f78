"""Accepting a trust list: always a person's deliberate act, always kept."""

from __future__ import annotations

import datetime

from accounts.actors import Actor
from kernel import audit
from kernel.db import advisory_lock, command
from signatures.errors import TrustListRejected
from signatures.events import TrustListAccepted
from signatures.models import TrustCertificate, TrustEntry, TrustListVersion
from signatures.selectors import trust as selector
from signatures.trustlists import Candidate, compare


@command
def accept_list(
    *,
    actor: Actor,
    candidate: Candidate,
    source: str,
    accepted_by: str,
    accepted_difference: str,
    now: datetime.datetime,
    accepted_signer: str = "",
) -> TrustListVersion:
    """Put a list in force from now on; earlier signatures keep being judged by earlier lists.

    `accepted_difference` is the digest of the difference the person saw: when the list in force
    changed meanwhile, the difference is another and nothing is accepted. `accepted_signer` is the
    SHA-256 of the certificate that the person takes for the publisher's, where the list is signed.

    Raises:
        TrustListRejected: nothing would change, something else than was shown, or a list signed by
            somebody else.
    """
    signer = candidate.signer.fingerprint if candidate.signer else ""
    if signer != accepted_signer:
        raise TrustListRejected("Список підписав не той, кого ви назвали видавцем.")
    advisory_lock("signatures.trust-list")
    current = selector.trust_at(now)
    difference = compare(candidate, current)
    if difference.nothing:
        raise TrustListRejected("Цей список уже діє, змін немає.")
    if difference.digest != accepted_difference:
        raise TrustListRejected(
            "Поки ви переглядали зміни, чинний список змінився. Перегляньте ще раз."
        )
    version = TrustListVersion.objects.create(
        accepted_at=now,
        accepted_by=accepted_by,
        source=source,
        format=candidate.format,
        file_sha256=bytes.fromhex(candidate.sha256),
        signer_sha256=signer,
        issued=candidate.issued,
        summary=difference.summary(),
        key_services=list(candidate.key_services),
    )
    roles = [(c, "ANCHOR") for c in candidate.anchors]
    roles += [(c, "INTERMEDIATE") for c in candidate.intermediates]
    TrustCertificate.objects.bulk_create(
        [TrustCertificate(fingerprint=c.fingerprint, data=c.der) for c, _ in roles],
        ignore_conflicts=True,
        batch_size=500,
    )
    TrustEntry.objects.bulk_create(
        [TrustEntry(version=version, certificate_id=c.fingerprint, role=role) for c, role in roles],
        batch_size=500,
    )
    audit.record(
        TrustListAccepted(
            subject=version.pk,
            source=source,
            sha256=candidate.sha256,
            signer=signer,
            anchors=len(candidate.anchors),
            certificates=len(roles),
            key_services=len(candidate.key_services),
            difference=accepted_difference,
        )
    )
    return version
