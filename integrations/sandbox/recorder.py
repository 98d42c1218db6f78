"""What stands before the API in the sandbox: keeps the calls of a task, and lets faults happen.

Faults are what networks and busy servers do: an answer that is lost after the write was made, «too many
calls», a key stopped on the way, a colleague who is quicker.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from integrations.eis.models import SchoolKey
from integrations.eis.services.keys import secret_hash
from integrations.sandbox.models import Call, Task, TaskState
from integrations.sandbox.services import feed, programme
from kernel import clock
from kernel.db import writes_allowed

SECONDS = {"limit": 2, "lose": 1}
_STATUS = {"limit": 429, "lose": 503}


def _refusal(fault: str) -> HttpResponse:
    status = _STATUS[fault]
    body = {
        "type": "urn:aikom:problem:busy",
        "title": "Забагато запитів" if status == 429 else "Зайнято",
        "status": status,
        "detail": "Повторіть після Retry-After.",
    }
    return JsonResponse(
        body,
        status=status,
        content_type="application/problem+json",
        headers={"Retry-After": str(SECONDS[fault])},
        json_dumps_params={"ensure_ascii": False},
    )


class Recorder:
    """Middleware of the sandbox alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/v1/"):
            return self.get_response(request)
        key, task = _under_way(request)
        if task is None:
            return self._told(request)
        at, fault = clock.moment().now, ""
        with writes_allowed():
            fault = _fault(request, task, key)
        if fault == "overtake":
            programme.overtaken(actor=programme.ACTOR, task_id=task.pk)
        response = _refusal(fault) if fault == "limit" else self._told(request)
        if fault == "lose" and response.status_code < 400:
            response = _refusal(fault)
        if fault == "stop":
            programme.stopped(actor=programme.ACTOR, key_id=key, moment=clock.moment())
        with writes_allowed():
            Call.objects.create(
                task=task,
                at=at,
                key_id=key,
                method=str(request.method),
                path=request.path[:500],
                query=request.META.get("QUERY_STRING", "")[:500],
                status=response.status_code,
                idempotency_key=request.headers.get("Idempotency-Key", "")[:200],
                if_match=request.headers.get("If-Match", "")[:200],
                fault=fault,
            )
        return response

    def _told(self, request: HttpRequest) -> HttpResponse:
        """The answer; what it wrote stands in the feed when it comes."""
        response = self.get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            feed.tell()
        return response


def _under_way(request: HttpRequest) -> tuple[uuid.UUID, Task | None]:
    """The key of a call, a stopped one too, and the task that its school is at."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return uuid.UUID(int=0), None
    hashed = secret_hash(secret.strip())
    key = SchoolKey.objects.filter(secret_sha256=hashed).values("pk", "institution_id").first()
    if key is None:
        return uuid.UUID(int=0), None
    tasks: Any = Task.objects.filter(
        state=TaskState.BEGUN, run__school__institution=key["institution_id"]
    )
    return key["pk"], tasks.first()


def _fault(request: HttpRequest, task: Task, key: uuid.UUID) -> str:
    """The fault that meets this call, taken so that it meets no other."""
    armed = task.armed
    meets = {
        "": False,
        "limit": request.method == "GET" and request.path == "/api/v1/classes",
        "lose": request.method == "PATCH",
        "overtake": request.method == "PATCH",
        "stop": str(key) == task.expected.get("key"),
    }[armed]
    if not meets:
        return ""
    taken = Task.objects.filter(pk=task.pk, armed=armed).update(armed="")
    return armed if taken else ""
