"""Addresses of what an authority looks after."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.tallies.portal import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("oversight/<str:code>/", pages.concern, name="concern"),
    path("oversight/<str:code>/file.xlsx", pages.concern_file, name="concern_file"),
]
