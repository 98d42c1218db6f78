"""Pages of an authority's orders about an institution: its state, whose it is, and taking either back.
Each ends at the order, which waits for one signature."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel import audit
from kernel.clock import moment
from kernel.parameters import asked, words
from kernel.ui import pages
from registry.classifiers.selectors import classifiers
from registry.institutions import policies, selectors
from registry.institutions.models.institutions import Institution
from registry.institutions.portal.institutions import status_tag
from registry.institutions.services import institutions
from registry.orders.models import Order
from registry.orders.services.annulling import rows_of
from registry.process import SignedRow, kind
from registry.reorganisation import authority, services, standing
from registry.reorganisation import revoke as revoking
from registry.reorganisation.portal.forms import ActForm, PlaceForm, StatusForm

_TERMS = ("number", "issued_on", "effective_on", "ground", "issuer")


def _usual(request: HouseRequest, ground: str) -> dict[str, Any]:
    day = f"{moment().today:%d.%m.%Y}"
    return {
        "issued_on": day,
        "effective_on": day,
        "ground": ground,
        "issuer": request.actor.unit_name,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Move the institution to its next state by an order."""
    card = selectors.find(request.actor, uid)
    policies.change_status.require(request.actor, card)
    steps = [
        (code, classifiers.label("institution_status", code))
        for code in institutions.STEPS[card.status]
    ]
    usual = _usual(request, "рішення засновника") | {"version": card.version}
    form = StatusForm(request.POST or None, steps=steps, initial=usual)
    shown = {"status": status_tag(card.status), "steps": steps}
    return _chosen(request, card, form, services.prepare_status, "status.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Under another authority, or a branch of a hub, or by itself again."""
    card = selectors.find(request.actor, uid)
    policies.place.require(request.actor, card)
    sought = asked(request, words("q"))["q"]
    places = selectors.places_to_choose(request.actor, card, sought)
    usual = _usual(request, "рішення про зміну підпорядкування") | {"version": card.version}
    form = PlaceForm(request.POST or None, places=places, initial=usual)
    shown = {"q": sought, "now": card.unit.parent.name if card.unit.parent else ""}
    return _chosen(request, card, form, services.prepare_place, "place.html", shown)


def _chosen(
    request: HouseRequest,
    card: Institution,
    form: StatusForm | PlaceForm,
    prepare: Callable[..., Order],
    template: str,
    shown: Mapping[str, Any],
) -> HttpResponse:
    """The page of an order that says one thing, `form.chosen`: the order that waits already, the one
    that the form makes, or the form with what there is of the institution."""
    now = moment()
    if (waiting := authority.waiting_of(card)) is not None:
        return pages.see_other(request, "order_detail", waiting.pk)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with pages.refusable(form):
            order = prepare(
                actor=request.actor,
                uid=card.uid,
                version=said["version"],
                fields={name: said[name] for name in _TERMS},
                moment=now,
                **{form.chosen: said[form.chosen]},
            )
            return pages.see_other(request, "order_detail", order.pk)
    page = {"card": card, "standing": standing.counted(card.unit_id, now.today), **shown}
    return pages.form_page(request, f"registry/reorganisation/{template}", form, page)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HouseRequest, order_id: uuid.UUID) -> HttpResponse:
    """Everything that taking an order back brings, what does not come back, what stands in the way."""
    actor = request.actor
    target = revoking.target_of(actor, order_id)
    if (waiting := authority.waiting_of(target.institution)) is not None:
        return pages.see_other(request, "order_detail", waiting.pk)
    form = ActForm(
        request.POST or None,
        process=revoking.PROCESS,
        initial=_usual(request, f"наказ № {target.number} скасовано засновником"),
    )
    if not revoking.ends_institution(target):
        del form.fields["unregistered"]
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            order = services.prepare_revocation(
                actor=actor,
                order_id=order_id,
                fields={name: request.POST.get(name, "") for name in (*_TERMS, "unregistered")},
                moment=moment(),
            )
            return pages.see_other(request, "order_detail", order.pk)
    return pages.form_page(
        request, "registry/reorganisation/revoke.html", form, _shown(request, target)
    )


def _shown(request: HouseRequest, target: Any) -> dict[str, Any]:
    process, rows = kind(target.kind), rows_of(target)
    back, stays = revoking.effects(target)
    named = [row for row in rows if not isinstance(row, authority.InstitutionRow)]
    children = [row.about for row in named if isinstance(row, SignedRow)]
    if children:
        audit.looked_at(request.actor, "registry.pupil", children, "скасування наказу")
    return {
        "target": target,
        "about": process.about,
        "back": back,
        "stays": stays,
        "stands": revoking.standing(target, lock=False),
        "names": [(row.full_name, process.undone(target, row)) for row in named],
    }
