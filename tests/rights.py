"""Every Policy of the product against every kind of actor: for docs/rights.md and its test.

Rows are made in memory: a policy reads no database. A policy whose argument is not known here
fails with the argument's name; teach `_arguments` what such a thing looks like.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from accounts import actors
from accounts.actors import Actor
from accounts.models import Grant, OrgUnit, User
from accounts.roles import EIS, SYSTEM, Dataset, Duty, Role, UnitKind
from kernel.policy import Policy
from registry.models import Institution
from tests.architecture import sources

NOBODY = ("PERSON", "STRANGER", "PARENT")
# Asked of an institution that stands there, seen from the actor.
PLACES = ("own", "below", "further below", "elsewhere")


def policies() -> Iterator[tuple[str, Policy]]:
    """«registry.people.see_names» and the policy; every one that a module of the product defines."""
    for path in sources.paths():
        if "Policy" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(
                ".".join(path.relative_to(sources.ROOT).with_suffix("").parts)
            )
            for name, value in vars(module).items():
                if isinstance(value, Policy) and value.rule.__module__ == module.__name__:
                    yield f"{module.__name__.removesuffix('.policies')}.{name}", value


def _unit(number: int, kind: str, above: OrgUnit | None) -> OrgUnit:
    unit = OrgUnit(id=number, kind=kind, name=f"Вузол {number}", parent=above)
    unit.path = f"{above.path if above else ''}{number}."
    for level, its in (
        ("oblast_id", UnitKind.OBLAST),
        ("raion_id", UnitKind.RAION),
        ("hromada_id", UnitKind.HROMADA),
        ("district_id", UnitKind.CITY_DISTRICT),
    ):
        setattr(unit, level, number if kind == its else getattr(above, level, None))
    return unit


def _institution(unit: OrgUnit, status: str = "ACTIVE") -> Institution:
    card = Institution(unit=unit, short_name=unit.name, status=status)
    for level in ("oblast_id", "raion_id", "hromada_id", "district_id"):
        setattr(card, level, getattr(unit, level))
    return card


OWNER = _unit(1, UnitKind.OWNER, None)
OBLAST = _unit(2, UnitKind.OBLAST, OWNER)
RAION = _unit(3, UnitKind.RAION, OBLAST)
HROMADA = _unit(4, UnitKind.HROMADA, RAION)
DISTRICT = _unit(5, UnitKind.CITY_DISTRICT, HROMADA)
SCHOOL = _unit(6, UnitKind.INSTITUTION, DISTRICT)
BRANCH = _unit(7, UnitKind.INSTITUTION, SCHOOL)
LEAF = _unit(8, UnitKind.INSTITUTION, BRANCH)
FOREIGN = _unit(90, UnitKind.INSTITUTION, _unit(91, UnitKind.OBLAST, OWNER))
_NODE_OF: dict[str, OrgUnit] = {
    Role.TECH_ADMIN: _unit(92, UnitKind.TECH_ADMIN, OWNER),
    Role.ANALYST: OWNER,
    Role.OBLAST_ADMIN: OBLAST,
    Role.RAION_ADMIN: RAION,
    Role.HROMADA_ADMIN: HROMADA,
    Role.DISTRICT_ADMIN: DISTRICT,
    Role.OPERATOR: _unit(93, UnitKind.OPERATOR, None),
}


def kinds() -> dict[str, Actor]:
    """An actor of each kind, bare: no duties, no datasets."""
    found: dict[str, Actor] = {}
    for role in Role.values:
        unit = _NODE_OF.get(role, SCHOOL)
        grant = Grant(id=7, user=User(id=5, surname="Я"), unit=unit, role=role, duties=[])
        found[role] = actors.of_grant(grant, below=[6, 7, 8] if unit is SCHOOL else [])
    found[SYSTEM] = actors.system("перевірка")
    found[EIS] = actors.partner(
        key_id="k", label="ОІС", unit_id=SCHOOL.id, unit_name=SCHOOL.name, datasets=()
    )
    found["PERSON"] = actors.of_person(User(id=5, surname="Я"))
    found["STRANGER"] = actors.stranger("::1")
    found["PARENT"] = dataclasses.replace(found["PERSON"], role="PARENT")
    return found


def entrusted(actor: Actor) -> Iterator[tuple[str, Actor]]:
    """The bare actor first, then one with each duty or dataset alone."""
    yield "", actor
    if actor.role == Role.DEPUTY:
        for duty in Duty.values:
            yield duty, dataclasses.replace(actor, duties=(duty,))
    if actor.role == EIS:
        for dataset in Dataset.values:
            yield dataset, dataclasses.replace(actor, datasets=(dataset,))


def place(actor: Actor, where: str) -> OrgUnit:
    """The node of an institution at one of PLACES, seen from the actor."""
    if where == "elsewhere":
        return FOREIGN
    if actor.role in {Role.HEAD, Role.DEPUTY, EIS}:
        return {"own": SCHOOL, "below": BRANCH, "further below": LEAF}[where]
    home = _NODE_OF.get(actor.role, OBLAST)
    return {
        "own": home,
        "below": _unit(95, UnitKind.INSTITUTION, home),
        "further below": _unit(97, UnitKind.INSTITUTION, _unit(96, UnitKind.INSTITUTION, home)),
    }[where]


def arguments(policy: Policy, unit: OrgUnit, status: str = "ACTIVE") -> dict[str, Any]:
    """What the policy is asked about, standing at a node.

    Raises:
        KeyError: an argument of a kind not known here.
    """
    institution = _institution(unit, status)
    known = {
        "institution": institution,
        "hub": institution,
        "unit": unit,
        "parent": unit,
        "target": unit,
        "grant": Grant(id=8, user=User(id=6), unit=unit, role=Role.HEAD),
        "role": Role.HEAD,
        "kind": UnitKind.RAION,
        "about": "NOT_COVERED",
        "order": SimpleNamespace(institution=institution, institution_id=unit.id),
        "announcement": SimpleNamespace(
            sender_unit_id=unit.id, sender=SimpleNamespace(role=Role.HROMADA_ADMIN)
        ),
        "part": SimpleNamespace(
            unit_id=unit.id,
            above=[int(one) for one in unit.path.split(".") if one],
            is_school=unit.kind == UnitKind.INSTITUTION,
        ),
        "draft": SimpleNamespace(institution=institution, institution_id=unit.id),
        "query": SimpleNamespace(owner_id=None),  # the actor's own: these actors have no grant
    }
    names = list(inspect.signature(policy.rule).parameters)[1:]
    return {name: known[name] for name in names}


def cell(policy: Policy, actor: Actor) -> str:
    """Where a kind of actor is let on: «own, below; with PUPILS: own»; «—» nowhere."""
    said, before = [], ()
    for what, one in entrusted(actor):
        found = [
            where for where in PLACES if policy.allows(one, **arguments(policy, place(one, where)))
        ]
        if not what:
            before = tuple(found)
            if found:
                said.append(_where(policy, found))
        elif tuple(found) != before:
            said.append(f"{what}: {_where(policy, found)}")
    return "; ".join(said) or "—"


def _where(policy: Policy, found: list[str]) -> str:
    if len(inspect.signature(policy.rule).parameters) == 1:
        return "yes"
    return "everywhere" if len(found) == len(PLACES) else ", ".join(found)


def page() -> str:
    """docs/rights.md."""
    lines = [
        "# Rights: policy by role",
        "",
        "Generated by `make docs`: every policy is asked for every kind of actor about an",
        "institution of its own, one right below its node, one further below, and one elsewhere.",
        "«PUPILS: own» means that a deputy entrusted with that duty, or a key with that dataset, is",
        "let on; «—» that nobody of that role is. Which rows exist for an actor is the scope's",
        "question (ADR 0004), which state of a thing allows a step the command's.",
        f"People before the choice of a grant, strangers and parents ({', '.join(NOBODY)}) are",
        "refused everywhere.",
        "",
    ]
    people = [role for role in kinds() if role not in NOBODY]
    for name, policy in sorted(policies()):
        doc = " ".join((inspect.getdoc(policy.rule) or "").split("\n\n")[0].split())
        lines += [
            f"## {name}",
            "",
            doc,
            "",
            f"| {' | '.join(people)} |",
            "|---" * len(people) + "|",
        ]
        cells = [cell(policy, actor) for role, actor in kinds().items() if role in people]
        lines += [f"| {' | '.join(cells)} |", ""]
    return "\n".join(lines)
