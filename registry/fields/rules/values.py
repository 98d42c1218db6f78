"""The facts of one child while its rules are asked: given ones, and those that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.fields.rules.vocabulary import DERIVED

UNKNOWN: Any = object()


class Values:
    """Facts by name; a derived one is computed when first asked for. «» reads as absent (None)."""

    __slots__ = ("_known",)

    def __init__(self, facts: Mapping[str, Any]):
        self._known: dict[str, Any] = {
            name: None if value == "" else value for name, value in facts.items()
        }

    def get(self, name: str) -> Any:
        """The value, None when absent, UNKNOWN when nobody said."""
        try:
            return self._known[name]
        except KeyError:
            pass
        found = UNKNOWN
        if (derived := DERIVED.get(name)) is not None:
            arguments = [self.get(one) for one in derived.of]
            if UNKNOWN not in arguments:
                found = None if None in arguments else derived.python(*arguments)
        self._known[name] = found
        return found
