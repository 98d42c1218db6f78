"""Who reorganises: the authority the institution is subordinated to, by its own order (D.1, B.1, B.2)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.roles import Role
from kernel.errors import NotAllowed
from kernel.policy import Policy
from registry.institutions.models.institutions import Institution
from registry.people import policies as people

_AUTHORITY = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN)

see = people.see_orders


@Policy
def reorganise(actor: Actor, institution: Institution) -> None:
    """Prepare and sign the order: the administrator of the authority that sees the children of the
    institution by name (of an oblast or a raion only where it stands right under them), while it is
    not liquidated."""
    if not (
        actor.holds(*_AUTHORITY)
        and actor.stands_above(institution.unit.path)
        and people.see_names.allows(actor, institution)
    ):
        raise NotAllowed(
            "Заклад реорганізує орган управління освітою, якому він безпосередньо підпорядкований"
        )
    if institution.status == "LIQUIDATED":
        raise NotAllowed("Заклад уже ліквідовано")
