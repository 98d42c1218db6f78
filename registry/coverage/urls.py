"""Addresses of the children's register."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.coverage.portal import children, letters, records

urlpatterns: list[URLPattern | URLResolver] = [
    path("coverage/", children.overview, name="coverage"),
    path("coverage/children/", children.children, name="coverage_children"),
    path("coverage/missing/enter/", children.enter, name="missing_enter"),
    path("coverage/records/<uuid:case_id>/", records.detail, name="coverage_case"),
    path("coverage/letters/<uuid:letter_id>/", letters.detail, name="coverage_letter"),
    path("coverage/letters/<uuid:letter_id>/sign/", letters.sign, name="coverage_letter_sign"),
    path("coverage/letters/<uuid:letter_id>/paper/", letters.paper, name="coverage_letter_paper"),
    path("coverage/<slug:slug>/", records.case_list, name="coverage_cases"),
    path("coverage/<slug:slug>/new/", records.new, name="coverage_new"),
    path("coverage/<slug:slug>/table/", records.table, name="coverage_table"),
    path("coverage/<slug:slug>/letters/", letters.letter_list, name="coverage_letters"),
    path("coverage/<slug:slug>/letters/new/", letters.new, name="coverage_letter_new"),
]
