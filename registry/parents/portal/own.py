"""Pages of a parent: ask for a correction, answer the school, see what came of it."""

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
from accounts.middleware import for_parents
from kernel import clock
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.parameters import asked, one_of
from kernel.ui import pages
from kernel.ui.forms import Form
from registry.parents import services
from registry.parents.fields import FIELDS, now
from registry.parents.models import ParentRequest
from registry.parents.selectors import children, requests
from registry.parents.states import KINDS, STATES
from registry.people.portal.merged import answers_with_the_retained as follows

TITLE = "Мої запити"
TAGS = {
    "ASKED": "heed",
    "NEW": "note",
    "ACCEPTED": "good",
    "DECLINED": "bad",
    "WITHDRAWN": "off",
}


class CorrectionForm(Form):
    """A field, what should stand there, and why."""

    expected = frozenset({"field", "wanted", "text"})
    id = forms.UUIDField(widget=forms.HiddenInput)
    field = forms.ChoiceField(
        label="Що виправити",
        required=False,
        choices=[("", "Виберіть"), *((code, one.label) for code, one in FIELDS.items())],
    )
    wanted = forms.CharField(
        label="Як має бути", required=False, help_text="Як записано в документі"
    )
    text = forms.CharField(
        label="Чому так",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Документ, за яким виправити: вид, номер, дата",
    )
    paper = forms.FileField(
        label="Документ (необовʼязково)", required=False, help_text="PDF, JPEG або PNG до 3 МБ"
    )


class AnswerForm(Form):
    """What a parent answers to the school."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    wanted = forms.CharField(label="Ваша відповідь", required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
@follows
def ask(request: HouseRequest, pupil_id: uuid.UUID) -> HttpResponseBase:
    """Ask the school to correct the card of one's child."""
    own = children.tie(request.actor, pupil_id, clock.today())
    if request.method == "POST":
        form = CorrectionForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data
            upload = data["paper"]
            with pages.refusable(form):
                services.ask_correction(
                    actor=request.actor,
                    request_id=data["id"],
                    pupil_id=pupil_id,
                    field=data["field"],
                    wanted=data["wanted"],
                    text=data["text"],
                    paper=services.Paper(upload.name or "", upload.read()) if upload else None,
                    moment=moment(),
                )
                messages.success(request, "Запит надіслано закладу.")
                return pages.see_other(request, "own_request", request_id=data["id"])
    else:
        given = asked(request, one_of("field", FIELDS))
        wanted = children.certified(request.actor, given["field"])
        form = CorrectionForm(
            initial={"id": uuid.uuid4(), "field": given["field"], "wanted": wanted}
        )
    stands = [
        (one.label, now(one, own.pupil, own) or "не записано")
        for one in FIELDS.values()
        if one.of != "other" and not one.masked
    ]
    context = {
        "pupil": own.pupil,
        "stands": stands,
        "crumbs": [
            ("Мої діти", reverse("parents")),
            (own.pupil.full_name, reverse("parent_child", args=[pupil_id])),
        ],
    }
    return pages.form_page(request, "registry/parents/ask.html", form, context)


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
def listing(request: HouseRequest) -> HttpResponse:
    """What one asked, and what schools ask; the latest first."""
    rows = [_line(one) for one in requests.mine(request.actor, clock.today())]
    return pages.page(
        request,
        "registry/parents/requests.html",
        {"rows": rows, "crumbs": [("Мої діти", reverse("parents"))]},
    )


def _line(one: ParentRequest) -> dict[str, Any]:
    return {
        "one": one,
        "label": FIELDS[one.field].label,
        "kind": KINDS[one.kind],
        "state": {"label": STATES[one.state], "kind": TAGS[one.state]},
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
def detail(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request; a question is answered here."""
    one = requests.find(request.actor, request_id, clock.today())
    form = AnswerForm(request.POST or None, initial={"version": one.version})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            services.answer(
                actor=request.actor, request_id=request_id, moment=moment(), **form.cleaned_data
            )
            messages.success(request, "Відповідь надіслано закладу.")
            return pages.see_other(request, "own_request", request_id=request_id)
    context = _line(one) | {
        "pupil": one.pupil,
        "paper": hasattr(one, "paper"),
        "crumbs": [("Мої діти", reverse("parents")), (TITLE, reverse("own_requests"))],
    }
    return pages.form_page(request, "registry/parents/request.html", form, context)


@require_POST
@for_parents
def take_back(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The correction is not asked for any more."""
    withdrawn(request, request_id)
    return pages.see_other(request, "own_request", request_id=request_id)


def withdrawn(request: HouseRequest, request_id: uuid.UUID) -> None:
    """Take a request back as its page showed it, and say what came of it.

    Raises:
        NotFound, NotAllowed: not the actor's, or no version was sent.
    """
    requests.find(request.actor, request_id, clock.today())
    try:
        version = int(request.POST.get("version", ""))
    except ValueError:
        raise NotFound from None
    try:
        services.withdraw(actor=request.actor, request_id=request_id, version=version)
        messages.success(request, "Запит відкликано.")
    except DomainError as no:
        pages.pass_on(no)
        messages.warning(request, no.title)


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
def paper(request: HouseRequest, request_id: uuid.UUID) -> HttpResponse:
    """The file one attached."""
    return paper_of(requests.find(request.actor, request_id, clock.today()))


def paper_of(one: ParentRequest) -> HttpResponse:
    """The attached file, to be kept and never shown in a page.

    Raises:
        NotFound: nothing was attached.
    """
    found = getattr(one, "paper", None)
    if found is None:
        raise NotFound
    return pages.file_answer(bytes(found.content), found.name, found.kind)
