"""Addresses of the search and of cards that compose several aggregates."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.cards.portal import class_group, extract, institution, pupil, search, staff
from registry.people.portal.merged import answers_with_the_retained as follows

urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="search_suggest"),
    path("institutions/own/", institution.institution_own, name="institution_own"),
    path("institutions/<uuid:uid>/", institution.institution_detail, name="institution_detail"),
    path("classes/<uuid:uid>/", class_group.class_detail, name="class_detail"),
    path("classes/<uuid:uid>/print/", class_group.class_print, name="class_print"),
    path("institutions/<uuid:uid>/extract/", extract.of_institution, name="institution_extract"),
    path("classes/<uuid:uid>/extract/", extract.of_class, name="class_extract"),
    path("staff/<uuid:pk>/extract/", extract.of_staff, name="staff_extract"),
    path("pupils/<uuid:pupil_id>/extract/", follows(extract.of_pupil), name="pupil_extract"),
    path("pupils/<uuid:pupil_id>/", follows(pupil.pupil_detail), name="pupil_detail"),
    path("staff/<uuid:pk>/", staff.staff_detail, name="staff_detail"),
]
