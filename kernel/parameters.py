"""Typed query parameters: one reader for pages and for the API.

An address says what it knows; a value that is none of its own is a 400 that names the parameter and
says what it takes. The API tells unknown and empty parameters too; a page lets them pass, since
letters and other sites add their own to a link, and a form sends what was left empty.

Each parameter says what it takes twice from the same arguments: to the reader, and as the JSON Schema
that the API publishes.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, QueryDict

from kernel.errors import DomainError
from kernel.text import plural

_LONGEST = 4_000  # a page mark holds a name of any length
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
UUID_SCHEMA = {"type": "string", "format": "uuid"}
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"


class BadParameter(DomainError):
    """A query parameter is unknown, repeated or out of its range."""

    code = "bad_parameter"
    http_status = 400
    title = "Параметр запиту задано неправильно"


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter: `read` turns its text into a value or None when the text is none of its values;
    `rule` says in words what it takes and `schema` says it to programs (an array goes by comma);
    `nothing` is its value when it was not given."""

    name: str
    rule: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    nothing: Any = None


def identifier(name: str, rule: str = "ідентифікатор (UUID)") -> Parameter:
    """A UUID in its usual spelling, ASCII only."""
    return Parameter(
        name, rule, lambda text: uuid.UUID(text) if _UUID.fullmatch(text) else None, UUID_SCHEMA
    )


def reference(name: str) -> Parameter:
    """A UUID as text, «» when nothing is named: what look-ups by a public id take."""
    rule = "ідентифікатор (UUID)"
    return Parameter(
        name, rule, lambda text: text if _UUID.fullmatch(text) else None, UUID_SCHEMA, nothing=""
    )


def matching(name: str, rule: str, pattern: str, *, nothing: Any = None) -> Parameter:
    """Text of one shape; the pattern speaks of ASCII."""
    shape = re.compile(pattern, re.ASCII)
    schema = {"type": "string", "pattern": f"^(?:{pattern})$"}
    return Parameter(
        name, rule, lambda text: text if shape.fullmatch(text) else None, schema, nothing
    )


def choice(name: str, rule: str, known: Iterable[str]) -> Parameter:
    """Some of the known words, each once, by comma: («id», «label»)."""
    words = tuple(known)
    schema = {
        "type": "array",
        "items": {"type": "string", "enum": list(words)},
        "minItems": 1,
        "uniqueItems": True,
    }

    def read(text: str) -> tuple[str, ...] | None:
        chosen = tuple(text.split(","))
        return chosen if set(chosen) <= set(words) and len(set(chosen)) == len(chosen) else None

    return Parameter(name, rule, read, schema)


def words(name: str, longest: int = 200) -> Parameter:
    """What a person types: trimmed, printable."""

    printable = re.compile(rf"[^{_CONTROLS}\ud800-\udfff]*")

    def read(text: str) -> str | None:
        return text.strip() if len(text) <= longest and printable.fullmatch(text) else None

    schema = {"type": "string", "maxLength": longest, "pattern": f"^[^{_CONTROLS}]*$"}
    return Parameter(name, f"текст до {longest} знаків", read, schema, nothing="")


def code(name: str) -> Parameter:
    """A code of a dictionary, a role, a state; which of them there are is the selector's matter."""
    return matching(name, "код латиницею й цифрами, до 60 знаків", r"[\w.-]{1,60}", nothing="")


def one_of(name: str, known: Iterable[str], *, nothing: str = "") -> Parameter:
    """One of a few words."""
    there = tuple(known)
    rule = f"одне з: {', '.join(there)}"
    schema = {"type": "string", "enum": list(there)}
    return Parameter(name, rule, lambda text: text if text in there else None, schema, nothing)


def flag(name: str) -> Parameter:
    """«1» or not there."""
    schema = {"type": "string", "enum": ["1"]}
    return Parameter(name, "1 або нічого", lambda text: text == "1" or None, schema, nothing=False)


def truth(name: str, rule: str) -> Parameter:
    """«true» or «false»."""
    return Parameter(name, rule, {"true": True, "false": False}.get, {"type": "boolean"})


def whole(name: str, low: int, high: int, *, nothing: int | None = None) -> Parameter:
    """A whole number within bounds, in the digits 0-9 and no others."""

    def read(text: str) -> int | None:
        if len(text) > len(str(high)) or not text.isascii() or not text.isdigit():
            return None
        return int(text) if low <= int(text) <= high else None

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, f"ціле число від {low} до {high}", read, schema, nothing)


# The marks of a list's pages; what is inside one is kernel.paging's matter.
MARKS = tuple(
    matching(name, "позначка сторінки, як її дає сам список", r"[\w=-]{1,2000}")
    for name in ("after", "before")
)


def read(query: QueryDict, known: Iterable[Parameter], *, page: bool = False) -> dict[str, Any]:
    """Values of the parameters that were given.

    page: let parameters pass that the address does not know, and those left empty.

    Raises:
        BadParameter: an unknown parameter, one given twice, or a value that is none of its own.
    """
    by_name = {parameter.name: parameter for parameter in known}
    values = {}
    for name, given in query.lists():
        parameter = by_name.get(name)
        if parameter is None:
            if page:
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
        if not text and page:
            continue
        value = parameter.read(text) if len(text) <= _LONGEST else None
        if value is None:
            raise BadParameter(f"{name}: {parameter.rule}.", field=name)
        values[name] = value
    return values


def asked(request: HttpRequest, *known: Parameter) -> dict[str, Any]:
    """What a page's address asks: a value for every known parameter, given or not.

    Raises:
        BadParameter: as `read` of a page.
    """
    nothing = {parameter.name: parameter.nothing for parameter in known}
    return nothing | read(request.GET, known, page=True)
