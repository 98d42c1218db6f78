"""Every field of one child, in the groups of the page that shows one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kernel.text import uncapped
from registry.classifiers.portal.territory_field import TerritoryField, TerritoryWidget
from registry.classifiers.selectors import territories
from registry.drafts.judging import is_answered
from registry.process import AnyProcess


def typed(process: AnyProcess, data: Mapping[str, str]) -> dict[str, str]:
    """What a form brings for the columns of a row. A place looked up by its name comes as its code;
    several of one name, or none, stay as typed, to be told."""
    places = _places(process)
    values = {name: data[name] for name in process.by_name if name in data and name not in places}
    for name in places:
        widget = TerritoryWidget()
        if widget.value_omitted_from_data(data, None, name):
            continue
        told = widget.value_from_datadict(data, None, name)
        try:
            values[name] = TerritoryField(required=False).to_python(told)
        except ValidationError:
            values[name] = told["typed"]
    return values


def inputs_of(process: AnyProcess, name: str) -> tuple[str, ...]:
    """Names of the form's inputs that together say one column."""
    return (name, f"{name}_q", f"{name}_tree") if name in _places(process) else (name,)


def _places(process: AnyProcess) -> frozenset[str]:
    return process.typed.places if process.typed is not None else frozenset()


def mistakes(
    process: AnyProcess, problems: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Problems for the summary of a form: each names its field, in the order of the fields."""
    order = [field["column"].name for group in groups for field in group["fields"]]
    shown = [one for one in problems if one["field"] in order]
    told = [
        {
            **one,
            "label": process.by_name[one["field"]].in_full or process.by_name[one["field"]].label,
            "detail": uncapped(one["detail"]),
        }
        for one in sorted(shown, key=lambda one: order.index(one["field"]))
    ]
    return told + [{**one, "label": ""} for one in problems if one["field"] not in order]


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
    source = process.typed
    choices: dict[str, Any] = {c.name: list(c.choices) for c in process.columns if c.choices}
    codes: Mapping[str, Any] = {}
    shown: list[tuple[str, Sequence[str]]] = [
        ("Дані", [column.name for column in process.columns if not column.fixed])
    ]
    if source is not None:
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
                found = codes[name](value)
                chosen = value if found is None else found
            if options is not None and chosen and chosen not in dict(options):
                options = [(chosen, chosen), *options]
            fields.append(
                {
                    "column": process.by_name[name],
                    "value": chosen if options is not None else value,
                    "options": options,
                    "place": _picker(process, name, value),
                    "problems": by_field.get(name, []),
                }
            )
        groups.append({"title": title, "fields": fields})
    return groups


def _picker(process: AnyProcess, name: str, value: str) -> str:
    """The look-up of a place, drawn; empty for other columns."""
    if name not in _places(process):
        return ""
    known = territories.CODE.fullmatch(value) is not None
    attrs = {"id": name}
    if process.by_name[name].hint:
        attrs["aria-describedby"] = f"{name}_helptext"
    told = {"code": value if known else "", "typed": "" if known else value}
    return str(TerritoryWidget().render(name, told, attrs, forms.renderers.get_default_renderer()))
