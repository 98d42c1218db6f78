"""No event says a sentence: every payload recorded in any test is looked through."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from types import UnionType
from typing import Any

import msgspec

from kernel.audit import events

SENTENCE = re.compile(r"(?=.*[а-яіїєґ])(?=.*\s)", re.IGNORECASE | re.DOTALL)


def sentences(happened: events.Event) -> list[str]:
    """Values that read as Ukrainian words, in fields that are not declared as people's own."""
    fields = events.type_of(happened).fields
    return [
        f"{name}: {value}"
        for name, hint in fields.items()
        for value in _said(hint, getattr(happened, name))
    ]


def _said(hint: Any, value: Any) -> Iterator[str]:
    if typing.get_origin(hint) in {typing.Union, UnionType}:
        kinds = typing.get_args(hint)
        if events.Words in kinds and isinstance(value, str):
            return
        alike = (one for one in kinds if (typing.get_origin(one) or one) is type(value))
        hint = next(alike, Any)
    if hint == events.Words:
        return
    if isinstance(value, str):
        if SENTENCE.match(value):
            yield value
    elif isinstance(value, msgspec.Struct):
        inner = typing.get_type_hints(type(value), include_extras=True)
        for name, kind in inner.items():
            yield from _said(kind, getattr(value, name, None))
    elif isinstance(value, dict):
        keys, values = typing.get_args(hint) or (Any, Any)
        for key, one in value.items():
            yield from _said(keys, key)
            yield from _said(values, one)
    elif isinstance(value, list | tuple):
        kinds = [kind for kind in typing.get_args(hint) if kind is not ...] or [Any]
        for number, one in enumerate(value):
            yield from _said(kinds[min(number, len(kinds) - 1)], one)


def refusing_sentences(payload_of: Any) -> Any:
    """`payload_of` that fails where an event says a sentence."""

    def checked(happened: events.Event) -> dict[str, Any]:
        if told := sentences(happened):
            raise AssertionError(
                f"{type(happened).__name__} says {told}: words are made by the presenter beside"
                " the page; what people typed is declared `Words` (docs/how-to/add-an-event.md)"
            )
        found: dict[str, Any] = payload_of(happened)
        return found

    return checked
