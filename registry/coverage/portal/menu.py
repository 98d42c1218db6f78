"""The children's register among the services; what waits and what is late on the home page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel import clock
from kernel.text import plural
from kernel.ui import menu
from kernel.ui.helpers import url_for
from registry.coverage import policies, selectors
from registry.coverage.states import ABSENT, NOT_COVERED
from registry.people.portal import groups

_WORDS = {
    NOT_COVERED: ("uncovered", ("дитина не охоплена", "дитини не охоплено", "дітей не охоплено")),
    ABSENT: ("absent", ("учень відсутній", "учні відсутні", "учнів відсутні")),
}


def sees(actor: Any) -> bool:
    """Who sees counts, and who keeps or reads any record of those told of here."""
    return actor is not None and (
        policies.see_counts.allows(actor)
        or any(policies.see_cases.allows(actor, kind) for kind in _WORDS)
    )


def _sees_missing(actor: Any) -> bool:
    return actor is not None and selectors.sees_missing(actor)


def waiting(actor: Any) -> Iterator[menu.Attention]:
    """Open records of the actor's own; those that may be missing are never counted here."""
    today = clock.today()
    for kind, (slug, (one, few, many)) in _WORDS.items():
        number, late = selectors.waiting(actor, kind, today)
        if number:
            tail = " навчанням" if kind == NOT_COVERED else " 10 днів поспіль"
            yield menu.Attention(
                kind="move",
                title=f"{number} {plural(number, one, few, many)}{tail}",
                text="Облік дітей: наступний крок за законом",
                when=f"прострочено: {late}" if late else "",
                url=url_for("coverage_cases", slug),
                action="Переглянути",
            )


menu.register_attention(waiting)
menu.register_service(
    menu.Service(
        url_name="coverage",
        label="Облік дітей шкільного віку",
        order=12,
        icon="users",
        visible=sees,
        group=groups.COVERAGE.label,
        group_order=groups.COVERAGE.order,
    )
)
menu.register_service(
    menu.Service(
        url_name="missing_enter",
        label="Потенційно зниклі діти",
        order=13,
        icon="lock",
        visible=_sees_missing,
        group=groups.COVERAGE.label,
        group_order=groups.COVERAGE.order,
    )
)
