"""A school key in `Authorization: Bearer …` opens the API; nothing else does."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from integrations.eis import errors
from integrations.eis.selectors import keys
from integrations.http.principal import bearer
from kernel import clock


class SchoolKeyAuthentication(BaseAuthentication):
    """Turn the key into its holder: a system reading one school.

    Raises:
        KeyMissing, KeyUnknown, SystemNotConnected, InstitutionSuspended.
    """

    def authenticate(self, request: Request) -> tuple[keys.KeyHolder, str]:
        secret = bearer(request)
        if secret is None:
            raise errors.KeyMissing(
                "Надішліть ключ, який видав керівник закладу, у заголовку «Authorization: Bearer …»."
            )
        holder = keys.open_by_secret(secret, clock.today())
        return holder, str(holder.key)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="aikom"'


class SchoolKeyInSchema(OpenApiAuthenticationExtension):
    """What the published schema says of the key, so that clients made of it send it."""

    target_class = SchoolKeyAuthentication
    name = "schoolKey"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """The scheme of OpenAPI: a bearer key."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Ключ доступу, який видав керівник закладу.",
        }
