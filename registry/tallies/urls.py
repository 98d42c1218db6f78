"""Addresses of what an authority looks after."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.tallies.portal import narrowing, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("oversight/places/", narrowing.places, name="places"),
    path("oversight/places/suggest/", narrowing.suggest, name="places_suggest"),
    path("oversight/<str:code>/", pages.concern, name="concern"),
]
