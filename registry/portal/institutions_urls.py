"""Addresses of territories, institutions, classes, staff and the search over the register."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
