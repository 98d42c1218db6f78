"""What a key may do: the one place where the chain of design.md §3.6 is judged.

operator's approved functions ∩ what the head signed ∩ the phase ∩ days, and nobody in the chain
suspended. The facts come in one statement (`selectors.keys`), so a change of any of them works on the
next request.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import tomllib
from collections.abc import Iterable
from pathlib import Path

from accounts.roles import WRITES
from integrations.eis import errors
from integrations.eis.states import WORKING

_PHASES = Path(__file__).parent / "data" / "phases.toml"


@dataclasses.dataclass(frozen=True)
class Phase:
    """From which day, and until which, a dataset may be written."""

    dataset: str
    opens: datetime.date
    closes: datetime.date | None
    source: str


@functools.cache
def phases() -> tuple[Phase, ...]:
    """The phase policy."""
    read = tomllib.loads(_PHASES.read_text(encoding="utf-8"))["phase"]
    return tuple(
        Phase(one["dataset"], one["opens"], one.get("closes"), one["source"]) for one in read
    )


def written_on(day: datetime.date) -> frozenset[str]:
    """The datasets that the phase lets systems write on a day."""
    return frozenset(
        one.dataset
        for one in phases()
        if one.opens <= day and (one.closes is None or day < one.closes)
    )


@dataclasses.dataclass(frozen=True)
class Chain:
    """Everything that a call with a key hangs on, as it stands now."""

    key_stands: bool  # not revoked, and no other took its place
    granted_by_acting: bool  # whoever signed the mandate is still the head
    mandate_stands: bool  # signed and not ended
    valid_from: datetime.date
    valid_to: datetime.date
    granted: tuple[str, ...]
    declared: tuple[str, ...]  # what the operator's system was approved to write
    system_state: str
    institution_open: bool


def effective(chain: Chain, today: datetime.date, phase: Iterable[str] | None = None) -> list[str]:
    """The datasets a key opens today, in the mandate's order.

    phase: what may be written; the policy of the day unless told.

    Raises:
        KeyUnknown: revoked, replaced, outside its days, or given by a head who is no longer ACTIVE:
            what was delegated ends with whoever delegated it (handbook B.3).
        SystemNotConnected: the system is not connected or is suspended.
        InstitutionSuspended: the institution's access is suspended.
    """
    within = chain.valid_from <= today < chain.valid_to
    if not (chain.key_stands and chain.mandate_stands and chain.granted_by_acting and within):
        raise errors.KeyUnknown("Ключ невідомий, відкликаний або його строк минув.")
    if chain.system_state not in WORKING:
        raise errors.SystemNotConnected
    if not chain.institution_open:
        raise errors.InstitutionSuspended
    may_write = set(chain.declared) & set(written_on(today) if phase is None else phase)
    return [one for one in chain.granted if one not in WRITES or one in may_write]
