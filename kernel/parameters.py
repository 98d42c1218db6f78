"""Typed query parameters: one reader for pages and for the API.

An address says what it knows; a value that is none of its own is a 400 that names the parameter and
says what it takes. The API tells unknown parameters too; a page lets them pass, since letters and
other sites add their own to a link.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, QueryDict

from kernel.errors import DomainError
from kernel.text import plural

_LONGEST = 2_000  # a page mark holds a name of any length
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class BadParameter(DomainError):
    """A query parameter is unknown, repeated or out of its range."""

    code = "bad_parameter"
    http_status = 400
    title = "Параметр запиту задано неправильно"


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter: `read` turns its text into a value or None when the text is none of its values;
    `rule` says in words what it takes; `nothing` is its value when it was not given."""

    name: str
    rule: str
    read: Callable[[str], Any]
    kind: Any = str
    nothing: Any = None


def identifier(name: str, rule: str = "ідентифікатор (UUID)") -> Parameter:
    """A UUID in its usual spelling, ASCII only."""
    return Parameter(
        name, rule, lambda text: uuid.UUID(text) if _UUID.fullmatch(text) else None, uuid.UUID
    )


def reference(name: str) -> Parameter:
    """A UUID as text, «» when nothing is named: what look-ups by a public id take."""
    rule = "ідентифікатор (UUID)"
    return Parameter(name, rule, lambda text: text if _UUID.fullmatch(text) else None, nothing="")


def matching(name: str, rule: str, pattern: str, *, nothing: Any = None) -> Parameter:
    """Text of one shape; the pattern speaks of ASCII."""
    shape = re.compile(pattern, re.ASCII)
    return Parameter(
        name, rule, lambda text: text if shape.fullmatch(text) else None, nothing=nothing
    )


def choice(name: str, rule: str, known: Iterable[str]) -> Parameter:
    """Some of the known words, each once, by comma: («id», «label»)."""
    words = frozenset(known)

    def read(text: str) -> tuple[str, ...] | None:
        chosen = tuple(text.split(","))
        return chosen if set(chosen) <= words and len(set(chosen)) == len(chosen) else None

    return Parameter(name, rule, read)


def words(name: str, longest: int = 200) -> Parameter:
    """What a person types: trimmed, printable."""

    def read(text: str) -> str | None:
        return None if len(text) > longest or _UNPRINTABLE.search(text) else text.strip()

    return Parameter(name, f"текст до {longest} знаків", read, nothing="")


def code(name: str) -> Parameter:
    """A code of a dictionary, a role, a state; which of them there are is the selector's matter."""
    return matching(name, "код латиницею й цифрами, до 60 знаків", r"[\w.-]{1,60}", nothing="")


def one_of(name: str, known: Iterable[str], *, nothing: str = "") -> Parameter:
    """One of a few words."""
    there = tuple(known)
    rule = f"одне з: {', '.join(there)}"
    return Parameter(name, rule, lambda text: text if text in there else None, nothing=nothing)


def flag(name: str) -> Parameter:
    """«1» or not there."""
    return Parameter(name, "1 або нічого", lambda text: text == "1" or None, nothing=False)


def whole(name: str, low: int, high: int, *, nothing: int | None = None) -> Parameter:
    """A whole number within bounds, in the digits 0-9 and no others."""

    def read(text: str) -> int | None:
        if len(text) > len(str(high)) or not text.isascii() or not text.isdigit():
            return None
        return int(text) if low <= int(text) <= high else None

    return Parameter(name, f"ціле число від {low} до {high}", read, int, nothing)


# The marks of a list's pages; what is inside one is kernel.paging's matter.
MARKS = tuple(
    matching(name, "позначка сторінки, як її дає сам список", r"[\w=-]{1,2000}")
    for name in ("after", "before")
)


def read(query: QueryDict, known: Iterable[Parameter], *, others: bool = False) -> dict[str, Any]:
    """Values of the parameters that were given; one left empty counts as not given.

    others: let parameters pass that the address does not know.

    Raises:
        BadParameter: an unknown parameter, one given twice, or a value that is none of its own.
    """
    by_name = {parameter.name: parameter for parameter in known}
    values = {}
    for name, given in query.lists():
        parameter = by_name.get(name)
        if parameter is None:
            if others:
                continue
            told = ", ".join(by_name) or "жодного"
            raise BadParameter(
                f"Параметра «{name[:40]}» ця адреса не знає. Знає: {told}.",
                field=name[:40],
                known=list(by_name),
            )
        if len(given) > 1:
            times = plural(len(given), "раз", "рази", "разів")
            raise BadParameter(f"Параметр {name} задано {len(given)} {times}.", field=name)
        text = given[0]
        if not text:
            continue
        value = parameter.read(text) if len(text) <= _LONGEST else None
        if value is None:
            raise BadParameter(f"{name}: {parameter.rule}.", field=name)
        values[name] = value
    return values


def asked(request: HttpRequest, *known: Parameter) -> dict[str, Any]:
    """What a page's address asks: a value for every known parameter, given or not.

    Raises:
        BadParameter: as `read`; parameters of others pass.
    """
    nothing = {parameter.name: parameter.nothing for parameter in known}
    return nothing | read(request.GET, known, others=True)
