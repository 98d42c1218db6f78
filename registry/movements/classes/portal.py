"""A table of classes begun with those ticked in their list."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.parameters import asked, matching
from kernel.tables import dates
from kernel.ui.pages import see_other
from registry.classifiers.selectors import classifiers
from registry.drafts import services as drafts
from registry.institutions import selectors as institutions
from registry.movements.classes.process import PROCESS


@require_POST
def chosen(request: HouseRequest, uid: object) -> HttpResponse:
    """Begin with the classes ticked in a year's list; of a year to come the changes act from its
    first day."""
    actor, now = request.actor, moment()
    institution = institutions.find(actor, str(uid))
    PROCESS.keep.require(actor, institution)
    picked = request.POST.getlist("pick")
    if not picked:
        return see_other(request, f"{reverse('class_list', args=[institution.uid])}")
    draft = drafts.start(
        actor=actor,
        institution_id=institution.unit_id,
        process=PROCESS.code,
        keys=picked,
        moment=now,
    )
    code = asked(request, matching("year", "навчальний рік, «2026-2027»", "[0-9]{4}-[0-9]{4}"))
    year = classifiers.year(code["year"]) if code["year"] else None
    if year is not None and year.starts_on > now.today:
        drafts.save_terms(
            actor=actor,
            draft_id=draft.pk,
            seen=drafts.Sight(draft.version),
            fields={"effective_on": dates.show(year.starts_on)},
            moment=now,
        )
    return see_other(request, "draft_detail", PROCESS.code, draft.pk)
