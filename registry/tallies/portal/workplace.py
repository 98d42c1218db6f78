"""The workplace of authorities and analysts above the services of the home page."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from kernel.text import plural
from kernel.ui import menu
from kernel.ui.helpers import number
from kernel.ui.listing import carried
from registry.tallies import policies, selectors
from registry.tallies.concerns import AGO, FINDING, Concern, Figure
from registry.tallies.selectors import NONE, Amount

LONGEST_CHART = 12  # bars; the table behind has all
PUPILS, SCHOOLS = "pupils", "institutions"


@dataclasses.dataclass(frozen=True)
class Compared:
    """A figure beside that of the same day a year ago, in words."""

    label: str
    value: str
    url: str
    ago: str
    change: str  # «+3,2 %», «−12», '' when nothing can be compared
    trend: str  # up | down | same | ''
    note: str  # of how many institutions the past is known, when not of all


@dataclasses.dataclass(frozen=True)
class Row:
    """A concern as the home page tells it."""

    concern: Concern
    institutions: int
    n: int
    url: str
    worst: list[tuple[str, int, str]]
    ago: str = ""  # of a rule, how many a year ago; '' when nobody counted then
    change: str = ""

    @property
    def things(self) -> str:
        """«340 учнів»; '' where the institution itself is what is counted."""
        return things(self.concern, self.n)


def things(about: Concern, n: int) -> str:
    """«340 учнів»; '' where the institution itself is what is counted."""
    return f"{number(n)} {plural(n, *about.things)}" if about.things else ""


def workplace(request: HttpRequest) -> menu.Workplace | None:
    """What needs attention below, figures against last year, charts; None for a school."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not policies.oversee.allows(actor):
        return None
    kept = carried(request)
    told = selectors.totals(actor)
    rows = concern_rows(actor, told, kept)
    return menu.Workplace(
        template="registry/tallies/workplace.html",
        context={
            "figures": [compared(figure, told, kept) for figure in selectors.shown_figures(actor)],
            "rows": [row for row in rows if not row.concern.group],
            "data": [row for row in rows if row.concern.group == "data"][:LONGEST_CHART],
            "quality_url": _address("quality", kept),
            "charts": _charts(actor, kept),
            "counted": bool(told),
            "counts_pupils": any(one.code == PUPILS for one in selectors.shown_figures(actor)),
        },
    )


def concern_rows(actor: Actor, told: Mapping[str, Amount], kept: Mapping[str, str]) -> list[Row]:
    """Concerns that somebody within reach has: the grave first, then those of more institutions."""
    there = [one for one in selectors.shown_concerns(actor) if told.get(one.code)]
    ago = selectors.findings_ago(told)
    worst = selectors.worst(actor, [one.code for one in there if one.things and not one.group])
    rows = [
        Row(
            concern,
            told[concern.code].institutions,
            told[concern.code].n,
            _address("concern", kept, concern.code),
            [
                (one.short_name, n, reverse("institution_detail", args=[one.uid]))
                for one, n in worst.get(concern.code, ())
            ],
            *_beside_last_year(concern, told, ago),
        )
        for concern in there
    ]
    return sorted(rows, key=lambda row: (row.concern.weight != "bad", -row.institutions, -row.n))


def _beside_last_year(
    concern: Concern, told: Mapping[str, Amount], ago: Mapping[str, int] | None
) -> tuple[str, str]:
    if ago is None or concern.group != "data":
        return "", ""
    then = ago.get(concern.code.removeprefix(FINDING), 0)
    return number(then), _change(told[concern.code].n, then)


def _change(now: int, then: int) -> str:
    more = now - then
    if not more:
        return "без змін"
    sign = "+" if more > 0 else "−"
    percent = f" ({sign}{abs(more) * 100 / then:.1f} %)".replace(".", ",") if then else ""
    return f"{sign}{number(abs(more))}{percent}"


def compared(figure: Figure, told: Mapping[str, Amount], kept: Mapping[str, str]) -> Compared:
    """A figure with last year's, honest where the register does not know the past."""
    now, ago = told.get(figure.code, NONE), told.get(figure.code + AGO, NONE)
    query = dict(part.split("=") for part in figure.query.split("&") if part)
    url = _address(figure.url_name, {**kept, **query})
    if not ago.n:
        return Compared(figure.label, number(now.n), url, "", "", "", "")
    more = now.n - ago.n
    change = _change(now.n, ago.n)
    known = ago.institutions < now.institutions and figure.code != SCHOOLS
    schools = plural(now.institutions, "закладу", "закладів", "закладів")
    note = f"торік є дані {ago.institutions} із {now.institutions} {schools}" if known else ""
    trend = "up" if more > 0 else "down" if more < 0 else "same"
    return Compared(figure.label, number(now.n), url, number(ago.n), change, trend, note)


def _charts(actor: Actor, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    figures = {one.code: one for one in selectors.shown_figures(actor)}
    size = figures[PUPILS if PUPILS in figures else SCHOOLS]
    charts = []
    for code, title in ((size.code, size.label), ("no_head", "Заклади без керівника")):
        rows = [
            {
                "label": place.unit.name if place.unit else "Підпорядковані безпосередньо",
                "value": place.now.n,
                "ago": place.ago.n if place.ago else None,
                "url": f"{reverse('home')}?{urlencode({**kept, 'area': str(place.unit.uid)})}"
                if place.unit
                else "",
            }
            for place in selectors.by_place(actor, code)
        ]
        if len(rows) > 1:
            charts.append({"title": title, "rows": rows, "shown": LONGEST_CHART})
    return charts


def _address(url_name: str, query: Mapping[str, str], *args: str) -> str:
    address = reverse(url_name, args=args)
    return f"{address}?{urlencode(query)}" if query else address


menu.register_workplace(workplace)
