"""Typed query parameters: what an address knows is listed, anything else is a 400 that says so."""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter

from integrations.http.problems import BadParameter

LIMIT = 100
MOST = 500
_LONGEST = 2_000  # a page mark holds a name of any length
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter: `read` turns its text into a value or None when the text is none of its values;
    `rule` says in words what it takes."""

    name: str
    rule: str
    read: Callable[[str], Any]
    kind: Any = str

    def openapi(self) -> OpenApiParameter:
        """The parameter in the published schema."""
        return OpenApiParameter(self.name, self.kind, description=self.rule)


def identifier(name: str, rule: str) -> Parameter:
    """A UUID in its usual spelling, ASCII only."""
    return Parameter(
        name, rule, lambda text: uuid.UUID(text) if _UUID.fullmatch(text) else None, uuid.UUID
    )


def matching(name: str, rule: str, pattern: str) -> Parameter:
    """Text of one shape; the pattern speaks of ASCII."""
    shape = re.compile(pattern, re.ASCII)
    return Parameter(name, rule, lambda text: text if shape.fullmatch(text) else None)


def _limit(text: str) -> int | None:
    if len(text) > 3 or not text.isascii() or not text.isdigit():
        return None
    return int(text) if 1 <= int(text) <= MOST else None


AFTER = Parameter("after", "Позначка сторінки з поля next попередньої відповіді", str)
PAGE = (
    AFTER,
    Parameter("limit", f"Скільки рядків на сторінці, 1–{MOST}; типово {LIMIT}", _limit, int),
)
DRY_RUN = Parameter(
    "dry_run",
    "true — лише перевірити: відповідь така сама, але нічого не змінено",
    {"true": True, "false": False}.get,
    bool,
)


def choice(name: str, rule: str, known: Iterable[str]) -> Parameter:
    """Some of the known words, each once, by comma: («id», «label»)."""
    words = frozenset(known)

    def read(text: str) -> tuple[str, ...] | None:
        chosen = tuple(text.split(","))
        return chosen if set(chosen) <= words and len(set(chosen)) == len(chosen) else None

    return Parameter(name, rule, read)


def read(query: QueryDict, known: Iterable[Parameter]) -> dict[str, Any]:
    """Values of the parameters that were given; one left empty counts as not given.

    Raises:
        BadParameter: an unknown parameter, one given twice, or a value that is none of its own.
    """
    by_name = {parameter.name: parameter for parameter in known}
    values = {}
    for name, given in query.lists():
        parameter = by_name.get(name)
        if parameter is None:
            told = ", ".join(by_name) or "жодного"
            raise BadParameter(
                f"Параметра «{name[:40]}» ця адреса не знає. Знає: {told}.",
                field=name[:40],
                known=list(by_name),
            )
        if len(given) > 1:
            raise BadParameter(f"Параметр {name} задано {len(given)} рази.", field=name)
        text = given[0]
        if not text:
            continue
        value = parameter.read(text) if len(text) <= _LONGEST else None
        if value is None:
            raise BadParameter(f"{name}: {parameter.rule}.", field=name)
        values[name] = value
    return values
