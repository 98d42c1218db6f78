"""The table of the load begun with what the register has: of a school, or of one member of staff."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import HouseRequest
from kernel.clock import moment
from kernel.ui.pages import see_other
from registry.drafts import services as drafts
from registry.institutions import selectors as institutions
from registry.movements.staff.load import PROCESS, table_of
from registry.people.portal.choice import chosen_institution, first_of
from registry.staff import selectors as staff


@require_POST
def load_current(request: HouseRequest) -> HttpResponse:
    """Begin with the present load of the whole school."""
    actor, now = request.actor, moment()
    PROCESS.keep.require(actor, first_of(institutions.own_with_branches(actor)))
    institution_id = chosen_institution(request, PROCESS.keep)
    draft = drafts.start(
        actor=actor,
        institution_id=institution_id,
        process=PROCESS.code,
        rows=table_of(institution_id, now),
        blank=5,
        moment=now,
    )
    return see_other(request, "draft_detail", PROCESS.code, draft.pk)


@require_POST
def load_of_post(request: HouseRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin with the present load of one post."""
    actor, now = request.actor, moment()
    post = staff.find(actor, pk)
    PROCESS.keep.require(actor, post.institution)
    draft = drafts.start(
        actor=actor,
        institution_id=post.institution_id,
        process=PROCESS.code,
        title=f"{PROCESS.name}: {post.employee.full_name}",
        rows=table_of(post.institution_id, now, post.pk),
        blank=3,
        moment=now,
    )
    return see_other(request, "draft_detail", PROCESS.code, draft.pk)
