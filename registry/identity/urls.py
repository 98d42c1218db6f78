"""Addresses of merges and of doubts, of children and of staff alike."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, path

from registry.identity.children import CHILDREN
from registry.identity.kind import Kind
from registry.identity.portal import duplicates, merges
from registry.identity.staff import STAFF


def _of(kind: Kind, at: str) -> Iterator[URLPattern]:
    for where, view, name in (
        ("merges/", merges.merge_list, "merge_list"),
        ("merges/new/", merges.merge_new, "merge_new"),
        ("merges/<uuid:merge_id>/", merges.merge_detail, "merge_detail"),
        ("merges/<uuid:merge_id>/confirm/", merges.merge_confirm, "merge_confirm"),
        ("merges/<uuid:merge_id>/reject/", merges.merge_reject, "merge_reject"),
        ("merges/<uuid:merge_id>/undo/", merges.merge_undo, "merge_undo"),
        ("merges/<uuid:merge_id>/undone/", merges.merge_undone, "merge_undone"),
        ("merges/<uuid:merge_id>/keep/", merges.merge_keep, "merge_keep"),
        ("duplicates/", duplicates.duplicate_list, "duplicate_list"),
        ("duplicates/<uuid:pair_id>/", duplicates.duplicate_detail, "duplicate_detail"),
        ("duplicates/<uuid:pair_id>/take/", duplicates.duplicate_take, "duplicate_take"),
        ("duplicates/<uuid:pair_id>/same/", duplicates.duplicate_same, "duplicate_same"),
        ("duplicates/<uuid:pair_id>/differ/", duplicates.duplicate_differ, "duplicate_differ"),
    ):
        yield path(f"{at}{where}", view, {"kind": kind}, name=kind.url(name))


urlpatterns: list[URLPattern | URLResolver] = [*_of(CHILDREN, "pupils/"), *_of(STAFF, "staff/")]
