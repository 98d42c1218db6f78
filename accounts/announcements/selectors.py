"""Reading announcements: one's own, those sent, who has read them."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Collate

import kernel.lookups  # noqa: F401 - registers `among`
from accounts.actors import Actor
from accounts.announcements import policies
from accounts.announcements.models import CONFIRMED, READ, Announcement, Receipt
from accounts.models import Grant, OrgUnit
from accounts.roles import GrantState, Role, UnitKind
from kernel.errors import NotFound
from kernel.kept import Kept, key_of
from kernel.paging import Order, Page, every, keyset, ordered
from kernel.text import UkSortKey

PAGE = 25
CHUNK = 1_000
_FEW = "announcements of one level: tens a year"
ORDERS = {
    "sent": Order(("sent_at", "id"), _FEW),
    "title": Order(("title_of", "id"), _FEW, {"title_of": Collate(UkSortKey("title"), "C")}),
    "from": Order(
        ("unit_of", "id"), _FEW, {"unit_of": Collate(UkSortKey("sender_unit__name"), "C")}
    ),
}
LATEST = "-sent"
_READERS = "16,000 grants in the country, those of one announcement counted for its page anyhow"
READERS = {
    "name": Order(("sort_key", "id"), "grant_list"),
    "unit": Order(("unit_of", "id"), _READERS, {"unit_of": Collate(UkSortKey("unit__name"), "C")}),
    "role": Order(("role", "sort_key", "id"), _READERS),
}
STATES = {"NONE": "Ще не прочитали", READ: "Прочитали", CONFIRMED: "Ознайомлені"}


# ── what I was told ──────────────────────────────────────────────────────────
def _above(actor: Actor) -> list[int]:
    return [int(part) for part in actor.unit_path.split(".") if part]


def _mine(actor: Actor) -> QuerySet[Announcement]:
    """Told to the actor: at the own node or above it, for the actor's role."""
    if actor.grant_id is None:
        return Announcement.objects.none()
    return _told(_above(actor), [actor.role], actor.grant_id)


def _told(above: Any, roles: Any, grant_id: Any) -> QuerySet[Announcement]:
    return (
        Announcement.objects.filter(unit_id__among=above, roles__contains=roles)
        .exclude(sender_id=grant_id)
        .select_related("sender__user", "sender_unit", "unit")
    )


def _receipts(grant_id: Any, kind: str) -> QuerySet[Receipt]:
    return Receipt.objects.filter(announcement=OuterRef("pk"), grant_id=grant_id, kind=kind)


