"""Addresses of groups."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.groups import portal as groups

urlpatterns: list[URLPattern | URLResolver] = [
    path("classes/<uuid:uid>/groups/new/", groups.group_new, name="group_new"),
    path("groups/<uuid:uid>/", groups.group_detail, name="group_detail"),
    path("groups/<uuid:uid>/close/", groups.group_close, name="group_close"),
]
