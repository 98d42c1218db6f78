"""One search over what the actor may see: children by document, number and name, classes by label,
orders by number, employees and users by name, institutions by code and name, places by name.

Measured at 4,000,000 pupils by `make bench ONLY=search` (docs/performance.md). No trigram index
stands on the pupils: the dictionary of distinct names (`NameWord`) is searched by likeness, then
people by B-tree ranges of the scoped sort key.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Q, QuerySet

from accounts import policies as user_policies
from accounts.actors import Actor
from accounts.models import Grant
from accounts.selectors import users as user_reads
from kernel import audit
from kernel.text import Alike, alike, beginnings, clean, readings
from registry.classes.models import ClassGroup
from registry.classifiers.models import Territory
from registry.classifiers.selectors import territories
from registry.fields import finding, labels
from registry.institutions import selectors as institution_reads
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.people import policies as pupil_policies
from registry.people.models.pupils import Pupil
from registry.staff import selectors as staff
from registry.staff.models.posts import Post, lasting

LIMIT = 20
SHORTEST = 2
_HIGHEST = "\U0010ffff"


@dataclasses.dataclass(frozen=True)
class FoundPupil:
    """A child found, as one line: who, where, and by what."""

    id: uuid.UUID
    full_name: str
    born_on: Any
    class_label: str
    institution: str
    institution_uid: uuid.UUID | None


@dataclasses.dataclass(frozen=True)
class Found:
    """What a search gave. `pupils_hidden` says why children were not sought at all."""

    institutions: list[Institution] = dataclasses.field(default_factory=list)
    pupils: list[FoundPupil] = dataclasses.field(default_factory=list)
    classes: list[ClassGroup] = dataclasses.field(default_factory=list)
    orders: list[Order] = dataclasses.field(default_factory=list)
    posts: list[Post] = dataclasses.field(default_factory=list)
    users: list[Grant] = dataclasses.field(default_factory=list)
    places: list[Territory] = dataclasses.field(default_factory=list)
    guessed: bool = False  # names of people alike, not the same
    pupils_hidden: str = ""


def is_short(text: str) -> bool:
    """Whether too little was typed to be sought."""
    return len(clean(text.replace("\x00", ""))) < SHORTEST


def everywhere(
    actor: Actor, text: str, *, today: datetime.date, limit: int = LIMIT, what: str = "пошук"
) -> Found:
    """Search all that is within reach by one line of text, as it stands and as the same keys of the
    other layout; looks at people by name are noted as `what`.

    People whose names are alike are offered only when nobody bears the name that was typed.
    """
    if is_short(text):
        return Found()
    read = readings(text)
    where = _where(actor)
    children = _pupils(where, read, limit) if where else []
    employees = _posts(actor, read, today, limit) or _posts_held(actor, text, today, limit)
    users = _users(actor, text, limit)
    guessed = False
    if not (children or employees or users or _has_digit(text)):
        names = finding.guesses(read)
        children = _in_ranges(where, names, limit) if where else []
        employees = _posts_alike(actor, names, today, limit)
        guessed = bool(children or employees)
    audit.looked_at(actor, "registry.pupil", children, what)
    audit.looked_at(actor, "registry.staff", [post.pk for post in employees], what)
    refusal = None if where else pupil_policies.see_names.refusal(actor)
    return Found(
        pupils=_shown(children),
        institutions=institutions(actor, text, limit=limit),
        classes=classes(actor, read, today, limit=limit),
        orders=orders(actor, read, limit=limit),
        posts=employees,
        users=users,
        places=territories.beginning(read, limit=limit),
        guessed=guessed,
        pupils_hidden=refusal.detail if refusal else "",
    )


def _has_digit(text: str) -> bool:
    return any(mark.isdigit() for mark in text)


# ── classes and orders ───────────────────────────────────────────────────────
def classes(
    actor: Actor, read: list[str], today: datetime.date, *, limit: int = LIMIT
) -> list[ClassGroup]:
    """Open classes by label, in any alphabet: «5-А», «5a». Of many schools, the classes of this
    school year or a later one, school by school by name; «5-А мамаївський» narrows the schools.
    """
    own = actor.scope.level == "institution"
    for query in read:
        for label, words in _labelled(query):
            grade, letter = label
            if not (own or letter):
                continue
            rows = ClassGroup.objects.visible_to(actor).filter(grade=grade, closed_on=None)
            if letter:
                rows = rows.alias(key=Alike("letter")).filter(key=alike(letter))
            if not own:
                rows = rows.filter(school_year__ends_on__gte=today)
            if words:
                schools = institution_reads.sought(Institution.objects.visible_to(actor), words)
                rows = rows.filter(institution_id__in=schools.values("unit_id"))
            order = ("-school_year",) if own else ()
            rows = rows.select_related("institution").order_by(
                *order,
                "institution__sort_key",
                "institution_id",
                *labels.ORDER,
            )
            if found := list(rows[:limit]):
                return found
    return []


def _labelled(query: str) -> list[tuple[tuple[int, str], str]]:
    """The ways to read a text as a class's label and words of its school's name, on either side."""
    words = query.split()
    found = []
    for n in range(len(words), 0, -1):
        for label, rest in ((words[:n], words[n:]), (words[-n:], words[:-n])):
            if (parsed := labels.parse(" ".join(label))) and (parsed[1] or not rest):
                found.append((parsed, " ".join(rest)))
    return found[:2]


def orders(actor: Actor, read: list[str], *, limit: int = LIMIT) -> list[Order]:
    """Orders by number, whatever its case and alphabet, of the institutions whose children the
    actor sees by name: orders are full of names."""
    numbers = {key for query in read if (key := alike(query.removeprefix("№")))}
    if pupil_policies.NAMES.right(actor) is None or not numbers or actor.scope.level == "all":
        return []
    schools = pupil_policies.NAMES.narrow(Institution.objects.all(), actor)
    rows = Order.objects.filter(institution_id__in=list(schools.values_list("pk", flat=True)))
    rows = rows.alias(key=Alike("number")).filter(key__in=numbers).exclude(state="GIVEN_UP")
    return list(rows.select_related("institution").order_by("-id")[:limit])


# ── employees and users ──────────────────────────────────────────────────────
def _posts(actor: Actor, read: list[str], today: datetime.date, limit: int) -> list[Post]:
    for query in read:
        for low in beginnings(query):
            if found := _posts_of(
                actor, Q(sort_key__gte=low, sort_key__lt=low + _HIGHEST), today, limit
            ):
                return found
    return []


def _posts_held(actor: Actor, text: str, today: datetime.date, limit: int) -> list[Post]:
    """Whoever holds a position that the text names: «завуч», «заступник директора»."""
    held = staff.positions_called(text)
    return _posts_of(actor, Q(position__in=held), today, limit) if held else []


def _posts_alike(actor: Actor, names: list[str], today: datetime.date, limit: int) -> list[Post]:
    meant = Q(pk__in=[])
    for name in names:
        meant |= Q(sort_key__gte=f"{name} ", sort_key__lt=f"{name}!")
    return _posts_of(actor, meant, today, limit)


def _posts_of(actor: Actor, names: Q, today: datetime.date, limit: int) -> list[Post]:
    """Employees by name, where the actor sees the staff by name."""
    if not staff.sees_names(actor):
        return []
    rows: QuerySet[Post] = staff.named(actor).filter(lasting(today), names)
    rows = rows.select_related("employee", "institution").order_by(*staff.ORDER)
    return list(rows[:limit])


def _users(actor: Actor, text: str, limit: int) -> list[Grant]:
    """People below who hold a role here, for whoever manages them."""
    return user_reads.sought(actor, text, limit) if user_policies.manage_users.allows(actor) else []


# ── institutions ─────────────────────────────────────────────────────────────
def institutions(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Institution]:
    """Institutions by ЄДРПОУ, ДІСО, ЄДЕБО exactly, or by name: those that begin so, then the likest
    of those that hold its words, misspelt too.

    Of the thousands that «ліцей» names in the country 200 are weighed: all of them take 86 ms.
    """
    rows = Institution.objects.visible_to(actor)
    begun: list[Institution] = []
    for low in (low for query in readings(text) for low in beginnings(query)):
        found = rows.filter(sort_key__gte=low, sort_key__lt=low + _HIGHEST)
        if begun := list(found.order_by("sort_key", "unit_id")[:limit]):
            break
    if len(begun) == limit:
        return begun
    held = list(institution_reads.sought(rows, text).values_list("pk", flat=True)[:_WEIGHED])
    best = TrigramWordSimilarity(readings(text)[-1], "short_name")
    others = Institution.objects.filter(pk__in=set(held) - {one.pk for one in begun})
    weighed = others.annotate(likeness=best).order_by("-likeness", "sort_key", "unit_id")
    return [*begun, *weighed[: limit - len(begun)]]


_WEIGHED = 200


# ── pupils ───────────────────────────────────────────────────────────────────
def _pupils(where: _Where, read: list[str], limit: int) -> list[uuid.UUID]:
    """Children within reach, by number of a document, РНОКПП, УНЗР, or by the beginning of a name."""
    if (number := finding.numbered(read[0])) is not None:
        return _by_number(where, number, limit)
    for query in read:
        for begins in beginnings(query):
            if len(begins) >= SHORTEST and (found := _by_beginning(where, begins, limit)):
                return found
    return []


@dataclasses.dataclass(frozen=True)
class _Where:
    """The scope as a condition on registry_pupil, led by the column of an index."""

    sql: str
    params: tuple[Any, ...]


def _where(actor: Actor) -> _Where | None:
    """The rows a search may touch: the actor's reach, narrowed to children seen by name."""
    scope = actor.scope
    right = pupil_policies.NAMES.right(actor)
    if right is None:
        return None
    if right.direct:
        own = pupil_policies.NAMES.narrow(Institution.objects.all(), actor)
        ids = list(own.values_list("unit_id", flat=True))
        return _Where("p.institution_id = ANY(%s)", (ids,)) if ids else None
    if scope.level == "all":
        return _Where("p.institution_id IS NOT NULL", ())
    column = Pupil.SCOPE.get(scope.level)
    if column is None or not scope.keys:
        return None
    if len(scope.keys) == 1:
        return _Where(f"p.{column} = %s", (scope.keys[0],))
    return _Where(f"p.{column} = ANY(%s)", (list(scope.keys),))


