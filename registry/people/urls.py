"""Addresses of pupils."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.people.portal import pupils

urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/", pupils.pupil_list, name="pupil_list"),
    path("pupils/export/", pupils.pupil_export, name="pupil_export"),
    path("pupils/<uuid:pupil_id>/edit/", pupils.pupil_edit, name="pupil_edit"),
    path("pupils/<uuid:pupil_id>/documents/new/", pupils.document_new, name="pupil_document_new"),
    path("pupils/<uuid:pupil_id>/guardians/new/", pupils.guardian_new, name="pupil_guardian_new"),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/",
        pupils.guardian_edit,
        name="pupil_guardian_edit",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/end/",
        pupils.guardian_end,
        name="pupil_guardian_end",
    ),
    path("pupils/<uuid:pupil_id>/address/<slug:kind>/", pupils.address_edit, name="pupil_address"),
    path("pupils/<uuid:pupil_id>/categories/new/", pupils.category_new, name="pupil_category_new"),
    path(
        "pupils/<uuid:pupil_id>/categories/<int:category_id>/end/",
        pupils.category_end,
        name="pupil_category_end",
    ),
]
