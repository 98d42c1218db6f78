"""Addresses of the room: a file of addresses per topic, so that two people never edit one list."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from registry.institutions.portal import urls as institutions_urls
from registry.people.portal import urls as pupils_urls

urlpatterns: list[URLPattern | URLResolver] = [
    *institutions_urls.urlpatterns,
    *pupils_urls.urlpatterns,
]
