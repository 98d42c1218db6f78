"""Who acts now: a person under one grant, a partner's key, or the system itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from accounts.models import Grant, OrgUnit, User
from accounts.roles import EIS, PARENT, SYSTEM, Role, UnitKind
from kernel.scoping import EVERYTHING, NOTHING, Scope

_LEVEL_OF_ROLE = {
    Role.OBLAST_ADMIN: "oblast",
    Role.RAION_ADMIN: "raion",
    Role.HROMADA_ADMIN: "hromada",
    Role.DISTRICT_ADMIN: "district",
}
# Nodes that the reach may be narrowed to.
_LEVEL_OF_KIND = {
    UnitKind.OBLAST: "oblast",
    UnitKind.RAION: "raion",
    UnitKind.HROMADA: "hromada",
    UnitKind.CITY: "hromada",
    UnitKind.CITY_DISTRICT: "district",
    UnitKind.INSTITUTION: "institution",
}


@dataclasses.dataclass(frozen=True)
class Actor:
    """Whoever acts, loaded once for a request or task and never changed.

    `scope` says which rows exist for the actor; what may be done with them is for policies.
    """

    user_id: int | None
    grant_id: int | None
    role: str
    unit_id: int | None
    unit_path: str
    unit_name: str
    label: str
    scope: Scope
    duties: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    key_id: str | None = None
    person_code: str = ""
    full_name: str = ""

    @property
    def is_system(self) -> bool:
        """Whether nobody in particular acts: an import, a scheduled job."""
        return self.role == SYSTEM

    def holds(self, *roles: str) -> bool:
        """Whether the acting grant is one of these roles."""
        return self.role in roles

    def entrusted(self, what: str) -> bool:
        """Whether a deputy's grant bears this duty, or a key opens this dataset."""
        return what in self.duties or what in self.datasets

    def stands_above(self, path: str) -> bool:
        """Whether a node is the actor's own or below it. The technical administrator is above all;
        who stands at no node (a person before the choice of a grant, a key) is above none."""
        if self.role in {Role.TECH_ADMIN, SYSTEM}:
            return True
        return bool(self.unit_path) and path.startswith(self.unit_path)


def of_grant(grant: Grant, below: Iterable[int] | None = None) -> Actor:
    """Load the actor of one grant (grant with its user and unit selected).

    A head's reach includes the branches of a hub (handbook B.2): `below` are the compact ids of
    the node and those under it; without it one query more finds them.
    """
    unit = grant.unit
    if grant.role in {Role.TECH_ADMIN, Role.ANALYST}:
        scope = EVERYTHING
    elif grant.role in _LEVEL_OF_ROLE:
        scope = Scope(_LEVEL_OF_ROLE[Role(grant.role)], (unit.id,))
    elif grant.role in {Role.HEAD, Role.DEPUTY}:
        if below is None:
            below = OrgUnit.objects.filter(path__startswith=unit.path).values_list("id", flat=True)
        scope = Scope("institution", tuple(sorted(below)))
    else:
        scope = NOTHING
    return Actor(
        user_id=grant.user_id,
        grant_id=grant.id,
        role=grant.role,
        unit_id=unit.id,
        unit_path=unit.path,
        unit_name=unit.name,
        label=f"{grant.user.short_name}, {Role(grant.role).label.lower()}, {unit.name}",
        scope=scope,
        duties=tuple(grant.duties),
        person_code=grant.user.person_code,
        full_name=grant.user.full_name,
    )


def looking_at(actor: Actor, node: OrgUnit | None, kind: str = "") -> Actor:
    """The same actor who looks at a part of the reach only: at what belongs to a node of it, and to
    institutions of one kind. Nothing is opened by it; whose the actor is stays."""
    scope = actor.scope
    if node is not None:
        scope = Scope(_LEVEL_OF_KIND[UnitKind(node.kind)], (node.id,))
    return dataclasses.replace(actor, scope=dataclasses.replace(scope, kind=kind))


def partner(
    *, key_id: str, label: str, unit_id: int, unit_name: str, datasets: Iterable[str]
) -> Actor:
    """A partner's system calling with the key a head gave it: one institution, branches apart (each
    has its own key), and what the head opened. It holds no grant, so what a grant's holder must
    answer for (orders, users) is closed to it, and it stands above no node."""
    return Actor(
        user_id=None,
        grant_id=None,
        role=EIS,
        unit_id=unit_id,
        unit_path="",
        unit_name=unit_name,
        label=label,
        scope=Scope("institution", (unit_id,)),
        datasets=tuple(datasets),
        key_id=key_id,
    )


def of_person(user: User) -> Actor:
    """A person who proved who they are and has not chosen a grant: sees nothing, may choose."""
    return Actor(
        user_id=user.id,
        grant_id=None,
        role="PERSON",
        unit_id=None,
        unit_path="",
        unit_name="",
        label=user.full_name,
        scope=NOTHING,
        person_code=user.person_code,
        full_name=user.full_name,
    )


def of_parent(user: User) -> Actor:
    """A natural person in the parents' window. No row is within their scope and no policy of the
    cabinet lets them on: whose children they see is asked of `registry.parents` alone."""
    label = f"{user.short_name}, представник дитини"
    return dataclasses.replace(of_person(user), role=PARENT, label=label)


def stranger(address: str | None) -> Actor:
    """Whoever is at the door before the signature is verified."""
    return Actor(
        user_id=None,
        grant_id=None,
        role="STRANGER",
        unit_id=None,
        unit_path="",
        unit_name="",
        label=f"вхід з адреси {address or 'невідомої'}",
        scope=NOTHING,
    )


def system(reason: str) -> Actor:
    """The system itself, for imports and scheduled jobs; `reason` names the job in the acts."""
    return Actor(
        user_id=None,
        grant_id=None,
        role=SYSTEM,
        unit_id=None,
        unit_path="",
        unit_name="",
        label=f"система: {reason}",
        scope=EVERYTHING,
    )
