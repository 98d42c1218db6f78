"""Addresses of API v1."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView

from accounts.middleware import public
from integrations.eis.api import changes, docs, hooks, views

urlpatterns = [
    path("institution", views.InstitutionView.as_view(), name="api_institution"),
    path("classes", views.ClassesView.as_view(), name="api_classes"),
    path("classes:bulk", views.ClassesBulkView.as_view(), name="api_classes_bulk"),
    path("classes/<uuid:uid>", views.ClassView.as_view(), name="api_class"),
    path("groups", views.GroupsView.as_view(), name="api_groups"),
    path("groups:bulk", views.GroupsBulkView.as_view(), name="api_groups_bulk"),
    path("groups/<uuid:uid>", views.GroupView.as_view(), name="api_group"),
    path("pupils", views.PupilsView.as_view(), name="api_pupils"),
    path("pupils/<uuid:pupil_id>", views.PupilView.as_view(), name="api_pupil"),
    path("staff", views.StaffView.as_view(), name="api_staff"),
    path("load", views.LoadView.as_view(), name="api_load"),
    path("enrolments", views.EnrolmentsView.as_view(), name="api_enrolments"),
    path("absences", views.AbsencesView.as_view(), name="api_absences"),
    path("absences:bulk", views.AbsencesBulkView.as_view(), name="api_absences_bulk"),
    path("changes", changes.ChangesView.as_view(), name="api_changes"),
    path("changes/start", changes.ChangesStartView.as_view(), name="api_changes_start"),
    path("changes/wait", changes.ChangesWaitView.as_view(), name="api_changes_wait"),
    path("webhooks", hooks.HooksView.as_view(), name="api_hooks"),
    path("webhooks/<uuid:hook_id>", hooks.HookView.as_view(), name="api_hook"),
    path("webhooks/<uuid:hook_id>:rotate", hooks.HookRotateView.as_view(), name="api_hook_rotate"),
    path("webhooks/<uuid:hook_id>:test", hooks.HookTestView.as_view(), name="api_hook_test"),
    path("webhooks/<uuid:hook_id>:enable", hooks.HookEnableView.as_view(), name="api_hook_enable"),
    path("webhooks/<uuid:hook_id>:replay", hooks.HookReplayView.as_view(), name="api_hook_replay"),
    path("quality/findings", views.FindingsView.as_view(), name="api_quality_findings"),
    path("quality/rules", views.RulesView.as_view(), name="api_quality_rules"),
    path("dictionaries", views.DictionariesView.as_view(), name="api_dictionaries"),
    path("dictionaries/<slug:name>", views.DictionaryView.as_view(), name="api_dictionary"),
    path(
        "openapi.json",
        public(
            SpectacularAPIView.as_view(
                renderer_classes=[OpenApiJsonRenderer], urlconf="integrations.eis.api.schema_urls"
            )
        ),
        name="api_schema",
    ),
    path("docs", public(docs.page), name="api_docs"),
    re_path(r"^.*$", views.AbsentView.as_view(), name="api_absent"),
]
