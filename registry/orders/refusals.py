"""The refusal that tells which rows the register no longer allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from kernel.text import plural
from registry.orders.errors import EnrolledMeanwhile
from registry.process import Conflict


def refusal_of(conflicts: Sequence[Conflict]) -> EnrolledMeanwhile | None:
    """None when nothing stands in the way; else the refusal with every row, the first five told."""
    if not conflicts:
        return None
    count = len(conflicts)
    told = "; ".join(f"рядок {c.no}, {c.name}: {c.what}" for c in conflicts[:5])
    more = f"; і ще {count - 5}" if count > 5 else ""
    return EnrolledMeanwhile(
        f"Поки наказ чекав на підпис, {plural(count, 'змінився', 'змінилися', 'змінилося')} "
        f"{count} {plural(count, 'запис', 'записи', 'записів')} реєстру: {told}{more}. До реєстру "
        "нічого не записано. Поверніть наказ на доопрацювання: таблиця залишилася, виправте ці рядки "
        "і підпишіть знову.",
        rows=[dataclasses.asdict(conflict) for conflict in conflicts],
    )
