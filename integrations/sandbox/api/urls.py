"""Addresses of the sandbox's process, beside those of API v1."""

from __future__ import annotations

from django.urls import path, re_path

from integrations.sandbox.api import views

urlpatterns = [
    path("sandbox/programme", views.ProgrammeView.as_view(), name="sandbox_programme"),
    re_path(
        r"^sandbox/tasks/(?P<code>[a-z]{1,30})/(?P<step>begin|done)$",
        views.TaskView.as_view(),
        name="sandbox_task",
    ),
    re_path(r"^control/(?P<what>schools|results)$", views.control, name="sandbox_control"),
]