def _by_number(where: _Where, said: finding.Numbered, limit: int) -> list[uuid.UUID]:
    if said.rnokpp:
        return _ids(where, "p.rnokpp = %s AND p.merged_into_id IS NULL", [said.rnokpp], limit)
    if said.unzr:
        return _ids(where, "p.unzr = %s AND p.merged_into_id IS NULL", [said.unzr], limit)
    if not said.number:
        return []
    # The array is found first, by (number, series, type); then children by primary key.
    of_number = (
        "p.id = ANY(ARRAY(SELECT d.pupil_id FROM registry_pupildocument d WHERE d.number = %s"
    )
    if said.series:
        return _ids(
            where, f"{of_number} AND d.series = %s LIMIT 500))", [said.number, said.series], limit
        )
    return _ids(where, f"{of_number} LIMIT 500))", [said.number], limit)


def _by_beginning(where: _Where, begins: str, limit: int) -> list[uuid.UUID]:
    """«шевч», «шевченко та»: a range of the sort key; the last word may be unfinished."""
    return _ids(where, "p.sort_key >= %s AND p.sort_key < %s", [begins, begins + _HIGHEST], limit)


def _in_ranges(where: _Where, names: Sequence[str], limit: int) -> list[uuid.UUID]:
    """People of exactly these names, the likest name first: one B-tree range a name."""
    if not names:
        return []
    lows = [f"{name} " for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            # Columns come from Pupil.SCOPE, every value is a parameter.
            "SELECT found.id FROM unnest(%s::text[], %s::text[])"
            " WITH ORDINALITY AS name(low, high, place)"
            " CROSS JOIN LATERAL (SELECT p.id, p.sort_key FROM registry_pupil p"
            f'   WHERE {where.sql} AND p.sort_key >= name.low COLLATE "C"'
            '   AND p.sort_key < name.high COLLATE "C"'
            "   ORDER BY p.sort_key, p.id LIMIT %s) AS found"
            " ORDER BY name.place, found.sort_key, found.id LIMIT %s",
            [
                lows,
                [f"{low[:-1]}!" for low in lows],
                *where.params,
                limit,
                limit,
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def _ids(where: _Where, condition: str, params: list[Any], limit: int) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM registry_pupil p WHERE {where.sql} AND {condition}"
            " ORDER BY p.sort_key, p.id LIMIT %s",
            [*where.params, *params, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _shown(ids: list[uuid.UUID]) -> list[FoundPupil]:
    if not ids:
        return []
    rows = {
        pupil.pk: pupil for pupil in Pupil.objects.filter(pk__in=ids).select_related("institution")
    }
    labels = {
        group.pk: group.label
        for group in ClassGroup.objects.filter(
            pk__in={pupil.class_group_id for pupil in rows.values()}
        )
    }
    return [
        FoundPupil(
            pupil.pk,
            pupil.full_name,
            pupil.born_on,
            labels.get(pupil.class_group_id, ""),
            pupil.institution.short_name if pupil.institution else "",
            pupil.institution.uid if pupil.institution else None,
        )
        for pupil in (rows[pk] for pk in ids if pk in rows)
    ]
