"""The diary of a child in the parents' window."""

from __future__ import annotations

import datetime
import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from accounts.middleware import for_parents
from journals.portal import words
from journals.portal.schools import day_asked
from journals.selectors import diary
from kernel import clock
from kernel.ui import pages
from registry.classifiers.selectors import classifiers
from registry.people.portal.merged import answers_with_the_retained as follows

_WEEK = datetime.timedelta(days=7)


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
@follows
def week(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponse:
    """A week: each day its lessons with marks and absences, and what is to be done for it."""
    today = clock.today()
    on = day_asked(request, today)
    monday = on - datetime.timedelta(days=on.weekday())
    found = diary.week(request.actor, pupil_id, monday, today)
    here = reverse("parent_diary", args=[found.pupil.pk])
    years = classifiers.years()  # lessons stand in them alone: no link leads past them
    first, end = (years[0].starts_on, years[-1].ends_on) if years else (monday, monday)
    context = {
        "pupil": found.pupil,
        "days": [(words.DAYS[one.day.weekday()], one) for one in found.days],
        "monday": monday,
        "last": monday + datetime.timedelta(days=6),
        "places": words.PLACES,
        "before": f"{here}?on={(monday - _WEEK).isoformat()}" if first < monday else "",
        "after": f"{here}?on={(monday + _WEEK).isoformat()}" if monday + _WEEK < end else "",
        "crumbs": [
            ("Мої діти", reverse("parents")),
            (found.pupil.full_name, reverse("parent_child", args=[found.pupil.pk])),
        ],
    }
    return pages.page(request, "journals/diary.html", context)
