"""Addresses of the quality of data and of the published packs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.quality.portal import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("quality/", pages.overview, name="quality"),
    path("quality/check/", pages.check, name="quality_check"),
    path("quality/<str:code>/", pages.rule, name="quality_rule"),
    path("rules/<slug:year>.json", pages.pack, name="rule_pack"),
    path("rules/runner/<str:name>", pages.runner, name="rule_runner"),
]
