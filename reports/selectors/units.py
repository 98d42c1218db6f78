"""Nodes of the tree as the statistics room needs them."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import OrgUnit
from accounts.roles import UnitKind


def by_code(edrpou: str) -> OrgUnit | None:
    """A node by its ЄДРПОУ; None when there is none."""
    return OrgUnit.objects.filter(edrpou=edrpou, is_active=True).order_by("pk").first()


def own(actor: Actor) -> OrgUnit:
    """The node the actor's forms are for; the technical administrator stands for the whole tree."""
    if actor.unit_id is None or actor.role == "TECH_ADMIN":
        return OrgUnit.objects.get(kind=UnitKind.OWNER)
    return OrgUnit.objects.get(pk=actor.unit_id)
