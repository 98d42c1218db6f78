"""Who may create, change, confirm and suspend institutions, and keep their classes.

Sources: handbook B.1 (who stands below whom), F087 (branches by the head of the hub), F089 (a card
by the technical administrator), D.1 (the authority confirms), B.2 (who sees what).
"""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import EIS, Dataset, Duty, Role
from kernel.errors import NotAllowed
from kernel.policy import Policy, Right, Visibility
from registry.institutions.models.institutions import Institution

_AUTHORITY = (Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN, Role.DISTRICT_ADMIN)


def _is_authority_above(actor: Actor, institution: Institution) -> bool:
    return actor.holds(*_AUTHORITY) and actor.stands_above(institution.unit.path)


def _is_head_of(actor: Actor, institution: Institution) -> bool:
    return actor.holds(Role.HEAD) and actor.stands_above(institution.unit.path)


@Policy
def create_card(actor: Actor) -> None:
    """A card is created by the technical administrator, at the authority's request (F089)."""
    if not (actor.is_system or actor.holds(Role.TECH_ADMIN)):
        raise NotAllowed(
            "Картку закладу створює технічний адміністратор: надішліть йому код ЄДРПОУ закладу"
        )


@Policy
def import_cards(actor: Actor) -> None:
    """The open register of ЄДЕБО is loaded by the technical administrator."""
    if not (actor.is_system or actor.holds(Role.TECH_ADMIN)):
        raise NotAllowed("Реєстр ЄДЕБО завантажує технічний адміністратор")


@Policy
def create_branch(actor: Actor, hub: Institution) -> None:
    """A branch is created by the head of its hub (F087)."""
    if actor.is_system or actor.holds(Role.TECH_ADMIN):
        return
    if not (actor.holds(Role.HEAD) and actor.unit_id == hub.unit_id):
        raise NotAllowed("Філію створює керівник опорного (головного) закладу")


@Policy
def edit_own_fields(actor: Actor, institution: Institution) -> None:
    """Contacts, languages, shifts: the head, the authority above, the technical administrator."""
    if actor.is_system or actor.holds(Role.TECH_ADMIN):
        return
    if not (_is_head_of(actor, institution) or _is_authority_above(actor, institution)):
        raise NotAllowed("Картку закладу змінює його керівник або орган управління освітою")


@Policy
def edit_registry_fields(actor: Actor, institution: Institution) -> None:
    """Name, type, ownership, place, flags: the authority above or the technical administrator."""
    if actor.is_system or actor.holds(Role.TECH_ADMIN):
        return
    if not _is_authority_above(actor, institution):
        raise NotAllowed("Назву, тип, власність і місце закладу змінює орган управління освітою")


@Policy
def edit_codes(actor: Actor) -> None:
    """Codes that join the card with other registers: the technical administrator."""
    if not (actor.is_system or actor.holds(Role.TECH_ADMIN)):
        raise NotAllowed("Коди ЄДРПОУ, ДІСО та ЄДЕБО виправляє технічний адміністратор")


@Policy
def confirm_card(actor: Actor, institution: Institution) -> None:
    """«ОУО підтвердив дані»: an authority above the institution (D.1)."""
    if not _is_authority_above(actor, institution):
        raise NotAllowed("Дані закладу підтверджує орган управління освітою")


@Policy
def change_status(actor: Actor, institution: Institution) -> None:
    """Suspension, reorganisation and closing: the authority above or the technical administrator
    (постанова 1255 п.28)."""
    if actor.is_system or actor.holds(Role.TECH_ADMIN):
        return
    if not _is_authority_above(actor, institution):
        raise NotAllowed("Стан закладу змінює орган управління освітою")


@Policy
def place(actor: Actor, institution: Institution, target: OrgUnit | None = None) -> None:
    """Change whose the institution is: the technical administrator, or an authority above the present
    place and the new one; asked without a place, of any."""
    if actor.is_system or actor.holds(Role.TECH_ADMIN):
        return
    if not _is_authority_above(actor, institution) or not (
        target is None or actor.stands_above(target.path)
    ):
        raise NotAllowed(
            "Підпорядкування змінює орган управління, що стоїть над обома, або технічний адміністратор"
        )


