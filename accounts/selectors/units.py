"""Reads of the tree of authorities."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Q

from accounts import policies
from accounts.actors import Actor
from accounts.models import OrgUnit
from kernel.text import alphabetically, code, readings

FOUND_AT_ONCE = 20


def find(actor: Actor, uid: uuid.UUID | str) -> OrgUnit:
    """One node within reach.

    Raises:
        NotFound: absent, or not for this actor to know.
    """
    node: OrgUnit = OrgUnit.objects.visible_to(actor).select_related("parent").find(uid=uid)
    return node


def count_below(unit: OrgUnit) -> int:
    """How many institutions stand below a node."""
    rows = OrgUnit.objects.filter(path__startswith=unit.path, kind="INSTITUTION")
    return rows.exclude(pk=unit.pk).count()


def own(actor: Actor) -> OrgUnit:
    """The node the actor acts at.

    Raises:
        NotFound: the actor acts at none (a job).
    """
    node: OrgUnit = OrgUnit.objects.all().find(id=actor.unit_id)
    return node


def parents_for(actor: Actor, kinds: Iterable[str]) -> list[OrgUnit]:
    """Authorities within reach under which nodes of these kinds may stand, by name."""
    wanted = {parent for kind in kinds for parent in policies.STANDS_UNDER[kind]}
    return list(
        OrgUnit.objects.visible_to(actor)
        .filter(kind__in=wanted - {"INSTITUTION"}, is_active=True)
        .order_by("depth", alphabetically("name"), "id")
    )


def search(
    actor: Actor, *, kinds: Sequence[str], words: str = "", limit: int = FOUND_AT_ONCE
) -> list[OrgUnit]:
    """Acting nodes of some kinds within reach, by part of the name or by ЄДРПОУ; limit + 1 rows."""
    rows = OrgUnit.objects.visible_to(actor).filter(kind__in=kinds, is_active=True)
    rows = rows.select_related("parent").order_by(alphabetically("name"), "id")
    for said in readings(words):
        edrpou = code(said)
        held = rows.filter(edrpou=edrpou) if len(edrpou) == 8 else rows
        for word in () if len(edrpou) == 8 else said.split():
            held = held.filter(name__icontains=word)
        if found := list(held[: limit + 1]):
            return found
    return []


def by_codes_and_names(actor: Actor, codes: Iterable[str], names: Iterable[str]) -> list[OrgUnit]:
    """Institutions within reach that have one of these ЄДРПОУ or exactly one of these names."""
    return list(
        OrgUnit.objects.visible_to(actor)
        .filter(kind="INSTITUTION", is_active=True)
        .filter(Q(edrpou__in=list(codes)) | Q(name__in=list(names)))
        .order_by("id")
    )


def ancestors(unit: OrgUnit) -> list[OrgUnit]:
    """The chain above a node, top first, the node itself not in it."""
    ids = [int(part) for part in unit.path.split(".") if part]
    chain = {node.id: node for node in OrgUnit.objects.filter(id__in=ids)}
    return [chain[i] for i in ids if i in chain and i != unit.id]


def accepted_codes(units: Iterable[OrgUnit]) -> dict[int, str]:
    """ЄДРПОУ that a certificate must carry to act at each node: its own, or the nearest above.

    A branch without its own code works with keys issued by the hub (FAQ; handbook F088). One
    query, and none when every node has its own code.
    """
    units = list(units)
    wanted = {
        int(part) for unit in units if not unit.edrpou for part in unit.path.split(".") if part
    }
    codes = (
        dict(OrgUnit.objects.filter(id__in=wanted).values_list("id", "edrpou")) if wanted else {}
    )
    found = {}
    for unit in units:
        chain = [int(part) for part in reversed(unit.path.split(".")) if part]
        found[unit.id] = unit.edrpou or next((codes[i] for i in chain if codes.get(i)), "")
    return found
