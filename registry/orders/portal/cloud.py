"""Signing an order with a cloud key: asked, waited for, signed."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.errors import DomainError, NotFound
from kernel.ui.pages import page, pass_on, see_other, wants_fragment
from registry.orders.models import Order
from registry.orders.portal.orders import order_page, signed
from registry.orders.selectors import orders as reads
from registry.process import kind
from signatures.services import cloud


@require_POST
def ask(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """Ask the head's cloud key; the page then waits for the confirmation on the phone."""
    order = _order(request, order_id)
    try:
        asked = cloud.ask(
            actor=request.actor,
            session_id=_session_of(order),
            service=request.POST.get("service", ""),
            words=f"Наказ № {order.number}, {kind(order.kind).rows_are.counted(order.rows_count)}",
            now=moment().now,
        )
        return _next(request, order, asked)
    except DomainError as no:
        pass_on(no)
        return order_page(request, order_id, no, way="token")


@require_POST
def check(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """Whether it is confirmed: the waiting goes on, or the order is signed, or the page says why
    not."""
    order = _order(request, order_id)
    if order.state == "EFFECTIVE":
        return see_other(request, "order_detail", order.pk)
    note = request.POST.get("note", "")
    try:
        asked = cloud.answer(
            actor=request.actor,
            session_id=_session_of(order),
            note=note,
        )
        if asked.signature is None and asked.note == note and wants_fragment(request):
            return HttpResponse(status=204)  # nothing is new: the page stays as it is
        return _next(request, order, asked)
    except DomainError as no:
        pass_on(no)
        return page(
            request,
            "registry/order_cloud.html",
            {"order": order, "refusal": no},
            partial="waiting",
            status=no.http_status,
        )


def _next(request: HouseRequest, order: Order, asked: cloud.Asked) -> HttpResponse:
    """Sign with what the service gave, or go on waiting.

    Raises:
        DomainError: as `orders.sign`.
    """
    if asked.signature is None:
        return page(
            request,
            "registry/order_cloud.html",
            {"order": order, "asked": asked},
            partial="waiting",
        )
    return signed(request, order.pk, asked.signature)


def _order(request: HouseRequest, order_id: uuid.UUID) -> Order:
    """The order, for whoever may sign it.

    Raises:
        NotFound, NotAllowed: nobody's, or not this person's to sign.
    """
    actor = request.actor
    order = reads.find(actor, order_id)
    kind(order.kind).sign.require(actor, order.institution)
    return order


def _session_of(order: Order) -> uuid.UUID:
    if order.signing_id is None:
        raise NotFound
    return order.signing_id
