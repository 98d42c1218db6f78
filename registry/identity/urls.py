"""Addresses of merges."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.identity.portal import duplicates, merges

urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/merges/", merges.merge_list, name="merge_list"),
    path("pupils/merges/new/", merges.merge_new, name="merge_new"),
    path("pupils/merges/<uuid:merge_id>/", merges.merge_detail, name="merge_detail"),
    path("pupils/merges/<uuid:merge_id>/confirm/", merges.merge_confirm, name="merge_confirm"),
    path("pupils/merges/<uuid:merge_id>/reject/", merges.merge_reject, name="merge_reject"),
    path("pupils/merges/<uuid:merge_id>/undo/", merges.merge_undo, name="merge_undo"),
    path("pupils/merges/<uuid:merge_id>/undone/", merges.merge_undone, name="merge_undone"),
    path("pupils/merges/<uuid:merge_id>/keep/", merges.merge_keep, name="merge_keep"),
    path("pupils/duplicates/", duplicates.duplicate_list, name="duplicate_list"),
    path("pupils/duplicates/<uuid:pair_id>/", duplicates.duplicate_detail, name="duplicate_detail"),
    path(
        "pupils/duplicates/<uuid:pair_id>/take/", duplicates.duplicate_take, name="duplicate_take"
    ),
    path(
        "pupils/duplicates/<uuid:pair_id>/same/", duplicates.duplicate_same, name="duplicate_same"
    ),
    path(
        "pupils/duplicates/<uuid:pair_id>/differ/",
        duplicates.duplicate_differ,
        name="duplicate_differ",
    ),
]
