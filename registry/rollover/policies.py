"""Who plans the passage to the next year, who signs it, who watches and reminds (handbook B.1, B.2)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.institutions import policies as institutions
from registry.people import policies as people

keep = people.keep  # the head, or a deputy with the duty
sign = people.sign_order  # the head alone: an authority signs for nobody

_AUTHORITIES = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN)

sees_teachers = institutions.keep_classes.allows  # whom a class's teacher may be chosen from


@Policy
def see_schools(actor: Actor) -> None:
    """See how far the schools within reach are: states and counts, no names."""
    if not actor.holds(*_AUTHORITIES, Role.ANALYST):
        raise NotAllowed("Стан переведення в закладах бачать органи управління освітою.")


@Policy
def call(actor: Actor) -> None:
    """Begin plans at the schools within reach, and remind their heads."""
    if not (actor.is_system or actor.holds(*_AUTHORITIES)):
        raise NotAllowed("Складання планів починає орган управління освітою або сам заклад.")
