"""What every request passes: its id, the looks it made, refusals as pages, reads that only read."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import orjson
import structlog
import uuid_utils
from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase

from kernel import audit, problems
from kernel.db import noticing_contention, refuse_writes
from kernel.errors import Busy, DomainError
from kernel.typography import typeset

GetResponse = Callable[[HttpRequest], HttpResponse]
_NUL = re.compile(r"%00|\x00")


class RequestContext:
    """Give the request an id, refuse NUL bytes (PostgreSQL cannot hold them), write its looks."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _NUL.search(request.get_full_path()):
            return _unacceptable(request)
        request.id = str(uuid_utils.uuid7())  # type: ignore[attr-defined]
        audit.set_request_id(request.id)  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(request_id=request.id)  # type: ignore[attr-defined]
        try:
            with audit.collecting_looks():
                response = self.get_response(request)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


def _unacceptable(request: HttpRequest) -> HttpResponse:
    told = "Адреса містить неприпустимий символ."
    if not request.path.startswith("/api/"):
        return HttpResponseBadRequest(told)
    body = problems.problem_body(400, "bad_parameter", told)
    return HttpResponse(orjson.dumps(body), status=400, content_type=problems.CONTENT_TYPE)


class ContentPolicy(CSPMiddleware):
    """The content policy of every answer, wider by what the page itself asked for.

    Pages start no worker and hold no frame. One that signs says so while it is drawn
    (`request.policy_more`), and is then cut off from windows that other pages of the portal hold:
    a script on a public page could else open it and act inside it. Static files answer before
    this and carry a policy of their own (`aikom.settings.base.WHITENOISE_ADD_HEADERS_FUNCTION`).
    """

    @functools.cached_property
    def _usual(self) -> str:
        return build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        """Put the policy on; the one that nobody widened is written out once, not for each answer."""
        told = (*vars(request), *vars(response))
        if any(name == "policy_more" or name.startswith("_csp_") for name in told):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._usual)
        return response

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if more := getattr(request, "policy_more", None):
            parts.replace = {**(parts.replace or {}), **more}
            response["Cross-Origin-Opener-Policy"] = "noopener-allow-popups"
        return parts


class RefusalPages:
    """Show a refusal that no form caught as a page with the right status and what to do next.

    A form that showed Busy beside what was typed answers 503 with Retry-After like the page does,
    so that a program (the table's autosave) tries again by itself.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with noticing_contention() as busy:
            response = self.get_response(request)
            if busy() and response.status_code in {409, 422}:
                response.status_code = Busy.http_status
                response["Retry-After"] = str(Busy.retry_after)
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if isinstance(exc, DomainError):
            from kernel.ui.views import render_refusal

            return render_refusal(request, exc, status=exc.http_status)
        return None


class Typography:
    """No line of a page breaks between «№» and its number (kernel.typography)."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = typeset(response.content)
        return response


class ReadsOnlyRead:
    """Hold GET and HEAD to their word. Innermost, so that sessions may still save."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with connection.execute_wrapper(refuse_writes):
            return self.get_response(request)
