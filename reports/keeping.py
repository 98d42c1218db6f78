"""Which nights of the country stay: a rule kept as data, each line with its reason (`keeping.toml`)."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec

from kernel.tables import dates
from kernel.text import plural
from reports.desk import reference

_FILE = Path(__file__).with_name("keeping.toml")
_DAYS: dict[str, Callable[[datetime.date], bool]] = {
    "MONTH_END": lambda day: (day + datetime.timedelta(days=1)).day == 1,
    "REFERENCE": reference.is_one,
}


class Stays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days whose nights stay for good, and why."""

    days: str
    why: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days every night is kept, why so many, and which stay after them."""

    days: int
    why: str
    stay: tuple[Stays, ...]


@cache
def rule() -> Rule:
    """The rule of nights.

    Raises:
        ValueError: the file is wrong.
    """
    found = msgspec.convert(tomllib.loads(_FILE.read_text("utf-8"))["nights"], Rule)
    if unknown := {one.days for one in found.stay} - set(_DAYS):
        raise ValueError(f"{_FILE.name}: no such days: {sorted(unknown)}")
    return found


def stays(day: datetime.date) -> bool:
    """Whether the night of a day is kept for good."""
    return any(_DAYS[one.days](day) for one in rule().stay)


def told(day: datetime.date) -> str:
    """Why a night is not there, in words."""
    many = rule().days
    return (
        f"Щоденні показники на {dates.show(day)} зберігали {many} {plural(many, 'день', 'дні', 'днів')}. "
        "Назавжди лишаються показники на перше й останнє число кожного місяця та на 5 вересня: "
        "виберіть найближчий такий день або сформуйте звіт на потрібну дату."
    )


def last_gone(today: datetime.date) -> datetime.date:
    """The last day whose night may be put away."""
    return today - datetime.timedelta(days=rule().days + 1)
