"""Addresses of pupils."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.people.portal import pupils
from registry.people.portal.merged import answers_with_the_retained as follows

urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/", pupils.pupil_list, name="pupil_list"),
    path("pupils/<uuid:pupil_id>/edit/", follows(pupils.pupil_edit), name="pupil_edit"),
    path("pupils/<uuid:pupil_id>/close/", follows(pupils.pupil_close), name="pupil_close"),
    path("pupils/<uuid:pupil_id>/reopen/", follows(pupils.pupil_reopen), name="pupil_reopen"),
    path(
        "pupils/<uuid:pupil_id>/documents/new/",
        follows(pupils.document_new),
        name="pupil_document_new",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/new/",
        follows(pupils.guardian_new),
        name="pupil_guardian_new",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/",
        follows(pupils.guardian_edit),
        name="pupil_guardian_edit",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/end/",
        follows(pupils.guardian_end),
        name="pupil_guardian_end",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/confirm/",
        follows(pupils.guardian_confirm),
        name="pupil_guardian_confirm",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/unconfirm/",
        follows(pupils.guardian_unconfirm),
        name="pupil_guardian_unconfirm",
    ),
    path(
        "pupils/<uuid:pupil_id>/guardians/<int:guardianship_id>/void/",
        follows(pupils.guardian_void),
        name="pupil_guardian_void",
    ),
    path("pupils/guardians/", pupils.guardian_list, name="guardian_list"),
    path(
        "pupils/<uuid:pupil_id>/address/<slug:kind>/",
        follows(pupils.address_edit),
        name="pupil_address",
    ),
    path(
        "pupils/<uuid:pupil_id>/address/<slug:kind>/void/",
        follows(pupils.address_void),
        name="pupil_address_void",
    ),
    path(
        "pupils/<uuid:pupil_id>/categories/new/",
        follows(pupils.category_new),
        name="pupil_category_new",
    ),
    path(
        "pupils/<uuid:pupil_id>/facts/<slug:fact>/new/",
        follows(pupils.fact_new),
        name="pupil_fact_new",
    ),
    path(
        "pupils/<uuid:pupil_id>/contact/new/",
        follows(pupils.contact_new),
        name="pupil_contact_new",
    ),
    path(
        "pupils/<uuid:pupil_id>/contact/<int:contact_id>/void/",
        follows(pupils.contact_void),
        name="pupil_contact_void",
    ),
    path(
        "pupils/<uuid:pupil_id>/categories/<int:category_id>/void/",
        follows(pupils.category_void),
        name="pupil_category_void",
    ),
    path(
        "pupils/<uuid:pupil_id>/categories/<int:category_id>/end/",
        follows(pupils.category_end),
        name="pupil_category_end",
    ),
]
