"""Addresses of territories, institutions, classes, staff and the search over the register."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.cards.portal import search
from registry.classes import portal as classes
from registry.classifiers.portal import territories
from registry.institutions.portal import imports as institutions_import
from registry.institutions.portal import institutions
from registry.staff import portal as staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", search.search, name="search"),
    path("territories/", territories.territory_list, name="territory_list"),
    path("territories/pick/", territories.territory_pick, name="territory_pick"),
    path("territories/cascade/", territories.territory_cascade, name="territory_cascade"),
    path("territories/<str:code>/", territories.territory_detail, name="territory_detail"),
    path("institutions/", institutions.institution_list, name="institution_list"),
    path("institutions/own/", institutions.institution_own, name="institution_own"),
    path("institutions/import/", institutions_import.upload, name="institution_import"),
    path(
        "institutions/import/<uuid:pk>/",
        institutions_import.preview,
        name="institution_import_preview",
    ),
    path("institutions/new/", institutions.institution_new, name="institution_new"),
    path("institutions/<uuid:uid>/", institutions.institution_detail, name="institution_detail"),
    path("institutions/<uuid:uid>/edit/", institutions.institution_edit, name="institution_edit"),
    path(
        "institutions/<uuid:uid>/confirm/",
        institutions.institution_confirm,
        name="institution_confirm",
    ),
    path(
        "institutions/<uuid:uid>/status/",
        institutions.institution_status,
        name="institution_status",
    ),
    path("institutions/<uuid:uid>/branches/new/", institutions.branch_new, name="branch_new"),
    path("institutions/<uuid:uid>/classes/", classes.class_list, name="class_list"),
    path("institutions/<uuid:uid>/classes/new/", classes.class_new, name="class_new"),
    path("institutions/<uuid:uid>/classes/copy/", classes.class_copy, name="class_copy"),
    path("institutions/<uuid:uid>/classes/close/", classes.class_close, name="class_close"),
    path("classes/", classes.classes_own, name="classes_own"),
    path("classes/<uuid:uid>/", classes.class_detail, name="class_detail"),
    path("classes/<uuid:uid>/edit/", classes.class_edit, name="class_edit"),
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/<uuid:pk>/", staff.staff_detail, name="staff_detail"),
]
