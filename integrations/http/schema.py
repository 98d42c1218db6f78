"""An API as its published schema tells it: from what is read and answered, so that they agree."""

from __future__ import annotations

import functools
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from integrations.http.parameters import openapi

PROBLEM = "application/problem+json"


class ApiSchema(AutoSchema):
    """Query parameters are those that the view reads; a body is never left out."""

    def get_override_parameters(self) -> list[Any]:
        """What the view knows for this method."""
        view: Any = self.view
        return [openapi(one) for one in view.parameters_of(self.method)]

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        body: dict[str, Any] | None = super()._get_request_body(direction)
        return body and {**body, "required": True}


def problems(problem: type[serializers.Serializer], told: dict[int, str]) -> dict[Any, Any]:
    """Refusals by their status, in the content type they come in (RFC 9457)."""
    return {(status, PROBLEM): OpenApiResponse(problem, why) for status, why in told.items()}


class AnyFields(serializers.Serializer):
    """A row of a resource as `fields` may ask for it: all of `of`, or some of its fields."""

    of: type[serializers.Serializer]


@functools.cache
def any_fields(of: type[serializers.Serializer]) -> type[AnyFields]:
    """The row `of` when some of its fields may be asked for."""
    return type(f"{of.__name__.removesuffix('Schema')}AnyFields", (AnyFields,), {"of": of})


class AnyFieldsInSchema(OpenApiSerializerExtension):
    """Either all the fields of a version, or those that were asked for: two shapes, told as two."""

    target_class = AnyFields
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        """The whole row, or the same with nothing required."""
        whole = auto_schema.resolve_serializer(self.target.of, direction)
        some = {key: value for key, value in whole.schema.items() if key != "required"}
        some["description"] = "Лише поля, названі в параметрі fields"
        return {"anyOf": [whole.ref, some]}
