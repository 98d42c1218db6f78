"""What every correction of a profile does: hold it, read the typed fields, tell what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from accounts.actors import Actor
from kernel import audit
from kernel.audit.events import Event
from kernel.errors import Invalid, NotFound, StaleVersion
from kernel.errors import Problem as FieldProblem
from kernel.tables.cells import storable
from kernel.tables.findings import Checked, Problem
from registry.fields.rules import judge
from registry.people import policies
from registry.people.models.pupils import (
    Pupil,
)
from registry.people.selectors.reach import reached


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


def kept(actor: Actor, pupil_id: Any) -> Pupil:
    """The child, held until the command ends.

    Raises:
        NotFound, NotAllowed: not a child of an institution the actor keeps.
    """
    pupil, institution = reached(actor, pupil_id, held=True)
    if institution is None:
        raise NotFound
    policies.keep.require(actor, institution)
    return pupil


class _Versioned(Protocol):
    version: int


def require_version(row: _Versioned, version: int) -> None:
    """Nobody saved the row, which is held, since the actor read it.

    Raises:
        StaleVersion: somebody did.
    """
    if row.version != version:
        raise StaleVersion("Ці дані тим часом змінено. Перегляньте нові й повторіть виправлення.")


def tell(told: type[Event], pupil: Pupil, **fields: Any) -> None:
    """Add what happened to a profile to the open act."""
    audit.record(told(subject=pupil.pk, unit=pupil.institution_id, **fields))  # type: ignore[call-arg]
