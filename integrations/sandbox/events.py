"""What happens in the sandbox, told in its own log; and, in the register's, to whom it was given."""

from __future__ import annotations

import uuid
from typing import Annotated

from integrations.eis.events import SystemId
from kernel.audit.events import Event, Subject, Words, event

SandboxOf = Annotated[uuid.UUID, Subject("sandbox.school")]


@event("sandbox.made", version=1)
class SchoolMade(Event, frozen=True, kw_only=True):
    """A system was given an invented school, or another key of it."""

    subject: SandboxOf
    system: Words
    anew: bool


@event("sandbox.run_started", version=1)
class RunStarted(Event, frozen=True, kw_only=True):
    """The test programme begins."""

    subject: SandboxOf
    edition: int


@event("sandbox.task_begun", version=1)
class TaskBegun(Event, frozen=True, kw_only=True):
    """A task is set, with our part of it done."""

    subject: SandboxOf
    task: str


@event("sandbox.task_judged", version=1)
class TaskJudged(Event, frozen=True, kw_only=True):
    """A task is over."""

    subject: SandboxOf
    task: str
    passed: bool


@event("sandbox.overtaken", version=1)
class Overtaken(Event, frozen=True, kw_only=True):
    """Somebody of the school was quicker than the system, as the task wants it."""

    subject: SandboxOf
    task: str


@event("sandbox.given", version=1)
class SandboxGiven(Event, frozen=True, kw_only=True):
    """An operator took a sandbox school, or another key of it."""

    subject: SystemId
    name: Words
