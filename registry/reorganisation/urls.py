"""Addresses of reorganisation."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.reorganisation.portal import acts, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("institutions/<uuid:uid>/status/", acts.status, name="institution_status"),
    path("institutions/<uuid:uid>/place/", acts.place, name="institution_place"),
    path("orders/<uuid:order_id>/revoke/", acts.revoke, name="order_revoke"),
    path("institutions/<uuid:uid>/reorganise/", pages.begin, name="reorganise"),
    path("institutions/<uuid:uid>/reorganise/plan/", pages.plan, name="reorganise_plan"),
]
