"""The calendar of admission: which day is which, asked in this one place (handbook D.6, I).

Days are data (`calendar.toml`): dated editions of the law, and exceptions of a year for a territory or
a founder. A day lasts until 24:00 in Kyiv, so an application of 23:59:59 is of that day.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

from kernel import clock

_DAYS = ("opens", "closes", "first_orders_by", "draw_by", "ends")


class Phase(StrEnum):
    """Where in the year a moment is."""

    BEFORE = "BEFORE"
    OPEN = "OPEN"  # applications of all
    BREAK = "BREAK"  # none accepted: places are given by right, the draw is held
    VACANCIES = "VACANCIES"  # applications for what is left
    OVER = "OVER"


PHASES = {
    Phase.BEFORE: "Прийом заяв ще не почався",
    Phase.OPEN: "Триває прийом заяв",
    Phase.BREAK: "Заяви не приймають: зарахування і жеребкування",
    Phase.VACANCIES: "Прийом на вільні місця",
    Phase.OVER: "Прийом завершено",
}


class _Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: int
    law: str
    opens: str
    closes: str
    first_orders_by: str
    draw_by: str
    ends: str


class _Exception(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    year: int
    source: str
    territory: str = ""
    founder: str = ""
    opens: str = ""
    closes: str = ""
    first_orders_by: str = ""
    draw_by: str = ""
    ends: str = ""


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    edition: list[_Edition]
    exception: list[_Exception] = []


@dataclasses.dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one year at one school; each last day is included. `source` is the act."""

    year: int
    opens: datetime.date
    closes: datetime.date
    first_orders_by: datetime.date
    draw_by: datetime.date
    ends: datetime.date
    source: str

    @property
    def school_year(self) -> str:
        """The school year that children are admitted to: «2027-2028»."""
        return f"{self.year}-{self.year + 1}"

    def phase(self, now: datetime.datetime) -> Phase:
        """Where in the year an instant is."""
        day = clock.day_of(now)
        if day < self.opens:
            return Phase.BEFORE
        if day <= self.closes:
            return Phase.OPEN
        if day <= self.draw_by:
            return Phase.BREAK
        return Phase.VACANCIES if day <= self.ends else Phase.OVER

    def accepts(self, now: datetime.datetime) -> bool:
        """Whether an application may be given in at this instant."""
        return self.phase(now) in {Phase.OPEN, Phase.VACANCIES}


@functools.cache
def _data() -> _Data:
    """The file, read and checked: a mistake in it stops the first who asks.

    Raises:
        ValueError: a field is wrong, editions are out of order, or days of a year are.
    """
    path = Path(__file__).with_name("calendar.toml")
    data = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Data)
    years = [one.since for one in data.edition]
    if not years or years != sorted(set(years)):
        raise ValueError("calendar.toml: editions must be dated in order")
    if not all(bool(one.territory) != bool(one.founder) for one in data.exception):
        raise ValueError("calendar.toml: an exception names a territory or a founder")
    return data


def year_of(today: datetime.date) -> int:
    """The calendar year whose admission a day belongs to: from September on, the next one's."""
    return today.year + (today.month >= 9)


def of(year: int, *, territory: str = "", founder: str | None = None) -> Calendar:
    """The days of a year at a school of this territory (КАТОТТГ) and founder (ЄДРПОУ).

    Raises:
        ValueError: the file says days that do not follow each other.
    """
    data = _data()
    edition = next((e for e in reversed(data.edition) if e.since <= year), data.edition[0])
    days = {name: getattr(edition, name) for name in _DAYS}
    source = edition.law
    for one in data.exception:
        if one.year == year and (
            (one.territory and territory.startswith(one.territory))
            or (one.founder and one.founder == founder)
        ):
            days |= {name: said for name in _DAYS if (said := getattr(one, name))}
            source = one.source
    read = {name: datetime.date.fromisoformat(f"{year}-{day}") for name, day in days.items()}
    if not read["opens"] <= read["closes"] <= read["draw_by"] < read["ends"]:
        raise ValueError(f"calendar.toml: days of {year} do not follow each other")
    return Calendar(year=year, source=source, **read)
