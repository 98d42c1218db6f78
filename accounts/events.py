"""What happens in the room of accounts."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event

GrantId = Annotated[uuid.UUID, Subject("accounts.grant")]


@event("accounts.invitation.created", version=1)
class InvitationCreated(Event, frozen=True, kw_only=True):
    """A person is invited to take up a grant; a letter with the link follows."""

    subject: GrantId
    invitation: int
    email: str
