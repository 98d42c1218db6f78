"""What happens to systems and to the keys schools give them."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

SystemId = Annotated[int, Subject("eis.system")]
Systems = Annotated[str, Subject("eis.system")]  # the register of them: ""
MandateId = Annotated[uuid.UUID, Subject("eis.mandate")]
KeyId = Annotated[uuid.UUID, Subject("eis.key")]


@event("eis.system.registered", version=1)
class SystemRegistered(Event, frozen=True, kw_only=True):
    """A system is taken into the register, in the state it is known to be in."""

    subject: SystemId
    name: Words
    state: str


@event("eis.system.nothing_new", version=1)
class NothingNew(Event, frozen=True, kw_only=True):
    """Every known system is in the register already."""

    subject: Systems = ""


@event("eis.system.writes_declared", version=1)
class WritesDeclared(Event, frozen=True, kw_only=True):
    """It is said which data a system was declared and tested to write."""

    subject: SystemId
    name: Words
    before: tuple[str, ...]
    writes: tuple[str, ...]


@event("eis.system.suspended", version=1)
class SystemSuspended(Event, frozen=True, kw_only=True):
    """A system is suspended on a ground of п.28; all its keys stop."""

    subject: SystemId
    name: Words
    before: str
    ground: str
    explanation: Words


@event("eis.system.restored", version=1)
class SystemRestored(Event, frozen=True, kw_only=True):
    """The violations are removed, the system works again (п.30)."""

    subject: SystemId
    name: Words
    explanation: Words


@event("eis.mandate.prepared", version=1)
class MandatePrepared(Event, frozen=True, kw_only=True):
    """What a head means to let a system do lies before the head to be signed."""

    subject: MandateId
    system: Words


@event("eis.mandate.signed", version=1)
class MandateSigned(Event, frozen=True, kw_only=True):
    """A head lets a system read, and where said write, data of the school."""

    subject: MandateId
    system: Words
    institution: Words
    datasets: tuple[str, ...]
    fields: tuple[str, ...]
    valid_from: datetime.date
    valid_to: datetime.date
    certificate: str


@event("eis.mandate.given_up", version=1)
class MandateGivenUp(Event, frozen=True, kw_only=True):
    """It was put away unsigned."""

    subject: MandateId
    system: Words


@event("eis.mandate.ended", version=1)
class MandateEnded(Event, frozen=True, kw_only=True):
    """Access is taken back before its time, or another mandate took its place; `keys` stopped with it."""

    subject: MandateId
    system: Words
    reason: Words
    keys: int


@event("eis.key.issued", version=1)
class KeyIssued(Event, frozen=True, kw_only=True):
    """A secret for a mandate is made and shown once; others of it stop at `others_stop` (ISO), if said."""

    subject: KeyId
    system: Words
    others_stop: str = ""


@event("eis.key.revoked", version=1)
class KeyRevoked(Event, frozen=True, kw_only=True):
    """A key is stopped before its time."""

    subject: KeyId
    system: Words
    reason: Words
