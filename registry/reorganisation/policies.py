"""Who reorganises: the authority above, by its own order (handbook D.1, B.1)."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.institutions.models.institutions import Institution

_AUTHORITY = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN)


@Policy
def reorganise(actor: Actor, institution: Institution) -> None:
    """Prepare and sign the order: the administrator of an authority above the institution, while it
    is not liquidated. The names in it are told to whom it lets pass them on."""
    if not (actor.holds(*_AUTHORITY) and actor.stands_above(institution.unit.path)):
        raise NotAllowed("Заклад реорганізує орган управління освітою, якому він підпорядкований")
    if institution.status == "LIQUIDATED":
        raise NotAllowed("Заклад уже ліквідовано")


@Policy
def see(actor: Actor, institution: Any = None) -> None:
    """Read such orders: authorities, and the institution itself while it is there."""
    if not actor.holds(*_AUTHORITY, Role.HEAD):
        raise NotAllowed("Накази про реорганізацію бачать органи управління освітою та керівник")
