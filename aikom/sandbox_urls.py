"""Addresses of the sandbox's process: the API, its programme, and nothing of the portal."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from aikom import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("integrations.eis.api.urls")),
    path("api/", include("integrations.sandbox.api.urls")),
    path("healthz", health.sandbox, name="healthz"),
]

handler404 = "aikom.handlers.sandbox404"
handler500 = "aikom.handlers.sandbox500"
