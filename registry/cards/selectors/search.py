"""One search over what the actor may see: institutions by code and name, children by document,
number and name, misspelt names too.

Measured at 4,000,000 pupils (`make bench ONLY=search`, on a busy machine): a document 0.3 ms, a
surname's beginning 0.3 ms, a misspelt name 8-17 ms, nine of ten misspelt in both words found. No
trigram index stands on the pupils: the dictionary of distinct names (`NameWord`) is searched by
likeness, then people by B-tree ranges of the scoped sort key.
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
from kernel import audit
from kernel.text import bare_words, clean, sort_key
from registry.classes.models import ClassGroup
from registry.fields import documents, numbers
from registry.institutions.models.institutions import Institution
from registry.people import policies as pupil_policies
from registry.people.models.pupils import Pupil

LIMIT = 20
CANDIDATES = 40  # by trigrams; 12 found 26 of 30 misspelt surnames
SURNAMES, GIVEN = 16, 10  # of those, the fewest slips away: 160 ranges of the index
SHORT_WORD = 6
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


def _by_number(where: _Where, query: str, limit: int) -> list[uuid.UUID]:
    digits = re.sub(r"[\s-]", "", query)
    if numbers.rnokpp_is_valid(digits):
        return _ids(where, "p.rnokpp = %s AND p.merged_into_id IS NULL", [digits], limit)
    if re.fullmatch(r"[0-9]{8}-[0-9]{5}", query):
        return _ids(where, "p.unzr = %s AND p.merged_into_id IS NULL", [query], limit)
    series, number = document_of(query)
    if not number:
        return []
    # The array is found first, by (number, series, type); then children by primary key.
    of_number = (
        "p.id = ANY(ARRAY(SELECT d.pupil_id FROM registry_pupildocument d WHERE d.number = %s"
    )
    if series:
        return _ids(where, f"{of_number} AND d.series = %s LIMIT 500))", [number, series], limit)
    return _ids(where, f"{of_number} LIMIT 500))", [number], limit)


def document_of(query: str) -> tuple[str, str]:
    """Series and number as documents are kept: «1-сг № 123456» to ("I-СГ", "123456").

    A bare number has no series. ("", "") when the text is no number of a document.
    """
    text = query.replace("№", " ").strip()
    if re.fullmatch(r"[0-9]{4,10}", text):
        return "", text
    checked = documents.check("q", text, kind=None)
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
    words = bare_words(query)
    surnames = _alike("S", words[0])[:SURNAMES]
    if len(words) == 1:
        return _in_ranges(where, surnames, limit)
    found = _in_ranges(where, _pairs(surnames, _alike("G", words[1])), limit)
    if found:
        return found
    # «Іван Шевченко»: the name was said first.
    turned = _pairs(_alike("S", words[1])[:SURNAMES], _alike("G", words[0]))
    return _in_ranges(where, turned, limit)


def _pairs(surnames: list[_Name], given: list[_Name]) -> list[_Name]:
    pairs = [
        _Name(f"{s.text} {g.text}", s.slips + g.slips, s.alike + g.alike)
        for s in surnames
        for g in given[:GIVEN]
    ]
    return sorted(pairs, key=_likest)


@dataclasses.dataclass(frozen=True, slots=True)
class _Name:
    """A name that may have been meant: how many slips away it is, and how alike by trigrams."""

    text: str
    slips: int
    alike: float


def _likest(name: _Name) -> tuple[int, float, str]:
    return name.slips, -name.alike, name.text


def _alike(kind: str, word: str) -> list[_Name]:
    """Known names alike to a word, the likest first.

    Trigrams find the candidates; for short words, which a single slip leaves with no trigram, also
    those of the same first letter and about the same length. The number of slips orders them.
    """
    statement = (
        "(SELECT word, similarity(word, %s) FROM registry_nameword"
        " WHERE kind = %s AND word %% %s ORDER BY 2 DESC, 1 LIMIT %s)"
    )
    params: list[str | int] = [word, kind, word, CANDIDATES]
    if len(word) <= SHORT_WORD:
        statement += (
            " UNION (SELECT word, similarity(word, %s) FROM registry_nameword"
            " WHERE kind = %s AND word >= %s AND word < %s"
            " AND length(word) BETWEEN %s AND %s ORDER BY 2 DESC, 1 LIMIT %s)"
        )
        params += [word, kind, word[0], word[0] + _HIGHEST, len(word) - 1, len(word) + 1]
        params.append(CANDIDATES)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = [_Name(text, slips(word, text), alike) for text, alike in cursor.fetchall()]
    return sorted(found, key=_likest)


def slips(one: str, other: str) -> int:
    """Slips of the finger between two words: a letter lost, added, changed, or two exchanged."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _in_ranges(where: _Where, names: list[_Name], limit: int) -> list[uuid.UUID]:
    """People of exactly these names, the likest name first: one B-tree range a name."""
    if not names:
        return []
    lows = [f"{sort_key(name.text)} " for name in names]
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
