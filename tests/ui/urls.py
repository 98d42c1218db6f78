"""Addresses of the real installation, and pages made for these tests only."""

from django.urls import include, path

from tests.ui import sample_views

urlpatterns = [
    path("test/form/", sample_views.form, name="test_form"),
    path("test/refused/<str:kind>/", sample_views.refused, name="test_refused"),
    path("test/broken/", sample_views.broken, name="test_broken"),
    path("test/grid/", sample_views.grid, name="test_grid"),
    path("test/grid/save/", sample_views.grid_save, name="test_grid_save"),
    path("test/draft/", sample_views.draft, name="test_draft"),
    path("test/draft/save/", sample_views.draft_save, name="test_draft_save"),
    path("test/slow/", sample_views.slow, name="test_slow"),
    path("test/htmx/", sample_views.by_htmx, name="test_htmx"),
    path("test/list/", sample_views.rows, name="test_list"),
    path("", include("aikom.urls")),
]

handler400 = "kernel.ui.views.handler400"
handler403 = "kernel.ui.views.handler403"
handler404 = "kernel.ui.views.handler404"
handler500 = "kernel.ui.views.handler500"
