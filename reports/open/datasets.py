"""What an open data set is: a description, and how its table is composed.

    register(Dataset(code="institutions", title="…", …, compose=compose))

A room declares its sets when it is ready, so that statistics know nothing of who stands above. A
set never holds people's data: who composes one chooses columns one by one, and figures that count
people go through `reports.open.secrecy`.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from reports.models import ReportRun

# As CSVW and XML Schema name them: www.w3.org/TR/tabular-metadata, § 5.11.
Kind = Literal["string", "integer", "boolean", "date", "anyURI"]

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_WORDS = "Creative Commons «Із зазначенням авторства» 4.0 (CC BY 4.0)"
HIDDEN = "…"  # in place of a figure behind which few people stand


@dataclasses.dataclass(frozen=True)
class Field:
    """A column: its head in the file, what it holds, in words, and of what kind it is."""

    name: str
    title: str
    kind: Kind = "string"
    about: str = ""
    required: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """A composed set: rows in the order of `fields`; None is an empty cell. `hidden` counts figures
    kept back, once the rows are walked."""

    fields: Sequence[Field]
    rows: Iterable[Sequence[Any]]
    hidden: Callable[[], int] = lambda: 0


Compose = Callable[[datetime.date, ReportRun | None], Table]


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A set as it is announced. `key` names the columns that tell one row from all others.

    A set that is made anew by the calendar has `monthly`; one of `form` is made from a generated
    form that the ministry chooses.
    """

    code: str
    title: str
    about: str
    keywords: tuple[str, ...]
    key: tuple[str, ...]
    compose: Compose
    source: str  # the act that demands or defines it
    order: int = 100
    monthly: bool = False
    form: str = ""


_SETS: dict[str, Dataset] = {}


def register(dataset: Dataset) -> None:
    """Announce a set.

    Raises:
        ValueError: the code is taken.
    """
    if _SETS.setdefault(dataset.code, dataset) is not dataset:
        raise ValueError(f"The open data set {dataset.code} is announced twice")


def every() -> list[Dataset]:
    """All sets in the order of pages."""
    return sorted(_SETS.values(), key=lambda one: (one.order, one.code))


def of(code: str) -> Dataset:
    """A set by its code.

    Raises:
        KeyError: none such.
    """
    return _SETS[code]
