"""Saying of a row that it never was so: one way for everything that is told of a child."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Protocol

from accounts.actors import Actor
from kernel import audit
from kernel.db import part_of_command
from kernel.errors import Invalid
from kernel.errors import Problem as FieldProblem
from kernel.scoping import grant_of
from kernel.tables import dates
from kernel.tables.cells import storable, tidy
from registry.people.models.voiding import Voidable

_LONGEST = 500


class Paper(Protocol):
    """A signed order."""

    number: str
    issued_on: datetime.date
    signed_by_id: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Void:
    """When it was said that a row never was so, by whom and why; `columns` are those of the row."""

    at: datetime.datetime
    by: int | None
    why: str

    @property
    def columns(self) -> dict[str, Any]:
        """Columns of `Voidable`."""
        return {"voided_at": self.at, "voided_by_id": self.by, "voided_why": self.why}


def by_order(order: Paper) -> Void:
    """Because a signed order says so."""
    why = f"наказ № {order.number} від {dates.show(order.issued_on)}"
    return Void(audit.now(), order.signed_by_id, why)


def by_person(actor: Actor, ground: str) -> Void:
    """Because somebody says so.

    Raises:
        Invalid: no ground is told.
    """
    said = tidy(storable(ground))[:_LONGEST]
    if not said:
        raise Invalid([FieldProblem("ground", "required", "Вкажіть, чому запис помилковий.")])
    return Void(audit.now(), grant_of(actor), said)


@part_of_command
def void(row: Voidable, said: Void) -> None:
    """The row in hand never was so; it stays."""
    for name, value in said.columns.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=["voided_at", "voided_by", "voided_why", "version"])
