"""Figures that count few people are kept back, and so are those that would give them away.

A cell that counts people is kept back when it is 1 to 4 (K = 5; handbook L: open data without
people's data, small cells suppressed), or when it leaves 1 to 4 of what it is a part of. What a
reader could then reckon is kept back too: as long as a sum of the form shows all its parts but one,
or the form's sums together have one answer for a kept back cell, another cell joins it, the
smallest first. Classes and zeros are no secret. `…` stands in the place of every kept back cell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from reports.definition import Form, Line, Side

K = 5
PEOPLE = ("pupils", "posts")
_PRIME = (1 << 61) - 1  # sums of a form are reckoned with modulo it: no fractions, no rounding

Cell = tuple[int, int]  # row, column
Values = Sequence[Sequence[int | None]]


@dataclasses.dataclass(frozen=True)
class Sums:
    """What a form's figures are to each other: totals with their parts, wholes with a part."""

    people: frozenset[Cell]
    hundredths: frozenset[Cell]
    totals: tuple[tuple[Cell, tuple[Cell, ...]], ...]
    parts: tuple[tuple[Cell, Cell], ...]  # part, whole


def kept_back(sums: Sums, values: Values) -> frozenset[Cell]:
    """Cells of one institution's form that may not be shown; `values` by row and column, None where
    the register cannot fill the cell. `sums` is `sums_of` the form."""
    found = {cell: people(sums, cell, values) for cell in sums.people}
    shown = {cell: value for cell, value in found.items() if value is not None}
    back = {cell for cell, value in shown.items() if 0 < value < K}
    back |= {
        part
        for part, whole in sums.parts
        if shown.get(part) and whole in shown and 0 < shown[whole] - shown[part] < K
    }
    if not back:
        return frozenset()
    totals = [
        (total, [part for part in parts if part in shown])
        for total, parts in sums.totals
        if total in shown
    ]
    while (one := _reckoned(shown, back, totals)) is not None:
        open_yet = {cell for cell, value in shown.items() if value and cell not in back}
        near = {
            cell for total, parts in totals if one in (total, *parts) for cell in (total, *parts)
        } & open_yet
        if not open_yet:
            break  # zeros alone are shown: what the sums say of the rest is no figure
        # Nothing beside it is left to hide behind: then nothing of this institution is shown.
        back |= {min(near, key=lambda cell: (shown[cell], cell))} if near else open_yet
    return frozenset(back)


def covered(
    shown: Mapping[Cell, int], totals: Sequence[tuple[Cell, Sequence[Cell]]]
) -> frozenset[Cell]:
    """Cells of a table that may not be shown where all the figures shown are rounded besides.

    Small ones, and in each sum so many beside them that what they come to together says nothing of
    one. Lines are looked at one by one and never solved together: rounded figures are no equations.
    """
    back = {cell for cell, value in shown.items() if 0 < value < K}
    of_cell: dict[Cell, list[int]] = {}
    part_of: dict[Cell, list[int]] = {}
    # Of each sum how many of its parts are kept back, and what they come to: a line may be long.
    many, come_to = [0] * len(totals), [0] * len(totals)
    for place, (total, parts) in enumerate(totals):
        for cell in (total, *parts):
            of_cell.setdefault(cell, []).append(place)
        for cell in parts:
            part_of.setdefault(cell, []).append(place)

    def hide(cell: Cell) -> None:
        for place in part_of.get(cell, ()):
            many[place] += 1
            come_to[place] += shown[cell]

    for cell in back:
        hide(cell)
    todo = [place for cell in back for place in of_cell.get(cell, ())]
    while todo:
        place = todo.pop()
        total, parts = totals[place]
        if total in back:
            enough = many[place] > 0
        elif many[place]:
            enough = many[place] > 1 and come_to[place] - many[place] >= K - 2
        else:
            continue
        if enough:
            continue
        near = [part for part in parts if part not in back and shown[part]]
        joins = min(near, key=lambda cell: (shown[cell], cell)) if near else total
        if joins not in back:
            back.add(joins)
            hide(joins)
            todo += of_cell[joins]
    return frozenset(back)


