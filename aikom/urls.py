"""Every address of the installation. Portal pages per room; the API under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from aikom.health import healthz
from aikom.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("", include("kernel.ui.urls")),
    path("", include("accounts.portal.urls")),
    path("", include("registry.portal.urls")),
    path("", include("reports.portal.urls")),
    path("", include("integrations.eis.portal.urls")),
    path("api/v1/", include("integrations.eis.api.urls")),
]

handler400 = "kernel.ui.views.handler400"
handler403 = "kernel.ui.views.handler403"
handler404 = "kernel.ui.views.handler404"
handler500 = "kernel.ui.views.handler500"