def received(
    actor: Actor,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Announcement]:
    """A page of what the actor was told, the latest first; rows carry `is_read`, `is_confirmed`."""
    rows = _mine(actor).annotate(
        is_read=Exists(_receipts(actor.grant_id, READ)),
        is_confirmed=Exists(_receipts(actor.grant_id, CONFIRMED)),
    )
    rows, fields = ordered(rows, ORDERS, order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def told(actor: Actor, announcement_id: Any) -> Announcement:
    """One announcement told to the actor.

    Raises:
        NotFound: absent, or told to others.
    """
    found = _mine(actor).filter(pk=key_of(Announcement, announcement_id)).first()
    if found is None:
        raise NotFound
    return found


_UNANSWERED = Kept[Announcement](
    lambda above, roles, grant_id: (
        _told(above, roles, grant_id)
        .filter(
            ~Exists(_receipts(grant_id, READ))
            | Q(asks=True) & ~Exists(_receipts(grant_id, CONFIRMED)),
            withdrawn_at=None,
        )
        .order_by("-sent_at")[:5]
    )
)


def unanswered(actor: Actor) -> list[Announcement]:
    """What waits for the actor, of each home page: unread, or read and not confirmed though it was
    asked."""
    if actor.grant_id is None:
        return []
    return _UNANSWERED.rows(_above(actor), [actor.role], actor.grant_id)


@dataclasses.dataclass(frozen=True)
class View:
    """An announcement as its page shows it: to a reader, to the level that sent it, or to both."""

    announcement: Announcement
    is_reader: bool
    is_sender: bool
    is_read: bool
    confirmed_at: datetime.datetime | None


def view(actor: Actor, announcement_id: Any) -> View:
    """One announcement, for whoever was told or sent it.

    Raises:
        NotFound: absent, or of others.
    """
    key = key_of(Announcement, announcement_id)
    found = (
        Announcement.objects.filter(pk=key)
        .select_related("sender__user", "sender_unit", "unit")
        .first()
    )
    if found is None:
        raise NotFound
    is_reader = _mine(actor).filter(pk=key).exists()
    is_sender = policies.follow.allows(actor, found)
    if not is_reader and not is_sender:
        raise NotFound
    when = dict(
        Receipt.objects.filter(announcement=found, grant_id=actor.grant_id or 0).values_list(
            "kind", "at"
        )
    )
    return View(found, is_reader, is_sender, READ in when, when.get(CONFIRMED))


# ── what this level sent ─────────────────────────────────────────────────────
def node(actor: Actor, uid: uuid.UUID | None) -> OrgUnit:
    """The node an announcement is for: one within reach, or all that stands below the actor.

    Raises:
        NotFound: not within reach.
    """
    if uid is not None:
        picked: OrgUnit = OrgUnit.objects.all().find(uid=uid)
        if not actor.stands_above(picked.path):
            raise NotFound
        return picked
    wanted = Q(kind=UnitKind.OWNER) if actor.holds(Role.TECH_ADMIN) else Q(pk=actor.unit_id)
    whole: OrgUnit | None = OrgUnit.objects.filter(wanted).first()
    if whole is None:
        raise NotFound
    return whole


def nodes_below(actor: Actor) -> list[OrgUnit]:
    """Authorities right below the actor, that an announcement may be narrowed to, by name."""
    whole = node(actor, None)
    rows = OrgUnit.objects.filter(parent=whole, is_active=True).exclude(
        kind__in=(UnitKind.INSTITUTION, UnitKind.TECH_ADMIN)
    )
    return sorted(rows, key=lambda one: one.name)


def sent(
    actor: Actor,
    *,
    order: str = LATEST,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[Announcement]:
    """A page of what this level sent, the latest first.

    Raises:
        NotYoursToAnnounce: the actor has nobody below.
    """
    rows, fields = ordered(_ours(actor), ORDERS, order, LATEST)
    return keyset(rows, order=fields, size=size, after=after, before=before)


def _ours(actor: Actor) -> QuerySet[Announcement]:
    policies.announce.require(actor)
    return Announcement.objects.filter(
        sender_unit_id=actor.unit_id, sender__role=actor.role
    ).select_related("sender__user", "sender_unit", "unit")


def sent_by(actor: Actor, announcement_id: Any) -> Announcement:
    """One announcement of this level.

    Raises:
        NotFound: absent, or another level's.
        NotYoursToAnnounce: the actor has nobody below.
    """
    found = _ours(actor).filter(pk=key_of(Announcement, announcement_id)).first()
    if found is None:
        raise NotFound
    return found


# ── who has read ─────────────────────────────────────────────────────────────
def readers(announcement: Announcement) -> QuerySet[Grant]:
    """Whom it is for: whoever holds one of the roles there now."""
    return Grant.objects.filter(
        unit__path__startswith=announcement.unit.path,
        role__in=announcement.roles,
        state=GrantState.ACTIVE,
    ).exclude(pk=announcement.sender_id)


def _receipt(announcement: Announcement, kind: str) -> QuerySet[Receipt]:
    return Receipt.objects.filter(announcement=announcement, grant=OuterRef("pk"), kind=kind)


def waiting(announcement: Announcement) -> QuerySet[Grant]:
    """Who has not answered: not read, or not confirmed where that was asked."""
    wanted = CONFIRMED if announcement.asks else READ
    return readers(announcement).filter(~Exists(_receipt(announcement, wanted)))


def _with_receipts(announcement: Announcement, state: str) -> QuerySet[Grant]:
    rows = (
        readers(announcement)
        .select_related("user", "unit")
        .annotate(
            opened_at=Subquery(_receipt(announcement, READ).values("at")),
            confirmed_at=Subquery(_receipt(announcement, CONFIRMED).values("at")),
        )
    )
    if state == "NONE":
        return rows.filter(opened_at=None)
    if state == READ:
        return rows.exclude(opened_at=None).filter(confirmed_at=None)
    return rows.exclude(confirmed_at=None) if state == CONFIRMED else rows


def counts(announcement: Announcement) -> dict[str, int]:
    """How many readers are in each of STATES."""
    answered = readers(announcement).aggregate(
        every=Count("pk"),
        opened=Count("pk", filter=Exists(_receipt(announcement, READ))),
        confirmed=Count("pk", filter=Exists(_receipt(announcement, CONFIRMED))),
    )
    return {
        "NONE": answered["every"] - answered["opened"],
        READ: answered["opened"] - answered["confirmed"],
        CONFIRMED: answered["confirmed"],
    }


def answers(
    announcement: Announcement,
    state: str = "",
    *,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
) -> Page[Grant]:
    """A page of readers; rows carry `opened_at` and `confirmed_at`. `state` is one of STATES."""
    rows = _with_receipts(announcement, state)
    if only is not None:
        rows = rows.filter(uid__in=only)
    rows, fields = ordered(rows, READERS, order, "name")
    return keyset(rows, order=fields, size=size, after=after, before=before)


def everybody(
    announcement: Announcement, state: str, *, order: str, only: Sequence[str] | None = None
) -> Iterator[Grant]:
    """Every reader, for a file."""
    return every(
        lambda mark: answers(announcement, state, order=order, after=mark, size=CHUNK, only=only)
    )


def keys(announcement: Announcement, state: str) -> list[uuid.UUID]:
    """Public ids of every reader that matches."""
    return list(_with_receipts(announcement, state).values_list("uid", flat=True))
