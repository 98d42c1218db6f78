"""What a rule says of a cell."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Level = Literal["error", "warning"]


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (`error`) or doubtful (`warning`) in one cell.

    `fix` is the text to put into the cell instead, when the rule knows it.
    """

    field: str
    code: str
    level: Level
    detail: str
    fix: str | None = None

    @property
    def key(self) -> str:
        """What an answer to a warning is stored under: «surname:russian_letters»."""
        return f"{self.field}:{self.code}"

    def as_json(self) -> dict[str, Any]:
        """The form kept in `EnrolmentDraftRow.problems`."""
        return {
            "field": self.field,
            "code": self.code,
            "level": self.level,
            "detail": self.detail,
            "fix": self.fix,
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """The normalised value (None when the cell cannot be read) and what is wrong with it."""

    value: T | None
    problems: tuple[Problem, ...] = ()


def error(field: str, code: str, detail: str, fix: str | None = None) -> Problem:
    """A problem that keeps the row out of the order."""
    return Problem(field, code, "error", detail, fix)


def warning(field: str, code: str, detail: str, fix: str | None = None) -> Problem:
    """A problem a person may confirm as being right."""
    return Problem(field, code, "warning", detail, fix)
