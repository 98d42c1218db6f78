"""Operators: who they are in the register, and whose systems are whose."""

from __future__ import annotations

from accounts import identifiers
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from accounts.roles import GrantState, Role, UnitKind
from integrations.eis.models import EisSystem, Operator
from kernel.db import advisory_lock, part_of_command
from kernel.errors import NotFound


def own(actor: Actor) -> Operator | None:
    """The operator that the actor's cabinet is of; None until it describes its first system and is in
    no register of before."""
    if not actor.holds(Role.OPERATOR):
        return None
    found = Operator.objects.filter(unit_id=actor.unit_id).first()
    if found is not None:
        return found
    code = code_of(actor)
    return Operator.objects.filter(code=code, unit=None).first() if code else None


def code_of(actor: Actor) -> str:
    """ЄДРПОУ of the actor's organisation, or the trader's own РНОКПП."""
    unit = OrgUnit.objects.get(pk=actor.unit_id or 0, kind=UnitKind.OPERATOR)
    return unit.edrpou or identifiers.bare(actor.person_code)


@part_of_command
def known(actor: Actor) -> Operator:
    """The operator of the actor's cabinet, tied to it from now on."""
    advisory_lock("eis_operators")  # of two who come first at once the second finds what is made
    found = own(actor)
    if found is None:
        name = actor.unit_name
        if Operator.objects.filter(
            name=name
        ).exists():  # known by name alone, and not proved the same
            name = f"{name} ({code_of(actor)})"
        return Operator.objects.create(name=name, code=code_of(actor), unit_id=actor.unit_id)
    if found.unit_id is None:
        found.unit_id = actor.unit_id
        found.save(update_fields=["unit"])
    return found


def mine(actor: Actor, system: EisSystem) -> EisSystem:
    """The system, if it is the actor's operator's.

    Raises:
        NotFound: another's: it reads as absent.
    """
    operator = own(actor)
    if operator is None or system.operator_id != operator.pk:
        raise NotFound("Такої ОІС немає.")
    return system


def codes_to_sign(actor: Actor) -> list[str]:
    """The organisation whose key signs for the actor; none for a sole trader."""
    code = OrgUnit.objects.values_list("edrpou", flat=True).get(pk=actor.unit_id or 0)
    return [code] if code else []


def people_of(system: EisSystem) -> list[int]:
    """Grants of whoever acts for the system's operator."""
    if system.operator.unit_id is None:
        return []
    rows = Grant.objects.filter(
        unit_id=system.operator.unit_id, role=Role.OPERATOR, state=GrantState.ACTIVE
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def administrators() -> list[int]:
    """Grants of the technical administrators."""
    rows = Grant.objects.filter(role=Role.TECH_ADMIN, state=GrantState.ACTIVE)
    return list(rows.order_by("pk").values_list("pk", flat=True))
