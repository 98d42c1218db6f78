"""Typed fields of a form read by the rules of rows, every problem told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.errors import Invalid
from kernel.errors import Problem as FieldProblem
from kernel.tables.cells import storable
from kernel.tables.findings import Checked, Problem
from registry.fields.rules import judge


class Reader:
    """Reads typed fields by the rules of rows and gathers every problem."""

    def __init__(self, values: Mapping[str, str]):
        self.values = {name: storable(value) for name, value in values.items()}
        self.problems: list[FieldProblem] = []
        self.doubts: list[Problem] = []

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def ticked(self, name: str) -> bool:
        return self.text(name) in {"on", "1", "true"}

    def keep(self, checked: Checked[Any]) -> Any:
        for problem in checked.problems:
            if problem.level == "error":
                self.say(problem.field, problem.code, problem.detail)
            else:
                self.doubts.append(problem)
        return checked.value

    def say(self, field: str, code: str, detail: str) -> None:
        self.problems.append(FieldProblem(field, code, detail))

    def judge(self, facts: Mapping[str, Any], *rules_of: str, **fields: str) -> None:
        """Ask the rules of some fields. What could not be read is not known; `fields` says what
        the form calls a fact."""
        unread = {problem.field for problem in self.problems}
        known = {k: value for k, value in facts.items() if fields.get(k, k) not in unread}
        self.keep(Checked(None, judge(known, *rules_of, renamed=fields)))

    def stop_if_wrong(self) -> None:
        """Raises: Invalid: with every problem found; unconfirmed doubts count until confirmed."""
        if self.doubts and not self.ticked("confirmed"):
            for doubt in self.doubts:
                self.say(doubt.field, doubt.code, doubt.detail)
            self.say(
                "confirmed", "confirm", "Якщо дані звірено з документами, позначте це й збережіть."
            )
        if self.problems:
            raise Invalid(self.problems)
