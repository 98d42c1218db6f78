"""Which column is which: the words people put above a table, and what stands in it without them."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Mapping, Sequence

from kernel.tables.cells import tidy
from kernel.tables.reading import HEADING_WITHIN, Book, Sheet, Table

_NUMBERING = {"№", "№ з/п", "№ п/п", "n", "no", "#", "номер з/п", "з/п", "п/п", "номер"}


@dataclasses.dataclass(frozen=True)
class Headings:
    """What a process calls its columns.

    `words` are the names people use, by column, divided by «|». `after` reads a heading that means
    something only beside another: «Номер» after «Серія». `shapes` guess a column from what stands in
    it; `mend` corrects those guesses. A table is taken without asking when every one of `needed`
    has at least one of its columns.
    """

    words: Mapping[str, str]
    after: Mapping[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    shapes: Sequence[tuple[str, re.Pattern[str]]] = ()
    mend: Callable[[list[str | None], Table], None] = lambda guesses, table: None
    needed: Sequence[frozenset[str]] = ()

    def column_of(self, heading: str) -> str | None:
        """Which column a heading names; None when unknown."""
        return self._by_word.get(plain(heading))

    @functools.cached_property
    def _by_word(self) -> dict[str, str]:
        return {
            plain(word): column for column, words in self.words.items() for word in words.split("|")
        }


@dataclasses.dataclass(frozen=True)
class Recognised:
    """The first row of data, the column at each position (None: unknown), and whether this may be
    taken without asking: all that is needed is there and no filled column is unknown."""

    first: int
    columns: list[str | None]
    sure: bool


def plain(heading: str) -> str:
    """A heading as it is compared: one case, no stars, no colons, single spaces."""
    return " ".join(tidy(heading).lower().strip(" *:").split())


def recognise(table: Table, headings: Headings) -> Recognised:
    """Find the row of headings and what each column is."""
    width = max((len(row) for row in table), default=0)
    best, best_score = -1, 0
    found: list[str | None] = [None] * width
    for index, row in enumerate(table[:HEADING_WITHIN]):
        columns = [headings.column_of(cell) for cell in row]
        for position, cell in enumerate(row[1:], start=1):
            beside = headings.after.get((columns[position - 1] or "", plain(cell)))
            columns[position] = beside or columns[position]
        score = len({column for column in columns if column})
        if score > best_score:
            best, best_score = index, score
            found = columns + [None] * (width - len(columns))
    if best_score < 2:
        return Recognised(0, _by_shape(table, width, headings), sure=False)
    seen: set[str] = set()
    for position, column in enumerate(found):
        if column in seen:
            found[position] = None
        elif column:
            seen.add(column)
    data = table[best + 1 :]
    unknown = any(
        column is None
        and plain(at(table[best], position)) not in _NUMBERING
        and any(at(row, position) for row in data)
        for position, column in enumerate(found)
    )
    sure = not unknown and all(seen & columns for columns in headings.needed)
    return Recognised(best + 1, found, sure)


def best_sheet(book: Book, headings: Headings) -> Sheet:
    """The sheet with the most columns that are known; of equals the first."""

    def known(sheet: Sheet) -> int:
        return sum(column is not None for column in recognise(sheet.rows, headings).columns)

    return max(book.sheets, key=known)


def _by_shape(table: Table, width: int, headings: Headings) -> list[str | None]:
    """Guess columns of a table without headings from what stands in them."""
    guesses: list[str | None] = []
    for position in range(width):
        cells = [cell for row in table[:50] if (cell := at(row, position))]
        guesses.append(
            next(
                (
                    column
                    for column, shape in headings.shapes
                    if column not in guesses
                    and cells
                    and sum(shape.fullmatch(cell) is not None for cell in cells) > 0.7 * len(cells)
                ),
                None,
            )
        )
    headings.mend(guesses, table)
    return guesses


def at(row: Sequence[str], position: int) -> str:
    """The cell of a row that may be shorter."""
    return row[position] if position < len(row) else ""
