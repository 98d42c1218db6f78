"""The operator's cabinet: its systems, what it files, what is decided."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HouseRequest
from accounts.middleware import for_operators
from accounts.roles import Dataset
from integrations.eis import policies
from integrations.eis.models import EisSystem
from integrations.eis.road import selectors
from integrations.eis.road.portal.forms import FILING, AttestForm, DescribeForm
from integrations.eis.road.portal.words import facts_of, shown_steps, stages, state_tag
from integrations.eis.road.services import applications, attestations, texts
from integrations.eis.road.services.applications import Attached, Description
from integrations.eis.states import TRANSITIONS, Function, Paper
from kernel.clock import moment
from kernel.errors import NotFound
from kernel.ui import pages

TITLE = "Кабінет оператора ОІС"


def _crumbs(system: EisSystem | None = None) -> list[tuple[str, str]]:
    home = [(TITLE, reverse("operator"))]
    return (
        home
        if system is None
        else [*home, (system.name, reverse("operator_system", args=[system.uid]))]
    )


@for_operators
@require_GET
def cabinet(request: HouseRequest) -> HttpResponse:
    """Systems of the operator, those that pass to it, papers that wait for its signature."""
    found = selectors.cabinet(request.actor)
    return pages.page(
        request,
        "eis/operator.html",
        {
            "cabinet": found,
            "name": request.actor.unit_name,
            "systems": [(one, state_tag(one)) for one in found.systems],
            "papers": [(one, Paper(one.kind).label) for one in found.waiting],
        },
    )


@for_operators
@require_http_methods(["GET", "POST"])
def describe(request: HouseRequest, uid: uuid.UUID | None = None) -> HttpResponse:
    """Say what a system is; with no id a new one."""
    actor, now = request.actor, moment()
    policies.operate.require(actor)
    system = selectors.of_operator(actor, uid, now.today).system if uid else None
    operator = selectors.cabinet(actor).operator
    start: dict[str, Any] = {
        "version": 0,
        "email": operator.email if operator else "",
        "phone": operator.phone if operator else "",
    }
    if system is not None:
        names = ("name", "site", "about", "functions", "writes", "version")
        start |= {name: getattr(system, name) for name in names}
    form = DescribeForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        version = said.pop("version")
        with pages.refusable(form):
            made = applications.describe(
                actor=actor, system_uid=uid, version=version, said=Description(**said), moment=now
            )
            messages.success(request, f"Відомості про ОІС «{made.name}» збережено.")
            return pages.see_other(request, "operator_system", made.uid)
    form.seen(system.version if system else 0)
    return pages.form_page(
        request,
        "eis/operator_form.html",
        form,
        {
            "title": f"Відомості про ОІС «{system.name}»" if system else "Нова ОІС",
            "lead": "Ці відомості підписують у заяві, перевіряють і потім оприлюднюють.",
            "button": "Зберегти",
            "back": reverse("operator_system", args=[uid]) if uid else reverse("operator"),
            "crumbs": _crumbs(system),
        },
    )


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def system(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """One system on its road. A POST withdraws the application."""
    actor, now = request.actor, moment()
    road = selectors.of_operator(actor, uid, now.today)
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", ""))
        except ValueError:
            raise NotFound from None
        applications.withdraw(actor=actor, system_uid=uid, version=version, moment=now)
        messages.success(request, "Заяву відкликано. Відомості можна змінити й подати знову.")
        return pages.see_other(request, "operator_system", uid)
    may = [
        (kind, Paper(kind).label, refusal)
        for kind, refusal in selectors.to_file(actor, road.system, now)
    ]
    return pages.page(
        request,
        "eis/operator_system.html",
        {
            "road": road,
            "system": road.system,
            "state": state_tag(road.system),
            "stages": stages(road.system),
            "facts": facts_of(road, now.today),
            "functions": [Function(one).label for one in road.system.functions],
            "writes": [Dataset(one).label for one in road.system.writes],
            "late": road.system.due_on is not None and road.system.due_on < now.today,
            "open": [(kind, label) for kind, label, refusal in may if refusal is None],
            "editable": "submit" in TRANSITIONS[road.system.state],
            "withdraws": "withdraw" in TRANSITIONS[road.system.state],
            "steps": shown_steps(road),
            "papers": [(one, Paper(one.kind).label) for one in road.papers],
            "crumbs": _crumbs(),
        },
    )


@for_operators
@require_http_methods(["GET", "POST"])
def file(request: HouseRequest, uid: uuid.UUID, kind: str) -> HttpResponse:
    """Prepare an application for the signature."""
    actor, now = request.actor, moment()
    form_class = FILING.get(kind)
    if form_class is None:
        raise NotFound
    taking = kind == Paper.TRANSFER
    found = (
        selectors.to_take_over(actor, uid)
        if taking
        else selectors.of_operator(actor, uid, now.today).system
    )
    refusal = applications.may(kind, found, actor, now)
    start = {"version": found.version, "functions": found.functions, "writes": found.writes}
    form = form_class(request.POST or None, request.FILES or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            paper = applications.prepare(
                actor=actor,
                system_uid=uid,
                version=data["version"],
                kind=kind,
                about=data.get("about", ""),
                functions=data.get("functions", ()),
                writes=data.get("writes", ()),
                attached=[
                    Attached(what, data[what].read(applications.MOST_BYTES + 1))
                    for what in applications.NAMES
                    if data.get(what)
                ],
                moment=now,
            )
            return pages.see_other(request, "eis_paper", paper.pk)
    form.seen(found.version)
    text = None
    if kind in {Paper.JOIN, Paper.TRANSFER} and refusal is None:
        text = texts.in_force(now.today)
    return pages.form_page(
        request,
        "eis/operator_form.html",
        form,
        {
            "title": Paper(kind).label,
            "lead": f"«{found.name}». На наступному кроці ви прочитаєте документ і підпишете його.",
            "button": "Перейти до підпису",
            "back": reverse("operator") if taking else reverse("operator_system", args=[uid]),
            "crumbs": _crumbs(None if taking else found),
            "refusal": refusal,
            "contract": text,
        },
    )


@for_operators
@require_http_methods(["GET", "POST"])
def attest(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Tell what attests that a system is protected."""
    actor, now = request.actor, moment()
    found = selectors.of_operator(actor, uid, now.today).system
    form = AttestForm(
        request.POST or None, request.FILES or None, initial={"version": found.version}
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        paper = data.pop("paper").read(applications.MOST_BYTES + 1)
        with pages.refusable(form):
            attestations.tell(actor=actor, system_uid=uid, paper=paper, moment=now, **data)
            messages.success(request, "Документ подано. Технічний адміністратор його перевірить.")
            return pages.see_other(request, "operator_system", uid)
    form.seen(found.version)
    return pages.form_page(
        request,
        "eis/operator_form.html",
        form,
        {
            "title": "Атестат КСЗІ або авторизація з безпеки",
            "lead": f"«{found.name}». Без чинного документа договору не укладають.",
            "button": "Подати документ",
            "back": reverse("operator_system", args=[uid]),
            "crumbs": _crumbs(found),
        },
    )
