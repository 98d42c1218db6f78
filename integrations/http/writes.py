"""Writing: one row with If-Match, many with an outcome each; both under an Idempotency-Key.

The body is JSON; each field is read by its declaration, every problem of a row is told at once,
in words and with its pointer.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from integrations.http.problems import (
    BadBody,
    KeyNeeded,
    TooMuch,
    VersionNeeded,
)
from kernel.bulk import Outcome
from kernel.errors import Invalid, Problem
from kernel.once import Once, Replayed
from kernel.parameters import UUID_SCHEMA, BadParameter

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'"([0-9]{1,9})"')
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": f"^{_KEY.pattern}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Ключ повторення, 1–200 знаків: запит із тим самим ключем виконається один раз",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": f"^{_ETAG.pattern}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="ETag прочитаного запису; якщо його вже змінили — відповідь 412",
)


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a value of JSON may be: `read` turns it into ours, `schema` says the same to programs.

    `read` raises ValueError when the value is none of its own.
    """

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Field:
    """One field of a body: its name there, what may stand in it, and the name in the domain; `rule`
    says in words what may."""

    name: str
    rule: str
    shape: Shape
    to: str = ""
    required: bool = False


def whole(low: int, high: int) -> Shape:
    """A whole number in a range; 2.0 is one, as JSON Schema says, and true is none."""

    def read(value: Any) -> int:
        if type(value) not in {int, float} or value != value // 1 or not low <= value <= high:
            raise ValueError
        return int(value)

    return Shape(read, {"type": "integer", "minimum": low, "maximum": high})


def text(longest: int, shortest: int = 0) -> Shape:
    """A line of text PostgreSQL can hold."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not shortest <= len(value) <= longest or "\x00" in value:
            raise ValueError
        return value

    schema = {"type": "string", "maxLength": longest, "pattern": r"^[^\u0000]*$"}
    return Shape(read, schema | ({"minLength": shortest} if shortest else {}))


def one_of(*values: str) -> Shape:
    """One of these words."""

    def read(value: Any) -> str:
        if value not in values:
            raise ValueError
        return str(value)

    return Shape(read, {"type": "string", "enum": list(values)})


def _identifier(value: Any) -> uuid.UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError
    return uuid.UUID(value)


def _day(value: Any) -> datetime.date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError
    return datetime.date.fromisoformat(value)


DAY = Shape(_day, {"type": "string", "format": "date"})
IDENTIFIER = Shape(_identifier, UUID_SCHEMA)


def several(shape: Shape, most: int) -> Shape:
    """A list of such values, each said once."""

    def read(value: Any) -> frozenset[Any]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError
        found = frozenset(map(shape.read, value))
        if len(set(value)) < len(value):
            raise ValueError
        return found

    schema = {"type": "array", "items": shape.schema, "maxItems": most, "uniqueItems": True}
    return Shape(read, schema)


def or_null(shape: Shape) -> Shape:
    """The same, or null."""
    return Shape(
        lambda value: None if value is None else shape.read(value),
        {**shape.schema, "type": [shape.schema["type"], "null"]},
    )


def row_schema(title: str, fields: Sequence[Field]) -> dict[str, Any]:
    """What the body of one row may be."""
    needed = [one.name for one in fields if one.required]
    return {
        "title": title,
        "type": "object",
        "properties": {
            one.name: {**one.shape.schema, "description": one.rule[:1].upper() + one.rule[1:]}
            for one in fields
        },
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def rows_schema(title: str, fields: Sequence[Field], most: int) -> dict[str, Any]:
    """What the body of many rows may be: a wrong row is answered in its outcome, not refused."""
    row = row_schema(title, fields)
    other = {"description": "Що завгодно інше: відповідь скаже, чим рядок неправильний"}
    items = {"type": "array", "maxItems": most, "items": {"anyOf": [row, other]}}
    return {
        "title": f"{title}s",
        "type": "object",
        "properties": {"items": items},
        "required": ["items"],
        "additionalProperties": False,
    }


def fields_of(fields: Sequence[Field], body: Any) -> tuple[dict[str, Any], list[Problem]]:
    """Values of one row by their names in the domain, and every problem."""
    if not isinstance(body, Mapping):
        return {}, [Problem("", "not_an_object", "Рядок має бути обʼєктом JSON")]
    known = {field.name: field for field in fields}
    values: dict[str, Any] = {}
    problems = [
        Problem(name[:60], "unknown_field", f"Такого поля немає; є: {', '.join(known)}")
        for name in body
        if name not in known
    ]
    for field in fields:
        if field.name not in body:
            if field.required:
                problems.append(Problem(field.name, "required", f"Потрібне поле: {field.rule}"))
            continue
        try:
            values[field.to or field.name] = field.shape.read(body[field.name])
        except ValueError:
            problems.append(Problem(field.name, "wrong_value", f"Має бути {field.rule}"))
    return values, problems


def json_of(request: Request) -> Any:
    """The body as JSON.

    Raises:
        BadBody: not JSON, or not said to be.
        TooMuch: larger than the installation takes.
    """
    kind = str(request.META.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if kind not in {"application/json", "application/merge-patch+json"}:
        raise BadBody("Тіло запиту — JSON із заголовком «Content-Type: application/json».")
    try:
        return orjson.loads(request._request.body)
    except RequestDataTooBig:
        raise TooMuch from None
    except ValueError:
        raise BadBody from None


def one(request: Request, fields: Sequence[Field]) -> dict[str, Any]:
    """The body as one row.

    Raises:
        BadBody, TooMuch: as json_of.
        Invalid: every problem of every field.
    """
    values, problems = fields_of(fields, json_of(request))
    if problems:
        raise Invalid(problems)
    return values


def many(
    request: Request, fields: Sequence[Field], most: int
) -> list[tuple[dict[str, Any], list[Problem]]]:
    """The body `{"items": […]}` as rows, each with its own problems.

    Raises:
        BadBody, TooMuch: as json_of; no list of items.
        Invalid: more rows than one request may bring.
    """
    body = json_of(request)
    if not isinstance(body, dict) or set(body) != {"items"} or not isinstance(body["items"], list):
        raise BadBody('Тіло запиту — обʼєкт {"items": [рядки]}.')
    if len(body["items"]) > most:
        told = f"За один запит приймаємо до {most} рядків; розділіть їх"
        raise Invalid([Problem("items", "too_many", told)])
    return [fields_of(fields, item) for item in body["items"]]


def version_of(request: Request) -> int:
    """The version the caller read, from If-Match.

    Raises:
        VersionNeeded: the header is missing.
        BadParameter: it is not one strong ETag of ours.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise VersionNeeded(
            "Надішліть заголовок If-Match зі значенням ETag, яке ви отримали, коли читали запис."
        )
    match = _ETAG.fullmatch(given)
    if match is None:
        raise BadParameter('If-Match — одне значення ETag у лапках, як-от "3".', field="If-Match")
    return int(match[1])


