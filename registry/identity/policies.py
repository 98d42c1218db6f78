"""Who decides that two profiles are one child (handbook D.2: two persons)."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy, Right, Visibility
from registry.identity.errors import LooksIntoNoDoubts, MergesNoProfiles
from registry.people import policies as people

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


@Policy
def seek(actor: Actor) -> None:
    """Compare children with the whole register: the system, by night."""
    if not actor.is_system:
        raise NotAllowed


@Policy
def see_doubts(actor: Actor) -> None:
    """See doubts about two profiles within reach: authorities that merge, schools of the children."""
    if actor.scope.level == "all" or not (
        MERGES.everywhere(actor) or (people.NAMES.everywhere(actor) and actor.grant_id is not None)
    ):
        raise LooksIntoNoDoubts


@Policy
def see_child(actor: Actor, institution: Any) -> None:
    """See by name the child of a doubt that is reached through this institution."""
    people.see_names.require(actor, institution)


@Policy
def say(actor: Actor, institution: Any) -> None:
    """Say of a child of this institution why another profile is not the same child: its school."""
    people.keep.require(actor, institution)
