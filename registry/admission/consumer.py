"""Applications learn that their order of enrolment took effect."""

from __future__ import annotations

from collections.abc import Sequence

from accounts import actors
from kernel.audit.outbox import Settled
from registry.admission.services import orders
from registry.enrolments.events import EnrolmentOpened


class MarkEnrolled:
    """Consumer of the log: a child enrolled where it has a place is told so in its application."""

    name = "registry.admission"

    def take(self, batch: Sequence[Settled]) -> None:
        """Mark the applications of these children; told again, nothing changes."""
        pupils = {
            happened.subject for one in batch if isinstance(happened := one.event, EnrolmentOpened)
        }
        if pupils:
            orders.mark_enrolled(
                actor=actors.system("зарахування за заявами"), pupils=sorted(pupils)
            )
