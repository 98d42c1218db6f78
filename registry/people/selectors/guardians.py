"""Reading lawful representatives of a child."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Coalesce, Collate

from accounts.actors import Actor
from kernel import audit
from kernel.errors import NotFound
from kernel.paging import Order, Page, keyset, ordered
from registry.fields import documents
from registry.institutions import selectors as institutions
from registry.people import policies
from registry.people.errors import KeepsNoPupils
from registry.people.models.guardians import Guardian, Guardianship
from registry.people.models.pupils import Pupil
from registry.people.selectors.reach import by_name

SHOWN = 20
PAGE = 50
STATES = {
    "WAITS": "Треба підтвердити",
    "NO_CODE": "Немає РНОКПП",
    "CONFIRMED": "Підтверджено",
}
_FEW = (
    "representatives of one school's children: two thousand at most, counted for the filters anyhow"
)
ORDERS = {
    "pupil": Order(("pupil_of", "id"), _FEW, {"pupil_of": Collate("pupil__sort_key", "C")}),
    "since": Order(("starts_on", "id"), _FEW),
    "state": Order(("standing", "id"), _FEW),
}


def guardianship(actor: Actor, pupil_id: Any, guardianship_id: int) -> Guardianship:
    """One representative of a child with the person.

    Raises:
        NotFound, NotAllowed: the child as `reach.by_name`; or not this child's.
    """
    pupil, _ = by_name(actor, pupil_id)
    row = pupil.guardianships.select_related("guardian").filter(pk=guardianship_id).first()
    if row is None:
        raise NotFound
    return row


def other_children(actor: Actor, guardian: Guardian, besides: Pupil) -> list[Pupil]:
    """Further children of a person, whom a correction touches too: those the actor sees by name.
    Of the others nothing is told, not even that they are."""
    rows = policies.NAMES.narrow(Pupil.objects.all(), actor, at="institution__")
    theirs = guardian.guardianships.exclude(pupil=besides).values("pupil")
    return list(rows.filter(pk__in=theirs).order_by("sort_key", "id")[:SHOWN])


# ── all of a school ──────────────────────────────────────────────────────────
def may_confirm(actor: Actor) -> None:
    """Whether the actor keeps profiles of some school, so that representatives are confirmed there.

    Raises:
        NotAllowed: not a head, nor a deputy entrusted with pupils.
    """
    own = institutions.own_or_none(actor)
    if own is None:
        raise KeepsNoPupils
    policies.keep.require(actor, own)


def ground_of(tie: Guardianship) -> str:
    """The document by which somebody represents a child as the card knows it: what was written with
    the representative, or a parent's, the child's own certificate; '' none."""
    if tie.ground or tie.relation not in {"MOTHER", "FATHER"}:
        return tie.ground
    for paper in tie.pupil.documents.all():
        if paper.is_primary:
            return " ".join(f"{documents.NAMES[paper.type]} {paper.series} {paper.number}".split())
    return ""


def state_of(tie: Guardianship) -> str:
    """A key of STATES."""
    if not tie.guardian.code:
        return "NO_CODE"
    return "CONFIRMED" if tie.is_confirmed else "WAITS"


def _rows(actor: Actor, state: str, today: datetime.date) -> Any:
    may_confirm(actor)
    rows: Any = (
        Guardianship.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=today), pupil__institution__in=actor.scope.keys
        )
        .annotate(code=Coalesce("guardian__rnokpp", "guardian__passport", Value("")))
        .annotate(
            standing=Case(
                When(code="", then=Value("NO_CODE")),
                When(code=F("confirmed_code"), then=Value("CONFIRMED")),
                default=Value("WAITS"),
            )
        )
    )
    return rows.filter(standing=state) if state else rows


def listing(
    actor: Actor,
    state: str,
    *,
    today: datetime.date,
    order: str = "pupil",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    what: str = "представники дітей закладу",
) -> Page[Guardianship]:
    """A page of representatives of the school's children; the look is noted as `what`.

    Raises:
        NotAllowed: as `may_confirm`.
        BadCursor: the page mark was damaged.
    """
    rows, fields = ordered(
        _rows(actor, state, today).select_related("guardian", "pupil"), ORDERS, order, "pupil"
    )
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    audit.looked_at(actor, "registry.pupil", [tie.pupil_id for tie in page.rows], what)
    return page


def counts(actor: Actor, today: datetime.date) -> dict[str, int]:
    """How many stand how."""
    rows = _rows(actor, "", today).order_by().values_list("standing")
    return dict(rows.annotate(Count("pk")))


def keys(actor: Actor, state: str, today: datetime.date) -> list[int]:
    """Ids of all that match."""
    return list(_rows(actor, state, today).values_list("pk", flat=True))
