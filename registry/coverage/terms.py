"""What the law leaves to be set, as data: ages, terms in working days, reasons, outcomes, addressees."""

from __future__ import annotations

import datetime
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kernel import clock
from registry.classifiers.selectors import classifiers
from registry.classifiers.working_days import calendar

_FILE = Path(__file__).parents[1] / "data" / "coverage.toml"
_DAY = datetime.timedelta(days=1)
# Reasons that explain an absence: nobody is told of a child who is ill.
EXPLAINED = frozenset({"ILLNESS", "FAMILY"})


class _Age(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    since: int
    until: int


class _Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: datetime.date
    until: datetime.date


class _Absence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: int
    vacations: tuple[_Period, ...]


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says, and what follows from it."""

    age: _Age
    terms: Mapping[str, Mapping[str, int]]
    absence: _Absence
    reasons: Mapping[str, Mapping[str, str]]
    outcomes: Mapping[str, Mapping[str, str]]
    recipients: Mapping[str, str]
    by_kind: Mapping[str, tuple[str, ...]]
    delivery: Mapping[str, str]

    def due(self, kind: str, state: str, since: datetime.date) -> datetime.date | None:
        """The last day of the term that a state begins; None where nothing is to be done."""
        days = self.terms[kind].get(state)
        return None if days is None else calendar().after(since, days)

    def missed(self, since: datetime.date, until: datetime.date) -> int:
        """Working days with lessons from one day to another, both counted."""
        days, count = calendar(), 0
        day = since
        while day <= until and count <= 400:
            off = any(one.since <= day < one.until for one in self.absence.vacations)
            count += days.works(day) and not off
            day += _DAY
        return count

    def births(self, today: datetime.date) -> tuple[datetime.date, datetime.date]:
        """Children of school age were born after the first of these days and by the second."""
        begins = classifiers.current_year(today).starts_on
        return clock.years_after(today, -self.age.until), clock.years_after(begins, -self.age.since)


@functools.cache
def terms() -> Terms:
    """The file, read once.

    Raises:
        ValueError: the file is wrong.
    """
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), Terms)
