"""Who keeps admission at a school, and who sees its numbers (handbook B.2, D.6).

Applications hold what parents say of a child, so they are open to the school alone; authorities see
numbers of places and applications.
"""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Role
from kernel.policy import Policy
from registry.admission.errors import NoAdmission
from registry.people import policies as people

_NUMBERS = (
    Role.HEAD,
    Role.OBLAST_ADMIN,
    Role.RAION_ADMIN,
    Role.HROMADA_ADMIN,
    Role.DISTRICT_ADMIN,
    Role.ANALYST,
)

_DRAWS = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN)


@Policy
def keep(actor: Actor, institution: Any) -> None:
    """Set places and the territory, take applications in and check them: the head, or a deputy
    entrusted with pupils."""
    people.keep.require(actor, institution)


@Policy
def give_places(actor: Actor, institution: Any) -> None:
    """Announce and hold the draw, sign its protocol, give places: the head alone."""
    people.sign_order.require(actor, institution)


@Policy
def draw_together(actor: Actor) -> None:
    """Draw for several schools within reach at once and sign the protocol: the authority above them.
    It sees numbers of applications, and no child."""
    if not actor.holds(*_DRAWS):
        raise NoAdmission


@Policy
def see_numbers(actor: Actor) -> None:
    """See places and applications of the schools within reach as numbers."""
    if not actor.holds(*_NUMBERS):
        raise NoAdmission
