"""Who may give, suspend and end what (handbook B.1, B.2). Nothing here reads the database."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.errors import GrantOnlyDownwards, NotYourUsers, UnitClosed
from accounts.models import Grant, OrgUnit
from accounts.roles import CREATES, HELD_AT, Role, UnitKind
from kernel.policy import Policy


@Policy
def manage_users(actor: Actor) -> None:
    """Sees the services of «Управління користувачами»: whoever may create somebody."""
    if not CREATES.get(actor.role):
        raise NotYourUsers(
            "Ваша роль не створює облікових записів: повноваження не передаються далі."
        )


@Policy
def give(actor: Actor, role: str, unit: OrgUnit) -> None:
    """Give a role at a node: below the giver's own, inside the giver's part of the tree.

    Handbook B.1: grants go only downwards; a head of a hub gives the heads of its branches.
    """
    manage_users.require(actor)
    if role not in CREATES[actor.role]:
        raise GrantOnlyDownwards(
            f"Роль «{Role(role).label}» створює не ваш рівень: кожен рівень створює лише нижчі."
        )
    if unit.kind not in HELD_AT[role]:
        raise GrantOnlyDownwards(
            f"Роль «{Role(role).label}» не буває в органі «{unit.name}»: оберіть вузол відповідного рівня."
        )
    if not actor.stands_above(unit.path):
        raise GrantOnlyDownwards(f"«{unit.name}» не підпорядковується вам.")
    if role == Role.HEAD and actor.role == Role.HEAD and unit.id == actor.unit_id:
        raise GrantOnlyDownwards(
            "Керівника свого закладу призначає орган управління освітою. "
            "Ви створюєте керівників філій і відповідальних осіб."
        )
    if not unit.is_active:
        raise UnitClosed(f"«{unit.name}» не діє, тому повноважень тут не надають.")


@Policy
def manage(actor: Actor, grant: Grant) -> None:
    """Suspend, restore, end a grant or invite again: whoever could give it, never oneself.

    So the successor of an authority's administrator looks after whom the predecessor created,
    and the level above may step in.
    """
    manage_users.require(actor)
    if grant.id == actor.grant_id:
        raise GrantOnlyDownwards("Свій запис змінює той, хто його створив.")
    if grant.role not in CREATES[actor.role] or not actor.stands_above(grant.unit.path):
        raise GrantOnlyDownwards("Цей запис веде інший рівень управління.")
    if grant.role == Role.HEAD and actor.role == Role.HEAD and grant.unit_id == actor.unit_id:
        raise GrantOnlyDownwards("Запис керівника закладу веде орган управління освітою.")


@Policy
def move_units(actor: Actor) -> None:
    """Put authorities under others: the technical administrator, and an oblast within itself."""
    if not actor.holds(Role.TECH_ADMIN, Role.OBLAST_ADMIN):
        raise NotYourUsers("Підпорядкування органів змінює область або технічний адміністратор.")


@Policy
def plan_waves(actor: Actor) -> None:
    """Plan from which day on the people of a region come in, and remind them: the technical
    administrator (S4; handbook F090)."""
    if not actor.holds(Role.TECH_ADMIN):
        raise NotYourUsers("Хвилі активації планує технічний адміністратор.")


# Under which kinds of node an authority may stand. Київ's department is of the oblast's kind,
# and its city districts stand right under it.
STANDS_UNDER: dict[str, tuple[str, ...]] = {
    UnitKind.OBLAST: (UnitKind.OWNER,),
    UnitKind.RAION: (UnitKind.OBLAST,),
    UnitKind.HROMADA: (UnitKind.RAION, UnitKind.OBLAST),
    UnitKind.CITY: (UnitKind.RAION, UnitKind.OBLAST),
    UnitKind.CITY_DISTRICT: (UnitKind.CITY, UnitKind.OBLAST),
    UnitKind.INSTITUTION: (
        UnitKind.OBLAST,
        UnitKind.RAION,
        UnitKind.HROMADA,
        UnitKind.CITY,
        UnitKind.CITY_DISTRICT,
        UnitKind.INSTITUTION,
        UnitKind.OWNER,
    ),
}

ADMINISTRATOR_OF: dict[str, str] = {
    UnitKind.OBLAST: Role.OBLAST_ADMIN,
    UnitKind.RAION: Role.RAION_ADMIN,
    UnitKind.HROMADA: Role.HROMADA_ADMIN,
    UnitKind.CITY: Role.HROMADA_ADMIN,
    UnitKind.CITY_DISTRICT: Role.DISTRICT_ADMIN,
}


@Policy
def create_unit(actor: Actor, kind: str, parent: OrgUnit) -> None:
    """Add an authority below one's own node."""
    manage_users.require(actor)
    role = ADMINISTRATOR_OF.get(kind)
    if role is None or role not in CREATES[actor.role]:
        raise GrantOnlyDownwards(f"Вузол виду «{UnitKind(kind).label}» створює не ваш рівень.")
    above_all = actor.role == Role.TECH_ADMIN
    if not above_all and not actor.stands_above(parent.path):
        raise GrantOnlyDownwards(f"«{parent.name}» не підпорядковується вам.")
