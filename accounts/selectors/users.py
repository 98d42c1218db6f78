"""Reads of «Управління користувачами»: whom the actor's level looks after."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Collate

from accounts import policies
from accounts.actors import Actor
from accounts.models import Grant, Invitation, NameMismatch, OrgUnit, UserSession
from accounts.roles import CREATES, HELD_AT, GrantState, Role, UnitKind
from accounts.selectors.units import accepted_codes, ancestors
from kernel import audit, clock
from kernel.audit import timeline
from kernel.audit.models import EventRow
from kernel.errors import NotFound
from kernel.kept import Kept
from kernel.paging import Order, Page, every, keyset, ordered
from kernel.text import UkSortKey, beginnings, code, readings

PAGE = 25
CHUNK = 1_000  # rows of a file read at a time
_FEW = "16,000 grants in the country, counted for the filters anyhow"
ORDERS = {
    "name": Order(("sort_key", "id"), "grant_list grant_list_oblast grant_list_raion"),
    "role": Order(("role", "sort_key", "id"), _FEW),
    "unit": Order(
        ("unit_of", "sort_key", "id"), _FEW, {"unit_of": Collate(UkSortKey("unit__name"), "C")}
    ),
    "state": Order(("state", "sort_key", "id"), _FEW),
}


def below(actor: Actor) -> QuerySet[Grant]:
    """Grants of the levels below the actor, within reach; never the actor's own.

    Raises:
        NotYourUsers: the actor's role manages nobody.
    """
    policies.manage_users.require(actor)
    return _below(actor, actor.role, actor.unit_id)


def _below(reach: Any, role: str, unit_id: Any) -> QuerySet[Grant]:
    rows: QuerySet[Grant] = Grant.objects.visible_to(reach).filter(role__in=CREATES[role])
    if role == Role.HEAD:
        rows = rows.exclude(role=Role.HEAD, unit_id=unit_id)
    return rows


def created(
    actor: Actor,
    *,
    words: str = "",
    role: str = "",
    state: str = "",
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
) -> Page[Grant]:
    """A page of people below the actor, or of those chosen among them (`only`, by uid).

    `words` is the beginning of a surname, a person's code or a ЄДРПОУ. Rows carry
    `last_seen_at`. Two queries whatever the number of rows.

    Raises:
        NotYourUsers, BadCursor.
    """
    rows = _asked(actor, words, role, state)
    if only is not None:
        rows = rows.filter(uid__in=only)
    rows, fields = ordered(rows.select_related("user", "unit"), ORDERS, order, "name")
    page = keyset(rows, order=fields, size=size, after=after, before=before)
    seen = last_seen(grant.pk for grant in page.rows)
    for grant in page.rows:
        grant.last_seen_at = seen.get(grant.pk)  # type: ignore[attr-defined]
    return page


def everybody(actor: Actor, *, only: Sequence[str] | None = None, **asked: str) -> Iterator[Grant]:
    """The whole list, for a file or a sheet; each look is noted.

    Raises:
        NotYourUsers.
    """

    def read(mark: str | None) -> Page[Grant]:
        found = created(actor, **asked, after=mark, size=CHUNK, only=only)
        seen = [grant.user_id for grant in found.rows]
        audit.looked_at(actor, "accounts.user", seen, "файл зі списком")
        return found

    return every(read)


def keys(actor: Actor, *, words: str = "", role: str = "", state: str = "") -> list[uuid.UUID]:
    """Public ids of every grant that matches.

    Raises:
        NotYourUsers.
    """
    return list(_asked(actor, words, role, state).values_list("uid", flat=True))


def invited(actor: Actor, uids: Sequence[str], limit: int) -> list[Grant]:
    """Who of the chosen has not come in yet, by name.

    Raises:
        NotYourUsers.
    """
    rows = below(actor).filter(uid__in=uids, state=GrantState.INVITED)
    return list(rows.select_related("user", "unit").order_by("sort_key", "id")[:limit])


def _asked(actor: Actor, words: str, role: str, state: str) -> QuerySet[Grant]:
    rows = _narrow(below(actor), words)
    if role in Role.values:
        rows = rows.filter(role=role)
    return rows.filter(state=state) if state in GrantState.values else rows


def _narrow(rows: QuerySet[Grant], words: str) -> QuerySet[Grant]:
    read = readings(words)
    if not read[0]:
        return rows
    number = code(read[0])
    if len(number) == 8:
        return rows.filter(unit__edrpou=number)
    if number or any(mark.isdigit() for mark in read[0]):
        return rows.filter(user__person_code=number or read[0].upper())
    begin = Q(pk__in=[])
    for key in (low for query in read for low in beginnings(query)):
        begin |= Q(sort_key__gte=key, sort_key__lt=key + "~")
    return rows.filter(begin)


def sought(actor: Actor, words: str, limit: int) -> list[Grant]:
    """The first people below the actor whom a text means, with their nodes; for the search."""
    rows = _narrow(below(actor), words).select_related("user", "unit").order_by("sort_key", "id")
    return list(rows[:limit])


def counts(actor: Actor, *, words: str = "") -> tuple[Counter[str], Counter[str]]:
    """How many grants below the actor by role and by state, in one query.

    Raises:
        NotYourUsers.
    """
    by_role: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    rows = _narrow(below(actor), words).values_list("role", "state").order_by()
    for role, state, number in rows.annotate(number=Count("id")):
        by_role[role] += number
        by_state[state] += number
    return by_role, by_state


def above(actor: Actor) -> list[tuple[OrgUnit, list[Grant]]]:
    """Who stands above the actor on their own branch, the nearest level first: whom to ask.

    Names and work contacts of administrators, for those who stand below them alone; a level where
    nobody works yet is told too. Two queries.
    """
    ids = [int(part) for part in actor.unit_path.split(".") if part]
    nodes = {
        node.id: node
        for node in OrgUnit.objects.filter(id__in=ids, is_active=True).exclude(
            kind__in=(UnitKind.OWNER, UnitKind.TECH_ADMIN)
        )
    }
    people: dict[int, list[Grant]] = {}
    for grant in (
        Grant.objects.filter(unit_id__in=nodes, state=GrantState.ACTIVE)
        .filter(role__in=[Role.HEAD, *policies.ADMINISTRATOR_OF.values()])
        .exclude(pk=actor.grant_id)
        .select_related("user")
        .order_by("sort_key", "id")
    ):
        people.setdefault(grant.unit_id, []).append(grant)
    return [
        (nodes[one], people.get(one, []))
        for one in reversed(ids)
        if one in nodes and (one != actor.unit_id or actor.role == Role.DEPUTY)
    ]


def counted(actor: Actor, *, words: str = "", role: str = "", state: str = "") -> int:
    """How many grants match.

    Raises:
        NotYourUsers.
    """
    return _asked(actor, words, role, state).count()


def last_seen(grant_ids: Iterable[int]) -> dict[int, datetime.datetime]:
    """When each grant was last used to sign in."""
    return dict(
        UserSession.objects.filter(grant_id__in=list(grant_ids))
        .values("grant_id")
        .annotate(last=Max("started_at"))
        .values_list("grant_id", "last")
    )


def find(actor: Actor, uid: uuid.UUID | str) -> Grant:
    """One grant below the actor, with person, node and giver.

    Raises:
        NotFound: absent, or not for this actor to know.
        NotYourUsers.
    """
    try:
        return (
            below(actor)
            .select_related("user", "unit", "given_by__user", "given_by__unit")
            .get(uid=uid)
        )
    except (Grant.DoesNotExist, ValueError, TypeError):
        raise NotFound from None


@dataclasses.dataclass(frozen=True)
class Card:
    """Everything the card of a grant shows."""

    grant: Grant
    edrpou: str
    others: list[Grant]
    invitations: list[Invitation]
    visits: list[UserSession]
    mismatch: NameMismatch | None
    history: list[timeline.Happened]


def card(actor: Actor, uid: uuid.UUID | str) -> Card:
    """The card of one grant below the actor; the look is kept in the journal.

    Raises:
        NotFound, NotYourUsers.
    """
    grant = find(actor, uid)
    audit.looked_at(actor, "accounts.user", [grant.user_id], "картка користувача: контакти, РНОКПП")
    return Card(
        grant=grant,
        edrpou=accepted_codes([grant.unit])[grant.unit_id],
        others=list(
            below(actor)
            .filter(user_id=grant.user_id)
            .exclude(pk=grant.pk)
            .select_related("unit")
            .order_by("id")
        ),
        invitations=list(grant.invitations.order_by("-id")[:10]),
        visits=list(grant.sessions.order_by("-started_at")[:10]),
        mismatch=grant.mismatches.filter(resolved_at=None).first(),
        history=history(grant),
    )


def history(grant: Grant, limit: int = 50) -> list[timeline.Happened]:
    """What was done to a grant, newest first."""
    return timeline.newest(
        EventRow.objects.filter(subject_type="accounts.grant", subject_id=str(grant.uid)), limit
    )


@dataclasses.dataclass(frozen=True)
class Waiting:
    """What of the level below needs the actor."""

    mismatches: int
    expired: int
    acting: int = 0  # acting heads whose last day has passed


def waiting(actor: Actor, at: datetime.datetime) -> Waiting:
    """How many people came with another name, and how many invitations ran out unused."""
    if not policies.manage_users.allows(actor):
        return Waiting(0, 0)
    mismatches, expired, acting = _waiting(actor.role)
    return Waiting(
        mismatches=mismatches.count(actor, actor.unit_id),
        expired=expired.count(actor, actor.unit_id, at),
        acting=acting.count(actor, actor.unit_id, clock.day_of(at)),
    )


@functools.cache
def _waiting(role: str) -> tuple[Kept[NameMismatch], Kept[Invitation], Kept[Grant]]:
    return (
        Kept(
            lambda actor, unit_id: NameMismatch.objects.filter(
                resolved_at=None, grant__in=_below(actor, role, unit_id)
            )
        ),
        Kept(
            lambda actor, unit_id, at: Invitation.objects.filter(
                used_at=None,
                withdrawn_at=None,
                expires_at__lt=at,
                grant__in=_below(actor, role, unit_id),
            )
        ),
        Kept(
            lambda actor, unit_id, today: (
                _below(actor, role, unit_id)
                .filter(acting_until__lt=today)
                .exclude(state=GrantState.INACTIVE)
            )
        ),
    )


@dataclasses.dataclass(frozen=True)
class Level:
    """One step of the cascade as the page draws it; state: done | here | next | later."""

    title: str
    note: str
    state: str


def cascade(actor: Actor) -> list[Level]:
    """The chain from the technical administrator down to the actor and what lies below."""
    if actor.unit_id is None:
        return []
    node = OrgUnit.objects.get(pk=actor.unit_id)
    steps: list[Level] = []
    if actor.role != Role.TECH_ADMIN:
        steps.append(Level("Технічний адміністратор", "", "done"))
    steps += [
        Level(UnitKind(up.kind).label, up.name, "done")
        for up in ancestors(node)
        if up.kind not in {UnitKind.OWNER, UnitKind.TECH_ADMIN}
    ]
    steps.append(Level(UnitKind(node.kind).label, f"{node.name} · ви тут", "here"))
    later = {
        Role.TECH_ADMIN: ["Область", "Район", "Громада, місто", "Заклад освіти"],
        Role.OBLAST_ADMIN: ["Район", "Громада, місто", "Заклад освіти"],
        Role.RAION_ADMIN: ["Громада, місто", "Заклад освіти"],
        Role.HROMADA_ADMIN: ["Район у місті", "Заклад освіти"],
        Role.DISTRICT_ADMIN: ["Заклад освіти"],
        Role.HEAD: ["Відповідальні особи, філії"],
    }.get(Role(actor.role), [])
    steps += [Level(title, "", "next" if n == 0 else "later") for n, title in enumerate(later)]
    return steps


def kinds_of_administrators(actor: Actor) -> list[str]:
    """Kinds of nodes whose administrators the actor may create."""
    apart = {Role.HEAD, Role.DEPUTY, Role.OPERATOR}  # each has a way of its own
    roles = [role for role in CREATES.get(actor.role, ()) if role not in apart]
    return [kind for role in roles for kind in HELD_AT[role]]


def head_of(unit: OrgUnit) -> Grant | None:
    """The head of an institution who is not НЕАКТИВНИЙ."""
    return (
        Grant.objects.filter(unit=unit, role=Role.HEAD)
        .exclude(state=GrantState.INACTIVE)
        .select_related("user")
        .first()
    )
