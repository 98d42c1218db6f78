"""Addresses of institutions and branches."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.institutions.portal import imports as institutions_import
from registry.institutions.portal import institutions

urlpatterns: list[URLPattern | URLResolver] = [
    path("institutions/", institutions.institution_list, name="institution_list"),
    path("institutions/import/", institutions_import.upload, name="institution_import"),
    path(
        "institutions/import/<uuid:pk>/",
        institutions_import.preview,
        name="institution_import_preview",
    ),
    path("institutions/new/", institutions.institution_new, name="institution_new"),
    path("institutions/<uuid:uid>/edit/", institutions.institution_edit, name="institution_edit"),
    path(
        "institutions/<uuid:uid>/confirm/",
        institutions.institution_confirm,
        name="institution_confirm",
    ),
    path("institutions/<uuid:uid>/branches/new/", institutions.branch_new, name="branch_new"),
]