def once_of(request: Request, pack: Callable[[Any], Any]) -> Once:
    """The request's Idempotency-Key with the fingerprint of everything that makes it this request.

    Raises:
        KeyNeeded: the header is missing.
        BadParameter: it is not 1-200 visible ASCII characters.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise KeyNeeded
    if not _KEY.fullmatch(key):
        raise BadParameter(
            "Idempotency-Key — від 1 до 200 видимих знаків ASCII, без пропусків.",
            field="Idempotency-Key",
        )
    parts = (
        str(request.method),
        request.get_full_path(),
        request.headers.get("If-Match", ""),
    )
    return Once(key, "\n".join(parts).encode() + b"\n" + request._request.body, pack)


def answer(once: Once, command: Callable[[], Any]) -> HttpResponse:
    """Run the command and answer with what it kept; asked again, with what it kept then."""
    try:
        command()
    except Replayed as again:
        response = respond(again.outcome)
        response["Idempotency-Replayed"] = "true"
        return response
    return respond(once.outcome)


def respond(outcome: Mapping[str, Any]) -> HttpResponse:
    """`{"body": JSON text, "etag": version or None}` as a response."""
    response = HttpResponse(outcome["body"], content_type="application/json")
    if outcome.get("etag") is not None:
        response["ETag"] = f'"{outcome["etag"]}"'
    return response


def outcomes_body(
    outcomes: Sequence[Outcome], names: Mapping[str, str], *, dry_run: bool
) -> dict[str, Any]:
    """Outcomes as the body of a bulk answer; `names` are the API's words for the domain's fields."""
    counts = dict.fromkeys(("new", "changed", "same", "refused"), 0)
    items = []
    for outcome in outcomes:
        counts[outcome.result] += 1
        item: dict[str, Any] = {"row": outcome.row, "result": outcome.result}
        if outcome.id is not None:
            item |= {"id": str(outcome.id), "version": outcome.version}
        if outcome.problems:
            item["errors"] = [
                {
                    "pointer": f"#/items/{outcome.row}/{names.get(p.field, p.field)}".rstrip("/"),
                    "code": p.code,
                    "detail": p.detail,
                }
                for p in outcome.problems
            ]
        items.append(item)
    body = orjson.dumps({"dry_run": dry_run, "counts": counts, "items": items}).decode()
    return {"body": body, "etag": None}
