"""«Заява до 1 класу»: a parent chooses schools by the address, sends one form to all of them, sees
what comes of each and takes back."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from accounts.middleware import for_parents
from kernel.clock import moment
from kernel.errors import DomainError
from kernel.ui import pages
from kernel.ui.forms import Form
from registry.admission.errors import AdmissionClosed
from registry.admission.portal.applications import TAGS
from registry.admission.process import GROUNDS, PROCESS
from registry.admission.selectors import STATES
from registry.admission.services import parents as services
from registry.classifiers.portal.territory_field import TerritoryField
from registry.drafts.portal.row_fields import fields, mistakes, typed
from registry.parents.selectors import applications

TITLE = "Заяви до 1 класу"
# What the certificate says, what the order of schools says, and what is asked on the page before.
_UNASKED = {
    "wish",
    "claims",
    "applicant",
    "applicant_rnokpp",
    "address",
    "address_country",
    "address_territory",
}


class PlaceForm(Form):
    """Where the child lives: schools are offered by it."""

    expected = frozenset({"territory", "line"})
    territory = TerritoryField(label="Населений пункт", required=False)
    line = forms.CharField(
        label="Вулиця, будинок, квартира",
        required=False,
        help_text="Наприклад: вул. Шевченка, 12, кв. 5",
    )


class WithdrawForm(Form):
    """Why an application is taken back."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    ground = forms.CharField(label="Чому відкликаєте", required=False)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Мої діти", reverse("parents")), *more]


@never_cache
@require_http_methods(["GET", "HEAD"])
@for_parents
def listing(request: HouseRequest) -> HttpResponse:
    """One's own applications and their state."""
    rows = [
        {
            "one": one,
            "tag": {"kind": TAGS[one.state], "label": STATES[one.state]},
            "line": applications.place_in_line(one),
        }
        for one in applications.mine(request.actor)
    ]
    return pages.page(
        request, "registry/parents/applications.html", {"rows": rows, "crumbs": _crumbs()}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
def place(request: HouseRequest) -> HttpResponse:
    """Where the child lives; the address leads to the form."""
    form = PlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code, line = form.cleaned_data["territory"], form.cleaned_data["line"]
        if not code:
            form.add_error("territory", "Виберіть населений пункт.")
        elif not line:
            form.add_error("line", "Впишіть вулицю й будинок.")
        else:
            request.session["admission_place"] = {"code": code, "line": line[:300]}
            return pages.see_other(request, "parent_apply")
    context = {"crumbs": _crumbs((TITLE, reverse("parent_applications")))}
    return pages.form_page(request, "registry/parents/place.html", form, context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
def apply(request: HouseRequest) -> HttpResponse:
    """The child, the schools in the order of wishes, the grounds; one button sends all of it."""
    told = request.session.get("admission_place")
    if not told:
        return pages.see_other(request, "parent_place")
    now = moment()
    offers = applications.offers(told["code"], told["line"], now)
    data = request.POST.dict() if request.method == "POST" else {}
    values: dict[str, str] = typed(PROCESS, data) if data else {}
    values |= {"address": told["line"], "address_territory": told["code"]}
    wrong: list[dict[str, Any]] = []
    if data:
        try:
            made = services.apply(
                actor=request.actor, values=values, wishes=_wishes(request, offers), moment=now
            )
        except DomainError as no:
            pages.pass_on(no)
            wrong = _told(no)
        else:
            messages.success(
                request, f"Подано заяв: {len(made)}. Номер дитини: {made[0].candidate.number}."
            )
            return pages.see_other(request, "parent_applications")
    groups = [
        {**group, "fields": [one for one in group["fields"] if one["column"].name not in _UNASKED]}
        for group in fields(PROCESS, values, wrong, {}, PROCESS.options(0, {}, now))
    ]
    return pages.page(
        request,
        "registry/parents/apply.html",
        {
            "groups": [group for group in groups if group["fields"]],
            "wrong": mistakes(PROCESS, wrong, groups),
            "offers": [one for one in offers if one.accepts],
            "closed": [one for one in offers if not one.accepts],
            "line": told["line"],
            "grounds": list(GROUNDS.items()),
            "chosen": [
                {
                    "school": data.get(f"school{n}", "")
                    or (
                        offers[0].intake.institution.uid
                        if not data and n == 1 and offers and offers[0].by_territory
                        else ""
                    ),
                    "claims": request.POST.getlist(f"claims{n}")
                    or (
                        ["TERRITORY"]
                        if not data and n == 1 and offers and offers[0].by_territory
                        else []
                    ),
                }
                for n in range(1, services.MOST + 1)
            ],
            "crumbs": _crumbs((TITLE, reverse("parent_applications"))),
        },
        status=422 if wrong else 200,
    )


def _wishes(request: HouseRequest, offers: list[applications.Offer]) -> list[services.Wish]:
    """The schools chosen, the most wished first; only those that were offered can be."""
    known = {str(one.intake.institution.uid): one.intake.institution_id for one in offers}
    found = []
    for n in range(1, services.MOST + 1):
        school = known.get(request.POST.get(f"school{n}", ""))
        if school is not None:
            claims = request.POST.getlist(f"claims{n}")
            found.append(services.Wish(school, tuple(c for c in GROUNDS if c in claims)))
    return found


def _told(no: DomainError) -> list[dict[str, Any]]:
    told = [(one.field, one.code, one.detail) for one in getattr(no, "problems", ())]
    field = "school1" if isinstance(no, AdmissionClosed) else no.field
    return [
        {"field": name, "level": "error", "code": code, "detail": detail, "fix": None}
        for name, code, detail in told or [(field, no.code, no.detail)]
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_parents
def detail(request: HouseRequest, application_id: uuid.UUID) -> HttpResponse:
    """One application: its state in words, its place in the line, the draw; taken back here."""
    one = applications.find(request.actor, application_id)
    form = WithdrawForm(request.POST or None, initial={"version": one.version})
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            services.withdraw_own(
                actor=request.actor, application_id=application_id, **form.cleaned_data
            )
            messages.success(request, "Заяву відкликано.")
            return pages.see_other(request, "parent_applications")
    context = {
        "one": one,
        "tag": {"kind": TAGS[one.state], "label": STATES[one.state]},
        "line": applications.place_in_line(one),
        "stands": applications.stands(one),
        "claims": [
            f"{GROUNDS[code]}{': підтверджено' if code in one.grounds else ''}"
            for code in one.claims
        ],
        "draw": one.intake.draw,
        "documents_by": one.intake.documents_by,
        "crumbs": _crumbs((TITLE, reverse("parent_applications"))),
    }
    return pages.form_page(request, "registry/parents/application.html", form, context)
