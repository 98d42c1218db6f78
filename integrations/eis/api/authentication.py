"""A school key in `Authorization: Bearer …` opens the API; nothing else does."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from integrations.eis import errors
from integrations.eis.selectors import keys


class SchoolKeyAuthentication(BaseAuthentication):
    """Turn the key into its holder: a system reading one school.

    Raises:
        KeyMissing, KeyUnknown, SystemNotConnected, InstitutionSuspended.
    """

    def authenticate(self, request: Request) -> tuple[keys.KeyHolder, str]:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise errors.KeyMissing(
                "Надішліть ключ, який видав керівник закладу, у заголовку «Authorization: Bearer …»."
            )
        holder = keys.open_by_secret(secret.strip(), timezone.localdate())
        return holder, str(holder.key)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="aikom"'


class KeyThrottle(BaseThrottle):
    """At most `settings.EIS_CALLS_PER_MINUTE` calls a minute by one key in one web process."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = getattr(settings, "EIS_CALLS_PER_MINUTE", 60_000)
        window = int(time.time() // 60)
        name = f"eis:{request.auth}:{window}"
        cache.add(name, 0, 120)
        return cache.incr(name) <= limit

    def wait(self) -> float:
        return 60 - time.time() % 60
