"""Working days of Ukraine as data: which days they are, and terms counted in them (handbook I)."""

from __future__ import annotations

import datetime
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FILE = Path(__file__).parents[1] / "data" / "working_days.toml"
_DAY = datetime.timedelta(days=1)


class _Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: datetime.date
    until: datetime.date | None = None

    def has(self, day: datetime.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class _Holidays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fixed: frozenset[str]
    moving: frozenset[datetime.date]
    moved_from_weekend: bool

    def has(self, day: datetime.date) -> bool:
        return f"{day:%m-%d}" in self.fixed or day in self.moving


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says, and what follows from it."""

    weekend: frozenset[int]
    martial_law: tuple[_Period, ...]
    holidays: _Holidays
    terms: Mapping[str, int]

    def works(self, day: datetime.date) -> bool:
        """Whether terms run on a day."""
        if day.isoweekday() in self.weekend:
            return False
        if any(period.has(day) for period in self.martial_law):
            return True
        return not self.holidays.has(day) and not self._off_instead(day)

    def _off_instead(self, day: datetime.date) -> bool:
        """Whether a holiday of the weekend just before made this day one off."""
        owed = 0
        for ago in range(10, 0, -1):
            before = day - _DAY * ago
            rest, holiday = before.isoweekday() in self.weekend, self.holidays.has(before)
            if rest and holiday:
                owed += 1
            elif owed and not rest and not holiday:
                owed -= 1
        return self.holidays.moved_from_weekend and owed > 0

    def after(self, day: datetime.date, working_days: int) -> datetime.date:
        """The last day of a term of so many working days that begins the day after an event."""
        while working_days:
            day += _DAY
            working_days -= self.works(day)
        return day


@functools.cache
def calendar() -> Calendar:
    """The calendar of the file.

    Raises:
        ValueError: the file is wrong.
    """
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), Calendar)


def term_ends(name: str, since: datetime.date) -> datetime.date:
    """The last day of a named term of the file that begins the day after `since`.

    Raises:
        KeyError: no such term.
    """
    found = calendar()
    return found.after(since, found.terms[name])
