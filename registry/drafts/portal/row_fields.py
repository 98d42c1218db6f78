"""Every field of one child, in the groups of the page that shows one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.drafts.judging import is_answered
from registry.process import AnyProcess, Typed


def fields(
    process: AnyProcess,
    values: Mapping[str, str],
    problems: list[dict[str, Any]],
    answers: Mapping[str, str],
    options_now: Mapping[str, Sequence[tuple[str, str]]],
) -> list[dict[str, Any]]:
    """The groups of `registry/_draft_fields.html`: every field with its value, choices and problems."""
    by_field: dict[str, list[dict[str, Any]]] = {}
    for problem in problems:
        if problem["level"] == "error" or not is_answered(answers, problem):
            by_field.setdefault(problem["field"], []).append(problem)
    source = process.source
    choices: dict[str, Any] = {c.name: list(c.choices) for c in process.columns if c.choices}
    codes: Mapping[str, Any] = {}
    shown: list[tuple[str, Sequence[str]]] = [
        ("Дані", [column.name for column in process.columns if not column.fixed])
    ]
    if isinstance(source, Typed):
        choices |= source.choices
        codes = source.codes
        shown = list(source.groups) or shown
    choices |= options_now
    groups = []
    for title, names in shown:
        fields = []
        for name in names:
            value = values.get(name, "")
            options = choices.get(name)
            chosen = value
            if options is not None and name in codes and value:
                chosen = codes[name](value) or value
            if options is not None and chosen and chosen not in dict(options):
                options = [(chosen, chosen), *options]
            fields.append(
                {
                    "column": process.by_name[name],
                    "value": chosen if options is not None else value,
                    "options": options,
                    "problems": by_field.get(name, []),
                }
            )
        groups.append({"title": title, "fields": fields})
    return groups
