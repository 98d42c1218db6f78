"""One search over all that is within reach; the box in the header leads here and is answered by
`suggest` while one types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.http import HouseRequest
from accounts.roles import Role
from kernel.clock import moment
from kernel.parameters import asked, words
from kernel.text import years
from kernel.ui import menu, pages
from kernel.ui.listing import carried
from kernel.ui.menu import Line
from registry.cards.selectors import search as selectors
from registry.classifiers.selectors import classifiers, territories

SUGGESTED = 4  # of each kind
Group = tuple[str, Sequence[Line]]


def search(request: HouseRequest) -> HttpResponse:
    """What was found for `q`."""
    q = asked(request, words("q"))["q"]
    found = selectors.everywhere(request.actor, q, today=moment().today)
    groups = _groups(request, found, q, selectors.LIMIT)
    return pages.page(
        request,
        "registry/search.html",
        {
            "q": q,
            "too_short": bool(q) and selectors.is_short(q),
            "found": found,
            "groups": groups,
            "nothing": not (found.pupils or groups),
        },
        partial="results",
    )


@never_cache
def suggest(request: HouseRequest) -> HttpResponse:
    """The list under the box: a few of each kind, for the script that asked while one types."""
    q = asked(request, words("q"))["q"]
    found = selectors.everywhere(
        request.actor, q, today=moment().today, limit=SUGGESTED, what="підказки пошуку"
    )
    pupils = [
        Line(
            title=one.full_name,
            url=reverse("pupil_detail", args=[one.id]),
            note=_joined([f"{one.born_on:%d.%m.%Y}", one.class_label, one.institution]),
        )
        for one in found.pupils
    ]
    people = [("Здобувачі освіти", pupils)] if pupils else []
    return render(
        request,
        "registry/search_suggest.html",
        {
            "groups": [*people, *_groups(request, found, q, SUGGESTED)],
            "guessed": found.guessed,
            "all_url": f"{reverse('search')}?{urlencode({**carried(request), 'q': q})}",
            "q": q,
            "short": selectors.is_short(q),
        },
    )


def _groups(request: HouseRequest, found: selectors.Found, text: str, limit: int) -> list[Group]:
    """Everything found but children, as lines under headings; nothing empty."""
    types = classifiers.labels("institution_type")
    places = territories.labels(one.code for one in found.places)
    groups: list[Group] = [
        ("Класи", [
            Line(
                title=f"Клас {one.label}",
                url=reverse("class_detail", args=[one.uid]),
                note=_joined([one.institution.short_name, years(one.school_year_id)]),
            )
            for one in found.classes
        ]),
        ("Накази", [
            Line(
                title=f"Наказ № {one.number} від {one.issued_on:%d.%m.%Y}",
                url=reverse("order_detail", args=[one.pk]),
                note=one.institution.short_name,
            )
            for one in found.orders
        ]),
        ("Працівники", [
            Line(
                title=one.employee.full_name,
                url=reverse("staff_detail", args=[one.pk]),
                note=_joined([classifiers.label("position", one.position), one.institution.short_name]),
            )
            for one in found.posts
        ]),
        ("Користувачі", [
            Line(
                title=one.user.full_name,
                url=reverse("user", args=[one.uid]),
                note=_joined([Role(one.role).label, one.unit.name]),
            )
            for one in found.users
        ]),
        ("Заклади освіти", [
            Line(
                title=one.short_name,
                url=reverse("institution_detail", args=[one.uid]),
                note=_joined([types.get(one.type, ""), f"ЄДРПОУ {one.edrpou}" if one.edrpou else ""]),
            )
            for one in found.institutions
        ]),
        *([] if selectors.is_short(text) else menu.found_by_rooms(request.actor, text, limit)),
        ("Місця за КАТОТТГ", [
            Line(
                title=territories.short_label(one),
                url=reverse("territory_detail", args=[one.code]),
                note=", ".join(places[one.code].split(", ")[1:]),
            )
            for one in found.places
        ]),
    ]  # fmt: skip
    return [(title, lines) for title, lines in groups if lines]


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
