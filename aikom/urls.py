"""Every address of the installation. Portal pages per room; the API under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("kernel.ui.urls")),
    path("", include("accounts.portal.urls")),
    path("", include("registry.portal.urls")),
]
