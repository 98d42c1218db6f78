"""The page that changes whose an institution is."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.http import HouseRequest
from kernel import clock
from kernel.parameters import asked, words
from kernel.ui import pages
from registry.institutions import policies, ports, selectors
from registry.institutions.portal.forms import PlaceForm
from registry.institutions.services import subordination


@require_http_methods(["GET", "HEAD", "POST"])
def institution_place(request: HouseRequest, uid: uuid.UUID) -> HttpResponse:
    """Under another authority, or a branch of a hub, or by itself again; by a document."""
    actor = request.actor
    institution = selectors.find(actor, uid)
    policies.place.require(actor, institution)
    sought = asked(request, words("q"))["q"]
    form = PlaceForm(
        request.POST or None,
        places=selectors.places_to_choose(actor, institution, sought),
        initial={"version": institution.version, "issued_on": clock.today()},
    )
    if request.method == "POST" and form.is_valid():
        with pages.refusable(form):
            done = subordination.place_under(
                actor=actor, uid=uid, today=clock.today(), **form.cleaned_data
            )
            messages.success(request, f"Підпорядкування змінено: {done.short_name}.")
            if institution.is_within(actor.scope):
                return pages.see_other(request, "institution_detail", uid)
            return pages.see_other(request, "institution_list")
    return pages.form_page(
        request,
        "registry/institutions/place.html",
        form,
        {
            "card": institution,
            "q": sought,
            "now": institution.unit.parent.name if institution.unit.parent else "",
            "standing": ports.standing(institution.unit_id, clock.today()),
        },
    )
