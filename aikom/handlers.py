"""Answers to what no view answered: a page for people, problem+json under /api/."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse

from kernel import problem_pages, problems
from kernel.errors import NotFound
from kernel.ui import views


def _problem(status: int, code: str, title: str) -> HttpResponse:
    body = orjson.dumps(problems.problem_body(status, code, title))
    return HttpResponse(body, status=status, content_type=problems.CONTENT_TYPE)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address, or hidden: the two read the same."""
    if request.path.startswith("/api/"):
        return _problem(404, NotFound.code, NotFound.title)
    return views.handler404(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """A bug: the request's id leads support to the traceback."""
    page = views.handler500(request)
    if request.path.startswith("/api/"):
        return _problem(500, "error", problem_pages.FRAMEWORK["error"][1])
    return page


def sandbox404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The sandbox has no pages: whatever is asked for is answered as an API does."""
    return _problem(404, NotFound.code, NotFound.title)


def sandbox500(request: HttpRequest) -> HttpResponse:
    """The same of a bug."""
    return _problem(500, "error", problem_pages.FRAMEWORK["error"][1])
