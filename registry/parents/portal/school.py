"""Pages of a school: what parents ask to correct, the decision, questions to parents."""

from __future__ import annotations

import uuid
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
from kernel.errors import NotFound
from kernel.paging import every
from kernel.parameters import MARKS, asked, one_of
from kernel.ui import files, pages
from kernel.ui.files import FILE, MOST
from kernel.ui.forms import Form
from kernel.ui.listing import (
    Address,
    Column,
    Facet,
    Listing,
    Name,
    Tag,
    chips,
    order_of,
    pager,
    pills,
)
from registry.parents import services
from registry.parents.fields import FIELDS, now
from registry.parents.models import ParentRequest
from registry.parents.portal.own import TAGS, paper_of, withdrawn
from registry.parents.selectors import requests
from registry.parents.states import KINDS, STATES
from registry.people import policies
from registry.people.portal.merged import answers_with_the_retained as follows
from registry.people.selectors.reach import by_name

TITLE = "Запити батьків"


def _columns(today: Any) -> list[Column[ParentRequest]]:
    def state(one: ParentRequest) -> Tag:
        late = one.state == "NEW" and one.due_on < today
        return Tag("Прострочено" if late else STATES[one.state], "bad" if late else TAGS[one.state])

    return [
        Column(
            "child",
            "Дитина",
            lambda one: Name(
                f"{one.pupil.surname} {one.pupil.given_name}",
                reverse("parent_request", args=[one.pk]),
                one.pupil.patronymic,
            ),
            width=36,
        ),
        Column("field", "Поле", lambda one: FIELDS[one.field].label, width=30),
        Column("kind", "Хто почав", lambda one: KINDS[one.kind], width=20),
        Column("asked", "Надіслано", lambda one: one.created_at, kind="nw"),
        Column("due", "Вирішити до", lambda one: one.due_on, kind="nw"),
        Column("state", "Стан", state),
    ]


@never_cache
@require_http_methods(["GET", "HEAD"])
def listing(request: HouseRequest) -> HttpResponseBase:
    """Requests about the school's children by state."""
    actor, today = request.actor, clock.today()
    given = asked(
        request, one_of("state", STATES), order_of(requests.ORDERS, requests.LATEST), FILE
    )
    state, order = given["state"], given["order"]
    address = Address(request, ("state", "order"))
    found = requests.listing(actor, state, order=order, **asked(request, *MARKS))
    counts = requests.counts(actor)
    shown = Listing(
        address,
        TITLE,
        _columns(today),
        found.rows,
        pager=pager(address, found),
        orders=requests.ORDERS,
        order=order,
        most=MOST,
        chips=chips(address, [Facet("state", "Стан", list(STATES.items()))]),
        clear=address.with_(state=""),
    )
    if given["file"]:
        rows = every(
            lambda mark: requests.listing(
                actor,
                state,
                order=order,
                after=mark,
                size=files.CHUNK,
                what="файл зі списком запитів батьків",
            )
        )
        return files.answer(given["file"], shown, rows, actor=actor, now=moment().now)
    return pages.page(
        request,
        "registry/parents/school_list.html",
        {
            "list": shown,
            "pills": pills(address, "state", {"": "Усі", **STATES}, state, counts),
        },
    )


class DecideForm(Form):
    """The decision: the value seen in the card goes with it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    confirmed = forms.BooleanField(label="Дані звірено з документами", required=False)
    wanted = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="Чому не виправляєте",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Лише коли відмовляєте; батьки побачать цей текст",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request: what stands, what should, by what; accept or decline."""
    today = clock.today()
    one = requests.find(request.actor, request_id, today)
    stands = now(FIELDS[one.field], one.pupil, requests.tie_of(one, today))
    form = DecideForm(request.POST or None, initial={"version": one.version, "seen": stands})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            common = {
                "actor": request.actor,
                "request_id": request_id,
                "version": data["version"],
                "moment": moment(),
            }
            if request.POST.get("do") == "accept":
                services.accept(**common, seen=data["seen"], confirmed=data["confirmed"])
                messages.success(request, "Картку виправлено, батьків повідомлено.")
            else:
                services.decline(**common, reason=data["reason"])
                messages.success(request, "Відмовлено, батьків повідомлено.")
            return pages.see_other(request, "parent_request", request_id=request_id)
    doubted = "confirmed" in getattr(form, "errors", {})
    context = {
        "one": one,
        "pupil": one.pupil,
        "field": FIELDS[one.field],
        "stands": stands or "не записано",
        "kind": KINDS[one.kind],
        "state": {"label": STATES[one.state], "kind": TAGS[one.state]},
        "paper": hasattr(one, "paper"),
        "doubted": doubted,
        "is_late": one.state == "NEW" and one.due_on < today,
        "crumbs": [(TITLE, reverse("parent_request_list"))],
    }
    return pages.form_page(request, "registry/parents/decide.html", form, context)


class QuestionForm(Form):
    """What a school asks a child's parents."""

    expected = frozenset({"field", "text"})
    id = forms.UUIDField(widget=forms.HiddenInput)
    field = forms.ChoiceField(
        label="Про що",
        required=False,
        choices=[
            ("", "Виберіть"),
            *(
                (
                    code,
                    one.label.replace("Моє", "Ваше").replace("Мій", "Ваш").replace("Моя", "Ваша"),
                )
                for code, one in FIELDS.items()
            ),
        ],
    )
    text = forms.CharField(
        label="Запитання", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@follows
def ask(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponseBase:
    """Ask the child's confirmed representatives."""
    pupil, institution = by_name(request.actor, pupil_id)
    if institution is None:
        raise NotFound
    policies.keep.require(request.actor, institution)
    form = QuestionForm(request.POST or None, initial={"id": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with pages.refusable(form):
            services.ask_parents(
                actor=request.actor,
                request_id=data["id"],
                pupil_id=pupil_id,
                field=data["field"],
                text=data["text"],
                moment=moment(),
            )
            messages.success(request, "Запитання надіслано підтвердженим представникам.")
            return pages.see_other(request, "parent_request", request_id=data["id"])
    context = {
        "pupil": pupil,
        "crumbs": [
            ("Здобувачі освіти", reverse("pupil_list")),
            (pupil.full_name, reverse("pupil_detail", args=[pupil_id])),
        ],
    }
    return pages.form_page(request, "registry/parents/question.html", form, context)


@require_POST
def take_back(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The question is not asked any more."""
    withdrawn(request, request_id)
    return pages.see_other(request, "parent_request", request_id=request_id)


@never_cache
@require_http_methods(["GET", "HEAD"])
def paper(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The file that the parent attached."""
    return paper_of(requests.find(request.actor, request_id, clock.today()))
