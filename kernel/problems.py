"""RFC 9457 for the API: one place where an exception becomes a response body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import set_rollback

from kernel import audit
from kernel.errors import Busy, DomainError, Invalid

TYPE_BASE = "/problems/"  # served: each code has its page
CONTENT_TYPE = "application/problem+json"


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: refusals and DRF's own errors as application/problem+json."""
    exc = _as_api_exception(exc)
    if isinstance(exc, DomainError):
        set_rollback()
        errors = [
            {"pointer": f"#/{p.field}", "code": p.code, "detail": p.detail}
            for p in (exc.problems if isinstance(exc, Invalid) else [])
        ]
        if exc.field:
            errors = [{"pointer": f"#/{exc.field}", "code": exc.code, "detail": str(exc.detail)}]
        headers = {}
        if isinstance(exc, Busy):
            headers["Retry-After"] = str(exc.retry_after)
        if exc.http_status == 401 and (view := context.get("view")):
            headers["WWW-Authenticate"] = view.get_authenticate_header(context["request"]) or ""
        return _problem(
            exc.http_status, exc.code, exc.title, exc.detail, errors, exc.context, headers
        )
    if isinstance(exc, drf.APIException):
        set_rollback()
        code = exc.default_code
        errors = list(_field_errors(exc.detail)) if isinstance(exc, drf.ValidationError) else []
        detail = "" if errors else str(exc.detail)
        return _problem(
            exc.status_code, code, exc.default_detail, detail, errors, {}, _headers(exc)
        )
    return None  # a bug: let it be a 500 with a traceback in the log


def _as_api_exception(exc: Exception) -> Exception:
    if isinstance(exc, Http404):
        return drf.NotFound()
    if isinstance(exc, PermissionDenied):
        return drf.PermissionDenied()
    if isinstance(exc, DjangoValidationError):
        return drf.ValidationError(as_serializer_error(exc))
    return exc


def _headers(exc: drf.APIException) -> dict[str, str]:
    headers = {}
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if auth := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    return headers


def _field_errors(detail: Any, at: str = "#") -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, value in detail.items():
            yield from _field_errors(value, f"{at}/{name}")
    elif isinstance(detail, list) and any(isinstance(d, (dict, list)) for d in detail):
        for index, value in enumerate(detail):
            yield from _field_errors(value, f"{at}/{index}")
    else:
        for error in detail if isinstance(detail, list) else [detail]:
            yield {"pointer": at, "code": error.code, "detail": str(error)}


def problem_body(
    status: int,
    code: str,
    title: str,
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of one problem; also for views that answer without DRF."""
    body: dict[str, Any] = {"type": TYPE_BASE + code, "title": str(title), "status": status}
    if detail and str(detail) != str(title):
        body["detail"] = str(detail)
    if errors:
        body["errors"] = errors
    if request_id := audit.request_id():
        body["instance"] = f"urn:uuid:{request_id}"
    return body | (extra or {})


def _problem(
    status: int,
    code: str,
    title: Any,
    detail: Any,
    errors: list[dict[str, str]],
    extra: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Response:
    body = problem_body(status, code, str(title), str(detail), errors, extra)
    return Response(body, status=status, content_type=CONTENT_TYPE, headers=headers)
