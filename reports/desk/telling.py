"""From what was counted to what is told: small figures hidden with those beside them, the rest of
people rounded. Knows nothing of the database: a table of sums comes in, a table of figures goes out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from reports.desk import rounding
from reports.desk.measures import Measure
from reports.open.secrecy import Cell, covered

HIDDEN = "hidden"
# Grade → how much of it the forecast takes: the line of least squares over four intakes, one year on.
FORECAST = {1: 1.0, 2: 0.5, 3: 0.0, 4: -0.5}

# A figure as it is told: a number, HIDDEN, or None where there is nothing to reckon.
Told = float | int | str | None


@dataclasses.dataclass(frozen=True)
class Sum:
    """Rows counted, whose marks they have, their amount; of a share the same of its part."""

    n: int = 0
    seal: int = 0
    amount: int = 0
    part: int = 0
    part_seal: int = 0


class _All:
    """Stands for a total among keys, of which None is one."""


ALL = _All()
Sums = Mapping[tuple[Any, Any], Sum]


def told(
    measure: Measure,
    sums: Sums,
    rows: Sequence[Any],
    cols: Sequence[Any],
    *,
    sums_rows: bool = True,
) -> dict[tuple[Any, Any], Told]:
    """Every figure of a table with its totals (ALL). `sums_rows`: rows add up to the total (days do
    not)."""
    back = _hidden(measure, sums, rows, cols, sums_rows=sums_rows)
    under = rounding.key()
    return {
        (row, col): _told(measure, sums, (row, col), back, under)
        for row in (*rows, ALL)
        for col in (*cols, ALL)
    }


def _hidden(
    measure: Measure, sums: Sums, rows: Sequence[Any], cols: Sequence[Any], *, sums_rows: bool
) -> frozenset[tuple[Any, Any]]:
    """Keys of figures that are not told."""
    if not measure.people:
        return frozenset()
    if measure.kind == "forecast":
        cols = list(FORECAST)
    keys_r, keys_c = [*rows, ALL], [*cols, ALL]
    place_r = {key: place for place, key in enumerate(keys_r)}
    place_c = {key: place for place, key in enumerate(keys_c)}
    shown: dict[Cell, int] = {}
    for (row, col), one in sums.items():
        if row in place_r and col in place_c:
            shown[place_r[row], place_c[col]] = _few(measure, one)
    last_r, last_c = len(rows), len(cols)
    # The total of totals has two lines of parts: one of rows and one of columns.
    across: dict[Cell, list[Cell]] = {}
    down: dict[Cell, list[Cell]] = {}
    for cell in shown:
        if cell[1] != last_c:
            across.setdefault((cell[0], last_c), []).append(cell)
        if cell[0] != last_r and sums_rows:
            down.setdefault((last_r, cell[1]), []).append(cell)
    totals = [one for lines in (across, down) for one in lines.items() if one[0] in shown]
    return frozenset((keys_r[r], keys_c[c]) for r, c in covered(shown, totals))


def _few(measure: Measure, one: Sum) -> int:
    """How many people a figure would tell of: of a share, of its part or of what is left as well."""
    people = one.amount // 100 if measure.people == "amount" else one.n
    if measure.kind == "share" and people:
        return min([people, *filter(None, (one.part, one.n - one.part))])
    return people


def _told(
    measure: Measure,
    sums: Sums,
    at: tuple[Any, Any],
    back: frozenset[tuple[Any, Any]],
    under: bytes,
) -> Told:
    """A figure as people get it."""
    if measure.kind == "forecast":
        grades = [(at[0], grade) for grade in FORECAST]
        if at in back or any(one in back for one in grades):
            return HIDDEN
        found = [(FORECAST[one[1]], sums[one]) for one in grades if one in sums]
        reckoned = sum(times * rounding.told(one.n, one.seal, under) for times, one in found)
        return max(round(reckoned / rounding.STEP) * rounding.STEP, 0)
    one = sums.get(at)
    if one is None or not one.n:
        return 0 if measure.kind in {"count", "sum"} else None
    if at in back:
        return HIDDEN
    if not measure.people:
        return {
            "count": one.n,
            "sum": one.amount / 100,
        }.get(measure.kind, round(one.amount / one.n / 100, 1))
    if measure.kind == "count":
        return rounding.told(one.n, one.seal, under)
    if measure.kind == "share":
        whole = rounding.told(one.n, one.seal, under)
        part = rounding.told(one.part, one.part_seal, under)
        return min(round(100 * part / whole), 100)
    if measure.kind == "mean" and measure.people == "amount":
        return round(rounding.told(one.amount // 100, one.seal, under) / one.n, 1)
    if (
        measure.kind == "mean"
    ):  # to halves: how many it is of is told rounded, so nobody is reckoned
        return round(one.amount / one.n / 50) / 2
    # A sum beside people (rates, hours), of whom there are K and more.
    return rounding.told(round(one.amount / 100), one.seal, under)
