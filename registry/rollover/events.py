"""What happens to plans of the passage to the next school year."""

from __future__ import annotations

import uuid
from typing import Annotated

from kernel import batch
from kernel.audit.events import Event, Subject, event
from registry.institutions.events import InstitutionUid

CallId = Annotated[uuid.UUID, Subject("registry.rollovercall")]


@event("registry.rollover.begun", version=1)
class RolloverBegun(Event, frozen=True, kw_only=True):
    """A plan for the coming year is computed from the classes of this one."""

    subject: InstitutionUid
    year: str
    pupils: int


@event("registry.rollover.changed", version=1)
class RolloverChanged(Event, frozen=True, kw_only=True):
    """The plan is edited: `what` is the code of the step, `count` of what it touched."""

    subject: InstitutionUid
    year: str
    what: str
    count: int = 1


@event("registry.rollover.signed", version=1)
class RolloverSigned(Event, frozen=True, kw_only=True):
    """The order of the plan is in effect: classes of the coming year are open, places given."""

    subject: InstitutionUid
    year: str
    order: uuid.UUID


@event("registry.rollover.reminded", version=1)
class RolloverReminded(Event, frozen=True, kw_only=True):
    """The authority reminds the head that the plan is not signed yet."""

    subject: InstitutionUid
    year: str


@event("registry.rollover.called", version=1)
class RolloverCalled(Event, frozen=True, kw_only=True):
    """An authority asks for plans of all its schools that have none."""

    subject: CallId
    year: str
    schools: int


CALL = batch.told_of("registry.rollover.call", CallId)
