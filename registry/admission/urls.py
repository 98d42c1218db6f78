"""Addresses of admission to grade 1."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.admission.portal import applications, draws, school

urlpatterns: list[URLPattern | URLResolver] = [
    path("admission/", school.admission, name="admission"),
    path("admission/schools/", school.schools, name="admission_schools"),
    path("admission/together/", draws.together, name="draw_together"),
    path("admission/<uuid:uid>/draw/", draws.part, name="draw_part"),
    path("admission/<uuid:uid>/draw/sign/", draws.part_sign, name="draw_part_sign"),
    path("admission/<uuid:uid>/", school.school, name="admission_school"),
    path("admission/<uuid:uid>/territory/", school.territory, name="admission_territory"),
    path("admission/<uuid:uid>/applications/", applications.listing, name="application_list"),
    path("admission/<uuid:uid>/new/", applications.new, name="application_new"),
    path(
        "admission/tables/<slug:process>/<uuid:draft_id>/", applications.take, name="admission_take"
    ),
    path("applications/<uuid:application_id>/", applications.detail, name="application_detail"),
    path(
        "applications/<uuid:application_id>/decide/",
        applications.decide,
        name="application_decide",
    ),
    path(
        "applications/<uuid:application_id>/change/",
        applications.change,
        name="application_change",
    ),
    path("admission/draws/<uuid:draw_id>/", draws.detail, name="draw_detail"),
    path("admission/draws/<uuid:draw_id>/sign/", draws.sign, name="draw_sign"),
    path("draws/<uuid:draw_id>/", draws.draw_public, name="draw_public"),
    path("draws/<uuid:draw_id>/<str:name>", draws.draw_file, name="draw_file"),
]
