"""The analyst's desk of invented worlds: reference days counted, questions that the ministry shares."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.utils import timezone

from accounts import actors
from accounts.models import Grant
from accounts.roles import Role
from reports.desk.services import queries, slices

QUESTIONS = (
    ("Здобувачі за віком і статтю", {"m": "pupils", "rows": "age", "cols": "sex"}),
    ("Здобувачі за громадами й класами", {"m": "pupils", "rows": "hromada", "cols": "grade"}),
    ("Наповнюваність класів за районами", {"m": "class_size", "rows": "raion"}),
    ("Вік і стать працівників", {"m": "staff", "rows": "age_band", "cols": "sex"}),
)


def make(days: Iterable[datetime.date], today: datetime.date) -> int:
    """Count these days and keep the questions; how many days."""
    asks = actors.of_grant(
        Grant.objects.select_related("user", "unit").get(unit__parent=None, role=Role.ANALYST)
    )
    counted = sorted(set(days))
    for day in counted:
        slices.count_now(actor=asks, day=day, today=today, now=timezone.now())
    for title, question in QUESTIONS:
        queries.keep(actor=asks, title=title, asks=question, shared=True, now=timezone.now())
    return len(counted)
