"""Rows of admission to grade 1."""

from __future__ import annotations

from typing import Any

from tests.architecture.matrix import Row
from tests.registry.admission import kit
from tests.world import World


def _school(world: World) -> dict[str, Any]:
    return {"uid": world.institutions["school1"].uid}


def _application(world: World) -> dict[str, Any]:
    kit.places(world)
    (one,) = kit.applied(world, [kit.cells(1)])
    return {"application_id": one.pk}


def _draw(**more: Any) -> Any:
    def args(world: World) -> dict[str, Any]:
        kit.places(world, many=1)
        draw = kit.announced(world)
        kit.applied(world, [kit.cells(1), kit.cells(2)])
        return {"draw_id": kit.held(world, draw).pk} | more

    return args


def _part(world: World) -> dict[str, Any]:
    for who, school in (("olena", "school1"), ("petro", "school2")):
        kit.places(world, who, school, many=1)
    draw = kit.together(world, who="iryna")  # above both in any world
    kit.applied(world, [kit.cells(1), kit.cells(2)])
    kit.held(world, draw, "iryna")
    return _school(world)


def _table(world: World) -> dict[str, Any]:
    kit.places(world)
    return {"process": "apply", "draft_id": kit.drafted(world, [kit.cells(1)]).pk}


STRANGERS = "taras hanna petro nina"
ABOVE = "admin maria iryna bohdan"
KEEPS = {"opens": "olena dana", "refused": ABOVE, "absent": STRANGERS}
HEAD = {"opens": "olena", "refused": f"{ABOVE} dana", "absent": STRANGERS}
NUMBERS = "olena petro nina bohdan hanna iryna taras maria"

ROWS = {
    "admission": Row(opens=f"{NUMBERS} dana", refused="admin"),
    "admission_schools": Row(opens=NUMBERS, refused="admin dana"),
    "admission_school": Row(_school, **KEEPS),
    "admission_territory": Row(_school, **KEEPS),
    "application_list": Row(_school, **KEEPS),
    "application_new": Row(_school, **KEEPS),
    "admission_take": Row(_table, **KEEPS),
    "application_detail": Row(_application, **KEEPS),
    "application_change": Row(_application, **KEEPS),
    # Nothing is asked to be done, so there is nothing, for those who may, too.
    "application_decide": Row(
        _application, method="POST", refused=ABOVE, absent=f"olena dana {STRANGERS}"
    ),
    "draw_detail": Row(_draw(), **HEAD),
    "draw_sign": Row(_draw(), method="POST", **HEAD),
    "draw_together": Row(
        opens="bohdan hanna iryna taras", refused="admin maria olena petro nina dana"
    ),
    "draw_part": Row(_part, **HEAD),
    "draw_part_sign": Row(_part, method="POST", **HEAD),
    "draw_public": Row(_draw(), public=True),
    "draw_file": Row(_draw(name="protocol.json"), public=True),
}
