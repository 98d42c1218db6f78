"""What happens to classes."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, event
from registry.institutions.events import InstitutionUid

ClassUid = Annotated[uuid.UUID, Subject("registry.class")]


@event("registry.classes.opened", version=1)
class ClassesOpened(Event, frozen=True, kw_only=True):
    """Classes of a school year are opened at once."""

    subject: InstitutionUid
    year: str
    labels: tuple[str, ...]


@event("registry.class.opened", version=1)
class ClassOpened(Event, frozen=True, kw_only=True):
    """A class is opened, with the fields that were said."""

    subject: ClassUid
    year: str
    label: str
    changed: tuple[str, ...]


@event("registry.class.updated", version=1)
class ClassUpdated(Event, frozen=True, kw_only=True):
    """Fields of a class are changed from a day on; from its first day, as a mistake is corrected."""

    subject: ClassUid
    year: str
    label: str
    changed: tuple[str, ...]
    since: datetime.date | None = None


@event("registry.class.closed", version=1)
class ClassClosed(Event, frozen=True, kw_only=True):
    """A class without pupils is closed."""

    subject: ClassUid
    year: str
    label: str
