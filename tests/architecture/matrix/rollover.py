"""Rows of the passage to the next year: a school's plan is its own, its authority sees states alone."""

from __future__ import annotations

from typing import Any

from kernel.clock import moment
from registry.rollover import selectors, services
from tests.architecture.matrix import Row, all_but
from tests.registry.rollover.kit import school
from tests.world import World

STRANGERS = "taras hanna petro nina"
AUTHORITIES = "maria iryna taras bohdan hanna"
CALLS = "iryna taras bohdan hanna"


def olenas(**more: Any) -> Any:
    """The plan of Olena's school."""

    def args(world: World) -> dict[str, Any]:
        school(world, {"1-А": 1})
        now = moment()
        plan = services.begin_plan(
            actor=world.actor("olena"),
            institution=world.institutions["school1"].uid,
            to_year=selectors.coming_year(now.today).code,
            moment=now,
        )
        given = {name: value(world) if callable(value) else value for name, value in more.items()}
        return {"plan_id": plan.pk} | given

    return args


def years(world: World) -> dict[str, Any]:
    """The classifier knows the coming year."""
    school(world, {})
    return {}


def of_school(world: World) -> dict[str, Any]:
    """Olena's school, in a country that knows the coming year."""
    school(world, {})
    return {"uid": world.institutions["school1"].uid}


WHO = {"opens": "olena dana", "refused": "admin maria iryna bohdan", "absent": STRANGERS}

ROWS = {
    "rollover_own": Row(years, opens=all_but("admin"), refused="admin"),
    "rollover_schools": Row(years, opens=AUTHORITIES, refused=all_but(AUTHORITIES)),
    "rollover_call": Row(years, method="POST", opens=CALLS, refused=all_but(CALLS)),
    "rollover_remind": Row(years, method="POST", opens=CALLS, refused=all_but(CALLS)),
    "rollover_begin": Row(of_school, method="POST", **WHO),
    "rollover_plan": Row(olenas(), **WHO),
    "rollover_children": Row(olenas(), **WHO),
    "rollover_decide": Row(olenas(), method="POST", **WHO),
    "rollover_new": Row(olenas(), **WHO),
    "rollover_take_out": Row(
        olenas(),
        method="POST",
        refused="admin maria iryna bohdan",
        absent=f"olena dana {STRANGERS}",
    ),
    "rollover_class": Row(olenas(uid=lambda w: w.classes["school1/5-А"].uid), **WHO),
    "rollover_anew": Row(olenas(), **WHO),
    "rollover_order": Row(olenas(), **WHO),
}
