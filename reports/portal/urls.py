"""Addresses of «Звітність»."""

from __future__ import annotations

from django.urls import path

from reports.portal import views

urlpatterns = [
    path("reports/", views.run_list, name="reports"),
    path("reports/<uuid:run_id>/", views.run_detail, name="report_run"),
    path("reports/<uuid:run_id>/progress/", views.run_progress, name="report_progress"),
    path("reports/<uuid:run_id>/cell/", views.cell, name="report_cell"),
    path("reports/<uuid:run_id>/xlsx/", views.download, name="report_xlsx"),
    path("reports/<uuid:run_id>/cancel/", views.run_cancel, name="report_cancel"),
    path("reports/<uuid:run_id>/resume/", views.run_resume, name="report_resume"),
]
