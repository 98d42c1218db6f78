"""An indicator of the data: its months, and the institutions to call."""

from __future__ import annotations

import datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.http import HouseRequest
from kernel import clock
from kernel.paging import Page, every
from kernel.parameters import MARKS, asked
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.helpers import number
from kernel.ui.listing import Address, Column, Listing, Name, narrowable, order_of
from registry.quality import selectors, standing
from registry.quality.portal import contacts
from registry.quality.portal.narrowed import institution_asked, narrowed
from registry.tallies import policies as tallies

_MONTHS = (
    "січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру",
)  # fmt: skip


def _name(row: standing.Behind) -> Name:
    query = urlencode({"institution": str(row.institution.uid)})
    return Name(row.institution.short_name, f"{reverse('quality')}?{query}")


_COLUMNS: list[Column[standing.Behind]] = [
    Column("name", "Заклад", _name, width=50),
    Column("n", "Учнів", lambda row: row.n, kind="num"),
]


@narrowable
@require_GET
def indicator(request: HouseRequest, code: str) -> HttpResponseBase:
    """Of how many children an indicator is in order, month by month; who is behind below."""
    actor = request.actor
    about = standing.indicator_of(code)
    institution = selectors.institution_of(actor, institution_asked(request))
    now = next(
        one for one in standing.completeness(actor, institution) if one.indicator.code == code
    )
    context: dict[str, Any] = {
        "about": about,
        "standing": now,
        "institution": institution,
        "query": narrowed(request),
        "months": _drawn(standing.months(actor, institution, code, clock.today())),
        "rules": [
            {
                "title": rule.title,
                "url": reverse("quality_rule", args=[rule.code]) + narrowed(request),
            }
            for rule in standing.current().rules_of(code)
        ],
        "list": None,
    }
    if institution is None and tallies.oversee.allows(actor):
        given = asked(request, order_of(standing.INDICATOR_ORDERS, "-n"), FILE)

        def read(mark: str | None = None, **how: Any) -> Page[standing.Behind]:
            return standing.behind(actor, about, **{"after": mark, "order": given["order"], **how})

        address = Address(request, ("order",))
        shown = Listing(
            address,
            f"Кого спитати: {about.title.lower()}",
            [*_COLUMNS, *contacts.columns(actor)],
            (),
            orders=standing.INDICATOR_ORDERS,
            order=given["order"],
            most=MOST,
        )
        if given["file"]:
            rows = every(lambda mark: read(mark, size=files.CHUNK))
            return files.answer(
                given["file"], shown, rows, actor=actor, now=clock.moment().now, of=actor.unit_name
            )
        page = read(**asked(request, *MARKS))
        context["list"] = shown.at(page)
    return pages.page(request, "registry/quality/indicator.html", context)


def _drawn(months: list[tuple[datetime.date, int, int]]) -> list[dict[str, Any]]:
    return [
        {
            "label": _MONTHS[month.month - 1],
            "month": f"{month:%m.%Y}",
            "value": round((pupils - min(broken, pupils)) * 100 / pupils),
            "pupils": number(pupils),
            "broken": number(broken),
        }
        for month, pupils, broken in months
    ]
