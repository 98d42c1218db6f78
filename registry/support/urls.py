"""Addresses of requests for support."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.support.portal import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("support/", pages.listing, name="support"),
    path("support/new/", pages.new, name="support_new"),
    path("support/<uuid:request_id>/", pages.detail, name="support_request"),
    path("support/<uuid:request_id>/write/", pages.write, name="support_write"),
    path("support/<uuid:request_id>/answer/", pages.answer, name="support_answer"),
    path("support/<uuid:request_id>/close/", pages.close, name="support_close"),
]
