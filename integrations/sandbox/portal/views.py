"""A system's sandbox: for its operator with a key to take, for the administrator with a conclusion to draft."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from accounts.middleware import for_operators
from integrations.eis import errors as eis_errors
from integrations.eis.road import selectors
from integrations.sandbox import control
from integrations.sandbox.errors import SandboxSilent
from integrations.sandbox.programme import HOW, PROGRAMME
from integrations.sandbox.services import access
from kernel import clock
from kernel.clock import moment
from kernel.errors import NotFound, StaleVersion
from kernel.ui import pages

KINDS = {
    "WAITS": ("plain", "чекає"),
    "BEGUN": ("note", "виконується"),
    "PASSED": ("good", "виконано"),
    "FAILED": ("bad", "не виконано"),
    "SKIPPED": ("off", "не стосується"),
}


def _shown(found: access.Passages) -> dict[str, Any]:
    run = found.runs[0] if found.runs else None
    tasks = run["tasks"] if run else []
    return {
        "passages": found,
        "run": run,
        "started": _day(run["started_at"]) if run else "",
        "tasks": [(one, *KINDS[one["state"]]) for one in tasks],
        "passed": sum(one["state"] == "PASSED" for one in tasks),
        "programme": PROGRAMME,
    }


def _day(text: str) -> str:
    return f"{clock.local(datetime.datetime.fromisoformat(text)):%d.%m.%Y, %H:%M}"


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The operator's own: a POST takes a school, or another key of it; the answer alone shows the key."""
    actor, now = request.actor, moment()
    system = selectors.of_operator(actor, uid, now.today).system
    taken = None
    if request.method == "POST":
        try:
            taken = access.take_sandbox(actor=actor, system_uid=uid, moment=now)
        except SandboxSilent as silent:
            messages.error(request, silent.detail)
            return pages.see_other(request, "operator_sandbox", uid)
    found = access.passages(system)
    response = pages.page(
        request,
        "sandbox/operator.html",
        {
            "system": system,
            "taken": taken,
            "facts": [
                ("Заклад", found.school),
                ("Адреса API", f"{control.address()}/api/v1/"),
                ("Тестова програма", f"{control.address()}/api/sandbox/programme"),
            ],
            "how": HOW,
            **_shown(found),
        },
        status=201 if taken else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def of_system(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """The administrator's: a POST drafts the conclusion and leads to its signing."""
    actor, now = request.actor, moment()
    road = selectors.of_administrator(actor, uid, now.today)
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", ""))
        except ValueError:
            raise NotFound from None
        try:
            paper = access.draft(actor=actor, system_uid=uid, version=version, moment=now)
        except (SandboxSilent, StaleVersion, eis_errors.WrongTransition) as refusal:
            messages.error(request, refusal.detail)
            return pages.see_other(request, "eis_sandbox", uid)
        return pages.see_other(request, "eis_paper", paper.pk)
    trial = road.trial
    return pages.page(
        request,
        "sandbox/administrator.html",
        {
            "system": road.system,
            "drafts": trial is not None and trial.ended_on is not None,
            "runs": trial is not None and trial.ended_on is None,
            "back": reverse("eis_system", args=[uid]),
            **_shown(access.passages(road.system)),
        },
    )
