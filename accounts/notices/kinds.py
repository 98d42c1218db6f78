"""What notices there are: rooms say it in their `notices.py`, `aikom/wiring.py` gathers them."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from kernel import clock
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
    """A notice to be: for the holder of a grant, or a person (`to_person`) in the parents' window,
    about a subject, from a moment on. `again`: one that still stands is news once more, unread and
    mailed anew."""

    grant_id: int | None
    code: str
    subject: str
    facts: Mapping[str, Any]
    due: datetime.datetime
    again: bool = False
    person_id: int | None = None


def to_person(
    person_id: int, code: str, subject: str, facts: Mapping[str, Any], due: datetime.datetime
) -> New:
    """A notice to a person in the parents' window; what happens again is news again."""
    return New(None, code, subject, facts, due, again=True, person_id=person_id)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Follows:
    """What follows from an event: notices to open (told it and its instant), and kinds about its
    subject to close, or about `subjects` of it. `instead`: those opened stand for all of their kinds that the holder had about
    other subjects, as a new certificate does for the old one."""

    opens: Callable[[Any, datetime.datetime], Iterable[New]] | None = None
    closes: Sequence[str] = ()
    subjects: Callable[[Any], Iterable[str]] | None = None
    instead: bool = False


AHEAD = {30: "через 30 днів", 7: "через 7 днів", 1: "завтра"}
AT = datetime.time(8)  # of the Kyiv day


def reminders(
    last_day: datetime.date, at: datetime.datetime
) -> Iterator[tuple[int, datetime.datetime]]:
    """When to recall that something ends: days before, and the moment; none whose time has passed."""
    for days in AHEAD:
        day = last_day - datetime.timedelta(days=days)
        due = clock.at(day, AT)
        if due >= at:
            yield days, due


KINDS: dict[str, Kind] = {}
NOTICES: dict[type[Event], Follows] = {}


def add(kinds: Iterable[Kind], notices: Mapping[type[Event], Follows]) -> None:
    """Take in what a room has to tell of."""
    KINDS.update({kind.code: kind for kind in kinds})
    NOTICES.update(notices)
