"""Reads of invitations."""

from __future__ import annotations

import datetime

from accounts.errors import InvitationSpent
from accounts.models import Grant, Invitation
from accounts.roles import GrantState
from accounts.selectors.units import accepted_codes
from accounts.services.invitations import digest_of


def by_token(token: str, now: datetime.datetime) -> Invitation:
    """The open invitation of a link.

    Raises:
        InvitationSpent: unknown, used, withdrawn or expired; the four read alike.
    """
    invitation = (
        Invitation.objects.select_related("grant__user", "grant__unit", "grant__given_by__unit")
        .filter(token_sha256=digest_of(token), used_at=None, withdrawn_at=None)
        .first()
    )
    if (
        invitation is None
        or invitation.expires_at < now
        or invitation.grant.state != GrantState.INVITED
    ):
        raise InvitationSpent
    return invitation


def edrpou_of(grant: Grant) -> str:
    """ЄДРПОУ that a certificate must carry for this grant."""
    return accepted_codes([grant.unit])[grant.unit_id]
