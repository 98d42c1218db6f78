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
def see_acts(actor: Actor, institution: Institution | None = None) -> None:
    """Read the orders of an authority about an institution as a whole, which name nobody: its head,
    the authorities above it, the technical administrator. In the list of orders they stand for those
    who see names."""
    if institution is None:
        people.see_names.require(actor)
    elif not actor.holds(Role.HEAD, Role.TECH_ADMIN, *_AUTHORITY):
        raise NotAllowed("Накази про заклад читають його керівник і органи управління освітою")


@Policy
def take_back_reorganisation(actor: Actor, institution: Institution) -> None:
    """Give the counter-order of a reorganisation: who gives its order, whatever the institution is by
    now."""
    if not (
        actor.holds(*_AUTHORITY)
        and actor.stands_above(institution.unit.path)
        and people.see_names.allows(actor, institution)
    ):
        raise NotAllowed(
            "Заклад реорганізує орган управління освітою, якому він безпосередньо підпорядкований"
        )


@Policy
def reorganise(actor: Actor, institution: Institution) -> None:
    """Prepare and sign the order: the administrator of the authority that sees the children of the
    institution by name (of an oblast or a raion only where it stands right under them), while it is
    not liquidated."""
    take_back_reorganisation.require(actor, institution)
    if institution.status == "LIQUIDATED":
        raise NotAllowed("Заклад уже ліквідовано")
