"""Rows of the children's register: communities and schools, each their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.clock import moment
from registry.coverage import services
from registry.coverage.models import CoverageCase, CoverageLetter
from tests.architecture.matrix import Row, all_but, with_
from tests.registry.coverage import kit
from tests.world import World


def _uncovered(world: World) -> CoverageCase:
    found = CoverageCase.objects.filter(kind="NOT_COVERED").first()
    if found is None:
        kit.nowhere(world)
        found = kit.recorded(world)
    return found


def _letter(world: World) -> CoverageLetter:
    found = CoverageLetter.objects.first()
    return found or kit.prepared(world, _uncovered(world), "bohdan", moment())


def _missing(world: World) -> dict[str, Any]:
    """A ground is told by those who may, so that the list opens."""
    for who in ("bohdan", "hanna", "olena", "petro", "nina"):
        services.enter_missing(
            actor=world.actor(who), ground="доручення № 12 від 20.11.2026", moment=moment()
        )
    return {"slug": "missing"}


def _one(name: str, made: Callable[[World], Any]) -> Any:
    return with_(**{name: lambda world: made(world).pk})


AUTHORITIES = "iryna taras bohdan hanna"
HEADS = "olena petro nina"
COMMUNITIES = "bohdan hanna"
OWN = {"opens": "bohdan", "absent": all_but("bohdan")}
uncovered, absent = with_(slug="uncovered"), with_(slug="absent")

ROWS = {
    "coverage": Row(opens=f"maria {AUTHORITIES} {HEADS} dana", refused="admin"),
    "coverage_children": Row(
        opens=COMMUNITIES, absent="iryna taras", refused=f"maria admin {HEADS} dana"
    ),
    "missing_enter": Row(opens=f"{COMMUNITIES} {HEADS}", absent=all_but(COMMUNITIES, HEADS)),
    "coverage_cases": Row(uncovered, opens=AUTHORITIES, refused=all_but(AUTHORITIES)),
    "coverage_new": Row(
        uncovered, opens=COMMUNITIES, absent="iryna taras", refused=f"maria admin {HEADS} dana"
    ),
    "coverage_table": Row(
        absent,
        opens=f"{HEADS} dana",
        refused=all_but(HEADS, "dana"),
    ),
    "coverage_letters": Row(
        _missing, opens=f"{COMMUNITIES} {HEADS}", absent=all_but(COMMUNITIES, HEADS)
    ),
    "coverage_letter_new": Row(
        uncovered, opens=AUTHORITIES, refused=all_but(AUTHORITIES), method="POST"
    ),
    "coverage_case": Row(_one("case_id", _uncovered), **OWN),
    "coverage_letter": Row(_one("letter_id", _letter), **OWN),
    "coverage_letter_sign": Row(_one("letter_id", _letter), **OWN, method="POST"),
    "coverage_letter_paper": Row(_one("letter_id", _letter), **OWN),
}
