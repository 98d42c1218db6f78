"""Addresses of kinds of movement."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.movements.enrol import portal as one_pupil

urlpatterns: list[URLPattern | URLResolver] = [
    path("services/enrol/one/", one_pupil.one, name="draft_one"),
]
