"""The one clock of the country: what time it is, and which legal day that is in Kyiv.

Interfaces (portal, API, tasks, management commands) read the clock once and hand it on; a command
keeps it in its act, and SQL asks `aikom_today()`. So a day never differs between the page, the
command and the trigger, whatever the session's time zone: at 00:10 in Kyiv it is yesterday in UTC.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

KYIV = ZoneInfo("Europe/Kyiv")


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """When something is asked or done: the instant, and the legal day (in Kyiv) it belongs to."""

    now: datetime.datetime
    today: datetime.date


def day_of(instant: datetime.datetime) -> datetime.date:
    """The legal day of an instant: the date in Kyiv."""
    return instant.astimezone(KYIV).date()


def moment() -> Moment:
    """Read the clock; for interfaces, once in a request or job."""
    now = timezone.now()
    return Moment(now, day_of(now))


def moment_of(told: dict[str, Any]) -> Moment:
    """The moment that a command was given by its `moment`, `now` or `today`; else by the clock.

    A `today` alone moves the day and leaves the instant: an order of yesterday is still signed now.
    """
    given = told.get("moment")
    if isinstance(given, Moment):
        return given
    now = told.get("now") or told.get("at")
    if not isinstance(now, datetime.datetime):
        now = timezone.now()
    today = told.get("today")
    return Moment(now, today if isinstance(today, datetime.date) else day_of(now))
