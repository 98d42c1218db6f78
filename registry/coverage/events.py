"""What happens in the children's register. No event names a child."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

CaseId = Annotated[uuid.UUID, Subject("registry.coverage_case")]
LetterId = Annotated[uuid.UUID, Subject("registry.coverage_letter")]
MissingVisitId = Annotated[int, Subject("registry.missing_visit")]
CoverageDay = Annotated[str, Subject("registry.coverage")]


@event("registry.coverage_case.opened", version=1)
class CaseOpened(Event, frozen=True, kw_only=True):
    """A child is recorded: it learns nowhere, is absent ten working days, or may be missing."""

    subject: CaseId
    kind: str
    reason: str
    due_on: datetime.date


@event("registry.coverage_case.stepped", version=1)
class CaseStepped(Event, frozen=True, kw_only=True):
    """Something was established or done about a record, and its term is another one."""

    subject: CaseId
    kind: str
    step: str
    state: str
    due_on: datetime.date


@event("registry.coverage_case.closed", version=1)
class CaseClosed(Event, frozen=True, kw_only=True):
    """A record is closed."""

    subject: CaseId
    kind: str
    outcome: str


@event("registry.coverage_case.moved", version=1)
class CaseMoved(Event, frozen=True, kw_only=True):
    """The child lives in another community now, which keeps the record from now on."""

    subject: CaseId
    kind: str
    left: int


@event("registry.coverage_letter.prepared", version=1)
class LetterPrepared(Event, frozen=True, kw_only=True):
    """A notice about children waits for its signature."""

    subject: LetterId
    children: int
    recipients: tuple[str, ...]


@event("registry.coverage_letter.signed", version=1)
class LetterSigned(Event, frozen=True, kw_only=True):
    """A notice is signed and is to be sent."""

    subject: LetterId
    certificate: str
    send_by: datetime.date


@event("registry.coverage_letter.given_up", version=1)
class LetterGivenUp(Event, frozen=True, kw_only=True):
    """A notice will not be signed."""

    subject: LetterId


@event("registry.coverage_letter.sent", version=1)
class LetterSent(Event, frozen=True, kw_only=True):
    """A notice went to an addressee."""

    subject: LetterId
    recipient: str
    how: str
    answer_by: datetime.date


@event("registry.coverage_letter.answered", version=1)
class LetterAnswered(Event, frozen=True, kw_only=True):
    """An addressee answered a notice."""

    subject: LetterId
    recipient: str
    answered_on: datetime.date


@event("registry.missing.entered", version=1)
class MissingEntered(Event, frozen=True, kw_only=True):
    """Somebody began to look at children who may be missing, on a ground they told."""

    subject: MissingVisitId
    ground: Words


@event("registry.coverage.counted", version=1)
class CoverageCounted(Event, frozen=True, kw_only=True):
    """Children of communities were counted anew."""

    subject: CoverageDay = ""
    month: datetime.date
    units: int


@event("registry.coverage.sought", version=1)
class MissingSought(Event, frozen=True, kw_only=True):
    """The register was searched for children who may be missing."""

    subject: CoverageDay = ""
    found: int
