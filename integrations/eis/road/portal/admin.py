"""The technical administrator's side: a system on its road, every step, versions of texts."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HouseRequest
from accounts.roles import Dataset
from integrations.eis import policies
from integrations.eis.road import selectors
from integrations.eis.road.portal import forms
from integrations.eis.road.portal.words import facts_of, shown_steps, stages, state_tag
from integrations.eis.road.selectors import Road
from integrations.eis.road.services import attestations, contracts, testing, texts
from integrations.eis.services import systems
from integrations.eis.states import (
    TRANSITIONS,
    WORKING,
    Function,
    Paper,
    SystemState,
    TrialReason,
)
from kernel.clock import moment
from kernel.errors import NotFound
from kernel.ui import pages


@dataclasses.dataclass(frozen=True)
class Act:
    """A step as the page offers it: when, its words, its form, what it calls."""

    offered: Callable[[Road], bool]
    title: str
    button: str
    form: type[forms.Versioned]
    run: Callable[..., Any]
    done: str
    text: str = ""
    bad: bool = False


def _trial(road: Road, *, started: bool, ended: bool) -> bool:
    trial = road.trial
    if trial is None:
        return False
    return (trial.started_on is not None) == started and (trial.ended_on is not None) == ended


def _conclude(form: Any, **how: Any) -> Any:
    data = form.cleaned_data
    return testing.conclude(
        version=data["version"],
        positive=data["positive"] == "yes",
        findings=form.told,
        needs_contract=data["needs_contract"],
        about=data["about"],
        **how,
    )


def _judge(form: Any, **how: Any) -> Any:
    data = form.cleaned_data
    return attestations.judge(
        version=data["version"],
        attestation_id=data["attestation"],
        accepted=data["verdict"] == "yes",
        refusal=data["refusal"],
        **how,
    )


def _suspend(form: Any, **how: Any) -> Any:
    data = dict(form.cleaned_data)
    data.pop("version")
    return systems.suspend_system(on=how.pop("moment").today, **data, **how)


def _restore(form: Any, **how: Any) -> Any:
    return systems.restore_system(
        on=how.pop("moment").today, explanation=form.cleaned_data["explanation"], **how
    )


def _plain(command: Callable[..., Any]) -> Callable[..., Any]:
    return lambda form, **how: command(**form.cleaned_data, **how)


ACTS: dict[str, Act] = {
    "judge": Act(
        lambda road: road.attestation_waits is not None,
        "Атестат, поданий оператором",
        "Зберегти рішення",
        forms.JudgeForm,
        _judge,
        "Рішення щодо атестата надіслано оператору.",
    ),
    "start": Act(
        lambda road: _trial(road, started=False, ended=False),
        "Розпочати тестування?",
        "Розпочати тестування",
        forms.StepForm,
        _plain(testing.start),
        "Тестування розпочато; оператора сповіщено.",
        "Строк — двадцять робочих днів із дня подання заяви (п. 18).",
    ),
    "end": Act(
        lambda road: _trial(road, started=True, ended=False),
        "Завершити тестування?",
        "Завершити тестування",
        forms.StepForm,
        _plain(testing.end),
        "Тестування завершено. Підготуйте висновок.",
        "Висновок надсилають протягом трьох робочих днів (п. 18).",
    ),
    "conclude": Act(
        lambda road: _trial(road, started=True, ended=True),
        "Висновок за результатами тестування",
        "Перейти до підпису",
        forms.ConcludeForm,
        _conclude,
        "",
        "Негативний висновок містить невідповідності та пропозиції щодо їх усунення (п. 19).",
    ),
    "contract": Act(
        lambda road: road.asked is not None,
        "Укласти договір?",
        "Укласти договір",
        forms.StepForm,
        _plain(contracts.conclude),
        "Договір укладено.",
        "Оператор приєднався до тексту, затвердженого володільцем. Потрібен чинний атестат.",
    ),
    "publish": Act(
        lambda road: road.system.state == SystemState.CONTRACTED,
        "Оприлюднити й підключити?",
        "Оприлюднити й підключити",
        forms.StepForm,
        _plain(contracts.publish),
        "ОІС оприлюднено: керівники закладів можуть надавати їй доступ.",
        "ОІС та її функції зʼявляться на загальнодоступній сторінці (п. 21).",
    ),
    "restore": Act(
        lambda road: road.system.state == SystemState.SUSPENDED,
        "Відновити доступ",
        "Відновити доступ",
        forms.RestoreForm,
        _restore,
        "Доступ відновлено: чинні ключі закладів працюють знову.",
        "Не повернеться те, що скінчилося за час зупинення: доступи, строк яких минув, і відкликані.",
    ),
    "test": Act(
        lambda road: road.trial is None and road.system.state in (*WORKING, SystemState.SUSPENDED),
        "Призначити додаткове тестування",
        "Призначити тестування",
        forms.GroundForm,
        _plain(testing.order_more),
        "Додаткове тестування призначено; доступу це не зупиняє.",
        "Технічний адміністратор має право протестувати ОІС додатково (п. 23).",
    ),
    "transfer": Act(
        lambda road: "transfer" in TRANSITIONS[road.system.state],
        "Право власності передано іншому оператору",
        "Зберегти",
        forms.TransferStepForm,
        _plain(systems.transfer_system),
        "Записано. Новий оператор має десять робочих днів, щоб подати заяву.",
        "Повторно ОІС не тестують. Якщо новий оператор не звернеться вчасно, її буде відключено (п. 24).",
    ),
    "name": Act(
        lambda road: road.system.operator.unit_id is None,
        "Уточнити оператора",
        "Зберегти",
        forms.NameForm,
        _plain(systems.name_operator),
        "Збережено. Оператор увійде ключем із цим кодом.",
    ),
    "suspend": Act(
        lambda road: "suspend" in TRANSITIONS[road.system.state],
        "Зупинити доступ",
        "Зупинити доступ",
        forms.SuspendForm,
        _suspend,
        "Доступ зупинено; усі ключі вже не діють.",
        "Усі ключі цієї ОІС перестануть діяти з наступного запиту. Видані ключі залишаться й "
        "запрацюють після відновлення.",
        bad=True,
    ),
    "disconnect": Act(
        lambda road: "disconnect" in TRANSITIONS[road.system.state],
        "Відключити від бази",
        "Відключити",
        forms.DisconnectForm,
        _plain(systems.disconnect_system),
        "ОІС відключено: договір, доступи закладів і ключі припинено.",
        "Договір і всі доступи закладів припиняться, ключі перестануть діяти назавжди. Підключитися "
        "знову можна лише за новою заявою.",
        bad=True,
    ),
}


@require_GET
def system(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """One system on its road and what may be done with it now."""
    now = moment()
    road = selectors.of_administrator(request.actor, uid, now.today)
    return pages.page(
        request,
        "eis/system_detail.html",
        {
            "road": road,
            "system": road.system,
            "state": state_tag(road.system),
            "stages": stages(road.system),
            "facts": facts_of(road, now.today),
            "late": road.system.due_on is not None and road.system.due_on < now.today,
            "functions": [Function(one).label for one in road.system.functions],
            "writes": [Dataset(one).label for one in road.system.writes],
            "acts": [(name, act) for name, act in ACTS.items() if act.offered(road)],
            "steps": shown_steps(road),
            "papers": [(one, Paper(one.kind).label) for one in road.papers],
        },
    )


@require_http_methods(["GET", "POST"])
def step(request: HouseRequest, uid: uuid.UUID, name: str) -> HttpResponse:
    """One step of the administrator."""
    actor, now = request.actor, moment()
    road = selectors.of_administrator(actor, uid, now.today)
    act = ACTS.get(name)
    if act is None:
        raise NotFound
    found, waits = road.system, road.attestation_waits
    start = {
        "version": found.version,
        "attestation": waits.pk if waits else None,
        "name": found.operator.name,
        "code": found.operator.code,
    }
    form = act.form(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            made = act.run(form, actor=actor, system_uid=uid, moment=now)
            if name == "conclude":
                return pages.see_other(request, "eis_paper", made.pk)
            messages.success(request, act.done)
            return pages.see_other(request, "eis_system", uid)
    trial = road.trial
    form.seen(found.version)
    return pages.form_page(
        request,
        "eis/system_step.html",
        form,
        {
            "act": act,
            "name": name,
            "offered": act.offered(road),
            "system": found,
            "waits": waits,
            "functions_change": trial is not None and trial.reason == TrialReason.FUNCTIONS,
        },
    )


# ── texts ────────────────────────────────────────────────────────────────────
@require_GET
def text_list(request: HouseRequest) -> HttpResponse:
    """Versions of the contract and of the technical requirements."""
    actor = request.actor
    contracts_, requirements = selectors.all_texts(actor)
    return pages.page(
        request,
        "eis/texts.html",
        {
            "contracts": contracts_,
            "requirements": requirements,
            "governs": policies.govern_systems.allows(actor),
        },
    )


_NEW: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "contract": (
        "Новий текст договору",
        "Оператори приєднуються до нього після затвердження володільцем (п. 14, п. 20).",
        texts.draft_contract,
    ),
    "requirements": (
        "Нові технічні вимоги",
        "Оприлюднюють не менш ніж за місяць до запровадження (п. 25). Того дня підключені ОІС "
        "тестуватимуть повторно, доступу не зупиняючи.",
        texts.publish_requirements,
    ),
}


@require_http_methods(["GET", "POST"])
def text_new(request: HouseRequest, kind: str) -> HttpResponse:
    """Another version of the contract, or of the requirements."""
    actor, now = request.actor, moment()
    policies.govern_systems.require(actor)
    if kind not in _NEW:
        raise NotFound
    title, lead, command = _NEW[kind]
    form = forms.TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            command(actor=actor, moment=now, **form.cleaned_data)
            messages.success(
                request,
                "Текст передано володільцю на затвердження."
                if kind == "contract"
                else "Вимоги оприлюднено; операторів сповіщено.",
            )
            return pages.see_other(request, "eis_texts")
    return pages.form_page(request, "eis/text_new.html", form, {"title": title, "lead": lead})


@require_http_methods(["GET", "POST"])
def contract_text(request: HouseRequest, number: int) -> HttpResponse:
    """One version of the contract; the owner approves it here."""
    actor = request.actor
    found = selectors.contract_text(actor, number)
    form = forms.ApproveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            texts.approve_contract(
                actor=actor, number=number, approval=form.cleaned_data["approval"], moment=moment()
            )
            messages.success(request, "Текст договору затверджено.")
            return pages.see_other(request, "eis_contract_text", number)
    return pages.form_page(
        request,
        "eis/contract_text.html",
        form,
        {
            "text": found,
            "approves": found.approved_at is None and policies.approve_contract.allows(actor),
        },
    )
