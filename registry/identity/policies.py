"""Who decides that two profiles are one child (handbook D.2: two persons)."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Role
from kernel.policy import Policy, Right, Visibility
from registry.identity.errors import MergesNoProfiles

# An oblast or raion works without names elsewhere (handbook B.2); here it sees the two profiles it
# decides about, because duplicates of two hromadas have no lower authority in common.
MERGES = Visibility(
    {
        Role.OBLAST_ADMIN: Right(),
        Role.RAION_ADMIN: Right(),
        Role.HROMADA_ADMIN: Right(),
        Role.DISTRICT_ADMIN: Right(),
    },
    parent="unit__parent_id",
)


@Policy
def see_merges(actor: Actor) -> None:
    """See the list of merges asked for within reach."""
    if not MERGES.everywhere(actor):
        raise MergesNoProfiles


@Policy
def merge(actor: Actor, institution: Any) -> None:
    """Ask for a merge, decide about it, take it back: the authority above the institution. Asked of
    the institutions of both profiles; who asked does not decide."""
    if not MERGES.covers(actor, institution):
        raise MergesNoProfiles
