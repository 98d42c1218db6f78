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
    today = timezone.localdate()
    found = selectors.listing(
        actor,
        filters,
        today=today,
        after=request.GET.get("after"),
        before=request.GET.get("before"),
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


def staff_detail(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """One post with the person who holds it; the look is noted."""
    actor = request.actor
    today = timezone.localdate()
    post = selectors.find(actor, pk)
    person = post.employee
    until = f" до {post.ends_on:%d.%m.%Y}" if post.ends_on else ""
    return pages.page(
        request,
        "registry/staff/detail.html",
        {
            "post": post,
            "left": not post.lasts(today),
            "name": person.full_name,
            "card": post.institution,
            "facts": [
                ("Посада", classifiers.label("position", post.position)),
                ("Місце роботи", post.institution.short_name),
                ("Працює", f"з {post.starts_on:%d.%m.%Y}{until}"),
                ("Основна робота", "так" if post.is_main else "за сумісництвом"),
                ("Ставка", f"{post.rate:.2f}".replace(".", ",")),
                ("Кваліфікаційна категорія", classifiers.label("staff_category", post.category)),
                ("Стать", "жіноча" if person.sex == "F" else "чоловіча"),
                ("Дата народження", f"{person.born_on:%d.%m.%Y}"),
                ("Вік", age(person.born_on, today)),
                ("РНОКПП", f"••••••{person.rnokpp[-4:]}" if person.rnokpp else "не вказано"),
            ],
            "classes": selectors.classes_of(post),
            "positions": classifiers.labels("position"),
            "others": selectors.other_posts(actor, post, today),
        },
    )
