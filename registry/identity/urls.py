"""Addresses of merges."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.identity.portal import merges

urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/merges/", merges.merge_list, name="merge_list"),
    path("pupils/merges/new/", merges.merge_new, name="merge_new"),
    path("pupils/merges/<uuid:merge_id>/", merges.merge_detail, name="merge_detail"),
    path("pupils/merges/<uuid:merge_id>/confirm/", merges.merge_confirm, name="merge_confirm"),
    path("pupils/merges/<uuid:merge_id>/reject/", merges.merge_reject, name="merge_reject"),
    path("pupils/merges/<uuid:merge_id>/undo/", merges.merge_undo, name="merge_undo"),
]
