"""Which sheets of a book are taken, where their data begins and what each column is: the one step
that every uploaded or pasted table goes through, and may go through again.

A line of the book has one number whatever is taken of it: rows made of it are found by that number
when the columns are said anew.
"""

from __future__ import annotations

import base64
import dataclasses
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from kernel.tables import book
from kernel.tables.book import Book, Sheet
from kernel.tables.headings import Headings, Recognised, at, plain, recognise

_PACKED_MOST = 64 * 1024 * 1024
SHEET = "Назва аркуша"  # a column that every line of a book of several sheets has


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
    """A book and how it is read. `firsts` are the first rows of data, by sheet; `columns` what stands
    at each position of the taken sheets (None: not read); `sure` that nobody need be asked."""

    sheets: tuple[Sheet, ...]
    left: tuple[str, ...] = ()
    taken: tuple[int, ...] = (0,)
    firsts: tuple[int, ...] = (0,)
    columns: tuple[str | None, ...] = ()
    with_hidden: bool = True
    sure: bool = False

    @property
    def width(self) -> int:
        """Positions of the taken sheets; the last is the name of the sheet when there are several."""
        return _width(self.sheets, self.taken) + (len(self.sheets) > 1)

    def heading(self, position: int) -> str:
        """What stands above a column."""
        if len(self.sheets) > 1 and position == self.width - 1:
            return SHEET
        rows, first = self.sheets[self.taken[0]].rows, self.firsts[self.taken[0]]
        return at(rows[first - 1], position) if first else ""

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """The filled lines of data: their numbers in the book and their cells."""
        width, several = self.width, len(self.sheets) > 1
        before = 0
        for number, sheet in enumerate(self.sheets):
            if number in self.taken:
                for down in range(self.firsts[number], len(sheet.rows)):
                    if (down in sheet.hidden_rows and not self.with_hidden) or not sheet.rows[down]:
                        continue
                    cells = list(sheet.rows[down])
                    if several:
                        cells += [""] * (width - 1 - len(cells)) + [sheet.name]
                    yield before + down, cells
            before += len(sheet.rows)

    def rows(self, to_rows: Callable[[Sequence[list[str]], Sequence[str | None]], list[dict[str, str]]]) -> dict[int, dict[str, str]]:  # fmt: skip
        """What lines say by the columns: number of the line → values; lines that say nothing in the
        columns that are read are left out (`skipped` names them).

        Raises:
            UnreadableTable: more rows than one table may have.
        """
        # A name of a sheet alone is no row.
        several = len(self.sheets) > 1
        found = {
            number: rows[0]
            for number, cells in self.lines()
            if to_rows([cells[:-1] if several else cells], self.columns)
            and (rows := to_rows([cells], self.columns))
        }
        if len(found) > book.MAX_ROWS:
            raise book.too_many()
        return found

    def told(self, rows: Mapping[int, object]) -> str:
        """What of the book is not among these rows, in words; empty when all is."""
        taken = [self.sheets[number] for number in self.taken]
        said = [Book(self.sheets, self.left).unread(*taken)]
        skipped: dict[str, list[int]] = {}
        before = 0
        for number, sheet in enumerate(self.sheets):
            if number in self.taken:
                data = range(self.firsts[number], len(sheet.rows))
                missing = [n + 1 for n in data if sheet.rows[n] and before + n not in rows]
                if missing:
                    skipped[sheet.name] = missing
            before += len(sheet.rows)
        for name, missing in skipped.items():
            where = f"Аркуш «{name}»: не прочитано" if len(self.sheets) > 1 else "Не прочитано"
            said.append(f"{where} {book.rows_in_words(missing)}: у вибраних стовпцях там порожньо або рядок приховано")  # fmt: skip
        return ". ".join(filter(None, said))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody said of a table. `heading` is the row with names of columns, from 1; 0: none."""

    taken: tuple[int, ...]
    heading: int
    columns: tuple[str | None, ...]
    with_hidden: bool


class NotMapped(Exception):
    """The choice makes no rows; the text is for people."""

    def __init__(self, detail: str):
        self.detail = detail
        super().__init__(detail)


def propose(found: Book, headings: Headings, taken: Sequence[int] | None = None) -> Layout:
    """How a book would be read: the sheet whose columns are known best, and those just like it; or
    the sheets that somebody took."""
    recognised = [recognise(sheet.rows, headings) for sheet in found.sheets]
    known = [sum(column is not None for column in one.columns) for one in recognised]
    if taken is None:
        best = max(range(len(known)), key=lambda number: known[number])
        taken = [
            number
            for number, one in enumerate(recognised)
            if number == best or (known[best] > 1 and one.first and _alike(one, recognised[best]))
        ]
    first = recognised[taken[0]]
    width = _width(found.sheets, taken)
    columns = [*first.columns, *[None] * (width - len(first.columns))]
    if len(found.sheets) > 1:
        names = [found.sheets[number].name for number in taken]
        columns.append(headings.of_sheets(names) if headings.sheet_is not in columns else None)
    one = found.sheets[taken[0]]
    return Layout(
        sheets=found.sheets,
        left=found.left,
        taken=tuple(taken),
        firsts=tuple(one.first for one in recognised),
        columns=tuple(columns),
        # A cover or an instruction beside the table is told; a second table is asked about.
        sure=first.sure
        and sum(number > 1 for number in known) == 1
        and not (
            one.hidden_rows
            or any(first.columns[at] for at in one.hidden_columns if at < len(first.columns))
        ),
    )


def chosen(layout: Layout, choice: Choice, headings: Headings, labels: Mapping[str, str]) -> Layout:
    """The layout as somebody said it.

    Raises:
        NotMapped: no sheet, sheets of different columns, one meaning for two columns, or nothing
            said of a column that must be there.
    """
    taken = tuple(sorted({one for one in choice.taken if 0 <= one < len(layout.sheets)}))
    if not taken:
        raise NotMapped("Виберіть аркуш, з якого взяти рядки.")
    columns = tuple(one if one in labels else None for one in choice.columns)
    named = [one for one in columns if one]
    if twice := next((one for one in named if named.count(one) > 1), None):
        raise NotMapped(f"«{labels[twice]}» указано для двох стовпців. Залиште один.")
    if rivals := headings.contended(named):
        told = "» і «".join(labels[one] for one in rivals)
        raise NotMapped(f"«{told}» разом указати не можна: вони про те саме. Залиште одне.")
    if headings.needed and not headings.needed[0] & set(named):
        needed = [labels[one] for one in labels if one in headings.needed[0]]
        raise NotMapped(f"Укажіть, у якому стовпці «{'» або «'.join(needed)}».")
    firsts = list(layout.firsts)
    if choice.heading != firsts[taken[0]]:
        for number in taken:
            firsts[number] = max(0, min(choice.heading, len(layout.sheets[number].rows)))
    heads = {tuple(_head(layout.sheets[n], firsts[n])) for n in taken}
    if len(heads) > 1:
        raise NotMapped(
            "Назви стовпців на вибраних аркушах різні. Візьміть один аркуш, а решту завантажте окремо."
        )
    return dataclasses.replace(
        layout,
        taken=taken,
        firsts=tuple(firsts),
        columns=columns,
        with_hidden=choice.with_hidden,
        sure=True,
    )


def followed(
    now: Mapping[str, str], was: Mapping[str, str], to: Mapping[str, str]
) -> dict[str, str]:
    """Cells of a row to write when its columns are said anew: those that still stand as the former
    columns gave them. What a person typed since stays."""
    return {
        name: to.get(name, "")
        for name in {*was, *to}
        if now.get(name, "") == was.get(name, "") != to.get(name, "")
    }


def pack(layout: Layout) -> str:
    """A layout as a field of a form carries it from page to page."""
    return base64.b64encode(zlib.compress(msgspec.json.encode(layout), 6)).decode()


def unpack(text: str) -> Layout:
    """The layout that a form brought back.

    Raises:
        UnreadableTable: it is none.
    """
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(text), _PACKED_MOST)
        layout = msgspec.json.decode(content, type=Layout)
    except (ValueError, zlib.error, msgspec.DecodeError) as error:
        raise book.damaged() from error
    places = range(len(layout.sheets))
    if not layout.taken or len(layout.firsts) != len(places) or any(n not in places for n in layout.taken):  # fmt: skip
        raise book.damaged()
    return layout


def _width(sheets: Sequence[Sheet], taken: Sequence[int]) -> int:
    return max(max(map(len, sheets[number].rows), default=0) for number in taken)


def _alike(one: Recognised, other: Recognised) -> bool:
    def bare(columns: Sequence[str | None]) -> list[str | None]:
        kept = list(columns)
        while kept and kept[-1] is None:
            kept.pop()
        return kept

    return bare(one.columns) == bare(other.columns)


def _head(sheet: Sheet, first: int) -> list[str]:
    cells = [plain(cell) for cell in sheet.rows[first - 1]] if first else []
    while cells and not cells[-1]:
        cells.pop()
    return cells
