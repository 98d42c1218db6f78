"""Addresses of the parents' window."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.parents.portal import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("parents/", pages.home, name="parents"),
    path("parents/children/<uuid:pupil_id>/", pages.child, name="parent_child"),
    path("parents/children/<uuid:pupil_id>/looks/", pages.looks, name="parent_looks"),
]
