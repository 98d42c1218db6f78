"""Reading requests: one's own, those to answer, what was written."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.actors import Actor
from accounts.models import Grant, OrgUnit
from accounts.policies import ADMINISTRATOR_OF
from accounts.roles import GrantState, Role, UnitKind
from accounts.selectors import users
from kernel.errors import NotFound
from kernel.kept import Kept, key_of
from kernel.paging import Order, Page, every, keyset, ordered
from registry.support import policies
from registry.support.models import SupportMessage, SupportRequest
from registry.support.states import OPEN

PAGE = 50
CHUNK = 1_000
_FEW = "requests of one person, or to one office: thousands in the worst September"
ORDERS = {
    "number": Order(("number",), "support_number_key", few=True),
    "kind": Order(("kind", "number"), _FEW),
    "solve": Order(("solve_by", "number"), "support_by_handler"),
    "state": Order(("state", "number"), _FEW),
}
LATEST = "-number"
# Roles held by one person after another: what was asked passes on. A deputy's question is personal.
_PASS_ON = frozenset({Role.HEAD, *ADMINISTRATOR_OF.values()})


def first_line(actor: Actor) -> OrgUnit:
    """Who is asked first: the nearest authority above where somebody works, else the technical
    administrator."""
    for unit, grants in users.above(actor):
        if grants and unit.kind != UnitKind.INSTITUTION:
            return unit
    return administrator()


def administrator() -> OrgUnit:
    """The technical administrator's node.

    Raises:
        NotFound: the installation has none.
    """
    node: OrgUnit = OrgUnit.objects.all().find(kind=UnitKind.TECH_ADMIN)
    return node


def next_line(unit: OrgUnit) -> OrgUnit:
    """Whom a level passes on to: the nearest authority above it where somebody works, else the
    technical administrator."""
    above = [int(part) for part in unit.path.split(".") if part][:-1]
    rows = OrgUnit.objects.filter(pk__in=above, is_active=True).exclude(kind=UnitKind.OWNER)
    with_people = rows.filter(
        grants__state=GrantState.ACTIVE,
        grants__role__in=[Role.OBLAST_ADMIN, Role.RAION_ADMIN, Role.HROMADA_ADMIN],
    )
    return with_people.order_by("-depth").distinct().first() or administrator()


def _rows() -> QuerySet[SupportRequest]:
    return SupportRequest.objects.select_related("author__user", "unit", "handler")


def mine(actor: Actor) -> QuerySet[SupportRequest]:
    """What this person asked, and what a former holder of the same post did: it passes on with it."""
    return _rows().filter(Q(author_id=actor.grant_id or 0) | _inherited(actor))


def _inherited(actor: Actor) -> Q:
    if actor.grant_id is None or actor.role not in _PASS_ON:
        return Q(pk__in=[])
    return Q(author__state=GrantState.INACTIVE, author__unit=actor.unit_id, author__role=actor.role)


def is_author(actor: Actor, request: SupportRequest) -> bool:
    """Whether the actor speaks for who asked: the author, or, once that grant is over, whoever holds
    the same role at the same node."""
    if actor.grant_id is None:
        return False
    author = request.author
    return author.pk == actor.grant_id or (
        author.state == GrantState.INACTIVE
        and actor.role in _PASS_ON
        and (author.unit_id, author.role) == (actor.unit_id, actor.role)
    )


def spokesmen(request: SupportRequest) -> list[int]:
    """The grants that are told of an answer: the author's, else those who hold the role now."""
    author = request.author
    if author.state != GrantState.INACTIVE or author.role not in _PASS_ON:
        return [author.pk]
    rows = Grant.objects.filter(unit=author.unit_id, role=author.role, state=GrantState.ACTIVE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def ours(actor: Actor) -> QuerySet[SupportRequest]:
    """What is asked of the actor's office, or was passed on by it.

    Raises:
        NotAllowed: the actor answers nobody.
    """
    policies.answer.require(actor)
    passed = SupportMessage.objects.filter(handler_id=actor.unit_id).values("request_id")
    return _rows().filter(Q(handler_id=actor.unit_id) | Q(pk__in=passed))


def _narrowed(actor: Actor, box: str, state: str) -> QuerySet[SupportRequest]:
    if box == "ours":
        rows = _rows().filter(handler_id=actor.unit_id)
        policies.answer.require(actor)
    else:
        rows = mine(actor)
    if state == "OPEN":
        return rows.filter(state__in=OPEN)
    return rows.filter(state=state) if state else rows


def listing(
    actor: Actor,
    box: str,
    state: str = "",
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[SupportRequest]:
    """A page of one's own requests (`box` «mine»), or of those to answer («ours»).

    Raises:
        NotAllowed: the actor answers nobody.
    """
    rows, fields = ordered(_narrowed(actor, box, state), ORDERS, order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def everything(actor: Actor, box: str, state: str, order: str) -> Iterator[SupportRequest]:
    """Every one of them, for a file."""
    return every(lambda mark: listing(actor, box, state, order=order, after=mark, size=CHUNK))


def counts(actor: Actor, box: str) -> dict[str, int]:
    """How many are in each state."""
    rows = _narrowed(actor, box, "").order_by()
    return dict(rows.values_list("state").annotate(Count("pk")))


@dataclasses.dataclass(frozen=True)
class View:
    """One request as its page shows it."""

    request: SupportRequest
    messages: Sequence[SupportMessage]
    is_author: bool
    is_handler: bool


def view(actor: Actor, request_id: Any) -> View:
    """One request with everything written, for its author and for those who answered it.

    Raises:
        NotFound: absent, or of others.
    """
    found = find(actor, request_id)
    written = found.messages.select_related("grant__user", "handler").order_by("pk")
    is_handler = policies.answer.allows(actor) and found.handler_id == actor.unit_id
    return View(found, list(written), is_author(actor, found), is_handler)


def find(actor: Actor, request_id: Any) -> SupportRequest:
    """One request of the actor's own, or asked of the actor's office.

    Raises:
        NotFound: absent, or of others.
    """
    key = key_of(SupportRequest, request_id)
    found = mine(actor).filter(pk=key).first()
    if found is None and policies.answer.allows(actor):
        found = ours(actor).filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def handlers(request: SupportRequest) -> QuerySet[Grant]:
    """Who answers it now: whoever works at its office."""
    return Grant.objects.filter(unit_id=request.handler_id, state=GrantState.ACTIVE).exclude(
        role__in=[Role.HEAD, Role.DEPUTY, Role.ANALYST]
    )


def to_answer(actor: Actor, today: datetime.date) -> tuple[int, int]:
    """How many wait for the actor's office, and how many of them are late."""
    if not policies.answer.allows(actor):
        return 0, 0
    return _TO_ANSWER.first(actor.unit_id or 0, today) or (0, 0)


_TO_ANSWER = Kept[tuple[int, int]](
    lambda unit, today: (
        SupportRequest.objects.filter(handler_id=unit, state__in=("NEW", "IN_WORK"))
        .order_by()
        .values("handler_id")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(solve_by__lt=today)))
        .values_list("n", "late")
    )
)


_ANSWERED = Kept[SupportRequest](
    lambda author: (
        _rows()
        .filter(author_id=author, state__in=("WAITING_USER", "SOLVED"))
        .order_by("-number")[:5]
    )
)


def answered(actor: Actor) -> list[SupportRequest]:
    """One's own requests that wait for the author: asked back, or said to be solved."""
    if actor.grant_id is None:
        return []
    return _ANSWERED.rows(actor.grant_id)
