"""/api/sandbox/: the programme as a system goes it, and what the register asks of the sandbox."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from rest_framework.request import Request

from accounts.middleware import public
from integrations.eis.api.views import KeyedView
from integrations.http import writes
from integrations.http.problems import BadBody
from integrations.sandbox import errors
from integrations.sandbox.control import AGE, SALT
from integrations.sandbox.services import feed, programme, results, schools
from kernel.clock import moment


def _json(body: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


class ProgrammeView(KeyedView):
    """The latest passage; a POST starts another."""

    known = {"GET": (), "POST": ()}

    def dataset_name(self) -> str:
        return "sandbox"

    def get(self, request: Request) -> HttpResponse:
        run = results.latest(request.user.institution_id)  # type: ignore[union-attr]
        if run is None:
            raise errors.NoProgramme("Розпочніть програму запитом POST на цю адресу.")
        return _json(results.of_run(run))

    def post(self, request: Request) -> HttpResponse:
        run = programme.start_run(
            actor=programme.ACTOR,
            institution_id=request.user.institution_id,  # type: ignore[union-attr]
            moment=moment(),
        )
        return _json(results.of_run(run), 201)


class TaskView(KeyedView):
    """A task: begun, or done with an answer."""

    known = {"POST": ()}

    def dataset_name(self) -> str:
        return "sandbox"

    def post(self, request: Request, code: str, step: str) -> HttpResponse:
        told = writes.json_of(request) if request._request.body else {}
        if not isinstance(told, dict):
            raise BadBody("Тіло запиту — обʼєкт JSON.")
        where: dict[str, Any] = {
            "actor": programme.ACTOR,
            "institution_id": request.user.institution_id,  # type: ignore[union-attr]
            "code": code,
            "moment": moment(),
        }
        begins = step == "begin"
        task = programme.begin(**where) if begins else programme.hand_in(**where, answer=told)
        feed.tell()
        return _json(results.told(task))


# ── asked by the register alone ──────────────────────────────────────────────
def _asked(request: HttpRequest) -> dict[str, Any] | None:
    """What the register says of a system, by its own signature; None from anybody else."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        told = signing.loads(token, salt=SALT, max_age=AGE) if scheme == "Bearer" else None
    except signing.BadSignature:
        return None
    return told if isinstance(told, dict) else None


@public
@csrf_exempt
@require_POST
def control(request: HttpRequest, what: str) -> HttpResponse:
    """Make a school or a key of it, or tell how its programme goes."""
    told = _asked(request)
    if told is None or told.get("what") != what:
        return _json({"title": "Немає", "status": 404}, 404)
    system = uuid.UUID(told["system"])
    if what == "results":
        return _json(results.of_system(system))
    made = schools.make(
        actor=programme.ACTOR,
        told=schools.Told(system, told["name"], told["operator"], tuple(told["writes"])),
        moment=moment(),
    )
    feed.tell()
    return HttpResponse(
        json.dumps({"key": made.secret, "school": made.school.institution.full_name}),
        content_type="application/json",
    )
