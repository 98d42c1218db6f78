"""Streets and houses of service territories: «1–25 непарні; 30; 32а», and where an address falls.

A service territory is data a person types: a street of a settlement and its houses. An empty list of
houses is the whole street, an empty street the whole settlement.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from kernel.text import alike, clean, hyphens

ODD, EVEN = "непарні", "парні"
_KINDS = (
    r"вул(?:иця|\.)?|пров(?:улок|\.)?|просп(?:ект|\.)?|пр-т|бульв(?:ар|\.)?|б-р|площа|пл\.?|"
    r"узвіз|шосе|проїзд|набережна|наб\.?|майдан|тупик|туп\.?|алея"
)
_KIND = re.compile(rf"(?<![\w’'ʼ])(?:{_KINDS})(?![\w’'ʼ])\.?", re.IGNORECASE)
_PART = re.compile(
    r"(\d{1,4})\s*([а-яґєії]?)\s*(?:-\s*(\d{1,4}))?\s*"
    r"(непарн\w*|парн\w*)?\s*(?:\((непарн\w*|парн\w*)\))?",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"(?:буд(?:инок|\.)?\s*)?(\d{1,4})\s*[-/]?\s*([а-яґєії]?)\b", re.IGNORECASE)


class BadHouses(ValueError):
    """Not a list of houses; the message says which part is not understood."""


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Houses from–to, of one side or of both; `letter` when it is one house with a letter."""

    low: int
    high: int
    side: str = ""
    letter: str = ""

    def has(self, number: int, letter: str) -> bool:
        """Whether a house is among them; a house with a letter stands with its number."""
        if not self.low <= number <= self.high or (self.letter and self.letter != letter):
            return False
        return not self.side or (number % 2 == 1) == (self.side == ODD)

    def meets(self, other: Span) -> bool:
        """Whether some house is in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low > high or {self.side, other.side} == {ODD, EVEN}:
            return False
        if self.letter and other.letter and self.letter != other.letter:
            return False
        side = self.side or other.side
        return not side or high > low or (low % 2 == 1) == (side == ODD)

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low}{self.letter}"
        return f"{self.low}–{self.high}{' ' + self.side if self.side else ''}"


def read(text: str) -> tuple[Span, ...]:
    """Houses as people list them; nothing listed is the whole street.

    Raises:
        BadHouses: a part is no house and no range.
    """
    spans = []
    for part in re.split(r"[;,]", hyphens(text)):
        part = clean(part)
        if not part:
            continue
        found = _PART.fullmatch(part)
        if found is None:
            raise BadHouses(f"«{part}» — не будинок і не проміжок. Зразок: 1–25 непарні; 30; 32а")
        low = int(found[1])
        high = int(found[3]) if found[3] else low
        said = (found[4] or found[5] or "").lower()
        side = "" if not said else ODD if said.startswith("непарн") else EVEN
        letter = found[2].lower()
        if low > high or low == 0 or (letter and found[3]):
            raise BadHouses(f"«{part}»: перший номер має бути менший за останній")
        spans.append(Span(low, high, side, letter))
    return tuple(spans)


def written(spans: Iterable[Span]) -> str:
    """The list as it is kept."""
    return "; ".join(map(str, spans))


def overlap(one: Sequence[Span], other: Sequence[Span]) -> bool:
    """Whether two lists have a house in common; the whole street meets whatever is on it."""
    return not one or not other or any(a.meets(b) for a in one for b in other)


def street_key(text: str) -> str:
    """A street as it is compared: without «вул.», in one spelling; '' is the whole settlement."""
    return alike(clean(_KIND.sub(" ", text)).strip(" .,"))


def place_of(line: str) -> tuple[str, int, str] | None:
    """Street, number and letter of the house in the line of an address, «вул. Шевченка, 12а, кв. 5»;
    None when it names no house."""
    parts = [clean(part) for part in line.split(",")]
    for number, part in enumerate(parts):
        if _KIND.search(part):
            rest = ", ".join(parts[number + 1 :])
            inline = re.search(r"\s(\d{1,4}\s*[-/]?\s*[а-яґєії]?)$", part, re.IGNORECASE)
            house = _HOUSE.match(rest)
            if house is None and inline:
                house = _HOUSE.match(inline[1])
                part = part[: inline.start()]
            if house:
                return street_key(part), int(house[1]), house[2].lower()
            return None
    return None
