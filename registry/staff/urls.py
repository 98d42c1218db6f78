"""Addresses of staff."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.staff import portal as staff
from registry.staff.vacancies import portal as vacancies

urlpatterns: list[URLPattern | URLResolver] = [
    path("vacancies/", vacancies.listing, name="vacancy_list"),
    path("vacancies/new/", vacancies.new, name="vacancy_new"),
    path("vacancies/<uuid:vacancy_id>/", vacancies.edit, name="vacancy_edit"),
    path("vacancies/<uuid:vacancy_id>/withdraw/", vacancies.withdraw, name="vacancy_withdraw"),
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/new/", staff.staff_hire, name="staff_hire"),
    path("staff/<uuid:pk>/edit/", staff.staff_correct, name="staff_correct"),
    path("staff/<uuid:pk>/dismiss/", staff.staff_dismiss, name="staff_dismiss"),
    path("staff/<uuid:pk>/education/new/", staff.staff_education_new, name="staff_education_new"),
    path(
        "staff/<uuid:pk>/education/<uuid:education>/void/",
        staff.staff_education_void,
        name="staff_education_void",
    ),
]
