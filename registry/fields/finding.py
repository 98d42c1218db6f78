"""How a line of text finds people: as the number of a document, as the beginning of a name, as a
name misspelt, turned about or typed in the other layout of the keyboard. The search in the header
and every list and choice of people ask here, so that all are equally tolerant.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from kernel.text import bare_words, beginnings, digits, hyphens, readings, sort_key
from registry.fields import documents, numbers

CANDIDATES = 40  # by trigrams; 12 found 26 of 30 misspelt surnames
SURNAMES, GIVEN = 16, 10  # of those, the fewest slips away: 160 ranges of the index
SHORT_WORD = 6
_HIGHEST = "\U0010ffff"


@dataclasses.dataclass(frozen=True, slots=True)
class Numbered:
    """A number that the text is: РНОКПП, УНЗР, or of a document, whose series may be unknown."""

    rnokpp: str = ""
    unzr: str = ""
    series: str = ""
    number: str = ""


def numbered(query: str) -> Numbered | None:
    """The number that a text with a digit is; None when it is none."""
    if not any(mark.isdigit() for mark in query):
        return None
    plain = digits(re.sub(r"[\s\-]", "", hyphens(query)))
    if numbers.rnokpp_is_valid(plain):
        return Numbered(rnokpp=plain)
    unzr = re.sub(r"\s*-\s*", "-", digits(hyphens(query)))
    if re.fullmatch(r"[0-9]{8}-[0-9]{5}", unzr):
        return Numbered(unzr=unzr)
    series, number = document_of(query)
    return Numbered(series=series, number=number)


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


def named(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The rows of a list in the order of names (`sort_key`) whose names a text may mean: they begin
    so, in either layout of the keyboard; when none does, the names alike."""
    read = readings(text)
    for query in read:
        for low in beginnings(query):
            found = rows.filter(sort_key__gte=low, sort_key__lt=low + _HIGHEST)
            if found.exists():
                return found
    meant = Q(pk__in=[])
    for low in guesses(read):
        meant |= Q(sort_key__gte=f"{low} ", sort_key__lt=f"{low}!")
    return rows.filter(meant)


def guesses(read: list[str]) -> list[str]:
    """Keys of the names that any of these readings may have meant, the likest first."""
    return [name for query in read for names in alike(query) for name in names[:_MEANT]]


_MEANT = 40  # names alike to a misspelt one, each a range of the index


def alike(query: str) -> Iterator[list[str]]:
    """Keys of names that may have been meant, the likest first: a slip of the finger; then, when
    nobody bears any of these, the given name said first."""
    words = bare_words(query)
    if not words:
        return
    surnames = _alike("S", words[0])[:SURNAMES]
    if len(words) == 1:
        yield [sort_key(name.text) for name in surnames]
        return
    for pairs in (
        _pairs(surnames, _alike("G", words[1])),
        _pairs(_alike("S", words[1])[:SURNAMES], _alike("G", words[0])),
    ):
        yield [sort_key(name.text) for name in pairs]


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
    return name.slips, -name.alike, sort_key(name.text)


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
