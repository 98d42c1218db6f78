"""Ports of lower rooms filled by higher ones, and who is told of the settled log.

The one place where rooms meet against the direction of imports. `connect()` runs when Django
starts, in every process, and may run again.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from accounts import ports as accounts_ports
from accounts.announcements import notices as announcement_notices
from accounts.events import InvitationCreated
from accounts.notices import certificates as certificate_notices
from accounts.notices import kinds as notices
from accounts.notices.services import FollowEvents
from accounts.ports import SignedBy
from accounts.tasks import send_invitation
from aikom.celery import app as celery
from integrations.eis import notices as eis_notices
from integrations.eis.feed import FollowSchools
from integrations.eis.hooks import notices as hook_notices
from integrations.eis.road import notices as road_notices
from integrations.eis.selectors import keys as eis_reads
from integrations.eis.services import mandates as eis_mandates
from integrations.isei import provider as isei
from integrations.trembita import notices as trembita
from kernel.audit import outbox
from registry.admission.consumer import MarkEnrolled
from registry.coverage import notices as coverage_notices
from registry.coverage import ports as coverage_ports
from registry.coverage.consumer import FollowChildren
from registry.drafts import notices as draft_notices
from registry.institutions import ports as institution_ports
from registry.orders import notices as order_notices
from registry.parents import notices as parent_notices
from registry.parents import ports as parents_ports
from registry.quality import notices as quality_notices
from registry.quality.consumer import RecheckChanged
from registry.rollover import notices as rollover_notices
from registry.support import notices as support_notices
from registry.tallies.consumer import KeepTallies
from reports import notices as report_notices
from reports.campaigns import notices as campaign_notices
from reports.selectors import figures
from signatures import api as signatures
from signatures import outbound, tickets
from signatures import ports as signatures_ports
from signatures.api import Reason, SignerIdentity
from signatures.services import certificates as signers

# Reasons that blame neither the key nor its owner: the answer may be another in a minute.
_TRY_LATER = {Reason.TRY_LATER}
_connected = False


def connect() -> None:
    """Fill every port and register every consumer of the log, once per process."""
    global _connected  # noqa: PLW0603 - a process is wired once
    if _connected:
        return
    _connected = True
    # Without this, `.delay()` in a web process would go to Celery's default app and its broker.
    celery.set_default()
    accounts_ports.verify_sign_in = verify_sign_in
    accounts_ports.to_sign = tickets.to_sign
    accounts_ports.identity_provider = isei.configured
    institution_ports.end_keys = eis_mandates.end_with
    institution_ports.keys_of = eis_mandates.count_open
    coverage_ports.channel = trembita.configured
    signatures_ports.lookup_for = outbound.lookup_for
    notices.add(certificate_notices.KINDS, certificate_notices.NOTICES)
    notices.add(announcement_notices.KINDS, announcement_notices.NOTICES)
    notices.add(order_notices.KINDS, order_notices.NOTICES)
    notices.add(parent_notices.KINDS, parent_notices.NOTICES)
    notices.add(support_notices.KINDS, support_notices.NOTICES)
    notices.add(draft_notices.KINDS, draft_notices.NOTICES)
    notices.add(rollover_notices.KINDS, rollover_notices.NOTICES)
    notices.add(quality_notices.KINDS, quality_notices.NOTICES)
    notices.add(coverage_notices.KINDS, coverage_notices.NOTICES)
    notices.add(report_notices.KINDS, report_notices.NOTICES)
    notices.add(campaign_notices.KINDS, campaign_notices.NOTICES)
    notices.add(eis_notices.KINDS, eis_notices.NOTICES)
    notices.add(road_notices.KINDS, road_notices.NOTICES)
    notices.add(hook_notices.KINDS, hook_notices.NOTICES)
    parents_ports.systems_of = eis_reads.reading
    parents_ports.reports_of = figures.made_of
    outbox.register(FollowEvents())
    outbox.register(MarkEnrolled())
    outbox.register(FollowChildren())
    outbox.register(RecheckChanged())
    outbox.register(KeepTallies())
    outbox.register(LettersOfInvitation())
    outbox.register(FollowSchools())


def verify_sign_in(content: bytes, cms: bytes, *, at: datetime.datetime) -> SignedBy:
    """`accounts.ports.SignatureVerifier` by our own verification."""
    result = signatures.verify_signature(content, cms, purpose="sign_in", at=at)
    certificate = result.signers[0].certificate if len(result.signers) == 1 else None
    if not result.valid or certificate is None:
        several = result.valid and len(result.signers) > 1
        return SignedBy(
            valid=False,
            reason=str(result.reason or "GENERIC"),
            explanation="Підписів кілька, а для входу потрібен один."
            if several
            else result.explanation,
            try_later=result.reason in _TRY_LATER,
            certificate_serial=certificate.serial if certificate else "",
        )
    signers.remember_visitor(result, now=at)
    who = SignerIdentity.from_certificate(certificate)
    return SignedBy(
        valid=True,
        person_code=who.rnokpp or "",
        edrpou=who.edrpou or "",
        full_name=who.full_name,
        organisation=who.organisation,
        certificate_serial=who.serial,
        certificate_sha256=bytes.fromhex(who.fingerprint),
        certificate_not_after=who.not_after,
    )


class LettersOfInvitation:
    """Queues the letter of each invitation. Told twice, it sends none twice: what was sent is marked."""

    name = "accounts.invitations"

    def take(self, batch: Sequence[outbox.Settled]) -> None:
        """Start the job of each; a lost broker makes the log tell it again."""
        for item in batch:
            if isinstance(happened := item.event, InvitationCreated):
                send_invitation.delay(happened.invitation)
