"""Certificates of the small world's children, drawn up and signed."""

from __future__ import annotations

from registry.certificates import services
from registry.certificates.models import CertificateIssue
from registry.drafts import services as drafts
from registry.drafts.models import Draft
from tests.registry.kit import MOMENT, signature_of
from tests.world import World


def drafted(world: World, *children: str, who: str = "olena", school: str = "school1") -> Draft:
    """A table of these children, nothing else asked."""
    return drafts.start(
        actor=world.actor(who),
        institution_id=world.institutions[school].pk,
        process="certificates",
        keys=[str(world.pupils[child].pk) for child in children],
        moment=MOMENT,
    )


def prepared(
    world: World, *children: str, who: str = "olena", school: str = "school1"
) -> CertificateIssue:
    """Their certificates, waiting for the head."""
    draft = drafted(world, *children, who=who, school=school)
    return services.prepare(actor=world.actor(who), draft_id=draft.pk, moment=MOMENT)


def signed(
    world: World, *children: str, who: str = "olena", school: str = "school1", head: str = "olena"
) -> CertificateIssue:
    """Their certificates, issued by the head of the school."""
    issue = prepared(world, *children, who=who, school=school)
    return services.sign(
        actor=world.actor(head),
        issue_id=issue.pk,
        cms=signature_of(issue, head),
        moment=MOMENT,
    )
