"""What notices there are: rooms say it in their `notices.py`, `aikom/wiring.py` gathers them."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kernel.audit.events import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """Words of one notice; `{…}` are its facts. `url_name` takes the subject as `url_kwarg`."""

    code: str
    title: str
    text: str
    url_name: str
    url_kwarg: str = ""


@dataclasses.dataclass(frozen=True)
class New:
    """A notice to be: for the holder of a grant, about a subject, from a moment on."""

    grant_id: int
    code: str
    subject: str
    facts: Mapping[str, Any]
    due: datetime.datetime


@dataclasses.dataclass(frozen=True, kw_only=True)
class Follows:
    """What follows from an event: notices to open (told it and its instant), and kinds about its
    subject to close."""

    opens: Callable[[Any, datetime.datetime], Iterable[New]] | None = None
    closes: Sequence[str] = ()


KINDS: dict[str, Kind] = {}
NOTICES: dict[type[Event], Follows] = {}


def add(kinds: Iterable[Kind], notices: Mapping[type[Event], Follows]) -> None:
    """Take in what a room has to tell of."""
    KINDS.update({kind.code: kind for kind in kinds})
    NOTICES.update(notices)
