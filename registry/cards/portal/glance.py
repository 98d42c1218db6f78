"""The school at a glance, beside the services of the home page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.roles import Role
from kernel import clock
from kernel.ui import menu
from kernel.ui.helpers import number, url_for
from registry.cards.selectors import glance as reads
from registry.classes.frames import year_for


def glance(actor: Any) -> Iterator[menu.Glance]:
    """One card: figures with links, pupils by grade."""
    if not actor.holds(Role.HEAD, Role.DEPUTY):
        return  # authorities have a workplace: registry/tallies/portal
    today = clock.today()
    found = reads.of(actor, year_for(today).code, today)
    people = url_for("pupil_list") if actor.holds(Role.HEAD) or "PUPILS" in actor.duties else ""
    yield menu.Glance(
        title="Заклад сьогодні",
        url=url_for("institution_own"),
        url_label="Картка закладу",
        facts=[
            menu.Fact(label="Здобувачів", value=number(found.pupils), url=people),
            menu.Fact(label="Класів", value=number(found.classes), url=url_for("classes_own")),
            menu.Fact(label="Працівників", value=number(found.staff), url=url_for("staff_list")),
        ],
        chart_title="Учнів за паралелями",
        bars=[menu.Bar(label=str(grade), value=count) for grade, count in found.by_grade],
    )


menu.register_glance(glance)
