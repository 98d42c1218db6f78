"""Reading lawful representatives of a child."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from kernel.errors import NotFound
from registry.people import policies
from registry.people.models.guardians import Guardian, Guardianship
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import by_name

SHOWN = 20


def guardianship(actor: Actor, pupil_id: Any, guardianship_id: int) -> Guardianship:
    """One representative of a child with the person.

    Raises:
        NotFound, NotAllowed: the child as `reach.by_name`; or not this child's.
    """
    pupil, _ = by_name(actor, pupil_id)
    row = pupil.guardianships.select_related("guardian").filter(pk=guardianship_id).first()
    if row is None:
        raise NotFound
    return row


def other_children(actor: Actor, guardian: Guardian, besides: Pupil) -> list[Pupil]:
    """Further children of a person, whom a correction touches too: those the actor sees by name.
    Of the others nothing is told, not even that they are."""
    rows = policies.NAMES.narrow(Pupil.objects.all(), actor, at="institution__")
    theirs = guardian.guardianships.exclude(pupil=besides).values("pupil")
    return list(rows.filter(pk__in=theirs).order_by("sort_key", "id")[:SHOWN])
