"""Reading what parents asked and what they were asked: one's own, and those of a school's children."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Collate

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import PARENT
from kernel import audit
from kernel.errors import NotFound
from kernel.kept import Kept, key_of
from kernel.paging import Order, Page, keyset, ordered
from registry.parents.models import ParentRequest
from registry.parents.selectors import children
from registry.people.models.guardians import Guardianship
from registry.people.models.pupils import Pupil
from registry.people.selectors import guardians

PAGE = 50
_FEW = "requests of parents of one school: hundreds in the worst September, counted for the filters"
ORDERS = {
    "child": Order(("child_of", "id"), _FEW, {"child_of": Collate("pupil__sort_key", "C")}),
    "field": Order(("field", "id"), _FEW),
    "due": Order(("due_on", "id"), _FEW),
    "asked": Order(("created_at", "id"), _FEW),
    "state": Order(("state", "id"), _FEW),
}
LATEST = "-asked"


def _rows() -> Any:
    return ParentRequest.objects.select_related(
        "pupil__institution", "person", "asked_by__user", "decided_by__user"
    )


def mine(actor: Actor, today: datetime.date) -> list[ParentRequest]:
    """What the actor asked, and what schools ask about the actor's children, the latest first; of
    children the actor represents today alone."""
    own = children.ties(actor, today).values("pupil")
    rows = _rows().filter(
        Q(person_id=actor.user_id) | Q(kind="QUESTION", state="ASKED"), pupil__in=own
    )
    return list(rows.order_by("-created_at", "-id")[:PAGE])


def find(actor: Actor, request_id: Any, today: datetime.date) -> ParentRequest:
    """One request of one's own or about a child of one's school; the look is noted.

    Raises:
        NotFound: absent, or of others: the two read the same.
        NotAllowed: within reach of a role that keeps no profiles.
    """
    key = key_of(ParentRequest, request_id)
    if actor.role == PARENT:
        own = children.ties(actor, today).values("pupil")
        found = (
            _rows()
            .filter(Q(person_id=actor.user_id) | Q(kind="QUESTION", state="ASKED"), pupil__in=own)
            .filter(pk=key)
            .first()
        )
    else:
        guardians.may_confirm(actor)
        found = _rows().filter(pk=key, pupil__institution__in=actor.scope.keys).first()
    if found is None:
        raise NotFound
    audit.looked_at(actor, "registry.pupil", [found.pupil_id], "запит батьків")
    one: ParentRequest = found
    return one


def tie_of(request: ParentRequest, today: datetime.date) -> Guardianship | None:
    """By what the person of a request represents the child today; None: by nothing any more."""
    code = request.person.person_code if request.person else ""
    if not code:
        return None
    return (
        Guardianship.objects.select_related("guardian", "pupil")
        .filter(
            Q(guardian__rnokpp=code) | Q(guardian__rnokpp=None, guardian__passport=code),
            Q(ends_on=None) | Q(ends_on__gt=today),
            pupil_id=request.pupil_id,
            confirmed_code=code,
        )
        .order_by("pk")
        .first()
    )


def representatives(pupil: Pupil, today: datetime.date) -> list[str]:
    """Codes of those for whom the parents' window of this child is open."""
    ties = Guardianship.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today), ~Q(confirmed_code=""), pupil=pupil
    ).select_related("guardian")
    return [tie.confirmed_code for tie in ties if tie.is_confirmed]


def persons(pupil: Pupil, today: datetime.date) -> list[int]:
    """Those of them who have been in their window: whom a notice can reach."""
    codes = representatives(pupil, today)
    return list(
        User.objects.filter(person_code__in=codes).order_by("pk").values_list("pk", flat=True)
    )


def _of_school(actor: Actor, state: str) -> Any:
    guardians.may_confirm(actor)
    rows = _rows().filter(pupil__institution__in=actor.scope.keys)
    return rows.filter(state=state) if state else rows


def listing(
    actor: Actor,
    state: str = "",
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "запити батьків",
) -> Page[ParentRequest]:
    """A page of requests about the school's children; the look is noted as `what`.

    Raises:
        NotAllowed: neither a head nor a deputy entrusted with pupils.
        BadCursor: the page mark was damaged.
    """
    rows, fields = ordered(_of_school(actor, state), ORDERS, order, LATEST)
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    audit.looked_at(actor, "registry.pupil", [one.pupil_id for one in page.rows], what)
    return page


def counts(actor: Actor) -> dict[str, int]:
    """How many are in each state."""
    rows = _of_school(actor, "").select_related(None).order_by().values_list("state")
    return dict(rows.annotate(Count("pk")))


_DUE = Kept[datetime.date](
    lambda institutions: ParentRequest.objects.filter(
        pupil__institution__among=institutions, state="NEW"
    ).values_list("due_on", flat=True)
)


def to_decide(actor: Actor, today: datetime.date) -> tuple[int, int]:
    """How many wait for the actor's school, and how many of them are late."""
    days = _DUE.rows(list(actor.scope.keys))
    return len(days), sum(day < today for day in days)
