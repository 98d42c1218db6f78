"""Bring the dictionaries and school years to what the carried files say."""

from __future__ import annotations

import dataclasses
import datetime
import tomllib
from pathlib import Path
from typing import Any

from accounts.actors import Actor
from kernel import audit
from kernel.db import advisory_lock, after_commit, command
from registry.classifiers import policies
from registry.classifiers.events import ClassifiersLoaded
from registry.classifiers.models import ClassifierItem, SchoolYear
from registry.classifiers.selectors import classifiers as selectors

DATA = Path(__file__).resolve().parents[2] / "data"
_OWN_KEYS = frozenset({"code", "name", "valid_from", "valid_to", "source", "sort"})

# (classifier, code, valid_from) -> (name, sort, attributes, valid_to, source)
Edition = tuple[str, str, datetime.date]
Content = tuple[str, int, dict[str, Any], datetime.date | None, str]


@dataclasses.dataclass(frozen=True)
class Changes:
    """What separates the database from the files; `lines` are for people."""

    new: dict[Edition, Content]
    changed: dict[Edition, Content]
    closed: list[Edition]
    years: dict[str, tuple[datetime.date, datetime.date]]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.closed or self.years)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "closed": len(self.closed),
            "years": len(self.years),
        }


def differences(data: Path = DATA) -> Changes:
    """Compare the files with the database; two queries, nothing is written.

    Raises:
        ValueError: a file breaks its own shape (a code twice, a period upside down); the message
            names the file.
    """
    wanted = _read(data)
    known: dict[Edition, Content] = {
        (c, code, since): (name, sort, attributes, until, source)
        for c, code, since, name, sort, attributes, until, source in ClassifierItem.objects.values_list(
            "classifier", "code", "valid_from", "name", "sort", "attributes", "valid_to", "source"
        )
    }
    years = tomllib.loads((data / "school_years.toml").read_text())["years"]
    known_years = {y.code: (y.starts_on, y.ends_on) for y in SchoolYear.objects.all()}
    return Changes(
        new={key: value for key, value in wanted.items() if key not in known},
        changed={
            key: value for key, value in wanted.items() if key in known and known[key] != value
        },
        closed=[key for key, value in known.items() if key not in wanted and value[3] is None],
        years={
            y["code"]: (y["starts_on"], y["ends_on"])
            for y in years
            if known_years.get(y["code"]) != (y["starts_on"], y["ends_on"])
        },
    )


@command
def load(*, actor: Actor, today: datetime.date, data: Path = DATA) -> Changes:
    """Write the differences: open new editions, correct changed ones, close what a file dropped.

    Raises:
        NotAllowed: anyone but the technical administrator or the installation itself.
        ValueError: a broken file; nothing is written.
    """
    policies.keep_classifiers.require(actor)
    advisory_lock("registry.classifiers")
    changes = differences(data)
    for classifier, code, since in changes.closed:
        ClassifierItem.objects.filter(classifier=classifier, code=code, valid_from=since).update(
            valid_to=max(today, since + datetime.timedelta(days=1))
        )
    # Periods that end go first: one current edition of a code at any moment.
    for (classifier, code, since), content in sorted(
        changes.changed.items(), key=lambda pair: pair[1][3] is None
    ):
        name, sort, attributes, until, source = content
        ClassifierItem.objects.filter(classifier=classifier, code=code, valid_from=since).update(
            name=name, sort=sort, attributes=attributes, valid_to=until, source=source
        )
    ClassifierItem.objects.bulk_create(
        ClassifierItem(
            classifier=classifier,
            code=code,
            valid_from=since,
            name=name,
            sort=sort,
            attributes=attributes,
            valid_to=until,
            source=source,
        )
        for (classifier, code, since), (
            name,
            sort,
            attributes,
            until,
            source,
        ) in changes.new.items()
    )
    for code, (starts_on, ends_on) in changes.years.items():
        SchoolYear.objects.update_or_create(
            code=code, defaults={"starts_on": starts_on, "ends_on": ends_on}
        )
    if changes:
        audit.record(ClassifiersLoaded(counts=changes.counts))
    after_commit(selectors.forget)
    return changes


def _read(data: Path) -> dict[Edition, Content]:
    wanted: dict[Edition, Content] = {}
    for path in sorted((data / "classifiers").glob("*.toml")):
        table = tomllib.loads(path.read_text())
        for position, item in enumerate(table["items"]):
            since = item.get("valid_from", table["valid_from"])
            until = item.get("valid_to")
            key = (path.stem, item["code"], since)
            if key in wanted:
                raise ValueError(f"{path.name}: {item['code']} stands twice from {since}")
            if until is not None and until <= since:
                raise ValueError(f"{path.name}: {item['code']} ends before it begins")
            attributes = {name: value for name, value in item.items() if name not in _OWN_KEYS}
            wanted[key] = (
                item["name"],
                item.get("sort", position * 10),
                attributes,
                until,
                item.get("source", table["source"]),
            )
    return wanted
