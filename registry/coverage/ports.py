"""What the children's register asks of rooms above; `aikom.wiring` fills it when Django starts."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol


class NotTaken(Exception):
    """An addressee is not known to have taken a notice; the words are for the log."""


@dataclasses.dataclass(frozen=True)
class Notice:
    """A signed notice on its way to one addressee: what it says, and the proof of it."""

    letter: uuid.UUID
    recipient: str
    kind: str
    subject: str  # the record of the child, or the notice itself where it is about several
    number: str
    issued_on: datetime.date
    title: str
    sender: str
    edrpou: str
    rows: Sequence[Mapping[str, Any]]
    code: str  # what its signature is checked by, by anybody
    manifest: bytes
    cms: bytes


@dataclasses.dataclass(frozen=True)
class Registered:
    """Under which number and on which day an addressee registered a notice; `query` names the message."""

    number: str
    on: datetime.date
    query: str


class Channel(Protocol):
    """A way to some of the addressees. Asked twice about one notice, they register it once."""

    @property
    def code(self) -> str: ...

    @property
    def recipients(self) -> frozenset[str]: ...

    def send(self, notice: Notice) -> Registered:
        """Raises: NotTaken."""
        ...


def _none() -> Channel | None:
    return None


channel: Callable[[], Channel | None] = _none
