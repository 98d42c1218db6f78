"""Addresses of reorganisation."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.reorganisation.portal import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("institutions/<uuid:uid>/reorganise/", pages.begin, name="reorganise"),
    path("institutions/<uuid:uid>/reorganise/plan/", pages.plan, name="reorganise_plan"),
]
