"""Reading staff within the actor's reach; names only where handbook B.2 opens them."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, cast

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Collate
from django.db.models.lookups import GreaterThan

from accounts.actors import Actor
from kernel import audit, clock
from kernel.kept import Kept
from kernel.paging import Order, Page, every, keyset, offered, ordered
from kernel.scoping import ScopedQuerySet
from kernel.text import readings, sort_key
from registry.classifiers.selectors import classifiers
from registry.fields import finding, labels
from registry.institutions import policies
from registry.institutions.models.institutions import Institution
from registry.staff.models.careers import COURSE_HOURS, CYCLE_YEARS, Attestation, Course, Deferment
from registry.staff.models.load import Load
from registry.staff.models.posts import Post, PostCount, lasting

PAGE = 50
CHUNK = 1_000  # rows of a file read at a time
ORDER = ("sort_key", "id")
_FEW = "one institution and its branches: hundreds of rows, sorted as they are found"
ORDERS = {
    "name": Order(ORDER, "post_inst post_oblast post_raion post_hromada"),
    "position": Order(("position", "sort_key", "id"), _FEW, few=True),
    "institution": Order(
        ("school_of", "sort_key", "id"),
        _FEW,
        {"school_of": Collate("institution__sort_key", "C")},
        few=True,
    ),
    "category": Order(("category", "sort_key", "id"), _FEW, few=True),
    "rate": Order(("rate", "sort_key", "id"), _FEW, few=True),
}


def hours_words(value: Decimal) -> str:
    """«4,5»: hours and rates as they are written."""
    return f"{value.normalize():f}".replace(".", ",")


def named(actor: Actor) -> ScopedQuerySet:
    """Posts whose holders the actor may see by name."""
    rows: ScopedQuerySet = policies.STAFF_NAMES.narrow(
        Post.objects.all(), actor, at="institution__"
    )
    return rows


def sees_names(actor: Actor) -> bool:
    """Whether the actor sees any staff by name at all."""
    return policies.STAFF_NAMES.right(actor) is not None


# «повне залучення» and the rate at the main post without which a deferment is not prolonged (A.9).
DEFERMENT_RATE = Decimal("0.75")


# How long before its last day a deferment is told of: the orders of a whole school take a while.
DEFERMENT_TOLD = datetime.timedelta(days=60)


_PROLONGED = Deferment.objects.filter(post=OuterRef("post"), voided_by=None).filter(
    Q(until__gt=OuterRef("until")) | Q(until=OuterRef("until"), pk__gt=OuterRef("pk"))
)
_ENDING = Kept[datetime.date](
    lambda actor, unit, today, last: (
        Deferment.objects.filter(voided_by=None, until__gte=today, until__lte=last)
        .filter(
            ~Exists(_PROLONGED),
            Q(post__institution__hub=None) | Q(post__institution__hub_id=unit),
            post__in=Post.objects.visible_to(actor).filter(lasting(today)),
        )
        .order_by("until")
        .values_list("until", flat=True)
    )
)


def deferments_ending(actor: Actor, today: datetime.date) -> tuple[int, datetime.date] | None:
    """How many deferments of the head's institutions end soon, and the first of their last days;
    nothing for anybody but the head."""
    if not policies.keep_deferments.allows(actor):
        return None
    days = _ENDING.rows(actor, actor.unit_id, today, today + DEFERMENT_TOLD)
    return (len(days), days[0]) if days else None


def deferred_until(actor: Actor, today: datetime.date) -> dict[uuid.UUID, datetime.date]:
    """The last days of deferments that end soon, by post; to the head alone."""
    if not policies.keep_deferments.allows(actor):
        return {}
    posts = Post.objects.visible_to(actor).filter(lasting(today))
    rows = _ending(today).filter(post__in=posts)
    return dict(rows.values_list("post_id", "until"))


def _ending(today: datetime.date) -> QuerySet[Deferment]:
    """Deferments that stand and end within `DEFERMENT_TOLD`."""
    rows: QuerySet[Deferment] = Deferment.objects.filter(
        ~Exists(_PROLONGED), voided_by=None, until__gte=today, until__lte=today + DEFERMENT_TOLD
    )
    return rows


def deferment_refusals(posts: Sequence[Post], day: datetime.date) -> dict[uuid.UUID, str]:
    """Why the deferment of a post cannot be prolonged: the first condition that it does not meet."""
    marked = set(
        Deferment.objects.filter(post__in=[one.pk for one in posts], voided_by=None).values_list(
            "post_id", flat=True
        )
    )
    refused = {}
    for post in posts:
        person = post.employee
        if post.pk not in marked:
            refused[post.pk] = "Відстрочки ще немає: тут її лише продовжують"
        elif not (person.rnokpp or person.passport):
            refused[post.pk] = "У картці немає РНОКПП і паспорта"
        elif not post.is_full:
            refused[post.pk] = "У картці немає повного залучення"
        elif not post.is_main or post.rate < DEFERMENT_RATE:
            refused[post.pk] = "Потрібно щонайменше 0,75 ставки на основній роботі"
    return refused


def find(actor: Actor, pk: uuid.UUID | str) -> Post:
    """A post with its holder; the look is noted.

    Raises:
        NotFound: absent, out of reach, or not open to the actor: all read the same.
    """
    post: Post = named(actor).select_related("employee", "institution__unit").find(pk=pk)
    audit.looked_at(actor, "registry.staff", [post.pk], "картка працівника")
    return post


def other_posts(actor: Actor, post: Post, today: datetime.date) -> list[Post]:
    """Where else the same person works, as far as the actor sees names."""
    rows = named(actor).filter(lasting(today), employee_id=post.employee_id).exclude(pk=post.pk)
    return list(rows.select_related("institution").order_by("-is_main", "pk"))


def led_now(post: Post) -> list[str]:
    """Labels of the open classes that are led from a post."""
    rows = post.classes.filter(closed_on=None).order_by(*labels.ORDER)
    return [str(group.label) for group in rows]


@dataclasses.dataclass(frozen=True)
class StaffFilters:
    """What the list is narrowed by; `institution` is the uid of one."""

    q: str = ""
    position: str = ""
    institution: str = ""
    left: str = ""  # "1": those who left
    due: str = ""  # a key of DUE


DUE = {
    "attestation": "Підходить строк атестації",
    "courses": "Бракує годин курсів",
    "load": "Без навантаження",
    "part": "Сумісники",
    "defer": "Спливає відстрочка",
}


def dues(actor: Actor) -> dict[str, str]:
    """What of DUE the reader may ask: of deferments the head alone."""
    head = policies.keep_deferments.allows(actor)
    return {name: words for name, words in DUE.items() if name != "defer" or head}


def _is_due(today: datetime.date) -> dict[str, Any]:
    """Conditions of DUE: asked within one institution, hundreds of rows."""
    pedagogical = [
        item.code for item in classifiers.editions("position") if item.attributes.get("pedagogical")
    ]
    decided = Attestation.objects.filter(employee=OuterRef("employee"), voided_by=None)
    since = clock.years_after(today, -CYCLE_YEARS)
    # Due within a year: decided four years ago or earlier.
    recent = decided.filter(held_on__gt=clock.years_after(today, 1 - CYCLE_YEARS))
    hours = (
        Course.objects.filter(employee=OuterRef("employee"), voided_by=None, ended_on__gt=since)
        .values("employee")
        .annotate(all=Sum("hours"))
        .values("all")
    )
    taught = Load.objects.filter(lasting(today), post=OuterRef("pk"), voided_by=None)
    teaches = Q(position__in=pedagogical)
    return {
        "attestation": Exists(decided) & ~Exists(recent),
        "courses": teaches
        & Q(GreaterThan(Value(COURSE_HOURS), Coalesce(Subquery(hours), Decimal(0)))),
        "load": teaches & ~Exists(taught),
        "part": Q(is_main=False),
        "defer": Exists(_ending(today).filter(post=OuterRef("pk"))),
    }


@dataclasses.dataclass(frozen=True)
class StaffListing:
    """A page of staff with the counts by position and, within one institution, by what is due."""

    page: Page[Post]
    total: int
    every: int  # whatever the position
    positions: dict[str, int]
    due: dict[str, int]


def listing(
    actor: Actor,
    filters: StaffFilters,
    *,
    today: datetime.date,
    order: str = "name",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
    only: Sequence[str] | None = None,
) -> StaffListing:
    """A page of staff, of those chosen among them (`only`) if any are; two queries however many
    there are.

    Raises:
        BadCursor: the page mark was damaged.
    """
    rows = _within(actor, filters, today)
    positions = dict(rows.order_by().values_list("position").annotate(Count("pk")))
    shown = rows.filter(position=filters.position) if filters.position else rows
    every = _within(actor, dataclasses.replace(filters, due=""), today) if filters.due else rows
    due = due_counts(actor, every, today) if has_due(actor, filters) else {}
    if only is not None:
        shown = shown.filter(pk__in=only)
    inorder, fields = ordered(shown, orders_of(actor, filters), order, "name")
    page = keyset(
        inorder.select_related("employee", "institution"),
        order=fields,
        size=size,
        after=after,
        before=before,
    )
    total = positions.get(filters.position, 0) if filters.position else sum(positions.values())
    return StaffListing(page, total, sum(positions.values()), positions, due)


def has_due(actor: Actor, filters: StaffFilters) -> bool:
    """Whether the list may be narrowed by what is due: where it is of one institution."""
    return actor.scope.level == "institution" or bool(filters.institution)


def due_counts(actor: Actor, rows: ScopedQuerySet, today: datetime.date) -> dict[str, int]:
    """How many of these posts each of `dues` is said of: one query."""
    told, offered_ = _is_due(today), dues(actor)
    asked = {name: Count("pk", filter=Q(told[name])) for name in offered_}
    counted: dict[str, int] = rows.order_by().aggregate(**asked)
    return counted


def orders_of(actor: Actor, filters: StaffFilters) -> dict[str, Order]:
    """The orders that this list is given: more than by name where it is of one institution."""
    few = actor.scope.level == "institution" or bool(filters.institution)
    return offered(ORDERS, few=few)


def keys(actor: Actor, filters: StaffFilters, today: datetime.date) -> list[uuid.UUID]:
    """Ids of every post that matches, by name."""
    rows = _within(actor, filters, today)
    rows = rows.filter(position=filters.position) if filters.position else rows
    return list(rows.values_list("pk", flat=True))


def everybody(
    actor: Actor,
    filters: StaffFilters,
    *,
    today: datetime.date,
    order: str,
    only: Sequence[str] | None = None,
) -> Iterator[Post]:
    """The whole list, for a file or a sheet; each look is noted."""

    def read(mark: str | None) -> Page[Post]:
        found = listing(
            actor, filters, today=today, order=order, after=mark, size=CHUNK, only=only
        ).page
        audit.looked_at(
            actor, "registry.staff", [post.pk for post in found.rows], "файл зі списком"
        )
        return found

    return every(read)


def _within(actor: Actor, filters: StaffFilters, today: datetime.date) -> ScopedQuerySet:
    rows: ScopedQuerySet = named(actor).filter(
        ~lasting(today) if filters.left == "1" else lasting(today), voided_by=None
    )
    if filters.institution:
        rows = rows.filter(institution__uid=_uuid(filters.institution))
    if filters.due in dues(actor) and has_due(actor, filters):
        rows = rows.filter(_is_due(today)[filters.due])
    if filters.q.strip():
        called = cast(ScopedQuerySet, finding.named(rows, filters.q))
        held = positions_called(filters.q)
        rows = rows.filter(position__in=held) if held and not called.exists() else called
    return rows


# What people call a position, where the classifier says it otherwise.
_CALLED = {
    "DEPUTY_TEACHING": "завуч заступниця",
    "DEPUTY_UPBRINGING": "завуч заступниця",
    "HEAD": "директорка керівник керівниця",
    "TEACHER": "вчителька учитель учителька викладач викладачка",
    "TEACHER_PRIMARY": "вчителька учитель учителька початківець",
    "TEACHER_SPECIAL": "дефектологиня корекційний",
    "SPEECH_THERAPIST": "логопединя",
    "TEACHER_ASSISTANT": "асистентка",
    "EDUCATOR": "вихователька",
    "PSYCHOLOGIST": "психологиня",
    "LIBRARIAN": "бібліотекарка",
    "NURSE": "медсестра",
    "SECRETARY": "секретарка діловод",
    "LAB_ASSISTANT": "лаборантка",
}
_WORD = re.compile(r"[^\W\d_]+(?:[-ʼ][^\W\d_]+)*")
_SHORTEST_WORD = 4  # of a position: «вчит»; a shorter text is a name


def positions_called(text: str) -> list[str]:
    """Codes of positions that a text names by the beginnings of their words: «заступник директора»,
    «завуч»; in either layout of the keyboard."""
    for query in readings(text):
        wanted = [sort_key(word) for word in _WORD.findall(query)]
        if not wanted or max(map(len, wanted)) < _SHORTEST_WORD:
            continue
        found = []
        for code, name in classifiers.labels("position").items():
            words = _WORD.findall(f"{name} {_CALLED.get(code, '')}")
            known = [sort_key(part) for word in words for part in (word, *word.split("-"))]
            if all(any(one.startswith(word) for one in known) for word in wanted):
                found.append(code)
        if found:
            return found
    return []


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
    rates: Decimal


_NUMBER_KEYS: dict[str, Callable[[PositionCount], Any]] = {
    "position": lambda row: sort_key(classifiers.label("position", row.position)),
    "people": lambda row: (row.people, row.position),
    "rates": lambda row: (row.rates, row.position),
}
NUMBER_ORDERS = {
    name: Order((name,), "positions of the classifier: tens, sorted in memory", few=True)
    for name in _NUMBER_KEYS
}


def in_order(rows: Iterable[PositionCount], order: str) -> list[PositionCount]:
    """Numbers by position, by a column."""
    return sorted(rows, key=_NUMBER_KEYS[order.removeprefix("-")], reverse=order.startswith("-"))


def by_position(actor: Actor, today: datetime.date) -> list[PositionCount]:
    """Numbers by position within reach; open to everybody who sees the institutions.

    A school counts its posts; above it they are counted already (PostCount).
    """
    own = actor.scope.level == "institution"
    rows = (Post if own else PostCount).objects.visible_to(actor)
    counted = (
        rows.filter(lasting(today) if own else Q(ends_on=None) | Q(ends_on__gt=today))
        .order_by()
        .values_list("position")
        .annotate(people=Count("pk") if own else Sum("posts"), at=Sum("rate" if own else "rates"))
        .filter(people__gt=0)
        .order_by("-people", "position")
    )
    return [PositionCount(position, people, at) for position, people, at in counted]


def teachers(actor: Actor, institution: Institution, today: datetime.date) -> list[tuple[str, str]]:
    """`(id of the post, full name)` of those who may lead a class, for a form field.

    Open to whoever keeps the institution's classes: a class has its teacher's name on it.
    """
    policies.keep_classes.require(actor, institution)
    rows = (
        Post.objects.visible_to(actor)
        .filter(lasting(today), institution_id=institution.unit_id)
        .select_related("employee")
        .order_by(*ORDER)
    )
    return [(str(post.pk), post.employee.full_name) for post in rows]
