"""Addresses of territories."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.classifiers.portal import territories

urlpatterns: list[URLPattern | URLResolver] = [
    path("territories/", territories.territory_list, name="territory_list"),
    path("territories/pick/", territories.territory_pick, name="territory_pick"),
    path("territories/cascade/", territories.territory_cascade, name="territory_cascade"),
    path("territories/<str:code>/", territories.territory_detail, name="territory_detail"),
]
