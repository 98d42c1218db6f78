"""Webhooks in the operator's cabinet: addresses of a system, one address, its secret."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from accounts.middleware import for_operators
from integrations.eis import errors
from integrations.eis.hooks import selectors, services
from integrations.eis.hooks.models import Hook, HookMessage, MessageState
from integrations.eis.hooks.sending import LONGEST
from integrations.eis.models import EisSystem
from integrations.eis.road import selectors as roads
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.once import KeyReused, Once, Replayed
from kernel.text import plural
from kernel.ui import pages
from kernel.ui.forms import Form
from kernel.ui.listing import Tag

_HOME = "Кабінет оператора ОІС"


class HookForm(Form):
    """An address to be woken at."""

    sends = "Зареєструвати адресу"
    form_id = forms.UUIDField(widget=forms.HiddenInput)
    url = forms.CharField(
        label="Адреса (https)",
        max_length=LONGEST,
        help_text="Загальнодоступна, порт 443 або 8443. Переспрямувань не виконуємо",
    )


class SecretForm(Form):
    """How long the secret before signs beside the new one."""

    sends = "Створити новий секрет"
    leaves = "Повернутися"
    form_id = forms.UUIDField(widget=forms.HiddenInput)
    overlap = forms.TypedChoiceField(
        label="Коли попередній секрет перестане підписувати",
        choices=[
            (24, "Через добу"),
            (7 * 24, "Через тиждень"),
            (1, "Через годину"),
            (0, "Одразу: секрет міг потрапити до чужих рук"),
        ],
        coerce=int,
        initial=24,
        widget=forms.RadioSelect,
        help_text="Доти кожне сповіщення має два підписи, щоб ви встигли замінити секрет без перерви",
    )


def _crumbs(system: EisSystem, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (_HOME, reverse("operator")),
        (system.name, reverse("operator_system", args=[system.uid])),
        *more,
    ]


def _state(hook: Hook) -> Tag:
    if hook.disabled_at is not None:
        return Tag("Вимкнено", "bad")
    if hook.queue.failures:
        return Tag("Не відповідає", "heed")
    return Tag("Працює", "good") if hook.queue.answered_at else Tag("Ще не надсилали", "note")


_MESSAGES = {MessageState.SENT: "good", MessageState.OPEN: "note", MessageState.DEAD: "bad"}


def _message(one: HookMessage) -> dict[str, Any]:
    count = len(one.institutions)
    schools = f"{count} {plural(count, 'заклад', 'заклади', 'закладів')}"
    return {
        "made_at": one.made_at,
        "about": "Пробне" if one.is_trial else f"Зміни: {schools}",
        "attempts": one.attempts,
        "trouble": one.trouble,
        "tag": Tag(MessageState(one.state).label, _MESSAGES[MessageState(one.state)]),
    }


def _once(request: HouseRequest, name: str) -> Once | None:
    return Once.of_form(name, request.POST, pack=lambda issued: {"hook": str(issued.hook.pk)})


def _shown(request: HouseRequest, form: Form, issue: Callable[[], services.Issued]) -> HttpResponse:
    """The secret, in the answer to the post alone.

    Raises:
        KeyAlreadyIssued: the same form was sent before; the secret was shown then.
    """
    try:
        issued = issue()
    except (Replayed, KeyReused):
        raise errors.KeyAlreadyIssued(
            "Секрет показується один раз. Якщо його не збережено, створіть новий."
        ) from None
    response = pages.page(
        request,
        "eis/hook_secret.html",
        {
            "hook": issued.hook,
            "secret": issued.secret,
            "crumbs": _crumbs(
                issued.hook.system,
                ("Сповіщення", reverse("operator_hooks", args=[issued.hook.system.uid])),
            ),
        },
        status=201,
    )
    response["Cache-Control"] = "no-store"
    return response


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def hooks(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Addresses of a system. A POST registers another."""
    actor, now = request.actor, moment()
    system = roads.of_operator(actor, uid, now.today).system
    form = HookForm(request.POST or None, initial={"form_id": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            return _shown(
                request,
                form,
                lambda: services.register(
                    actor=actor,
                    system_uid=uid,
                    url=form.cleaned_data["url"],
                    moment=now,
                    once=_once(request, "eis.hook"),
                ),
            )
    found = selectors.of_system(actor, uid)
    return pages.form_page(
        request,
        "eis/hooks.html",
        form,
        {
            "system": system,
            "hooks": [(one, _state(one)) for one in found],
            "full": sum(one.institution_id is None for one in found) >= services.MOST,
            "most": services.MOST,
            "crumbs": _crumbs(system),
        },
    )


_ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "try": (services.try_out, "Пробне сповіщення надсилаємо. Оновіть сторінку за кілька секунд."),
    "replay": (services.replay, "Недоставлені сповіщення надсилаємо ще раз."),
    "enable": (services.enable, "Сповіщення увімкнено."),
    "remove": (services.remove, "Адресу вилучено: сповіщень на неї більше не буде."),
}


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HouseRequest, hook_id: uuid.UUID) -> HttpResponse:
    """One address with its last messages. A POST tries it out, sends again, switches on or removes."""
    actor, now = request.actor, timezone.now()
    found = selectors.one(actor, hook_id, now)
    refusal: DomainError | None = None
    if request.method == "POST":
        act, said = _ACTS.get(request.POST.get("do", ""), (None, ""))
        if act is None:
            raise NotFound
        try:
            act(actor=actor, hook_id=hook_id, now=now)
        except DomainError as no:
            pages.pass_on(no)
            refusal = no
        else:
            messages.success(request, said)
            if act is services.remove:
                return pages.see_other(request, "operator_hooks", found.hook.system.uid)
            return pages.see_other(request, "operator_hook", hook_id)
    system = found.hook.system
    return pages.page(
        request,
        "eis/hook.html",
        {
            "card": found,
            "hook": found.hook,
            "state": _state(found.hook),
            "messages_": [_message(one) for one in found.messages],
            "latest": selectors.LATEST,
            "refusal": refusal,
            "crumbs": _crumbs(system, ("Сповіщення", reverse("operator_hooks", args=[system.uid]))),
        },
        status=refusal.http_status if refusal else 200,
    )


@for_operators
@require_http_methods(["GET", "HEAD", "POST"])
def secret(request: HouseRequest, hook_id: uuid.UUID) -> HttpResponse:
    """Another secret of an address."""
    actor, now = request.actor, moment()
    found = selectors.one(actor, hook_id, now.now)
    form = SecretForm(request.POST or None, initial={"form_id": uuid.uuid4(), "overlap": 24})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            return _shown(
                request,
                form,
                lambda: services.rotate(
                    actor=actor,
                    hook_id=hook_id,
                    overlap=form.cleaned_data["overlap"],
                    moment=now,
                    once=_once(request, "eis.hook.secret"),
                ),
            )
    system = found.hook.system
    return pages.form_page(
        request,
        "eis/operator_form.html",
        form,
        {
            "title": "Новий секрет підпису",
            "lead": found.hook.url,
            "button": SecretForm.sends,
            "back": reverse("operator_hook", args=[hook_id]),
            "crumbs": _crumbs(system, ("Сповіщення", reverse("operator_hooks", args=[system.uid]))),
        },
    )
