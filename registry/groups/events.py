"""What happens to groups."""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated

from kernel.audit.events import Event, Subject, Words, event

GroupId = Annotated[uuid.UUID, Subject("registry.group")]


@event("registry.group.opened", version=1)
class GroupOpened(Event, frozen=True, kw_only=True):
    """A class, or several together, got a group for a subject."""

    subject: GroupId
    year: str
    taught: Words
    name: Words
    classes: tuple[uuid.UUID, ...]
    placed: int


@event("registry.group.changed", version=1)
class GroupChanged(Event, frozen=True, kw_only=True):
    """A group was renamed, or its members came and went."""

    subject: GroupId
    taught: Words
    name: Words
    placed: int
    removed: int


@event("registry.group.closed", version=1)
class GroupClosed(Event, frozen=True, kw_only=True):
    """A group is no more; who learned there stays in its past."""

    subject: GroupId
    taught: Words
    name: Words
    closed_on: datetime.date
