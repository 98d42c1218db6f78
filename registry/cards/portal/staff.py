"""The card of a post: the person who holds it, and the classes led from it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse

from accounts.http import HouseRequest
from kernel import clock
from kernel.ui import pages
from registry.classes import selectors as classes
from registry.classifiers.selectors import classifiers
from registry.institutions import policies
from registry.staff import selectors
from registry.staff.portal import last_day


def staff_detail(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """One post with the person who holds it; the look is noted."""
    actor = request.actor
    today = clock.today()
    post = selectors.find(actor, pk)
    person = post.employee
    last = last_day(post)
    until = f" по {last:%d.%m.%Y}" if last else ""
    return pages.page(
        request,
        "registry/staff/detail.html",
        {
            "post": post,
            "may_keep": policies.keep_staff.allows(actor, post.institution),
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
                ("Вік", clock.age(person.born_on, today)),
                ("РНОКПП", f"••••••{person.rnokpp[-4:]}" if person.rnokpp else "не вказано"),
            ],
            "classes": classes.led_from(post),
            "positions": classifiers.labels("position"),
            "others": selectors.other_posts(actor, post, today),
        },
    )
