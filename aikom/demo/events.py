"""What happens when the training world is made."""

from __future__ import annotations

from typing import Annotated

from kernel.audit.events import Event, Subject, event

WorldId = Annotated[int, Subject("demo.world")]  # its topmost node
SchoolId = Annotated[int, Subject("demo.school")]  # its node


@event("demo.world_made", version=1)
class WorldMade(Event, frozen=True, kw_only=True):
    """The training world is made: how many of each thing, and the node of each key of the plan."""

    subject: WorldId
    counts: dict[str, int]
    nodes: dict[str, int]


@event("demo.school_made", version=1)
class SchoolMade(Event, frozen=True, kw_only=True):
    """A school of the training world is filled with its pupils."""

    subject: SchoolId
    pupils: int
