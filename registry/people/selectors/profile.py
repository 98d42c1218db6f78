"""One child by name."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import by_name


def find(actor: Actor, pupil_id: Any) -> Pupil:
    """One child by name.

    Raises:
        NotFound: absent, or out of reach: the two read the same.
        NotAllowed: within reach of a role that works without names.
    """
    pupil, _ = by_name(actor, pupil_id)
    return pupil
