"""The card of a staff member: the post, and the classes led from it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils import timezone

from accounts.http import HouseRequest
from kernel.tables.dates import age
from kernel.ui import pages
from registry.classes import selectors as classes
from registry.classifiers.selectors import classifiers
from registry.staff import selectors


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
            "classes": classes.led_by(member),
        },
    )
