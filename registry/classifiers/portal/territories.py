"""Pages of КАТОТТГ and the fragments of the territory picker. Reference data: open to every role."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import HouseRequest
from kernel.parameters import Parameter, asked, code, matching, words
from kernel.ui import pages
from registry.classifiers.portal.territory_field import SETTLEMENTS, picker
from registry.classifiers.selectors import territories

# Names of fields come back from the browser into attributes.
_FIELD = code("name")
_CATEGORIES = matching("categories", "літери категорій КАТОТТГ", "[OKPHMTXCB]{1,9}", nothing="")


def _within(name: str) -> Parameter:
    return matching(name, "код КАТОТТГ", "UA[0-9]{17}", nothing="")


def territory_list(request: HouseRequest) -> HttpResponse:
    """Oblasts, or what a search found."""
    q = asked(request, words("q"))["q"]
    found = territories.search(q, limit=50) if q else territories.children()
    return pages.page(
        request,
        "registry/territories/list.html",
        {
            "q": q,
            "rows": _rows([one.code for one in found]),
            "editions": territories.editions()[:5],
        },
        partial="rows",
    )


def territory_detail(request: HouseRequest, code: str) -> HttpResponse:
    """One object: its place, what lies below, its former names."""
    one = territories.find(code)
    way = territories.path(code)
    below = territories.children(code)
    return pages.page(
        request,
        "registry/territories/detail.html",
        {
            "territory": one,
            "title": territories.short_label(one),
            "crumbs": [(up.code, territories.short_label(up)) for up in way[:-1]],
            "children": [(child, territories.short_label(child)) for child in below],
            "history": territories.history(code),
        },
    )


def territory_pick(request: HouseRequest) -> HttpResponse:
    """The list under the search box of a form (htmx)."""
    given = asked(request, _FIELD, _CATEGORIES, _within("within"))
    name = given["name"]
    typed = asked(request, words(f"{name}_q"))[f"{name}_q"]
    found = picker(name, "", typed, given["categories"] or SETTLEMENTS, given["within"])
    return render(request, "registry/widgets/territory_found.html", {"picked": found})


def territory_cascade(request: HouseRequest) -> HttpResponse:
    """One step of oblast → raion → hromada → settlement (htmx)."""
    given = asked(request, _FIELD, code("target"), _within("code"))
    below = [(one, territories.short_label(one)) for one in territories.children(given["code"])]
    here = [(one, territories.short_label(one)) for one in territories.path(given["code"])]
    # Kyiv and Sevastopol are both the way down and a settlement.
    leaves = [pair for pair in [*here[-1:], *below] if pair[0].category in SETTLEMENTS]
    return render(
        request,
        "registry/widgets/territory_cascade.html",
        {
            "name": given["name"],
            "target": given["target"],
            "path": here,
            "leaves": leaves,
            "branches": [p for p in below if p[0].category not in "MTXCB"],
        },
    )


def _rows(codes: list[str]) -> list[tuple[str, str]]:
    named = territories.labels(codes)
    return [(code, named.get(code, code)) for code in codes]
