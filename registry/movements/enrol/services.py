"""One child typed in a form: the draft of one row and its order in a single step.

The form asks for the child and for the order on one page, so that a person who enrols one child
reads what will be signed on the very next one.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

import uuid_utils

from accounts.actors import Actor
from kernel.clock import Moment
from kernel.db import command
from kernel.errors import DomainError, Invalid, Problem
from kernel.kept import Kept, found, insert, update
from kernel.once import Once
from kernel.scoping import grant_of
from kernel.tables.cells import storable
from registry.drafts import selectors as draft_reads
from registry.drafts import services as drafts
from registry.drafts.events import DraftStarted
from registry.drafts.judging import judge_whole, keep_in
from registry.drafts.models import Draft, DraftRow
from registry.institutions.models.institutions import Institution
from registry.movements.enrol.process import PROCESS
from registry.orders import services as orders
from registry.orders.errors import NoHead
from registry.orders.models import Order
from registry.orders.selectors.issuers import issuer_of
from registry.process import Terms

TITLE = "Зарахування учня"
_INSTITUTION = Kept[Institution](
    lambda actor, pk: Institution.objects.visible_to(actor).filter(pk=pk)
)


@dataclasses.dataclass(frozen=True)
class Begun:
    """What came of the form: always a draft with its row; an order when nothing was amiss.

    `refusal` says why there is no order although the child's data are right. `row` is None when
    the page was sent again after the order took effect and the row left the draft.
    """

    draft: Draft
    row: DraftRow | None
    order: Order | None = None
    refusal: DomainError | None = None


@command(by_keys=True)
def enrol(
    *,
    actor: Actor,
    institution_id: int,
    values: Mapping[str, str],
    fields: Mapping[str, str],
    moment: Moment,
    once: Once | None = None,
) -> Begun:
    """Keep what was typed of a child and of the order; form the order when both are right.

    `values` are cells by column and `fields` the terms of the order, as typed; without a number
    the order is left for later. The same page sent twice makes one draft and one order: `once`.

    Raises:
        NotFound: no such institution within reach.
        NotAllowed: the actor keeps no pupils there.
        NoSchoolYear: no school year covers the first day of study.
        Invalid: nothing was typed of the child, so there is nothing to keep.
    """
    institution = found(_INSTITUTION.first(actor, institution_id))
    PROCESS.keep.require(actor, institution)
    cells = drafts.filled_cells(PROCESS, values)
    draft = Draft(
        process=PROCESS.code,
        id=uuid.UUID(str(uuid_utils.uuid7())),
        institution=institution,
        author_id=grant_of(actor),
        title=TITLE,
    )
    draft.terms = {name: storable(value) for name, value in fields.items()}
    row = DraftRow(draft=draft, position=1, values=cells)
    if not cells:
        missing = PROCESS.read(row, PROCESS.frame(draft, actor, moment)).problems
        raise Invalid([Problem(one.field, one.code, one.detail) for one in missing])

    terms: Terms | None = None
    refusal: DomainError | None = None
    if draft.terms.get("number"):
        try:
            terms = orders.terms_of(PROCESS.code, institution, fields, moment)
        except Invalid as no:
            refusal = no
    (verdict,) = judge_whole(draft, [row], actor, moment)
    keep_in(row, verdict)
    issuer = None
    if terms is not None and verdict.clean is not None:
        try:
            issuer = issuer_of(institution)
        except NoHead as no:
            refusal = no
    draft.state = "ORDERED" if issuer is not None else "OPEN"
    insert(draft)
    insert(row)
    drafts.tell(DraftStarted, draft, rows=1)
    if verdict.clean is None:
        return Begun(draft, row)
    if terms is None or issuer is None:
        return Begun(draft, row, refusal=refusal)
    try:
        order = orders.freeze(
            PROCESS.code,
            institution,
            [verdict],
            terms,
            issuer,
            draft=draft,
            actor=actor,
            moment=moment,
        )
    except Invalid as no:  # the number was taken while this ran
        draft.state = "OPEN"
        update(draft, "state")
        return Begun(draft, row, refusal=no)
    return Begun(draft, row, order)


def begun_before(actor: Actor, draft_id: Any) -> Begun:
    """What the same page, sent a moment earlier, came to.

    Raises:
        NotFound, NotAllowed: not a draft of the actor's.
    """
    draft = draft_reads.find(actor, draft_id, PROCESS.code)
    row = draft.rows.order_by("position").first()
    order = draft.orders.exclude(state="GIVEN_UP").order_by("-id").first()
    return Begun(draft, row, order)
