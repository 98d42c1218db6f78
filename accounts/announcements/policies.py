"""Who may announce, to whom (handbook B.1: only downwards)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.announcements.errors import NotYoursToAnnounce
from accounts.announcements.models import Announcement
from accounts.roles import CREATES, RANK, Role
from kernel.policy import Policy

_HEAR = (
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
    Role.HEAD,
    Role.DEPUTY,
)


def readers(actor: Actor) -> tuple[Role, ...]:
    """Roles that stand below the actor's, the highest first; a head's are of the branches too."""
    if not CREATES.get(actor.role):
        return ()
    below = tuple(role for role in _HEAR if RANK[role] > RANK[actor.role])
    return (Role.HEAD, *below) if actor.role == Role.HEAD else below


@Policy
def announce(actor: Actor) -> None:
    """Tell whoever stands below: every level that has somebody there."""
    if not readers(actor):
        raise NotYoursToAnnounce


@Policy
def follow(actor: Actor, announcement: Announcement) -> None:
    """See who has read it, remind, withdraw: the level that sent it, whoever holds it now."""
    same = announcement.sender_unit_id == actor.unit_id
    if not same or announcement.sender.role != actor.role:
        raise NotYoursToAnnounce
