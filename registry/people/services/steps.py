"""What every correction of a profile does: hold it, read the typed fields, tell what was done."""

from __future__ import annotations

from typing import Any, Protocol

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.errors import NotFound, StaleVersion
from registry.people import policies
from registry.people.models.pupils import (
    Pupil,
)
from registry.people.selectors.reach import reached


def kept(actor: Actor, pupil_id: Any) -> Pupil:
    """The child, held until the command ends.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
    """
    pupil, institution = reached(actor, pupil_id, held=True)
    if institution is None:
        raise NotFound
    policies.keep.require(actor, institution)
    return pupil


class _Versioned(Protocol):
    version: int


def require_version(row: _Versioned, version: int) -> None:
    """Nobody saved the row, which is held, since the actor read it.

    Raises:
        StaleVersion: somebody did.
    """
    if row.version != version:
        raise StaleVersion("Ці дані тим часом змінено. Перегляньте нові й повторіть виправлення.")


def tell(told: type[Event], pupil: Pupil, **fields: Any) -> None:
    """Add what happened to a profile to the open act."""
    audit.record(told(subject=pupil.pk, unit=pupil.institution_id, **fields))  # type: ignore[call-arg]
