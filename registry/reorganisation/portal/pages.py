"""Pages of reorganisation: to whom; what passes where; then the order waits for one signature."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import Invalid
from kernel.parameters import asked, code, matching, words
from kernel.ui import pages
from registry.institutions import selectors as institutions
from registry.institutions.models.institutions import Institution
from registry.reorganisation import plan as plans
from registry.reorganisation import policies, services, standing
from registry.reorganisation.portal.forms import BeginForm, PlanForm

OFFERED = 60
_UUIDS = r"[0-9a-f-]{36}(?:,[0-9a-f-]{36}){0,19}"


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """How the institution is reorganised and who succeeds it; what there is of it now."""
    actor = request.actor
    source = _source(actor, uid)
    waiting = services.waiting(actor, source)
    if waiting is not None:
        return pages.see_other(request, "order_detail", waiting.pk)
    sought = asked(request, words("q"))["q"]
    heirs = institutions.successors_to_choose(actor, source, sought, OFFERED)
    form = BeginForm(request.POST or None, heirs=heirs)
    if request.method == "POST" and form.is_valid():
        way, to = form.cleaned_data["way"], form.cleaned_data["to"]
        with pages.refusable(form):
            services.successors(actor, source, way, to)
            query = urlencode({"way": way, "to": ",".join(to)})
            return pages.see_other(request, f"{reverse('reorganise_plan', args=[uid])}?{query}")
    return pages.form_page(
        request,
        "registry/reorganisation/begin.html",
        form,
        {
            "card": source,
            "q": sought,
            "more": len(heirs) == OFFERED,
            "none": not heirs,
            "standing": standing.counted(source.unit_id, moment().today),
        },
    )


def _source(actor: Actor, uid: uuid.UUID) -> Institution:
    source = institutions.find(actor, uid)
    policies.reorganise.require(actor, source)
    return source


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Everything that passes, class by class, with the terms of the order; nothing is written until
    the order is formed."""
    actor, now = request.actor, moment()
    source = _source(actor, uid)
    waiting = services.waiting(actor, source)
    if waiting is not None:
        return pages.see_other(request, "order_detail", waiting.pk)
    given = asked(
        request, code("way"), matching("to", "ідентифікатори через кому", _UUIDS, nothing="")
    )
    way, to = given["way"], [one for one in given["to"].split(",") if one]
    try:
        heirs = services.successors(actor, source, way, to)
    except Invalid:
        return pages.see_other(request, "reorganise", uid)
    choices = {
        name: value
        for name, value in request.POST.items()
        if isinstance(value, str) and name.startswith(("class-", "post-"))
    }
    found = plans.compute(source, heirs, choices, now.today, way)
    rows = len(found.passing)
    if request.method == "POST":
        form = PlanForm(request.POST, plan=found, way=way)
        form.is_valid()
        expected = request.POST.get("expected", "")
        with pages.refusable(form):
            order = services.prepare(
                actor=actor,
                uid=uid,
                way=way,
                to=to,
                choices=choices,
                fields={
                    name: request.POST.get(name, "")
                    for name in ("number", "issued_on", "effective_on", "ground", "issuer")
                },
                expected=int(expected) if expected.isascii() and expected.isdigit() else None,
                moment=now,
            )
            return pages.see_other(request, "order_detail", order.pk)
    else:
        day = f"{now.today:%d.%m.%Y}"
        form = PlanForm(
            initial={
                "issued_on": day,
                "effective_on": day,
                "ground": "рішення засновника про реорганізацію",
                "issuer": actor.unit_name,
            },
            plan=found,
            way=way,
        )
    return pages.form_page(request, "registry/reorganisation/plan.html", form, _shown(found, way, rows, now.today))  # fmt: skip


def _shown(found: plans.Plan, way: str, rows: int, today: Any) -> dict[str, Any]:
    return {
        "card": found.source,
        "way": plans.WAYS[way],
        "heirs": found.successors,
        "problems": found.problems,
        "rows": rows,
        "learners": len(found.learners),
        "workers": len(found.passing) - len(found.learners),
        "goes_on": way == plans.SPIN,
        "standing": standing.counted(found.source.unit_id, today),
    }
