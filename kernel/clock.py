"""The one clock of the country: what time it is, and which legal day that is in Kyiv.

Interfaces (portal, API, tasks, management commands) read the clock once and hand it on; a command
keeps it in its act, and SQL asks `aikom_today()`. So a day never differs between the page, the
command and the trigger, whatever the session's time zone: at 00:10 in Kyiv it is yesterday in UTC.
No other module makes a day of an instant or counts years (tests/architecture/test_clock.py).
"""

from __future__ import annotations

import calendar
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
    return local(instant).date()


def local(instant: datetime.datetime) -> datetime.datetime:
    """An instant as clocks in Kyiv show it."""
    return instant.astimezone(KYIV)


def at(day: datetime.date, time: datetime.time) -> datetime.datetime:
    """The instant of a time of a legal day. A time that summer time skips is the one an hour later;
    of an hour that comes twice it is the first."""
    return datetime.datetime.combine(day, time, KYIV).astimezone(datetime.UTC)


def moment() -> Moment:
    """Read the clock; for interfaces, once in a request or job."""
    now = timezone.now()
    return Moment(now, day_of(now))


def today() -> datetime.date:
    """The legal day it is; for interfaces."""
    return moment().today


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
    day = told.get("today")
    return Moment(now, day if isinstance(day, datetime.date) else day_of(now))


# ── the calendar ────────────────────────────────────────────────────────────
def years_after(day: datetime.date, years: int) -> datetime.date:
    """The same day of another year, before when negative; of 29 February, in a common year the 28th:
    a term of years ends on the last day of that month (Civil Code of Ukraine, art. 254)."""
    return months_after(day, 12 * years)


def month_of(day: datetime.date) -> datetime.date:
    """The first day of its month, by which months are kept."""
    return day.replace(day=1)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of another month, or its last one when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def age(born_on: datetime.date, on: datetime.date) -> int:
    """Full years on a day. Whoever was born on 29 February is a year older on 1 March of a common
    year; `registry_full_years` and `age()` of SQL say the same."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
