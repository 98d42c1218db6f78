"""Vacancies within reach: what is to be filled, and what was. They name no person."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Collate

from accounts.actors import Actor
from kernel.paging import Order, Page, keyset, offered, ordered
from registry.staff.models.load import Load
from registry.staff.models.posts import Post
from registry.staff.models.vacancies import Vacancy

PAGE = 50
_FEW = "vacancies of one institution and its branches: tens of rows, sorted as they are found"
ORDERS = {
    "opened": Order(
        ("opened_on", "id"),
        "vacancy_inst vacancy_oblast vacancy_raion vacancy_hromada vacancy_country",
    ),
    "position": Order(("position", "id"), _FEW, few=True),
    "subject": Order(("subject", "id"), _FEW, few=True),
    "rate": Order(("rate", "id"), _FEW, few=True),
    "institution": Order(
        ("school_of", "id"),
        _FEW,
        {"school_of": Collate("institution__sort_key", "C")},
        few=True,
    ),
}


@dataclasses.dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; `closed` shows those filled or withdrawn, to schools."""

    position: str = ""
    subject: str = ""
    institution: str = ""
    closed: str = ""


@dataclasses.dataclass(frozen=True)
class Listing:
    """A page of vacancies and the numbers of its filters."""

    page: Page[Vacancy]
    total: int
    rates: Decimal
    positions: dict[str, int]
    subjects: dict[str, int]


def is_school(actor: Actor) -> bool:
    """Whether the list is of one school: closed ones and every order are offered."""
    return actor.scope.level == "institution"


def orders_of(actor: Actor) -> dict[str, Order]:
    """The ways the list may be ordered."""
    return offered(ORDERS, few=is_school(actor))


def listing(
    actor: Actor,
    filters: Filters,
    *,
    order: str = "opened",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
) -> Listing:
    """A page of vacancies within reach, those open the longest first.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = _within(actor, filters)
    shown = _chosen(rows, filters)
    counted = shown.order_by().aggregate(n=Count("pk"), rates=Sum("rate"))
    positions = dict(rows.order_by().values_list("position").annotate(Count("pk")))
    subjects = dict(
        rows.exclude(subject="").order_by().values_list("subject").annotate(Count("pk"))
    )
    if only is not None:
        shown = shown.filter(pk__in=[uuid.UUID(one) for one in only])
    inorder, fields = ordered(shown, orders_of(actor), order, "opened")
    page = keyset(
        inorder.select_related("institution", "filled_by__employee"),
        order=fields,
        size=size,
        after=after,
        before=before,
    )
    return Listing(page, counted["n"], counted["rates"] or Decimal(0), positions, subjects)


def keys(actor: Actor, filters: Filters) -> list[uuid.UUID]:
    """Ids of every vacancy that matches."""
    return list(_chosen(_within(actor, filters), filters).values_list("pk", flat=True))


def _within(actor: Actor, filters: Filters) -> QuerySet[Vacancy]:
    rows: QuerySet[Vacancy] = Vacancy.objects.visible_to(actor)
    rows = rows.filter(closed_on__isnull=not (filters.closed and is_school(actor)))
    if filters.institution:
        rows = rows.filter(institution__uid=filters.institution)
    return rows


def _chosen(rows: QuerySet[Vacancy], filters: Filters) -> QuerySet[Vacancy]:
    if filters.position:
        rows = rows.filter(position=filters.position)
    return rows.filter(subject=filters.subject) if filters.subject else rows


def find(actor: Actor, vacancy_id: Any) -> Vacancy:
    """One vacancy with its school.

    Raises:
        NotFound: absent or out of reach.
    """
    found: Vacancy = (
        Vacancy.objects.visible_to(actor).select_related("institution__unit").find(pk=vacancy_id)
    )
    return found


def after(post: Post) -> dict[str, str]:
    """What a vacancy begins with when a post ends: its position and rate, what is taught from it."""
    rows = Load.objects.filter(post=post, voided_by=None)
    main = rows.exclude(subject="").order_by("-is_primary", "-hours").first()
    hours = sum(
        (one.hours for one in rows if one.ends_on is None or one.ends_on == post.ends_on),
        Decimal(0),
    )
    return {
        "position": post.position,
        "subject": main.subject if main else "",
        "rate": f"{post.rate.normalize():f}".replace(".", ","),
        "hours": f"{hours.normalize():f}".replace(".", ",") if hours else "",
        "reason": "LEFT",
        "opened_on": f"{post.ends_on:%d.%m.%Y}" if post.ends_on else "",
    }
