"""«Сповіщення»: the bell's page; works without a script."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.actors import Actor
from accounts.http import HouseRequest
from accounts.middleware import operators_too, parents_too
from accounts.notices import selectors, services
from kernel.counts import Count
from kernel.ui import pages


@operators_too
@parents_too
def listing(request: HouseRequest) -> HttpResponse:
    """One's own notices, newest first."""
    lines = selectors.listing(request.actor, timezone.now())
    waiting = any(not one.is_read and not one.is_closed for one in lines)
    return pages.page(request, "accounts/notices/list.html", {"rows": lines, "waiting": waiting})


@require_POST
@operators_too
@parents_too
def read(request: HouseRequest, notice_id: int | None = None) -> HttpResponse:
    """Mark one as read, or all."""
    services.read(actor=request.actor, notice_id=notice_id, now=timezone.now())
    return pages.see_other(request, reverse("notices"))


def bell(actor: Actor | None) -> Count | None:
    """The number beside the bell."""
    return selectors.unread(actor, timezone.now()) if actor is not None else None
