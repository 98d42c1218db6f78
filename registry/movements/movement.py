"""A kind of movement over the tables of this register: what a kind is a subclass of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic

from registry.drafts.models import Draft, DraftRow
from registry.orders.models import Order
from registry.process import Clean, Compared, Process, Read, Row


class Movement(Process[Row, Clean, Draft, DraftRow, Order], Generic[Row, Clean]):
    """The contract of `registry.process` with its draft, row and order named."""

    def judge(
        self,
        rows: Sequence[DraftRow],
        reads: Sequence[Read],
        frame: Any,
        first_with: Mapping[str, int],
    ) -> list[Compared]:
        """Nothing to compare: each row is of the profile it was chosen for."""
        return [Compared(pupil_id=row.pupil_id) for row in rows]
