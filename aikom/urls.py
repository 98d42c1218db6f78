"""Every address of the installation. Portal pages per room; the API under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from accounts.middleware import public
from aikom.health import healthz
from aikom.metrics import metrics
from kernel import problem_pages

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because addresses are tried one after another, and programs call more than people open.
    path("api/v1/", include("integrations.eis.api.urls")),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("problems/", public(problem_pages.problem_list), name="problem_list"),
    path("problems/<slug:code>", public(problem_pages.problem), name="problem"),
    path("", include("kernel.ui.urls")),
    path("", include("accounts.portal.urls")),
    path("", include("signatures.portal.urls")),
    path("", include("registry.urls")),
    path("", include("journals.urls")),
    path("", include("reports.campaigns.portal.urls")),
    path("", include("reports.desk.portal.urls")),
    path("", include("reports.portal.urls")),
    path("", include("integrations.eis.portal.urls")),
    path("", include("integrations.sandbox.portal.urls")),
]

handler400 = "kernel.ui.views.handler400"
handler403 = "kernel.ui.views.handler403"
handler404 = "aikom.handlers.handler404"
handler500 = "aikom.handlers.handler500"
