"""Staff: the list and the card; names where handbook B.2 opens them, numbers for the others."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils import timezone

from accounts.http import HouseRequest
from kernel.tables.dates import age
from kernel.ui import pages
from kernel.ui.listing import Address, Facet, chips, groups, pager
from registry.classifiers.selectors import classifiers
from registry.staff import selectors


def staff_list(request: HouseRequest) -> HttpResponse:
    """Staff by name within reach, or their numbers by position for those who see no names."""
    actor = request.actor
    filters = selectors.StaffFilters(
        q=request.GET.get("q", "")[:100],
        position=request.GET.get("position", "")[:40],
        institution=request.GET.get("institution", "")[:40],
        left=request.GET.get("left", "")[:1],
    )
    found = selectors.listing(
        actor, filters, after=request.GET.get("after"), before=request.GET.get("before")
    )
    facets = [Facet("position", "Посада", list(classifiers.labels("position").items()))]
    address = Address(request, ("q", "position", "institution", "left"))
    counted = [] if selectors.sees_names(actor) else selectors.by_position(actor)
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


def staff_detail(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """One person's post; the look is noted."""
    actor = request.actor
    member = selectors.find(actor, pk)
    return pages.page(
        request,
        "registry/staff/detail.html",
        {
            "member": member,
            "name": selectors.full_name(member),
            "card": member.institution,
            "facts": [
                ("Посада", classifiers.label("position", member.position)),
                ("Місце роботи", member.institution.short_name),
                ("Основна робота", "так" if member.is_main else "за сумісництвом"),
                ("Ставка", f"{member.rate:.2f}".replace(".", ",")),
                ("Кваліфікаційна категорія", classifiers.label("staff_category", member.category)),
                ("Стать", "жіноча" if member.sex == "F" else "чоловіча"),
                ("Дата народження", f"{member.born_on:%d.%m.%Y}"),
                ("Вік", age(member.born_on, timezone.localdate())),
                ("РНОКПП", f"••••••{member.rnokpp[-4:]}" if member.rnokpp else "не вказано"),
            ],
            "classes": selectors.classes_of(member),
        },
    )
