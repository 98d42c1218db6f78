"""The addresses the published schema tells of, under their full prefix."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/v1/", include("integrations.eis.api.urls"))]
