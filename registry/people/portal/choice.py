"""Which of the actor's institutions a form is about: a hub's head has several."""

from __future__ import annotations

import dataclasses
from typing import Any

from accounts.http import HouseRequest
from kernel.errors import NotFound
from kernel.policy import Policy
from registry.institutions import selectors as institution_reads
from registry.people import policies


@dataclasses.dataclass(frozen=True)
class _Nobody:
    """Stands for «no institution» so that the policy refuses in its own words."""

    unit_id: int = 0
    status: str = ""


def first_of(institutions: list[Any]) -> Any:
    """The institution a page begins with, or one that every policy refuses in its own words."""
    return institutions[0] if institutions else _Nobody()


def chosen_institution(request: HouseRequest, keep: Policy = policies.keep) -> int:
    """The compact id of the institution a form names; the actor's own when it names none.

    Raises:
        NotAllowed: the actor keeps nothing there, as `keep` says.
        NotFound: the form names one out of reach.
    """
    actor = request.actor
    wanted = request.POST.get("institution", "")
    if not wanted and actor.scope.level == "institution" and len(actor.scope.keys) == 1:
        return int(actor.scope.keys[0])  # the command itself asks whether it may be
    institutions = institution_reads.own_with_branches(actor)
    keep.require(actor, first_of(institutions))
    if not wanted:
        return int(institutions[0].unit_id)
    for institution in institutions:
        if str(institution.uid) == wanted:
            return int(institution.unit_id)
    raise NotFound
