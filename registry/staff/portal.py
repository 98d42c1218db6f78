"""Staff: the list; names where handbook B.2 opens them, numbers for the others."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from accounts.http import HouseRequest
from kernel.parameters import MARKS, asked, code, one_of, reference, words
from kernel.ui import pages
from kernel.ui.listing import Address, Facet, chips, groups, pager
from registry.classifiers.selectors import classifiers
from registry.staff import selectors


def staff_list(request: HouseRequest) -> HttpResponse:
    """Staff by name within reach, or their numbers by position for those who see no names."""
    actor = request.actor
    given = asked(
        request, *MARKS, words("q"), code("position"), reference("institution"), one_of("left", "1")
    )
    marks = {mark.name: given.pop(mark.name) for mark in MARKS}
    filters = selectors.StaffFilters(**given)
    today = timezone.localdate()
    found = selectors.listing(
        actor,
        filters,
        today=today,
        **marks,
    )
    facets = [Facet("position", "Посада", list(classifiers.labels("position").items()))]
    address = Address(request, ("q", "position", "institution", "left"))
    counted = [] if selectors.sees_names(actor) else selectors.by_position(actor, today)
    return pages.page(
        request,
        "registry/staff/list.html",
        {
            "rows": found.page.rows,
            "total": found.total,
            "counted": counted,
            "names_hidden": not selectors.sees_names(actor),
            "positions": classifiers.labels("position"),
            "categories": classifiers.labels("staff_category"),
            "one_institution": actor.scope.level == "institution" and len(actor.scope.keys) == 1,
            "q": filters.q,
            "kept": [(name, value) for name, value in address.now.items() if name != "q"],
            "groups": groups(address, facets, {"position": found.positions}),
            "active": int(bool(filters.position)),
            "chips": chips(address, facets),
            "clear": address.with_(position=""),
            "pager": pager(address, found.page),
        },
        partial="results" if selectors.sees_names(actor) else None,
    )
