"""Packs of rules: what must hold for a child's data, said once as data (handbook C, D.2; S2).

A rule names facts and conditions of a closed vocabulary (`vocabulary`); there are no loops and no
text of a file becomes code. `pack` reads and checks the files, this module asks the rules of
values that are being typed, `sql` of rows of the register, `published` tells them to others.

A rule is silent about what it does not know: it is asked only where every fact it names is known,
and only `given`, `missing` and `when` look at a fact that is absent. So the form of one field, a
row of a table and the register ask the same pack, each as far as it sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from kernel.tables.findings import Problem
from registry.fields.rules.compiled import Asker, compiled
from registry.fields.rules.pack import current
from registry.fields.rules.values import Values


def judge(
    facts: Mapping[str, Any], *fields: str, name: str = "", renamed: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """What the rules of these fields (none named: of all) say of a child's facts.

    A fact that is not a key is unknown; None or «» is known to be absent. Problems stand at the
    rule's field, at `name`, or at what `renamed` calls the field on the page.
    """
    found = _asker(fields, frozenset(facts))(facts)
    if not found:
        return ()
    values = Values(facts)
    return tuple(
        Problem(
            name or (renamed or {}).get(rule.field, rule.field),
            rule.short,
            rule.severity,
            rule.message.fill(values),
            rule.fix.fill_whole(values) if rule.fix is not None else None,
        )
        for rule in found
    )


@cache
def _asker(fields: tuple[str, ...], known: frozenset[str]) -> Asker:
    rules = [rule for rule in current().rules if not fields or rule.field in fields]
    return compiled(rules, known)
