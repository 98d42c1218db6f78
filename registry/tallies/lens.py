"""A part of the reach that an authority looks at: a territory or a school, and a type of institution.

Both stand in the address and go with the person from page to page (`request.carried`), so that a
link says what it shows and two windows may look at two places. The actor of the request is narrowed
by them, and with the actor every list.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import actors
from accounts.models import OrgUnit
from accounts.roles import UnitKind
from kernel.errors import DomainError
from kernel.parameters import asked, matching, reference
from kernel.ui.views import render_refusal
from registry.classifiers.selectors import classifiers
from registry.tallies import policies

AREA = reference("area")
KIND = matching("kind", "код типу закладу", r"[A-Z][A-Z0-9_]{1,40}", nothing="")
_TOPS = (UnitKind.OWNER, UnitKind.TECH_ADMIN, UnitKind.OPERATOR)


@dataclasses.dataclass(frozen=True)
class Looks:
    """What the page is narrowed to, in words; each with the address of the page without it."""

    chips: list[dict[str, str]]
    clear: str


class Lens:
    """Narrow `request.actor` to what the address says, for whoever oversees institutions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        actor = getattr(request, "actor", None)
        narrowable = getattr(view, "narrowable", False)
        # A list that is posted to is about the rows that were shown; nothing else is narrowed.
        if actor is None or not (narrowable or request.method in {"GET", "HEAD"}):
            return None
        if not policies.oversee.allows(actor):
            return None
        request.narrowable = narrowable
        try:
            look(request)
        except DomainError as refusal:
            return render_refusal(request, refusal, refusal.http_status)
        return None


def look(request: Any) -> None:
    """Read the lens of a request and look through it.

    Raises:
        BadParameter: a value that is none.
        NotFound: a node out of reach.
    """
    given = asked(request, AREA, KIND)
    if not any(given.values()):
        return
    actor, node = request.actor, None
    if given["area"]:
        node = OrgUnit.objects.visible_to(actor).exclude(kind__in=_TOPS).find(uid=given["area"])
    labels = {}
    if node is not None:
        labels["area"] = node.name
    if given["kind"]:
        labels["kind"] = classifiers.label("institution_type", given["kind"])
    request.whole_actor = actor
    request.area = node
    request.actor = actors.looking_at(actor, node, given["kind"])
    request.carried = {name: given[name] for name in labels}
    request.lens = Looks(
        [{"label": label, "url": _without(request, name)} for name, label in labels.items()],
        _without(request, *labels),
    )


def _without(request: Any, *names: str) -> str:
    left = request.GET.copy()
    for name in (*names, "after", "before"):
        left.pop(name, None)
    return f"{request.path}?{left.urlencode()}" if left else request.path
