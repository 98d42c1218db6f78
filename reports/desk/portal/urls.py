"""Addresses of «Аналітика»."""

from __future__ import annotations

from django.urls import path

from reports.desk.portal import views

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("desk/table.<str:kind>", views.desk_file, name="desk_file"),
    path("desk/days/", views.desk_days, name="desk_days"),
    path("desk/days/<int:slice_id>/", views.desk_day, name="desk_day"),
    path("desk/days/<int:slice_id>/resume/", views.desk_day_resume, name="desk_day_resume"),
    path("desk/queries/", views.desk_queries, name="desk_queries"),
    path("desk/queries/new/", views.desk_query_new, name="desk_query_new"),
    path("desk/queries/<uuid:query_id>/", views.desk_query, name="desk_query"),
    path("desk/queries/<uuid:query_id>/change/", views.desk_query_change, name="desk_query_change"),
    path("desk/queries/<uuid:query_id>/remove/", views.desk_query_remove, name="desk_query_remove"),
]
