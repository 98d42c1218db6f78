"""What a test's own command says happened: a command that changes rows must say something."""

from typing import Annotated

from kernel import audit
from kernel.audit.events import Event, Subject, event

ThingId = Annotated[str, Subject("tests.thing")]


@event("tests.changed", version=1)
class Changed(Event, frozen=True, kw_only=True):
    """A test changed something."""

    subject: ThingId
    number: int = 0


def noted(number: int = 0) -> None:
    """Record that a test changed something."""
    audit.record(Changed(subject="1", number=number))
