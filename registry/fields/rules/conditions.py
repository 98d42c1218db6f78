"""Conditions of rules: read from data, written as Python and as SQL."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from registry.fields.rules.vocabulary import DERIVED, WORDS, Word, type_of


class Condition:
    """One condition. `facts` are all it names, `needs` those without which it says nothing."""

    facts: frozenset[str]
    needs: frozenset[str] = frozenset()

    def python(self) -> str:
        """The condition in Python over variables named as facts, None when absent."""
        raise NotImplementedError

    def sql(self) -> str:
        """The same over a relation `f` with a column a fact; true or false, never null."""
        raise NotImplementedError


class Given(Condition):
    """Whether a fact is there at all."""

    def __init__(self, name: str):
        self.name = name
        self.facts = frozenset({name})

    def python(self) -> str:
        return f"({self.name} is not None)"

    def sql(self) -> str:
        return f"({column(self.name)} IS NOT NULL)"


class Not(Condition):
    """The opposite."""

    def __init__(self, one: Condition):
        self.one = one
        self.facts, self.needs = one.facts, one.needs

    def python(self) -> str:
        return f"(not {self.one.python()})"

    def sql(self) -> str:
        return f"(NOT {self.one.sql()})"


class All(Condition):
    """Every one of several; of none, true."""

    def __init__(self, parts: Sequence[Condition]):
        self.parts = tuple(parts)
        self.facts = frozenset().union(*(one.facts for one in parts))
        self.needs = frozenset().union(*(one.needs for one in parts))

    def python(self) -> str:
        return f"({' and '.join(one.python() for one in self.parts) or 'True'})"

    def sql(self) -> str:
        return f"({' AND '.join(one.sql() for one in self.parts) or 'true'})"


class Any_(All):  # noqa: N801 - `Any` is typing's
    """At least one of several."""

    def python(self) -> str:
        return f"({' or '.join(one.python() for one in self.parts)})"

    def sql(self) -> str:
        return f"({' OR '.join(one.sql() for one in self.parts)})"


@dataclasses.dataclass(frozen=True)
class Said(Condition):
    """A word of the vocabulary over facts and constants."""

    spoken: str
    word: Word
    names: tuple[str, ...]
    constant: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", frozenset(self.names))
        spare = {self.names[at] for at in self.word.spare}
        object.__setattr__(self, "needs", self.facts - spare)

    def python(self) -> str:
        there = [f"{name} is not None" for name in sorted(self.needs)]
        arguments = [
            f"({name} or '')" if at in self.word.spare else name
            for at, name in enumerate(self.names)
        ]
        if self.constant is not None:
            arguments.append(repr(self.constant))
        called = f"w_{self.spoken}({', '.join(arguments)})"
        return f"({' and '.join([*there, called])})"

    def sql(self) -> str:
        arguments = [
            f"coalesce({column(name)}, '')" if at in self.word.spare else column(name)
            for at, name in enumerate(self.names)
        ]
        if self.constant is not None:
            arguments.append(literal(self.constant))
        return f"coalesce({self.word.sql.format(*arguments)}, false)"


def column(name: str) -> str:
    """A fact as SQL: a column of `f`, or what follows from columns."""
    derived = DERIVED.get(name)
    if derived is None:
        return f"f.{name}"
    of = [column(one) for one in derived.of]
    there = " AND ".join(
        f"{one} IS NOT NULL" for one in of
    )  # greatest() and the like overlook nulls
    return f"(CASE WHEN {there} THEN {derived.sql.format(*of)} END)"


def literal(value: Any) -> str:
    """A constant of a checked file as SQL; codes are plain words, so nothing is to be quoted."""
    if isinstance(value, int):
        return str(value)
    return f"ARRAY[{', '.join(repr(code) for code in value)}]"


def read_all(raw: Any) -> All:
    """Several conditions, all of which must hold.

    Raises:
        ValueError: not a list of conditions of the vocabulary; the message says which.
    """
    if not isinstance(raw, list):
        raise ValueError(f"expected a list of conditions, got {raw!r}")
    return All([read(one) for one in raw])


def read(raw: Any) -> Condition:
    """One condition: a table with one word of the vocabulary and its arguments.

    Raises:
        ValueError: unknown word or fact, wrong number or type of arguments.
    """
    if not isinstance(raw, Mapping) or len(raw) != 1:
        raise ValueError(f"a condition is a table with one word, got {raw!r}")
    ((word, arguments),) = raw.items()
    if word in {"given", "missing"}:
        given = Given(_fact(arguments))
        return given if word == "given" else Not(given)
    if word == "not":
        return Not(read(arguments))
    if word == "any":
        parts = read_all(arguments).parts
        if not parts:
            raise ValueError("«any» of nothing")
        return Any_(parts)
    if word not in WORDS:
        raise ValueError(f"«{word}» is not in the vocabulary: {', '.join(sorted(WORDS))}")
    return _said(word, arguments if isinstance(arguments, list) else [arguments])


def _said(name: str, arguments: list[Any]) -> Said:
    word = WORDS[name]
    names: list[str] = []
    constant: Any = None
    types: list[str | None] = []
    listed = word.takes[-1] == "codes"
    if len(arguments) != len(word.takes) and not (listed and len(arguments) >= len(word.takes)):
        raise ValueError(f"«{name}» takes {', '.join(word.takes)}, got {arguments!r}")
    for at, expected in enumerate(word.takes):
        given = arguments[at]
        if expected == "codes":
            constant = tuple(arguments[at:])
            if not all(isinstance(c, str) and c.isascii() and c.isidentifier() for c in constant):
                raise ValueError(f"«{name}» takes codes of classifiers, got {constant!r}")
        elif expected == "number":
            if not isinstance(given, int) or isinstance(given, bool):
                raise ValueError(f"«{name}» takes a whole number, got {given!r}")
            constant = given
        else:
            names.append(_fact(given))
            types.append(type_of(given))
            if expected != "same" and types[-1] != expected:
                raise ValueError(f"«{name}» takes {expected}, and «{given}» is {types[-1]}")
    if "same" in word.takes and len(set(types)) != 1:
        raise ValueError(f"«{name}» compares {' with '.join(map(str, types))}")
    return Said(name, word, tuple(names), constant)


def _fact(name: Any) -> str:
    if not isinstance(name, str) or type_of(name) is None:
        raise ValueError(f"«{name}» is not a fact of the vocabulary")
    return name
