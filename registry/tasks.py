"""Background jobs of the register."""

from __future__ import annotations

import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import actors
from registry.enrolments import selectors as turning
from registry.enrolments import services as enrolments

CATCH_UP = datetime.timedelta(days=7)  # nights a stopped worker may have missed


@shared_task(name="registry.tasks.turn_enrolments")
def turn_enrolments(day: str | None = None, **_ignored: Any) -> int:
    """Bring the pupils' rows up to the enrolments that begin or end today; how many were looked at."""
    today = datetime.date.fromisoformat(day) if day else timezone.localdate()
    since = today - CATCH_UP
    actor = actors.system("переведення дня в обліку зарахувань")
    return sum(
        enrolments.turn(actor=actor, institution_id=institution_id, since=since, today=today)
        for institution_id in turning.institutions_with_turns(since, today)
    )
