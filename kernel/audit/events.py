"""Typed events: what happened, declared once with its code, version and fields.

A room (or a package of the register) declares its events in an `events.py`:

    PupilId = Annotated[uuid.UUID, Subject("registry.pupil")]

    @event("registry.pupil.corrected", version=1)
    class PupilCorrected(Event, frozen=True, kw_only=True):
        subject: PupilId
        unit: int | None = None
        fields: tuple[str, ...]

Fields hold codes and values, never sentences: words are made beside the page that shows them.
What a person typed or is called (a reason, a name) is kept as it is and declared `Words`.
A change of meaning is a new version beside the old one; what is in the log is never rewritten.
docs/events.md is made from the declarations (`make docs`).
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec


@dataclasses.dataclass(frozen=True)
class Subject:
    """The kind of thing an id names, as the log keeps it: "registry.pupil"."""

    type: str


Words = Annotated[str, msgspec.Meta(description="words")]  # people's own, kept as they are


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What every event says beside its own fields: whose timeline it stands on (`unit`)."""

    unit: int | None = None


@dataclasses.dataclass(frozen=True)
class EventType:
    """One declared event."""

    code: str
    version: int
    subject_type: str
    struct: type[Event]

    @property
    def fields(self) -> dict[str, Any]:
        """The payload's fields with their types."""
        return {
            name: kind
            for name, kind in typing.get_type_hints(self.struct, include_extras=True).items()
            if name not in {"subject", "unit"} and not name.startswith("_")
        }


TYPES: dict[tuple[str, int], EventType] = {}
_BY_STRUCT: dict[type, EventType] = {}
E = TypeVar("E", bound=type[Event])


def event(code: str, *, version: int) -> Callable[[E], E]:
    """Declare an event.

    Raises:
        TypeError: the code is taken, or `subject` is not an id of one kind (Annotated with Subject).
    """

    def declare(struct: E) -> E:
        hints = typing.get_type_hints(struct, include_extras=True)
        subject = hints.get("subject")
        kinds = [
            extra for extra in (get_args(subject)[1:] if get_origin(subject) is Annotated else ())
            if isinstance(extra, Subject)
        ]  # fmt: skip
        if len(kinds) != 1:
            raise TypeError(f"{code}: `subject` must be Annotated[…, Subject(…)]")
        if (code, version) in TYPES:
            raise TypeError(f"{code} version {version} is declared twice")
        found = EventType(code, version, kinds[0].type, struct)
        TYPES[code, version] = found
        _BY_STRUCT[struct] = found
        return struct

    return declare


def type_of(happened: Event | type[Event]) -> EventType:
    """The declaration of an event, or of its class.

    Raises:
        TypeError: its class was not declared with `event`.
    """
    struct = happened if isinstance(happened, type) else type(happened)
    found = _BY_STRUCT.get(struct)
    if found is None:
        raise TypeError(f"{struct.__name__} is not declared: @event(code, version=…)")
    return found


def payload_of(happened: Event) -> dict[str, Any]:
    """The event's own fields as plain JSON values."""
    told: dict[str, Any] = msgspec.to_builtins(happened)
    told.pop("subject")
    told.pop("unit")
    return told


def load(
    code: str, version: int, subject_id: str, unit: int | None, payload: dict[str, Any]
) -> Any:
    """The typed event of a row of the log; None when nobody declares that code and version."""
    found = TYPES.get((code, version))
    if found is None:
        return None
    return msgspec.convert(
        payload | {"subject": subject_id, "unit": unit}, found.struct, strict=False
    )
