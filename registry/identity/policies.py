"""Who decides that two profiles are one child, or one member of staff (handbook D.2: two persons)."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy, Right, Visibility
from registry.identity.errors import LooksIntoNoDoubts, MergesNoProfiles
from registry.institutions import policies as institutions
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
    """See doubts about two children within reach: authorities that merge, schools of the children."""
    _looks_into(actor, people.NAMES)


@Policy
def see_doubts_of_staff(actor: Actor) -> None:
    """See doubts about two members of staff within reach: authorities that merge, their schools."""
    _looks_into(actor, institutions.STAFF_NAMES)


def _looks_into(actor: Actor, names: Visibility) -> None:
    if actor.scope.level == "all" or not (
        MERGES.everywhere(actor) or (names.everywhere(actor) and actor.grant_id is not None)
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


@Policy
def see_colleague(actor: Actor, institution: Any) -> None:
    """See by name the member of staff of a doubt who is reached through this institution."""
    institutions.see_staff_names.require(actor, institution)


@Policy
def say_of_colleague(actor: Actor, institution: Any) -> None:
    """Say of a member of this institution's staff why another profile is somebody else: its school."""
    institutions.keep_staff.require(actor, institution)
