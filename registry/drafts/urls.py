"""Addresses of drafts: the same for every kind of movement."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path

from accounts.http import HouseRequest
from registry.drafts.portal import beginning, choosing, columns, grid, row, running, whole


def moved(request: HouseRequest, rest: str = "") -> HttpResponse:
    """Old addresses of enrolment, in bookmarks, printed instructions and tabs left open: 308 keeps
    what a form sends."""
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    return HttpResponse(status=308, headers={"Location": f"/services/enrol/{quote(rest)}{query}"})


ONE = "services/<slug:process>/<uuid:draft_id>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/for-chosen/", beginning.for_chosen, name="draft_for_chosen"),
    path("services/<slug:process>/", beginning.listing, name="draft_list"),
    path("services/<slug:process>/start/", beginning.start, name="draft_start"),
    path(
        "services/<slug:process>/start/chosen/", beginning.start_chosen, name="draft_start_chosen"
    ),
    path("services/<slug:process>/template.xlsx", beginning.blank_table, name="draft_template"),
    path(ONE, grid.detail, name="draft_detail"),
    path(f"{ONE}cells/", grid.cells, name="draft_cells"),
    path(f"{ONE}choose/", choosing.choose, name="draft_choose"),
    path(f"{ONE}columns/", columns.columns, name="draft_columns"),
    path(f"{ONE}rows/<int:row_id>/", row.row, name="draft_row"),
    path(f"{ONE}problems.xlsx", whole.problem_rows, name="draft_problems"),
    path(f"{ONE}discard/", whole.discard, name="draft_discard"),
    path("work/<uuid:run_id>/", running.work, name="draft_run"),
    path("work/<uuid:run_id>/progress/", running.progress, name="draft_run_progress"),
    path("work/<uuid:run_id>/cancel/", running.cancel, name="draft_run_cancel"),
    path("work/<uuid:run_id>/resume/", running.resume, name="draft_run_resume"),
    path("enrol/", moved, name="enrol_moved"),
    path("enrol/<path:rest>", moved, name="enrol_moved_within"),
]
