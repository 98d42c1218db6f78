"""What a page of what is below may be narrowed to: a territory or a school, sought by name over the
whole reach, and a type of institution. The frame offers it on every such page (`listing.narrowable`)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.models import OrgUnit
from kernel.parameters import asked, matching, words
from kernel.ui import menu, pages
from kernel.ui.listing import carried
from registry.classifiers.selectors import classifiers
from registry.tallies import policies, selectors

SUGGESTED = 6  # of each kind
FOUND = 40
# The page to come back to: an address of this portal, never another site's («//…»).
TO = matching(
    "to",
    "адреса сторінки цього порталу",
    r"/(?:[\w.~%&=?+:@!$,;*'()-][\w.~%&=?+:@!$,;*'()/-]*)?",
    nothing="",
)
_MARKS = ("after", "before", "all", "file")


def narrowing(request: HttpRequest) -> dict[str, Any]:
    """The forms of the frame: where a name is looked up, types to choose, what stays in the address."""
    whole = _whole(request)
    kept = [pair for pair in _query(request.get_full_path()) if pair[0] not in _MARKS]
    chosen = carried(request)
    to = _joined(request.path, kept)
    types = classifiers.labels("institution_type")
    there = selectors.types(whole, getattr(request, "area", None))
    kinds = [(code, label) for code, label in types.items() if there is None or code in there]
    return {
        "path": request.path,
        "to": to,
        "places_url": reverse("places"),
        "suggest_url": f"{reverse('places_suggest')}?{urlencode({'to': to})}",
        "kept": [pair for pair in kept if pair[0] != "kind"],
        "kind": chosen.get("kind", ""),
        "kinds": kinds if len(kinds) > 1 or "kind" in chosen else [],
    }


def places(request: HouseRequest) -> HttpResponse:
    """Territories and institutions of this name, each leading back to the page narrowed to it; with
    no name, those right below."""
    given = _asked(request)
    groups = _groups(_whole(request), given["q"], given["to"], FOUND)
    return pages.page(
        request,
        "registry/tallies/places.html",
        {"q": given["q"], "to": given["to"], "groups": groups},
    )


@never_cache
def suggest(request: HouseRequest) -> HttpResponse:
    """The list under the box, for the script that asks while one types."""
    given = _asked(request)
    query = urlencode({"to": given["to"], "q": given["q"]})
    return render(
        request,
        "registry/search_suggest.html",
        {
            "groups": _groups(_whole(request), given["q"], given["to"], SUGGESTED),
            "all_url": f"{reverse('places')}?{query}",
            "q": given["q"],
        },
    )


def _whole(request: HttpRequest) -> Actor:
    """Who asks, with the whole reach whatever is looked at now."""
    whole: Actor = getattr(request, "whole_actor", None) or request.actor  # type: ignore[attr-defined]
    return whole


def _asked(request: HouseRequest) -> dict[str, Any]:
    policies.oversee.require(request.actor)
    given = asked(request, words("q"), TO)
    given["to"] = given["to"] or reverse("home")
    return given


def _groups(actor: Actor, text: str, to: str, limit: int) -> list[tuple[str, list[menu.Line]]]:
    found = selectors.places_called(actor, text, limit)
    path, _, query = to.partition("?")
    kept = [pair for pair in _query(f"?{query}") if pair[0] not in ("area", *_MARKS)]

    def line(unit: OrgUnit) -> menu.Line:
        return menu.Line(
            title=unit.name,
            url=_joined(path, [*kept, ("area", str(unit.uid))]),
            note=unit.parent.name if unit.parent else "",
        )

    groups = (("Території", found.areas), ("Заклади освіти", found.institutions))
    return [(title, [line(unit) for unit in units]) for title, units in groups if units]


def _query(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def _joined(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


menu.register_narrowing(narrowing)
