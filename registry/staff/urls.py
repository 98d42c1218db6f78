"""Addresses of staff."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.staff import portal as staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/", staff.staff_list, name="staff_list"),
]
