"""Reading the dictionaries. Public reference data: the same for everybody, hence no actor.

All current and past items (about 450) are kept in the process for a minute: a classifier changes
a few times a year, and every form and every table of the portal asks for labels.
"""

from __future__ import annotations

import dataclasses
import datetime
import time
from typing import Any

from django.db import connection

from kernel.errors import NotFound
from kernel.text import alike
from registry.classifiers.models import ClassifierItem, SchoolYear

KEEP_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Item:
    """One item of a dictionary in one of its editions."""

    code: str
    name: str
    sort: int
    attributes: dict[str, Any]
    valid_from: datetime.date
    valid_to: datetime.date | None
    source: str

    @property
    def short(self) -> str:
        """The short form for tables and tags, where the dictionary gives one."""
        return str(self.attributes.get("short", self.name))

    def is_valid(self, on: datetime.date) -> bool:
        """Whether the item may be chosen on a date."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


# database name -> (monotonic moment, items by classifier, school years)
_kept: dict[str, tuple[float, dict[str, list[Item]], list[SchoolYear]]] = {}


def forget() -> None:
    """Read anew at the next question; called when the classifiers were loaded."""
    _kept.clear()


def _all() -> tuple[dict[str, list[Item]], list[SchoolYear]]:
    database = connection.settings_dict["NAME"]
    kept = _kept.get(database)
    if kept is not None and time.monotonic() - kept[0] < KEEP_SECONDS:
        return kept[1], kept[2]
    items: dict[str, list[Item]] = {}
    for row in ClassifierItem.objects.order_by("classifier", "sort", "valid_from"):
        items.setdefault(row.classifier, []).append(
            Item(
                row.code,
                row.name,
                row.sort,
                row.attributes,
                row.valid_from,
                row.valid_to,
                row.source,
            )
        )
    years = list(SchoolYear.objects.order_by("code"))
    if items:  # an installation that is not set up yet is asked again
        _kept[database] = (time.monotonic(), items, years)
    return items, years


def items(classifier: str, on: datetime.date) -> list[Item]:
    """Items of a dictionary that may be chosen on a date, in their order."""
    return [item for item in _all()[0].get(classifier, []) if item.is_valid(on)]


def editions(classifier: str) -> list[Item]:
    """Every item of a dictionary in every edition, past ones too: old records keep old codes."""
    return list(_all()[0].get(classifier, []))


def choices(classifier: str, on: datetime.date) -> list[tuple[str, str]]:
    """`(code, name)` pairs for a form field."""
    return [(item.code, item.name) for item in items(classifier, on)]


def codes(classifier: str, on: datetime.date) -> frozenset[str]:
    """The codes that may be written on a date."""
    return frozenset(item.code for item in items(classifier, on))


def find(classifier: str, code: str, on: datetime.date | None = None) -> Item | None:
    """The item with a code: the one valid on the date when it is told, else its latest edition."""
    latest = None
    for item in _all()[0].get(classifier, []):
        if item.code == code:
            if on is not None and item.is_valid(on):
                return item
            if latest is None or item.valid_from > latest.valid_from:
                latest = item
    return latest


def label(classifier: str, code: str, on: datetime.date | None = None) -> str:
    """The name of a code, past ones too; the code itself when the dictionary does not know it."""
    item = find(classifier, code, on)
    return item.name if item else code


def short(classifier: str, code: str) -> str:
    """The short name of a code for tables and tags."""
    item = find(classifier, code)
    return item.short if item else code


def labels(classifier: str) -> dict[str, str]:
    """Names of all codes of a dictionary, past ones too."""
    found: dict[str, str] = {}
    for item in _all()[0].get(classifier, []):
        found[item.code] = item.name
    return found


def code_of(classifier: str, text: str, on: datetime.date) -> str | None:
    """The code for a name as people and other registers write it (name, short name or alias).

    Case, spaces and the kind of apostrophe do not matter. None when nothing matches.
    """
    wanted = alike(text).rstrip(".")
    for item in items(classifier, on):
        names = (item.name, item.short, *item.attributes.get("aliases", ()))
        if wanted in {alike(name).rstrip(".") for name in names} or text.strip() == item.code:
            return item.code
    return None


def years() -> list[SchoolYear]:
    """School years, oldest first."""
    return list(_all()[1]) or list(SchoolYear.objects.order_by("code"))


def year(code: str) -> SchoolYear:
    """One school year.

    Raises:
        NotFound: no such year.
    """
    for one in years():
        if one.code == code:
            return one
    raise NotFound


def current_year(on: datetime.date) -> SchoolYear:
    """The year under way: the latest that has begun (in July and August the one that has ended).

    Raises:
        NotFound: no year has begun by then, or none is loaded.
    """
    begun = [one for one in years() if one.starts_on <= on]
    if not begun:
        raise NotFound
    return begun[-1]


def next_year(after: SchoolYear) -> SchoolYear | None:
    """The year that follows, when it is loaded."""
    return next((one for one in years() if one.starts_on > after.starts_on), None)
