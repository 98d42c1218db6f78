"""A concern's institutions: those with most of it first, narrowed by territory and type, as a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import HouseRequest
from kernel import clock
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.listing import Address, Column, Listing, Name, narrowable, order_of, pager
from registry.classifiers.selectors import classifiers, territories
from registry.tallies import selectors
from registry.tallies.concerns import Concern
from registry.tallies.models import Tally
from registry.tallies.portal.workplace import things


@dataclasses.dataclass(frozen=True)
class _Row:
    """An institution that has the concern, and its place in words."""

    tally: Tally
    place: str


def _rows(tallies: Sequence[Tally]) -> list[_Row]:
    places = territories.labels(one.institution.territory_code for one in tallies)
    return [
        _Row(one, ", ".join(places.get(one.institution.territory_code, "").split(", ")[:2]))
        for one in tallies
    ]


def _columns(actor: Actor, about: Concern) -> list[Column[_Row]]:
    def name(row: _Row) -> Name:
        institution = row.tally.institution
        url = about.at(actor, institution) or reverse("institution_detail", args=[institution.uid])
        return Name(institution.short_name, url, note=row.place)

    def unit(row: _Row) -> str:
        parent = row.tally.institution.unit.parent
        return parent.name if parent else ""

    counted = about.things[2].capitalize() if about.things else ""
    amount = Column[_Row]("n", counted, lambda row: row.tally.n, kind="num")
    return [
        Column(
            "name",
            "Заклад",
            name,
            width=50,
            apart=(
                ("Заклад", lambda row: row.tally.institution.short_name),
                ("Населений пункт", lambda row: row.place),
                ("ЄДРПОУ", lambda row: row.tally.institution.edrpou or ""),
            ),
        ),
        Column("unit", "Орган управління", unit, width=50),
        Column(
            "type",
            "Тип",
            lambda row: classifiers.label("institution_type", row.tally.type),
            width=20,
        ),
        *([amount] if counted else []),
    ]


@narrowable
@require_GET
def concern(request: HouseRequest, code: str) -> HttpResponseBase:
    """The institutions that have a concern, and parts of the reach they stand in."""
    actor = request.actor
    about = selectors.concern_of(actor, code)
    given = asked(request, order_of(selectors.ORDERS, selectors.MOST_FIRST), FILE)
    address = Address(request, ("order",))

    def read(mark: str | None = None, **how: Any) -> selectors.Listing:
        return selectors.listing(actor, about, **{"after": mark, "order": given["order"], **how})

    def part(mark: str | None) -> Page[_Row]:
        page = read(mark, size=files.CHUNK).page
        return Page(_rows(page.rows), page.next, page.previous)

    shown = Listing(
        address,
        about.title,
        _columns(actor, about),
        (),
        orders=selectors.ORDERS if about.things else _WITHOUT_NUMBER,
        order=given["order"],
        most=MOST,
    )
    if given["file"]:
        moment = clock.moment().now
        of = actor.unit_name
        return files.answer(given["file"], shown, every(part), actor=actor, now=moment, of=of)
    found = read(**asked(request, *MARKS))
    return pages.page(
        request,
        "registry/tallies/concern.html",
        {
            "concern": about,
            "total": found.total,
            "things": things(about, found.total.n),
            "list": dataclasses.replace(
                shown, rows=_rows(found.page.rows), pager=pager(address, found.page)
            ),
            "parts": [
                {
                    "label": part.unit.name if part.unit else "Підпорядковані безпосередньо",
                    "count": part.now.institutions,
                    "url": address.with_(area=str(part.unit.uid)) if part.unit else "",
                }
                for part in selectors.by_place(actor, code)
                if part.now.institutions
            ],
        },
    )


_WITHOUT_NUMBER = {name: order for name, order in selectors.ORDERS.items() if name != "n"}
