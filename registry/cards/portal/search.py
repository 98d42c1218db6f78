"""One search over all that is within reach; the box in the header leads here."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.ui import pages
from registry.cards.selectors import search as selectors
from registry.classifiers.selectors import classifiers


def search(request: HouseRequest) -> HttpResponse:
    """What was found for `q`."""
    actor = request.actor
    q = request.GET.get("q", "").strip()[:200]
    found = selectors.everywhere(actor, q, today=moment().today)
    return pages.page(
        request,
        "registry/search.html",
        {
            "q": q,
            "too_short": bool(q) and len(q) < selectors.SHORTEST,
            "found": found,
            "types": classifiers.labels("institution_type"),
        },
        partial="results",
    )