@Policy
def keep_classes(actor: Actor, institution: Institution) -> None:
    """Classes are opened and closed by the head, or a deputy entrusted with classes (F086); opened
    and corrected by a system to which the head opened their writing (handbook H.4)."""
    if _is_head_of(actor, institution):
        return
    if (
        actor.holds(EIS)
        and actor.entrusted(Dataset.CLASSES_WRITE)
        and institution.is_within(actor.scope)
    ):
        return
    if not (
        actor.holds(Role.DEPUTY)
        and Duty.CLASSES in actor.duties
        and actor.stands_above(institution.unit.path)
    ):
        raise NotAllowed("Класи веде керівник закладу або заступник, якому він це доручив")


# Whose staff a role sees by name (B.2); asked of an institution here, of rows by staff's selectors.
STAFF_NAMES = Visibility(
    {
        Role.HEAD: Right(),
        Role.DEPUTY: Right(needs=Duty.STAFF),
        Role.HROMADA_ADMIN: Right(),
        Role.DISTRICT_ADMIN: Right(),
        Role.OBLAST_ADMIN: Right(direct=True),
        Role.RAION_ADMIN: Right(direct=True),
        EIS: Right(needs=Dataset.STAFF),
    },
    parent="unit__parent_id",
)


@Policy
def see_staff_names(actor: Actor, institution: Institution | None = None) -> None:
    """Staff by name (B.2): the head, a deputy for staff, the authority it is subordinated to; asked
    without an institution, of the whole reach."""
    seen = (
        STAFF_NAMES.everywhere(actor)
        if institution is None
        else STAFF_NAMES.covers(actor, institution)
    )
    if not seen:
        raise NotAllowed("Персональні дані працівників вам не відкриті: доступні лише кількості")


@Policy
def keep_staff(actor: Actor, institution: Institution) -> None:
    """Hire, correct and dismiss the staff: the head, or a deputy entrusted with staff (D.5, B.2); not
    where the institution is suspended or closed (п.28)."""
    if not (
        _is_head_of(actor, institution)
        or (
            actor.holds(Role.DEPUTY)
            and Duty.STAFF in actor.duties
            and actor.stands_above(institution.unit.path)
        )
    ):
        raise NotAllowed("Облік працівників веде керівник закладу або заступник з таким обовʼязком")
    if institution.status in {"SUSPENDED", "LIQUIDATED"}:
        raise NotAllowed("Роботу закладу зупинено: зміни не приймаються")


@Policy
def keep_deferments(actor: Actor, institution: Institution | None = None) -> None:
    """See and prolong the deferments of staff: the head of the institution alone, for a branch that
    of its hub; no deputy, no head of a branch, no authority, no system (handbook A.9)."""
    if not actor.holds(Role.HEAD):
        raise NotAllowed("Відстрочки працівників веде лише керівник закладу")
    if institution is None:
        return
    if actor.unit_id != (institution.hub_id or institution.unit_id):
        raise NotAllowed("Відстрочки працівників філії веде керівник опорного закладу")
    if institution.status in {"SUSPENDED", "LIQUIDATED"}:
        raise NotAllowed("Роботу закладу зупинено: зміни не приймаються")


@Policy
def see_class_teacher(actor: Actor, institution: Institution) -> None:
    """The teacher of a class by name: who sees the staff by name, and who keeps the classes."""
    if not keep_classes.allows(actor, institution):
        see_staff_names.require(actor, institution)


@Policy
def see_who_did(actor: Actor, institution: Institution) -> None:
    """Who did what to a card and its classes, by name: who sees the staff by name, and the technical
    administrator. What was done is open to all who open the card."""
    if not actor.holds(Role.TECH_ADMIN):
        see_staff_names.require(actor, institution)
