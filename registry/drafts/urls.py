"""Addresses of drafts."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from registry.drafts.portal import drafts

urlpatterns: list[URLPattern | URLResolver] = [
    path("enrol/", drafts.listing, name="draft_list"),
    path("enrol/start/", drafts.start, name="draft_start"),
    path("enrol/template.xlsx", drafts.blank_table, name="draft_template"),
    path("enrol/<uuid:draft_id>/", drafts.detail, name="draft_detail"),
    path("enrol/<uuid:draft_id>/cells/", drafts.cells, name="draft_cells"),
    path("enrol/<uuid:draft_id>/columns/", drafts.columns, name="draft_columns"),
    path("enrol/<uuid:draft_id>/rows/<int:row_id>/", drafts.row, name="draft_row"),
    path("enrol/<uuid:draft_id>/problems.xlsx", drafts.problem_rows, name="draft_problems"),
    path("enrol/<uuid:draft_id>/discard/", drafts.discard, name="draft_discard"),
    path("enrol/<uuid:draft_id>/restore/", drafts.restore, name="draft_restore"),
]
