"""One search over what the actor may see: institutions by code and name, children by document,
number and name, misspelt names too.

Measured at 4,000,000 pupils (docs/performance.md): a document 0.1 ms, a surname's beginning 1-2 ms,
a misspelt name about 10 ms. No trigram index stands on the pupils: the dictionary of distinct
names (`NameWord`) is searched by likeness, then people by B-tree ranges of the scoped sort key.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Q

import kernel.lookups  # noqa: F401 - registers `holds`
from accounts.actors import Actor
from accounts.roles import Role
from kernel import audit
from kernel.text import clean, sort_key
from registry.models import ClassGroup, Institution, Pupil, PupilDocument
from registry.policies import pupils as pupil_policies
from registry.validation import documents, numbers

LIMIT = 20
CANDIDATES = 40  # recall 26 of 30 with 12; 30 of 30 with 40 and the given names (stack.md §4)
GIVEN_CANDIDATES = 12
SHORTEST = 2
_LEVELS = {
    "oblast": "oblast_id",
    "raion": "raion_id",
    "hromada": "hromada_id",
    "district": "district_id",
    "institution": "institution_id",
}
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

    institutions: list[Institution]
    pupils: list[FoundPupil]
    guessed: bool = False  # names alike, not the same
    pupils_hidden: str = ""


def everywhere(actor: Actor, text: str, *, limit: int = LIMIT) -> Found:
    """Search institutions and pupils within reach by one line of text; looks at pupils are noted."""
    query = clean(text.replace("\x00", ""))[:200]
    if len(query) < SHORTEST:
        return Found([], [])
    found_institutions = institutions(actor, query, limit=limit)
    if _where(actor) is None:
        refusal = pupil_policies.see_names.refusal(actor)
        return Found(found_institutions, [], pupils_hidden=refusal.detail if refusal else "")
    found, guessed = pupils(actor, query, limit=limit)
    audit.looked_at(actor, "registry.pupil", [pupil.id for pupil in found], "пошук")
    return Found(found_institutions, found, guessed)


# ── institutions ─────────────────────────────────────────────────────────────
def institutions(actor: Actor, text: str, *, limit: int = LIMIT) -> list[Institution]:
    """Institutions by ЄДРПОУ, ДІСО, ЄДЕБО exactly, or by name, misspelt too (best first)."""
    rows = Institution.objects.visible_to(actor)
    query = clean(text)
    if query.isdigit():
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
    query = clean(text)
    if any(mark.isdigit() for mark in query):
        return _shown(_by_number(where, query, limit)), False
    words = [key for key in (sort_key(word) for word in query.split()) if key]
    if not words or len("".join(words)) < SHORTEST:
        return [], False
    found = _by_beginning(where, words, limit)
    if not found and len(words) > 1:
        # «Ґалаґан Їжак»: a double surname without its hyphen.
        found = _by_beginning(where, ["".join(words[:2]), *words[2:]], limit)
    if found:
        return _shown(found), False
    return _shown(_by_likeness(where, query, limit)), True


@dataclasses.dataclass(frozen=True)
class _Where:
    """The scope as a condition on registry_pupil, led by the column of an index."""

    sql: str
    params: tuple[Any, ...]


def _where(actor: Actor) -> _Where | None:
    """The rows a search may touch: the actor's reach, narrowed to children seen by name."""
    scope = actor.scope
    if actor.holds(Role.OBLAST_ADMIN, Role.RAION_ADMIN):
        own = Institution.objects.visible_to(actor).filter(unit__parent_id=actor.unit_id)
        ids = list(own.values_list("unit_id", flat=True))
        return _Where("p.institution_id = ANY(%s)", (ids,)) if ids else None
    if not pupil_policies.see_names.allows(actor):
        return None
    if scope.level == "all":
        return _Where("p.institution_id IS NOT NULL", ())
    column = _LEVELS.get(scope.level)
    if column is None or not scope.keys:
        return None
    if len(scope.keys) == 1:
        return _Where(f"p.{column} = %s", (scope.keys[0],))
    return _Where(f"p.{column} = ANY(%s)", (list(scope.keys),))


