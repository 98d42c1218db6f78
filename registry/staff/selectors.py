"""Reading staff within the actor's reach; names only where handbook B.2 opens them."""

from __future__ import annotations

import dataclasses
import uuid

from django.db.models import Count, Sum

from accounts.actors import Actor
from kernel import audit
from kernel.paging import Page, keyset
from kernel.scoping import ScopedQuerySet
from kernel.text import sort_key
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.staff.models import StaffMember

PAGE = 50
ORDER = ("sort_key", "id")


def named(actor: Actor) -> ScopedQuerySet:
    """Staff whose names the actor may see."""
    rows: ScopedQuerySet = policies.STAFF_NAMES.narrow(
        StaffMember.objects.all(), actor, at="institution__"
    )
    return rows


def sees_names(actor: Actor) -> bool:
    """Whether the actor sees any staff by name at all."""
    return policies.STAFF_NAMES.right(actor) is not None


def find(actor: Actor, pk: uuid.UUID | str) -> StaffMember:
    """One staff member's card; the look is noted.

    Raises:
        NotFound: absent, out of reach, or not open to the actor: all read the same.
    """
    member: StaffMember = named(actor).select_related("institution__unit").find(pk=pk)
    audit.looked_at(actor, "registry.staff", [member.pk], "картка працівника")
    return member


@dataclasses.dataclass(frozen=True)
class StaffFilters:
    """What the list is narrowed by; `institution` is the uid of one."""

    q: str = ""
    position: str = ""
    institution: str = ""
    left: str = ""  # "1": those who left


@dataclasses.dataclass(frozen=True)
class StaffListing:
    """A page of staff with the counts by position."""

    page: Page[StaffMember]
    total: int
    positions: dict[str, int]


def listing(
    actor: Actor,
    filters: StaffFilters,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> StaffListing:
    """A page of staff in Ukrainian order; two queries however many there are.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = named(actor).filter(is_active=filters.left != "1")
    if filters.institution:
        rows = rows.filter(institution__uid=_uuid(filters.institution))
    if filters.q.strip():
        begins = sort_key(" ".join(filters.q.split()))
        rows = rows.filter(sort_key__gte=begins, sort_key__lt=begins + "\U0010ffff")
    positions = dict(rows.order_by().values_list("position").annotate(Count("pk")))
    shown = rows.filter(position=filters.position) if filters.position else rows
    page = keyset(
        shown.select_related("institution"), order=ORDER, size=size, after=after, before=before
    )
    total = positions.get(filters.position, 0) if filters.position else sum(positions.values())
    return StaffListing(page, total, positions)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)  # narrows to nothing, as an absent one does


@dataclasses.dataclass(frozen=True)
class PositionCount:
    """Staff of a position in numbers, for those who see no names."""

    position: str
    people: int
    rates: float


def by_position(actor: Actor, institution: Institution | None = None) -> list[PositionCount]:
    """Numbers by position within reach; open to everybody who sees the institutions."""
    rows = StaffMember.objects.visible_to(actor).filter(is_active=True)
    if institution is not None:
        rows = rows.filter(institution_id=institution.unit_id)
    counted = (
        rows.order_by()
        .values_list("position")
        .annotate(Count("pk"), Sum("rate"))
        .order_by("-pk__count")
    )
    return [PositionCount(position, people, float(rates)) for position, people, rates in counted]


def teachers(actor: Actor, institution: Institution) -> list[tuple[str, str]]:
    """`(id, full name)` of those who may lead a class, for a form field.

    Open to whoever keeps the institution's classes: a class has its teacher's name on it.
    """
    policies.keep_classes.require(actor, institution)
    rows = (
        StaffMember.objects.visible_to(actor)
        .filter(institution_id=institution.unit_id, is_active=True)
        .order_by(*ORDER)
    )
    return [(str(member.pk), full_name(member)) for member in rows]


def full_name(member: StaffMember) -> str:
    """Surname, name and patronymic, as in documents."""
    return " ".join(part for part in (member.surname, member.given_name, member.patronymic) if part)
