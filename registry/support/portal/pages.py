"""«Звернення»: mine and those to answer, a new one, one with everything written."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HouseRequest
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.parameters import MARKS, asked, one_of, words
from kernel.text import uncapped
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import Address, Column, Facet, Listing, Name, Tag, chips, order_of, pills
from registry.institutions import policies as institution_policies
from registry.institutions import selectors as institutions
from registry.support import policies, selectors, services
from registry.support.models import SupportRequest
from registry.support.states import KINDS, OPEN, STATES

TITLE = "Звернення"
_BOXES = {"mine": "Мої звернення", "ours": "Відповідаємо ми"}
_TAGS = {
    "NEW": "heed",
    "IN_WORK": "plain",
    "WAITING_USER": "heed",
    "SOLVED": "good",
    "CLOSED": "off",
}
# The author's own words of a state say what is expected of them; the office's, of the author.
_FOR_OFFICE = STATES | {"WAITING_USER": "Чекає на відповідь автора"}


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(TITLE, reverse("support")), *more]


def _columns(today: datetime.date, *, ours: bool) -> list[Column[SupportRequest]]:
    said = _FOR_OFFICE if ours else STATES

    def state(one: SupportRequest) -> Tag:
        late = ours and one.state in {"NEW", "IN_WORK"} and one.solve_by < today
        return Tag("Прострочено" if late else said[one.state], "bad" if late else _TAGS[one.state])

    who = Column[SupportRequest]("who", "Хто звернувся", lambda one: one.unit.name, width=40)
    whom = Column[SupportRequest]("whom", "Хто відповідає", lambda one: one.handler.name, width=40)
    return [
        Column(
            "number",
            "Звернення",
            lambda one: Name(f"№ {one.number}. {one.title}", _address(one)),
            width=50,
        ),
        Column("kind", "Про що", lambda one: KINDS[one.kind].label, width=28),
        who if ours else whom,
        Column("solve", "Вирішити до", lambda one: one.solve_by, kind="nw"),
        Column("state", "Стан", state),
    ]


def _address(one: SupportRequest) -> str:
    return reverse("support_request", args=[one.pk])


@never_cache
@require_http_methods(["GET", "HEAD"])
def listing(request: HouseRequest) -> HttpResponseBase:
    """One's own requests, or those that one's office answers."""
    actor, today = request.actor, clock.today()
    answers = policies.answer.allows(actor)
    states = {"OPEN": "Відкриті", "SOLVED": STATES["SOLVED"], "CLOSED": STATES["CLOSED"]}
    given = asked(
        request,
        one_of("box", _BOXES),
        one_of("state", states),
        order_of(selectors.ORDERS, selectors.LATEST),
        FILE,
    )
    first = "mine" if policies.ask.allows(actor) else "ours"
    box = (given["box"] or first) if answers else "mine"
    state, order = given["state"], given["order"]
    address = Address(request, ("box", "state", "order"))
    shown = Listing(
        address,
        _BOXES[box],
        _columns(today, ours=box == "ours"),
        (),
        orders=selectors.ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(states.items()))]),
    )
    if given["file"]:
        rows = selectors.everything(actor, box, state, order)
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    found = selectors.listing(actor, box, state, order=order, **asked(request, *MARKS))
    counts = selectors.counts(actor, box)
    by_state = {
        "": sum(counts.values()),
        "OPEN": sum(counts.get(one, 0) for one in OPEN),
        **{key: counts.get(key, 0) for key in ("SOLVED", "CLOSED")},
    }
    return pages.page(
        request,
        "registry/support/list.html",
        {
            "list": shown.at(found),
            "boxes": [
                {"label": label, "url": address.with_(box=key, state=""), "current": key == box}
                for key, label in _BOXES.items()
            ]
            if answers and policies.ask.allows(actor)
            else (),
            "pills": pills(address, "state", {"": "Усі", **states}, state, by_state),
            "may_ask": policies.ask.allows(actor),
            "ours": box == "ours",
        },
    )


# ── a new one ────────────────────────────────────────────────────────────────
class AskForm(Form):
    """What happened."""

    expected = frozenset({"kind", "title", "text"})
    id = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="Про що",
        required=False,
        choices=[(code, f"{kind.label}: {uncapped(kind.hint)}") for code, kind in KINDS.items()],
        widget=forms.RadioSelect,
    )
    edrpou = forms.CharField(
        label="ЄДРПОУ закладу, якого немає",
        required=False,
        max_length=20,
        help_text="Лише для «Закладу немає в системі»: вісім цифр.",
        widget=forms.TextInput(attrs={"class": "ak-input--s", "inputmode": "numeric"}),
    )
    title = forms.CharField(label="Коротко", required=False, help_text="У чому річ, одним рядком.")
    text = forms.CharField(
        label="Що сталося",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Що робили, що побачили, чого очікували. Без паролів, ключів і даних дітей.",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HouseRequest) -> HttpResponse:
    """Ask the level above, or the technical administrator."""
    actor = request.actor
    policies.ask.require(actor)
    if request.method == "POST":
        form = AskForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            with pages.refusable(form):
                made = services.ask(
                    actor=actor,
                    request_id=data["id"],
                    kind=data["kind"],
                    title=data["title"],
                    text=data["text"],
                    edrpou=data["edrpou"],
                    moment=moment(),
                )
                messages.success(
                    request,
                    f"Звернення № {made.number} надіслано: {made.handler.name}. "
                    f"Відповідь чекайте до {made.answer_by:%d.%m.%Y}.",
                )
                return pages.see_other(request, "support_request", request_id=made.pk)
    else:
        given = asked(request, one_of("kind", KINDS), words("edrpou"), words("page"))
        about = f"Сторінка: {given['page'][:200]}\n" if given["page"] else ""
        form = AskForm(
            initial={
                "id": uuid.uuid4(),
                "kind": given["kind"],
                "edrpou": given["edrpou"],
                "text": about,
            }
        )
    context = {"title": "Нове звернення", "crumbs": crumbs()}
    return pages.form_page(request, "registry/support/new.html", form, context)


# ── one ──────────────────────────────────────────────────────────────────────
class AnswerForm(Form):
    """An answer, and how the request stands after it."""

    expected = frozenset({"text"})
    text = forms.CharField(
        label="Повідомлення", required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


@never_cache
@require_http_methods(["GET", "HEAD"])
def detail(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """Everything that was written."""
    return _page(request, request_id, AnswerForm())


def _page(request: HouseRequest, request_id: uuid.UUID, form: Form) -> HttpResponse:
    shown = selectors.view(request.actor, request_id)
    one = shown.request
    said = STATES if shown.is_author else _FOR_OFFICE
    late = one.state in {"NEW", "IN_WORK"} and one.solve_by < clock.today()
    context = {
        "one": one,
        "shown": shown,
        "kind": KINDS[one.kind].label,
        "state": {"label": said[one.state], "kind": _TAGS[one.state]},
        "is_late": late,
        "lines": [
            (said_, [part for part in said_.text.split("\n") if part]) for said_ in shown.messages
        ],
        "states": said,
        "crumbs": crumbs(),
        "card": institutions.of_code(one.edrpou) if one.edrpou else None,
        "may_create": institution_policies.create_card.allows(request.actor),
        "further": shown.is_handler and selectors.next_line(one.handler).pk != one.handler_id,
    }
    return pages.form_page(request, "registry/support/detail.html", form, context)


def _done(
    request: HouseRequest, request_id: uuid.UUID, act: Callable[[str], Any], said: str
) -> HttpResponse:
    form = AnswerForm(request.POST)
    if form.is_valid():
        with pages.refusable(form):
            act(form.cleaned_data["text"])
            messages.success(request, said)
            return pages.see_other(request, "support_request", request_id=request_id)
    return _page(request, request_id, form)


@require_POST
def write(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The author writes more."""

    def act(text: str) -> None:
        services.write_more(actor=request.actor, request_id=request_id, text=text, moment=moment())

    return _done(request, request_id, act, "Надіслано.")


_SAID = {
    "take": "Відповідь надіслано, звернення у роботі.",
    "ask_back": "Запитання надіслано автору.",
    "solve": "Відповідь надіслано. Якщо автор не заперечить, звернення закриється за десять днів.",
    "pass_on": "Передано вище.",
}


@require_POST
def answer(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The office answers, asks back, solves, or passes on."""
    step = request.POST.get("step", "")

    def act(text: str) -> None:
        given: dict[str, Any] = {"actor": request.actor, "request_id": request_id, "text": text}
        if step == "pass_on":
            services.hand_up(**given, moment=moment())
        else:
            services.answer(**given, step=step, moment=moment())

    return _done(request, request_id, act, _SAID.get(step, ""))


@require_POST
def close(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The author agrees that it is solved."""
    try:
        services.close(actor=request.actor, request_id=request_id, moment=moment())
        messages.success(request, "Звернення закрито. Дякуємо.")
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.title)
    return pages.see_other(request, "support_request", request_id=request_id)