def _by_number(where: _Where, query: str, limit: int) -> list[uuid.UUID]:
    digits = re.sub(r"[\s-]", "", query)
    if numbers.rnokpp_is_valid(digits):
        return _ids(where, "p.rnokpp = %s", [digits], limit)
    if re.fullmatch(r"[0-9]{8}-[0-9]{5}", query):
        return _ids(where, "p.unzr = %s", [query], limit)
    series, number = document_of(query)
    if not number:
        return []
    documents_found = PupilDocument.objects.filter(number=number)
    if series:
        documents_found = documents_found.filter(series=series)
    ids = list(documents_found.values_list("pupil_id", flat=True)[:500])
    return _ids(where, "p.id = ANY(%s)", [ids], limit) if ids else []


def document_of(query: str) -> tuple[str, str]:
    """Series and number as documents are kept: «1-сг № 123456» to ("I-СГ", "123456").

    A bare number has no series. ("", "") when the text is no number of a document.
    """
    text = query.replace("№", " ").strip()
    if re.fullmatch(r"[0-9]{4,10}", text):
        return "", text
    checked = documents.check("q", text, kind=None, required=False)
    if checked.value is not None:
        return checked.value.series, checked.value.number
    match = re.search(r"[0-9]{4,10}$", text)
    return ("", match[0]) if match else ("", "")


def _by_beginning(where: _Where, words: Sequence[str], limit: int) -> list[uuid.UUID]:
    """«шевч», «шевченко та»: a range of the sort key; the last word may be unfinished."""
    begins = " ".join(words)
    return _ids(
        where,
        "p.sort_key >= %s AND p.sort_key < %s",
        [begins, begins + _HIGHEST],
        limit,
    )


def _by_likeness(where: _Where, query: str, limit: int) -> list[uuid.UUID]:
    words = query.lower().translate(_NO_APOSTROPHES).split()
    surnames = _alike("S", words[0], CANDIDATES)
    if len(words) == 1:
        return _in_ranges(where, surnames, limit)
    given = _alike("G", words[1], GIVEN_CANDIDATES)
    found = _in_ranges(where, _pairs(surnames, given), limit)
    if found:
        return found
    # «Іван Шевченко»: the name was said first.
    reversed_pairs = _pairs(
        _alike("S", words[1], CANDIDATES), _alike("G", words[0], GIVEN_CANDIDATES)
    )
    return _in_ranges(where, reversed_pairs, limit)


_NO_APOSTROPHES = str.maketrans("", "", "'`’ʼ‘′")


def _pairs(
    surnames: list[tuple[str, float]], given: list[tuple[str, float]]
) -> list[tuple[str, float]]:
    pairs = [(f"{s} {g}", alike + also) for s, alike in surnames for g, also in given]
    return sorted(pairs, key=lambda pair: -pair[1])[: CANDIDATES * GIVEN_CANDIDATES]


def _alike(kind: str, word: str, most: int) -> list[tuple[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, similarity(word, %s) FROM registry_nameword"
            " WHERE kind = %s AND word %% %s ORDER BY 2 DESC, 1 LIMIT %s",
            [word, kind, word, most],
        )
        return list(cursor.fetchall())


def _in_ranges(where: _Where, names: list[tuple[str, float]], limit: int) -> list[uuid.UUID]:
    """People of exactly these names, the likest name first: one B-tree range a name."""
    if not names:
        return []
    lows = [f"{sort_key(name)} " for name, _ in names]
    with connection.cursor() as cursor:
        cursor.execute(
            # Columns come from _LEVELS, every value is a parameter.
            "SELECT found.id FROM unnest(%s::text[], %s::text[], %s::float8[])"
            " WITH ORDINALITY AS name(low, high, alike, place)"
            " CROSS JOIN LATERAL (SELECT p.id, p.sort_key FROM registry_pupil p"
            f'   WHERE {where.sql} AND p.sort_key >= name.low COLLATE "C"'
            '   AND p.sort_key < name.high COLLATE "C"'
            "   ORDER BY p.sort_key, p.id LIMIT %s) AS found"
            " ORDER BY name.alike DESC, found.sort_key, found.id LIMIT %s",
            [
                lows,
                [f"{low[:-1]}!" for low in lows],
                [a for _, a in names],
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
