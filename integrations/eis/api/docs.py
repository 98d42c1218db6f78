"""The readable page of the API, made from the published schema, so that the two cannot differ."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.generators import SchemaGenerator

from kernel.ui import pages

_WORDS = {
    "string": "рядок",
    "integer": "ціле",
    "number": "число",
    "boolean": "так/ні",
    "array": "перелік",
}


@cache
def operations() -> list[dict[str, Any]]:
    """Each address with its summary, parameters and the fields of its answer."""
    schema = SchemaGenerator(urlconf="integrations.eis.api.schema_urls").get_schema(
        request=None, public=True
    )
    components = schema["components"]["schemas"]
    found = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "application/json" not in operation["responses"].get("200", {}).get("content", {}):
                continue
            answer = _resolve(
                operation["responses"]["200"]["content"]["application/json"]["schema"], components
            )
            fields = _fields(answer, components)
            if "items" in answer.get("properties", {}):
                row = _resolve(answer["properties"]["items"]["items"], components)
                fields = [
                    (f"items[].{name}", kind, note) for name, kind, note in _fields(row, components)
                ]
                if "next" in answer["properties"]:
                    fields.append(
                        (
                            "next",
                            "рядок або null",
                            "Значення параметра after наступної сторінки; null — рядків більше немає",
                        )
                    )
            found.append(
                {
                    "id": operation["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "parameters": [
                        (
                            p["name"],
                            {"path": "у шляху", "header": "у заголовку"}.get(p["in"], "у запиті"),
                            p.get("description", ""),
                        )
                        for p in operation.get("parameters", [])
                    ],
                    "fields": fields,
                    "body": _body(operation, components),
                }
            )
    return found


def _body(operation: dict[str, Any], components: dict[str, Any]) -> list[tuple[str, str, str]]:
    said = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if said is None:
        return []
    schema = _resolve(said["schema"], components)
    if "items" in schema.get("properties", {}):
        row = _resolve(schema["properties"]["items"]["items"], components)
        return [(f"items[].{name}", kind, note) for name, kind, note in _fields(row, components)]
    return _fields(schema, components)


def _resolve(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:  # the row as it is when nothing else is asked for
        return _resolve(schema["anyOf"][0], components)
    if "$ref" in schema:
        return dict(components[schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _fields(schema: dict[str, Any], components: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for name, spec in schema.get("properties", {}).items():
        spec = _resolve(spec, components)
        kinds = spec.get("type", "string")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        words = " або ".join(
            "null" if kind == "null" else _WORDS.get(kind) or kind for kind in kinds
        )
        if "format" in spec:
            words += f", {spec['format']}"
        rows.append((name, words, spec.get("description", "")))
    return rows


def page(request: HttpRequest) -> HttpResponse:
    """Show the addresses, parameters, answers and refusals of API v1."""
    return pages.page(request, "eis/api_docs.html", {"operations": operations()})
