"""«Зарахування учня (учень не має звʼязку зі школою)»: one child and the order on one page."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, Invalid
from kernel.once import KeyReused, Once, Replayed
from kernel.ui.pages import page, see_other
from registry.drafts.portal.row_fields import fields, mistakes, typed
from registry.institutions import selectors as institution_reads
from registry.movements.enrol import services as one_pupil
from registry.movements.enrol.process import PROCESS
from registry.orders.portal import orders as order_pages
from registry.orders.portal.forms import OrderForm
from registry.orders.selectors import orders as order_reads
from registry.people.portal.choice import chosen_institution, first_of


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HouseRequest) -> HttpResponse:
    """The form; sent, it leads to the order, or to whatever must be mended first."""
    if request.method != "POST":
        return _form(request)
    try:
        return _begin(request)
    except (Invalid, KeyReused) as refusal:
        return _form(request, refusal)


def _form(request: HouseRequest, refused: Invalid | KeyReused | None = None) -> HttpResponse:
    """The page to fill in; sent with nothing of the child, what is missing. Sent before with other
    words, it is shown as typed, to be sent as another child's or left."""
    institutions = institution_reads.own_with_branches(request.actor)
    own = first_of(institutions)
    PROCESS.keep.require(request.actor, own)
    now = moment()
    options = PROCESS.options(own.unit_id, {}, now)
    wrong = [
        {"field": one.field, "level": "error", "code": one.code, "detail": one.detail}
        for one in getattr(refused, "problems", [])
    ]
    groups = fields(PROCESS, _typed(request), wrong, {}, options)
    suggested = order_reads.suggested_fields(own, PROCESS.code, {}, now.today)
    if len(institutions) > 1:
        suggested["number"] = ""  # each branch numbers its own orders
    return page(
        request,
        "registry/draft_one.html",
        {
            "groups": groups,
            "wrong": mistakes(PROCESS, wrong, groups),
            "sent_before": isinstance(refused, KeyReused),
            "order": OrderForm(
                initial=suggested
                | (order_pages.typed_terms(request, PROCESS.code) if refused else {}),
                process=PROCESS,
            ),
            "institutions": [(i.uid, i.short_name) for i in institutions],
            "no_classes": not options["class"],
            "form_id": uuid.uuid4(),
        },
        status=422 if refused else 200,
    )


def _begin(request: HouseRequest) -> HttpResponse:
    once = Once.of_form(
        PROCESS.code, request.POST, pack=lambda begun: {"draft": str(begun.draft.pk)}
    )
    try:
        begun = one_pupil.enrol(
            actor=request.actor,
            institution_id=chosen_institution(request),
            values=_typed(request),
            fields=order_pages.typed_terms(request, PROCESS.code),
            moment=moment(),
            once=once,
        )
    except Replayed as again:
        begun = one_pupil.begun_before(request.actor, again.outcome["draft"])
    if begun.order is not None:
        return see_other(request, "order_detail", begun.order.pk)
    if begun.refusal is not None:
        return _mend_terms(request, begun, begun.refusal)
    if begun.row is None:
        return see_other(request, "draft_detail", PROCESS.code, begun.draft.pk)
    if begun.row.state == "READY":
        return see_other(request, "order_prepare", PROCESS.code, begun.draft.pk)
    to = reverse("draft_row", args=[PROCESS.code, begun.draft.pk, begun.row.id])
    return see_other(request, f"{to}?checked=1")


def _mend_terms(
    request: HouseRequest, begun: one_pupil.Begun, refusal: DomainError
) -> HttpResponse:
    """The child is saved, the order's own terms are wrong: its page, with every problem."""
    form = OrderForm(request.POST, process=PROCESS)
    form.is_valid()
    form.refuse(refusal)
    return order_pages.prepare_page(request, begun.draft, form, ready=1)


def _typed(request: HouseRequest) -> dict[str, str]:
    """What was typed of the child."""
    return typed(PROCESS, request.POST.dict())
