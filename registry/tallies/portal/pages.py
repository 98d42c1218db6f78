"""A concern's institutions: those with most of it first, narrowed by territory and type, as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.http import HouseRequest
from accounts.models import OrgUnit
from kernel import clock
from kernel.parameters import MARKS, asked
from kernel.tables.writing import Column, Sheet, workbook
from kernel.ui import pages
from kernel.ui.listing import Address, pager
from registry.classifiers.selectors import classifiers, territories
from registry.tallies import selectors
from registry.tallies.portal.workplace import choices, things


def concern(request: HouseRequest, code: str) -> HttpResponse:
    """The institutions that have a concern, and parts of the reach they stand in."""
    actor = request.actor
    about = selectors.concern_of(actor, code)
    found = selectors.listing(actor, about, **asked(request, *MARKS))
    address = Address(request, ())
    places = territories.labels(row.institution.territory_code for row in found.page.rows)
    rows = [
        {
            "institution": row.institution,
            "under": row.institution.unit.parent,
            "place": ", ".join(places.get(row.institution.territory_code, "").split(", ")[:2]),
            "type": classifiers.label("institution_type", row.type),
            "n": row.n,
            "url": about.at(actor, row.institution)
            or reverse("institution_detail", args=[row.institution.uid]),
        }
        for row in found.page.rows
    ]
    file = reverse("concern_file", args=[code])
    return pages.page(
        request,
        "registry/tallies/concern.html",
        {
            "concern": about,
            "total": found.total,
            "things": things(about, found.total.n),
            "rows": rows,
            "parts": [
                {
                    "label": part.unit.name if part.unit else "Підпорядковані безпосередньо",
                    "count": part.now.institutions,
                    "url": address.with_(area=str(part.unit.uid)) if part.unit else "",
                }
                for part in selectors.by_place(actor, code)
                if part.now.institutions
            ],
            "lens": choices(request),
            "pager": pager(address, found.page),
            "file": file + request.get_full_path()[len(request.path) :],
        },
    )


def concern_file(request: HouseRequest, code: str) -> HttpResponse:
    """The same list whole, as XLSX."""
    actor = request.actor
    about = selectors.concern_of(actor, code)
    listed = list(selectors.everyone(actor, about))
    counted = about.things[2].capitalize() if about.things else ""
    columns = [
        Column("№", width=5),
        Column("Заклад", width=50),
        Column("ЄДРПОУ"),
        Column("Тип", width=20),
        Column("Орган управління", width=50),
        *([Column(counted)] if counted else []),
    ]
    rows: list[tuple[Any, ...]] = [
        (
            place,
            row.institution.short_name,
            row.institution.edrpou or "",
            classifiers.label("institution_type", row.type),
            _name(row.institution.unit.parent),
            *((row.n,) if counted else ()),
        )
        for place, row in enumerate(listed, start=1)
    ]
    today = clock.today()
    sheet = Sheet("Заклади", columns, rows, above=(about.title, f"Станом на {today:%d.%m.%Y}"))
    return pages.file_answer(workbook(sheet), f"{about.title} {today}.xlsx", pages.XLSX)


def _name(unit: OrgUnit | None) -> str:
    return unit.name if unit else ""
