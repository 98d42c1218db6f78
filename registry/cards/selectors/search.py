"""One search over what the actor may see: institutions by code and name, children by document,
number and name, misspelt names too.

Measured at 4,000,000 pupils (`make bench ONLY=search`, on a busy machine): a document 0.3 ms, a
surname's beginning 0.3 ms, a misspelt name 8-17 ms, nine of ten misspelt in both words found. No
trigram index stands on the pupils: the dictionary of distinct names (`NameWord`) is searched by
likeness, then people by B-tree ranges of the scoped sort key.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Q

import kernel.lookups  # noqa: F401 - registers `holds`
from accounts import policies as user_policies
from accounts.actors import Actor
from accounts.models import Grant
from accounts.selectors import users as user_reads
from kernel import audit
from kernel.errors import DomainError
from kernel.text import Alike, alike, clean, digits, readings
from registry.classes.models import ClassGroup
from registry.fields import labels
from registry.institutions.models.institutions import Institution
from registry.orders.models import Order
from registry.orders.selectors import orders as order_reads
from registry.people import policies as pupil_policies
from registry.people.models.pupils import Pupil
from registry.people.selectors import finding
from registry.staff import selectors as staff
from registry.staff.models import Post

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
    guessed: bool = False  # names alike, not the same
    pupils_hidden: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing of any kind was found."""
        kinds = (self.pupils, self.institutions, self.classes, self.orders, self.posts, self.users)
        return not any(kinds)


def everywhere(actor: Actor, text: str, *, today: datetime.date, limit: int = LIMIT) -> Found:
    """Search all that is within reach by one line of text; looks at pupils are noted."""
    query = clean(text.replace("\x00", ""))[:200]
    if len(query) < SHORTEST:
        return Found()
    beside: dict[str, Any] = {
        "institutions": institutions(actor, text, limit=limit),
        "classes": classes(actor, query, limit=limit),
        "orders": orders(actor, query, limit=limit),
        "posts": posts(actor, text, today=today, limit=limit),
        "users": users(actor, text, limit=limit),
    }
    if _where(actor) is None:
        refusal = pupil_policies.see_names.refusal(actor)
        return Found(**beside, pupils_hidden=refusal.detail if refusal else "")
    found, guessed = pupils(actor, text, limit=limit)
    audit.looked_at(actor, "registry.pupil", [pupil.id for pupil in found], "пошук")
    return Found(**beside, pupils=found, guessed=bool(found) and guessed)


# ── what a school keeps ──────────────────────────────────────────────────────
def classes(actor: Actor, text: str, *, limit: int = LIMIT) -> list[ClassGroup]:
    """Open classes of the own institutions by label, in any alphabet: «5-А», «5a»."""
    if actor.scope.level != "institution" or (label := labels.parse(text)) is None:
        return []
    grade, letter = label
    rows = ClassGroup.objects.visible_to(actor).filter(grade=grade, closed_on=None)
    if letter:
        rows = rows.alias(key=Alike("letter")).filter(key=alike(letter))
    rows = rows.select_related("institution").order_by("-school_year", "institution", "letter")
    return list(rows[:limit])


def orders(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Order]:
    """Orders of the own institutions by number, whatever its case and alphabet."""
    number = alike(text.removeprefix("№"))
    if actor.scope.level != "institution" or not number:
        return []
    try:
        order_reads.may_see(actor)
    except DomainError:
        return []
    rows = Order.objects.visible_to(actor).alias(key=Alike("number")).filter(key=number)
    return list(rows.exclude(state="GIVEN_UP").order_by("-id")[:limit])


def posts(actor: Actor, text: str, *, today: datetime.date, limit: int = LIMIT) -> list[Post]:
    """Employees by the beginning of their names, where the actor sees the staff by name."""
    if not staff.sees_names(actor):
        return []
    found = staff.listing(actor, staff.StaffFilters(q=text), today=today, size=limit)
    return list(found.page.rows)


def users(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Grant]:
    """People below who hold a role here, for whoever manages them."""
    if not user_policies.manage_users.allows(actor):
        return []
    return list(user_reads.created(actor, words=text).rows[:limit])


# ── institutions ─────────────────────────────────────────────────────────────
def institutions(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Institution]:
    """Institutions by ЄДРПОУ, ДІСО, ЄДЕБО exactly, or by name, misspelt too (best first)."""
    for query in readings(text):
        if query and (found := _institutions(actor, query, limit)):
            return found
    return []


def _institutions(actor: Actor, query: str, limit: int) -> list[Institution]:
    rows = Institution.objects.visible_to(actor)
    if digits(query).isascii() and digits(query).isdigit():
        query = digits(query)
        exact = Q(edrpou=query) | Q(diso_id=query) | Q(edebo_id=query)
        found = list(rows.filter(exact).order_by("sort_key", "unit_id")[:limit])
        if found or len(query) > 4:
            return found
    words = query.split()
    holding = rows
    for word in words:
        holding = holding.filter(Q(short_name__holds=word) | Q(full_name__holds=word))
    likeness = TrigramWordSimilarity(query, "short_name")
    found = list(holding.annotate(likeness=likeness).order_by("-likeness", "sort_key")[:limit])
    if found or len(query) < 4:
        return found
    with connection.cursor() as cursor:
        # 0.6, the default, misses a wrong vowel in a word of ten letters. Nobody else asks `%>`.
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', false)")
    for word in words:
        if len(word) > 2:
            rows = rows.filter(short_name__trigram_word_similar=word)
    return list(rows.annotate(likeness=likeness).order_by("-likeness", "sort_key")[:limit])


# ── pupils ───────────────────────────────────────────────────────────────────
def pupils(actor: Actor, text: str, *, limit: int = LIMIT) -> tuple[list[FoundPupil], bool]:
    """Children within reach, by number of a document, РНОКПП, УНЗР, or by name.

    Returns the rows and whether they were guessed from a misspelt name. Only rows whose names the
    actor may see (handbook B.2).
    """
    where = _where(actor)
    if where is None:
        return [], False
    read = readings(text)
    if (number := finding.numbered(read[0])) is not None:
        return _shown(_by_number(where, number, limit)), False
    for query in read:
        for begins in finding.beginnings(query):
            if len(begins) >= SHORTEST and (found := _by_beginning(where, begins, limit)):
                return _shown(found), False
    for query in read:
        for names in finding.alike(query):
            if found := _in_ranges(where, names, limit):
                return _shown(found), True
    return [], True


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
