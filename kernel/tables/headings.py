"""Which column is which: the words people put above a table, and what stands in it without them."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Collection, Mapping, Sequence

from kernel.tables.book import HEADING_WITHIN, Table
from kernel.tables.cells import tidy

_NUMBERING = {"№", "№ з/п", "№ п/п", "n", "no", "#", "номер з/п", "з/п", "п/п", "номер"}


@dataclasses.dataclass(frozen=True)
class Headings:
    """What a process calls its columns.

    `words` are the names people use, by column, divided by «|». `after` reads a heading that means
    something only beside another: «Номер» after «Серія». `hints` are parts of words that make a
    guess (in their order), which is asked about. `shapes` guess a column from what stands in it;
    `mend` corrects those guesses. `sheet_is` is the column that names of sheets may be, when they
    have its shape. A table is taken without asking when every one of `needed` has at least one of
    its columns, and no two columns of a set of `rivals` are there: they would say the same.
    """

    words: Mapping[str, str]
    after: Mapping[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    hints: Sequence[tuple[str, Sequence[str]]] = ()
    shapes: Sequence[tuple[str, re.Pattern[str]]] = ()
    sheet_is: str = ""
    mend: Callable[[list[str | None], Table], None] = lambda guesses, table: None
    needed: Sequence[frozenset[str]] = ()
    rivals: Sequence[frozenset[str]] = ()

    def column_of(self, heading: str) -> str | None:
        """Which column a heading names; None when unknown."""
        return self._by_word.get(plain(heading))

    def contended(self, columns: Collection[str]) -> list[str]:
        """Two or more columns that would say the same."""
        found = next((one for one in self.rivals if len(one & set(columns)) > 1), frozenset())
        return [column for column in columns if column in found]

    def hinted(self, heading: str) -> str | None:
        """Which column a heading seems to name."""
        words = plain(heading)
        return next(
            (column for column, parts in self.hints if any(part in words for part in parts)), None
        )

    def of_sheets(self, names: Sequence[str]) -> str | None:
        """The column that names of sheets are, if they have its shape."""
        shape = dict(self.shapes).get(self.sheet_is)
        return self.sheet_is if shape and all(shape.fullmatch(name) for name in names) else None

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
        guesses = [headings.hinted(cell) for cell in row]
        score = len({column for column in [*columns, *guesses] if column})
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
        and any(at(row, position) for row in data)
        and not _is_numbering(table[best], data, position)
        for position, column in enumerate(found)
    )
    sure = not (unknown or headings.contended(seen)) and all(
        seen & columns for columns in headings.needed
    )
    for position, column in enumerate(found):
        hint = headings.hinted(at(table[best], position)) if column is None else None
        if hint and hint not in found:
            found[position] = hint
    return Recognised(best + 1, found, sure)


def _is_numbering(head: Sequence[str], data: Table, position: int) -> bool:
    """A column of running numbers by its name and by what stands in it: a column «Номер» with numbers
    of documents is none."""
    cells = [cell for row in data if (cell := at(row, position))]
    return plain(at(head, position)) in _NUMBERING and all(
        cell.rstrip(".").isdigit() and len(cell) < 6 for cell in cells
    )


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
