"""What a child's card shows of packages above; they fill it when Django starts (their portal/menu)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Protocol

from registry.people.models.pupils import Pupil


class OpenProblems(Protocol):
    """Problems of a child's data as it stands, each with `rule`, `text` and `url` to mend it."""

    def __call__(self, pupil: Pupil, today: datetime.date, *, may_edit: bool) -> Sequence[Any]: ...


def _none(pupil: Pupil, today: datetime.date, *, may_edit: bool) -> Sequence[Any]:
    return ()


open_problems: OpenProblems = _none
