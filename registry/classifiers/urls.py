"""Addresses of territories."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.middleware import parents_too
from registry.classifiers.portal import territories

urlpatterns: list[URLPattern | URLResolver] = [
    path("territories/", parents_too(territories.territory_list), name="territory_list"),
    path("territories/pick/", parents_too(territories.territory_pick), name="territory_pick"),
    path(
        "territories/cascade/", parents_too(territories.territory_cascade), name="territory_cascade"
    ),
    path(
        "territories/<str:code>/",
        parents_too(territories.territory_detail),
        name="territory_detail",
    ),
]