def people(sums: Sums, cell: Cell, values: Values) -> int | None:
    """How many people stand behind a cell; None where the register cannot fill it."""
    value = values[cell[0]][cell[1]]
    # A sum of rates in hundredths stands for about so many people.
    return -(-value // 100) if value is not None and cell in sums.hundredths else value


def _reckoned(
    shown: Mapping[Cell, int], back: set[Cell], totals: Sequence[tuple[Cell, Sequence[Cell]]]
) -> Cell | None:
    """A kept back cell that a reader of the rest could reckon, or bring to within fewer than K − 1."""
    rows: list[dict[Cell, int]] = []
    for total, parts in totals:
        hidden = [part for part in parts if part in back]
        if total in back:
            if not hidden:
                return total
            rows.append({total: _PRIME - 1, **dict.fromkeys(hidden, 1)})
            continue
        if not hidden:
            continue
        room = sum(shown[part] for part in hidden) - (len(hidden) - 1)
        if len(hidden) == 1 or room < K - 1:
            return hidden[0]
        rows.append(dict.fromkeys(hidden, 1))
    return _only_answer(rows)


def _only_answer(rows: Iterable[dict[Cell, int]]) -> Cell | None:
    """A cell for which the sums together leave one answer: alone in a row of their reduced form."""
    reduced: dict[Cell, dict[Cell, int]] = {}
    for row in rows:
        for pivot in [cell for cell in row if cell in reduced]:
            _subtract(row, reduced[pivot], row[pivot])
        if not row:
            continue
        pivot = next(iter(row))
        scale = pow(row[pivot], -1, _PRIME)
        row = {cell: value * scale % _PRIME for cell, value in row.items()}
        for other in reduced.values():
            if pivot in other:
                _subtract(other, row, other[pivot])
        reduced[pivot] = row
    return next((cell for cell, row in reduced.items() if len(row) == 1), None)


def _subtract(row: dict[Cell, int], other: Mapping[Cell, int], times: int) -> None:
    for cell, value in other.items():
        if left := (row.get(cell, 0) - times * value) % _PRIME:
            row[cell] = left
        else:
            row.pop(cell, None)


def sums_of(form: Form) -> Sums:
    """The sums that a form's figures obey, by its definition."""

    def cell(line: int, axis: int) -> Cell:
        return (line, axis) if form.axis.on == "columns" else (axis, line)

    measures = [
        (place, line)
        for place, line in enumerate(form.measures)
        if line.counts in PEOPLE and not line.absent
    ]
    axes = [(place, line) for place, line in enumerate(form.axis_lines) if not line.absent]
    people = frozenset(cell(m, a) for m, _ in measures for a, _ in axes)
    totals = [
        (cell(m, total), tuple(cell(m, a) for a in parts))
        for m, _ in measures
        for total, parts in _added(form, axes, form.axis.on)
    ]
    side: Side = "rows" if form.axis.on == "columns" else "columns"
    totals += [
        (cell(total, a), tuple(cell(m, a) for m in parts))
        for a, _ in axes
        for total, parts in _added(form, measures, side)
    ]
    places = {line.code: m for m, line in measures}
    parts = tuple(
        (cell(m, a), cell(places[line.part_of], a))
        for m, line in measures
        if line.part_of in places
        for a, _ in axes
    )
    hundredths = frozenset(cell(m, a) for m, line in measures if line.sum for a, _ in axes)
    return Sums(people, hundredths, tuple(totals), parts)


def _added(
    form: Form, lines: Sequence[tuple[int, Line]], side: Side
) -> list[tuple[int, list[int]]]:
    """Lines that are the sum of others: by a control of the form, else by the keys they gather."""
    places = {line.code: place for place, line in lines}
    found = [
        (places[control.equals], [places[code] for code in control.sum])
        for control in form.controls
        if control.among == side and control.equals in places and set(control.sum) <= set(places)
    ]
    said = {total for total, _ in found}
    if side == form.axis.on:
        for place, line in lines:
            inner = [
                (other, each.at)
                for other, each in lines
                if each.at and other != place and (not line.at or set(each.at) < set(line.at))
            ]
            keys = [key for _, at in inner for key in at]
            whole = not line.at or set(keys) == set(line.at)
            if place not in said and inner and whole and len(keys) == len(set(keys)):
                found.append((place, [other for other, _ in inner]))
    return found
