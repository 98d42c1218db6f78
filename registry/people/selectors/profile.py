"""One child by name."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from kernel.errors import NotFound
from registry.people import policies
from registry.people.models.pupils import Pupil, Representative
from registry.people.selectors.reach import reached


def find(actor: Actor, pupil_id: Any) -> Pupil:
    """One child by name.

    Raises:
        NotFound: absent, or out of reach: the two read the same.
        NotAllowed: within reach of a role that works without names.
    """
    pupil, institution = reached(actor, pupil_id)
    policies.see_names.require(actor, institution)
    return pupil


def representative(actor: Actor, pupil_id: Any, representative_id: int) -> Representative:
    """One representative of a child.

    Raises:
        NotFound, NotAllowed: as `find`; or not this child's.
    """
    pupil = find(actor, pupil_id)
    row = pupil.representatives.filter(pk=representative_id).first()
    if row is None:
        raise NotFound
    return row
