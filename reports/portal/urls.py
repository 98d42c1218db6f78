"""Addresses of «Звітність»."""

from __future__ import annotations

from django.urls import path

from reports.portal import editor, register, subvention, views
from reports.portal import open as open_data

urlpatterns = [
    path("reports/", views.run_list, name="reports"),
    path("reports/forms/", register.forms, name="report_forms"),
    path("reports/forms/<slug:code>/", editor.edit, name="report_form_edit"),
    path("reports/<uuid:run_id>/", views.run_detail, name="report_run"),
    path("reports/<uuid:run_id>/progress/", views.run_progress, name="report_progress"),
    path("reports/<uuid:run_id>/cell/", views.cell, name="report_cell"),
    path("reports/<uuid:run_id>/xlsx/", views.download, name="report_xlsx"),
    path("reports/<uuid:run_id>/cancel/", views.run_cancel, name="report_cancel"),
    path("reports/<uuid:run_id>/resume/", views.run_resume, name="report_resume"),
    path("open/", open_data.open_data, name="open_data"),
    path("open/catalog.<str:form>", open_data.open_data_catalogue, name="open_data_catalogue"),
    path("open/publish/", open_data.open_data_publish, name="open_data_publish"),
    path(
        "open/issues/<uuid:issue_id>/withdraw/",
        open_data.open_data_withdraw,
        name="open_data_withdraw",
    ),
    path("open/<slug:code>/", open_data.open_data_set, name="open_data_set"),
    path(
        "open/<slug:code>/<int:number>.<str:kind>", open_data.open_data_file, name="open_data_file"
    ),
    path("subvention/", subvention.subvention_list, name="subventions"),
    path("subvention/parameters/", subvention.subvention_parameters, name="subvention_parameters"),
    path("subvention/places/", subvention.subvention_places, name="subvention_places"),
    path("subvention/<uuid:subvention_id>/", subvention.subvention, name="subvention"),
    path(
        "subvention/<uuid:subvention_id>/compare/",
        subvention.subvention_compare,
        name="subvention_compare",
    ),
    path(
        "subvention/<uuid:subvention_id>/<uuid:unit_uid>/",
        subvention.subvention_budget,
        name="subvention_budget",
    ),
    path(
        "subvention/<uuid:subvention_id>/<uuid:unit_uid>/xlsx/",
        subvention.subvention_budget_file,
        name="subvention_budget_file",
    ),
]
