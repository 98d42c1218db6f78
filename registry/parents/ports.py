"""What the parents' window asks of rooms above; `aikom.wiring` fills it when Django starts."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence


@dataclasses.dataclass(frozen=True)
class Recipient:
    """A partner's system that a school lets read data of its children, or a report they are counted
    in: its name, whose it is, what it gets, since when and until."""

    name: str
    whose: str
    what: Sequence[str]
    since: datetime.date
    until: datetime.date | None = None


def _nobody(institution_id: int, today: datetime.date) -> Sequence[Recipient]:
    raise RuntimeError("registry.parents.ports is not wired: see aikom/wiring.py")


# Systems that may read a school's data today.
systems_of: Callable[[int, datetime.date], Sequence[Recipient]] = _nobody
# Statistical forms made of a school's profiles, the latest first.
reports_of: Callable[[int, datetime.date], Sequence[Recipient]] = _nobody
