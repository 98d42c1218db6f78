"""What happens to dictionaries and territories."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec

from kernel.audit.events import Event, Subject, Words, event

Classifiers = Annotated[str, Subject("registry.classifiers")]
Territories = Annotated[str, Subject("registry.territories")]


@event("registry.classifiers.loaded", version=1)
class ClassifiersLoaded(Event, frozen=True, kw_only=True):
    """The dictionaries are as the carried files say: how many editions of each kind of change."""

    subject: Classifiers = "all"
    counts: dict[str, int]


class TerritoryChange(msgspec.Struct, frozen=True):
    """What an edition did to one object; `before` and `after` are its category, name and parent."""

    code: str
    kinds: tuple[str, ...]
    before: Words
    after: Words


@event("registry.territories.imported", version=1)
class TerritoriesImported(Event, frozen=True, kw_only=True):
    """An edition of КАТОТТГ is loaded; the first one, which opens everything, lists no changes."""

    subject: Territories = "katottg"
    edition: datetime.date
    sha256: str
    rows: int
    counts: dict[str, int]
    changes: tuple[TerritoryChange, ...]
