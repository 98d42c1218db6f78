"""What became of every row of a table: signed and by which order, waiting, wrong and why."""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Sequence

from kernel.tables import dates
from registry.drafts.models import Draft, DraftRow
from registry.orders.models import Order
from registry.orders.services.annulling import rows_of
from registry.process import AnyProcess, kind

_SIGNED = {
    "PREPARED": "Чекає на підпис у наказі № {}",
    "EFFECTIVE": "Підписано наказом № {}",
    "ANNULLED": "Підписано наказом № {}, скасовано пізнішим",
}
_LEFT = {
    "READY": "Готовий, ще не підписано",
    "FIX": "Треба виправити",
    "CHECK": "Треба перевірити",
    "EXCLUDED": "Не включено",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """One row: whose, what it says, what became of it."""

    number: str
    name: str
    told: str
    outcome: str
    details: str
    about: uuid.UUID | None


def of_draft(draft: Draft) -> list[Outcome]:
    """Rows of its orders, in their order, then what is left in the table."""
    process = kind(draft.process)
    orders = draft.orders.exclude(state="GIVEN_UP").order_by("id")
    found = [one for order in orders for one in _of_order(order, process)]
    left = draft.rows.exclude(state="EMPTY").order_by("position")
    if draft.state == "ORDERED":  # its ready rows are in the order that waits
        left = left.exclude(state="READY")
    return [*found, *(_of_row(row, process) for row in left)]


def _of_order(order: Order, process: AnyProcess) -> list[Outcome]:
    words = _SIGNED[order.state].format(f"{order.number} від {dates.show(order.issued_on)}")
    told = [cell for _, cell in process.told]
    rest = process.columns_of_paper[len(told) :]
    return [
        Outcome(
            str(row.no),
            row.full_name,
            ", ".join(filter(None, (cell(row) for cell in told))),
            words,
            "; ".join(f"{heading}: {said}" for heading, cell in rest if (said := cell(row))),
            row.about,
        )
        for row in rows_of(order)
    ]


def _of_row(row: DraftRow, process: AnyProcess) -> Outcome:
    get = row.values.get
    words = [
        get("pupil") or " ".join(filter(None, map(get, ("surname", "given_name", "patronymic"))))
    ]
    problems = (
        f"{process.by_name[one['field']].label}: {one['detail']}"
        for one in row.problems
        if one["field"] in process.by_name
    )
    first = next((value for value in row.values.values() if value), "")
    return Outcome(
        str(row.position),
        words[0] or first,
        get("born_on", ""),
        _LEFT.get(row.state, ""),
        "\n".join(problems),
        row.pupil_id,
    )


def summary(rows: Sequence[Outcome]) -> str:
    """«Підписано наказом № 5: 30; Треба виправити: 2»."""
    counts = Counter(row.outcome for row in rows)
    return "; ".join(f"{words}: {count}" for words, count in counts.items())
