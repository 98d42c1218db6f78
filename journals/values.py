"""What may stand in a cell, as the data say it: read, checked and written out again."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kernel.text import alike, clean

_FILE = Path(__file__).parent / "data" / "values.toml"
MOST_WORDS = 300


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms of entries."""

    editable_days: int


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mark or an absence: its code, how it is written, in words."""

    code: int
    text: str
    label: str = ""
    aliases: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of column or of lesson."""

    code: str
    name: str
    short: str


class RoomKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of room and the subjects held there."""

    code: str
    name: str
    subjects: tuple[str, ...]


class _Day(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    grades: frozenset[int]
    most: int


class _Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: str
    grades: frozenset[int]
    sets: tuple[str, ...]
    words: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: Rules
    values: tuple[Value, ...]
    absences: tuple[Value, ...]
    sets: Mapping[str, tuple[int, ...]]
    domains: tuple[_Domain, ...]
    kinds: tuple[Named, ...]
    works: tuple[Named, ...]
    rooms: tuple[RoomKind, ...]
    days: tuple[_Day, ...]


@functools.cache
def _file() -> _File:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _File)


def rules() -> Rules:
    """Terms of entries."""
    return _file().rules


@functools.cache
def kinds() -> Mapping[str, Named]:
    """Kinds of columns that are no lessons, by code."""
    return {one.code: one for one in _file().kinds}


@functools.cache
def works() -> Mapping[str, Named]:
    """What a lesson may be, by code."""
    return {one.code: one for one in _file().works}


@functools.cache
def rooms() -> Mapping[str, RoomKind]:
    """Kinds of rooms by code."""
    return {one.code: one for one in _file().rooms}


@functools.cache
def room_of(subject: str) -> str:
    """The kind of room a subject is held in, where a school has one; '' any."""
    return next((one.code for one in _file().rooms if subject in one.subjects), "")


@functools.cache
def most_of_day(grade: int) -> int:
    """How many lessons of a day a class of this grade has at most."""
    return next((one.most for one in _file().days if grade in one.grades), 8)


@functools.cache
def _written() -> tuple[Mapping[int, str], Mapping[int, str]]:
    found = _file()
    return {one.code: one.text for one in found.values}, {
        one.code: one.text for one in found.absences
    }


def absences() -> tuple[Value, ...]:
    """Why a pupil was not there."""
    return _file().absences


@dataclasses.dataclass(frozen=True)
class Entry:
    """What stands in a cell; all empty when nothing does."""

    value: int | None = None
    absence: int | None = None
    words: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there."""
        return self.value is None and self.absence is None and not self.words

    @property
    def text(self) -> str:
        """As written in the cell: «8», «н», «н 8», words of the teacher."""
        values, reasons = _written()
        parts = [
            reasons.get(self.absence, "") if self.absence is not None else "",
            values.get(self.value, "") if self.value is not None else "",
            self.words or "",
        ]
        return " ".join(part for part in parts if part)


EMPTY = Entry()


@dataclasses.dataclass(frozen=True)
class Domain:
    """What may stand in cells of a class."""

    values: tuple[Value, ...]
    takes_words: bool

    @property
    def told(self) -> str:
        """The domain in words: «1–12, зар, н/а, н, хв»."""
        marks = [one.text for one in self.values]
        whole = [one for one in marks if one.isdigit()]
        if whole:
            marks = [f"{whole[0]}–{whole[-1]}", *(one for one in marks if not one.isdigit())]
        return ", ".join([*marks, *(one.text for one in absences())])

    def read(self, typed: str, *, absent: bool = True) -> Entry | None:
        """What was typed; None when it is nothing of this domain.

        absent: whether an absence may stand here (a column of results has none).
        """
        text = clean(typed)
        if not text:
            return EMPTY
        whole = _words_of(text)
        if whole in self._known:
            return Entry(value=self._known[whole])
        if absent:
            for code, names in _absent().items():
                if whole in names:
                    return Entry(absence=code)
            first, _, rest = text.replace("/", " ").partition(" ")
            for code, names in _absent().items():
                if _words_of(first) in names and _words_of(rest) in self._known:
                    return Entry(self._known[_words_of(rest)], code)
        if self.takes_words and len(text) <= MOST_WORDS and not text.isdigit() and len(text) > 3:
            return Entry(words=text)
        return None

    @functools.cached_property
    def _known(self) -> Mapping[str, int]:
        return {
            _words_of(name): one.code
            for one in self.values
            for name in (one.text, one.label, *one.aliases)
            if name
        }


def _words_of(text: str) -> str:
    return alike(text)


@functools.cache
def _absent() -> Mapping[int, frozenset[str]]:
    return {
        one.code: frozenset(_words_of(name) for name in (one.text, one.label, *one.aliases) if name)
        for one in absences()
    }


@functools.cache
def domain(grade: int, year: str) -> Domain:
    """What may stand in cells of a grade in a school year.

    Raises:
        LookupError: the data know no such grade.
    """
    found = _file()
    fits = [one for one in found.domains if one.since <= year and grade in one.grades]
    if not fits:
        raise LookupError(f"journals/data/values.toml: no domain of grade {grade} in {year}")
    latest = max(fits, key=lambda one: one.since)
    codes = {code for name in latest.sets for code in found.sets[name]}
    return Domain(tuple(one for one in found.values if one.code in codes), latest.words)
