"""Rules as one Python function for a set of known facts: a table of a thousand rows asks it for each.

The function's text is made of names of the vocabulary and plain codes, all checked when the pack was
read; walking the conditions as objects took three times the whole reading of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from registry.fields.rules.pack import Rule
from registry.fields.rules.vocabulary import DERIVED, FACTS, WORDS

Asker = Callable[[Mapping[str, Any]], list[Rule]]


def compiled(rules: Sequence[Rule], known: frozenset[str]) -> Asker:
    """A function that yields the rules some facts break; rules that name an unknown fact are not asked."""
    names: dict[str, None] = {}  # in the order they are to be computed
    lines: list[str] = []
    space: dict[str, Any] = {f"w_{name}": word.python for name, word in WORDS.items()}
    space |= {f"d_{name}": derived.python for name, derived in DERIVED.items()}
    for at, rule in enumerate(rules):
        asked = rule.when.facts | rule.must.facts | ({"today"} if rule.is_dated else set())
        if not _bases(asked) <= known:
            continue
        for name in sorted(asked):
            names |= dict.fromkeys((*DERIVED[name].of, name) if name in DERIVED else (name,))
        space |= {f"rule_{at}": rule, f"since_{at}": rule.since, f"until_{at}": rule.until}
        parts = [f"{name} is not None" for name in sorted(rule.must.needs)]
        parts += ["today is not None"] if rule.is_dated else []
        parts += [f"since_{at} <= today"] if rule.since else []
        parts += [f"today < until_{at}"] if rule.until else []
        parts += [rule.when.python(), f"not {rule.must.python()}"]
        lines.append(f"    if {' and '.join(parts)}: out.append(rule_{at})")
    source = [
        "def ask(facts):",
        *(f"    {name} = {_value(name)}" for name in names),
        "    out = []",
    ]
    exec("\n".join([*source, *lines, "    return out"]), space)  # noqa: S102 - see above
    asker: Asker = space["ask"]
    return asker


def _value(name: str) -> str:
    derived = DERIVED.get(name)
    if derived is None:
        return f"facts[{name!r}]" + (" or None" if FACTS[name].type == "text" else "")
    there = " and ".join(f"{one} is not None" for one in derived.of)
    return f"d_{name}({', '.join(derived.of)}) if {there} else None"


def _bases(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        found |= set(DERIVED[name].of) if name in DERIVED else {name}
    return found
